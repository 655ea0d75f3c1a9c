"""Every view, in both languages and themes, wide and narrow: it loads, it fits, and axe finds nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.axe import accessible
from tests.web.conftest import Pages
from tests.web.service import serving

#: Each view with its names, and what stands in it once it has loaded.
VIEWS = {
    "map": ("Map", "지도", "figure canvas"),
    "plans": ("Plans", "계획", "tr[data-id]"),
    "capacity": ("Capacity", "용량", "figure canvas"),
    "refusals": ("Refusals", "미배치", "tr[data-id]"),
    "events": ("Events", "이벤트", "li[data-id]"),
}

#: Each of these is one look that a person may have.
LOOKS = (("en", "light", 1280), ("en", "dark", 360), ("ko", "dark", 1280), ("ko", "light", 360))


@pytest.fixture(scope="module")
def empty_base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service without a network."""
    with serving(tmp_path_factory.mktemp("empty"), seeded=False) as url:
        yield url


def link(view: str) -> str:
    return "/" if view == "map" else f"/?view={view}"


def loaded(page: Page, view: str) -> None:
    """Wait until a view shows what it is for."""
    expect(page.locator(f'[data-view="{view}"] {VIEWS[view][2]}').first).to_be_visible()


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize(("language", "theme", "width"), LOOKS)
def test_a_view_loads_fits_and_is_accessible(pages: Pages, view: str, language: str, theme: str, width: int) -> None:
    page = pages.open(language=language, theme=theme, width=width)
    page.goto(link(view))
    loaded(page, view)
    name = VIEWS[view][language == "ko"]
    expect(page).to_have_title(re.compile(rf"(^|\) ){name} – Edgeplan$"))
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("html")).to_have_attribute("data-theme", theme)
    expect(page.get_by_role("navigation").get_by_role("link", name=name)).to_have_attribute("aria-current", "page")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    accessible(page)


@pytest.mark.parametrize("view", ["map"])
def test_a_chart_has_a_table_and_the_url_says_so(pages: Pages, view: str) -> None:
    page = pages.open()
    page.goto(link(view))
    loaded(page, view)
    page.get_by_role("button", name="As a table").click()
    expect(page.locator("tr[data-id]").first).to_be_visible()
    expect(page.locator("canvas")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"[?&]table=1"))
    accessible(page)
    page.reload()
    expect(page.locator("tr[data-id]").first).to_be_visible()
    page.get_by_role("button", name="As a chart").click()
    loaded(page, view)
    expect(page).not_to_have_url(re.compile("table"))


def test_the_keyboard_reaches_the_content_and_every_view(pages: Pages) -> None:
    page = pages.open()
    page.goto("/")
    loaded(page, "map")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    page.get_by_role("link", name="Edgeplan").focus()
    for name, _, _ in VIEWS.values():
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name=name, exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    loaded(page, "events")
    expect(page.get_by_role("main")).to_be_focused()


def test_back_and_forward(pages: Pages) -> None:
    page = pages.open()
    page.goto("/")
    page.get_by_role("link", name="Plans").click()
    loaded(page, "plans")
    page.get_by_role("link", name="Refusals").click()
    loaded(page, "refusals")
    page.go_back()
    loaded(page, "plans")
    page.go_back()
    loaded(page, "map")
    page.go_forward()
    loaded(page, "plans")
    expect(page).to_have_url(re.compile(r"/\?view=plans$"))


def test_language_and_theme_are_chosen_and_kept(pages: Pages) -> None:
    page = pages.open()
    page.goto("/?view=plans")
    loaded(page, "plans")
    page.get_by_label("Language").select_option("ko")
    expect(page).to_have_title(re.compile("(^|\\) )계획 – Edgeplan$"))
    loaded(page, "plans")
    page.get_by_label("화면 모드").select_option("dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    loaded(page, "plans")
    expect(page.locator("html")).to_have_attribute("lang", "ko")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_table_sorts_and_the_url_says_how(pages: Pages) -> None:
    page = pages.open()
    page.goto("/?view=plans")
    loaded(page, "plans")
    page.get_by_role("button", name="Cost a month").click()
    expect(page.get_by_role("columnheader", name="Cost a month")).to_have_attribute("aria-sort", "descending")
    expect(page).to_have_url(re.compile("sort=cost"))
    page.reload()
    expect(page.get_by_role("columnheader", name="Cost a month")).to_have_attribute("aria-sort", "descending")


def test_the_connection_is_live(pages: Pages) -> None:
    page = pages.open()
    page.goto("/?view=plans")
    expect(page.locator(".connection")).to_have_text("Live")


@pytest.mark.parametrize("view", VIEWS)
def test_a_service_that_knows_nothing_says_what_to_do(browser: Browser, empty_base: str, view: str) -> None:
    with Pages(browser, empty_base) as pages:
        page = pages.open()
        page.goto(link(view))
        # On a busy machine a part of the view says for a while that it loads, beside one that has ended.
        said = page.locator(f'[data-view="{view}"] .state:not(.state-loading) .state-title')
        expect(said.first).to_be_visible()
        expect(page.locator("main [aria-busy]")).to_have_count(0)
        expect(page.locator(".state-failed")).to_have_count(0)
        accessible(page)

"""The events: told in sentences, filtered, stopped without losing one, and quick by the thousand."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.axe import accessible
from tests.web.conftest import Pages
from tests.web.service import ask, serving

NODE = {"id": "hub", "name": "Hub", "tier": "mec", "country": "KR", "owner": "Telco", "owner_country": "KR"}
#: More than are read at once.
MANY = 520


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service on which much has happened."""
    with serving(tmp_path_factory.mktemp("busy"), seeded=False) as url, httpx.Client(base_url=url) as client:
        client.post("/v1/nodes", json=NODE).raise_for_status()
        for i in range(MANY):
            client.patch("/v1/nodes/hub", json={"vcpu": i}).raise_for_status()
        yield url


@pytest.fixture
def many(browser: Browser, busy: str) -> Iterator[Pages]:
    with Pages(browser, busy) as made:
        yield made


def opened(pages: Pages, query: str = "") -> Page:
    page = pages.open()
    page.goto(f"/?view=events{query}")
    expect(page.locator("li.event").first).to_be_visible()
    expect(page.locator(".connection")).to_have_text("Live")
    return page


def do(base: str, what: str) -> None:
    ask.post(f"{base}/v1/nodes/hub/{what}").raise_for_status()


def test_plans_are_told_with_links_and_details(pages: Pages) -> None:
    page = opened(pages, "&types=plan")
    [plan] = ask.get(f"{pages.base}/v1/plans?limit=1").json()["items"]
    applied = page.locator('li[data-type="plan.applied"]').first
    expect(applied).to_contain_text("Plan reference was applied: shards placed 7")
    expect(applied.get_by_role("link")).to_have_attribute("href", f"/?view=plans&plan={plan['id']}")
    expect(page.locator(".event-date").first).to_contain_text(re.compile(r"\w+, \d+ \w+ \d{4}"))
    more = applied.get_by_role("button", name="Details of event")
    more.press("Enter")
    expect(more).to_have_attribute("aria-expanded", "true")
    expect(applied.locator("dl")).to_contain_text(plan["id"])
    accessible(page)
    applied.get_by_role("link", name="Only this plan's events").click()
    expect(page).to_have_url(re.compile(f"plan={plan['id']}"))
    expect(page.locator("li.event").first).to_be_visible()
    expect(page.locator('li[data-type="generation.changed"]')).to_have_count(0)


def test_groups_are_filtered_and_the_url_says_which(many: Pages) -> None:
    do(many.base, "drain")
    do(many.base, "activate")
    told = len(ask.get(f"{many.base}/v1/events/log?types=node&limit=1000").json()["items"])
    page = opened(many)
    expect(page.locator('li[data-type="generation.changed"]').first).to_be_visible()
    page.get_by_label("Stored data").uncheck()
    expect(page.locator('li[data-type="generation.changed"]')).to_have_count(0)
    expect(page.locator('li[data-type^="node."]')).to_have_count(told)
    expect(page.locator("li.event").first).to_contain_text("Hub is active")
    expect(page).to_have_url(re.compile("types=plan,node"))
    page.reload()
    expect(page.locator('li[data-type^="node."]')).to_have_count(told)
    expect(page.get_by_label("Stored data")).not_to_be_checked()


def test_severities_are_filtered_and_the_url_says_which(many: Pages) -> None:
    do(many.base, "fail")
    do(many.base, "activate")
    page = opened(many)
    expect(page.locator('li[data-severity="info"]').first).to_be_visible()
    page.get_by_label("Info").uncheck()
    expect(page.locator('li[data-severity="info"]')).to_have_count(0)
    grave = page.locator('li[data-severity="critical"]').first
    expect(grave).to_contain_text("Hub has failed")
    expect(grave.locator(".severity")).to_have_text("Critical")
    expect(page).to_have_url(re.compile("severity=critical,warning,notice"))
    page.reload()
    expect(grave).to_be_visible()
    expect(page.get_by_label("Info")).not_to_be_checked()
    expect(page.locator('li[data-severity="info"]')).to_have_count(0)


def test_older_events_come_when_they_are_asked_for(many: Pages) -> None:
    page = opened(many)
    items = page.locator("li.event")
    expect(items).to_have_count(500)
    page.get_by_role("button", name="Show older").click()
    last = ask.get(f"{many.base}/v1/events/log?limit=1").json()["last"]
    expect(items).to_have_count(last)
    ids = [int(i) for i in page.eval_on_selector_all("li.event", "all => all.map(one => one.dataset.id)")]
    assert ids == list(range(last, 0, -1))
    expect(page.locator(".event-foot")).to_contain_text("all that the service keeps")


def test_while_it_is_paused_events_wait_and_none_is_lost(many: Pages) -> None:
    do(many.base, "activate")
    do(many.base, "drain")
    before = len(ask.get(f"{many.base}/v1/events/log?types=node&limit=1000").json()["items"])
    page = opened(many, "&types=node")
    items = page.locator("li.event")
    expect(items).to_have_count(before)
    page.get_by_role("button", name="Pause").click()
    for what in ("activate", "drain", "fail"):
        do(many.base, what)
    expect(page.locator(".event-waits")).to_have_text("3 waiting")
    expect(items).to_have_count(before)
    page.get_by_role("button", name="Resume").click()
    expect(items).to_have_count(before + 3)
    expect(items.first).to_contain_text("Hub has failed")
    expect(page.locator(".event-waits")).to_be_empty()
    do(many.base, "activate")
    expect(items).to_have_count(before + 4)


def test_a_pause_holds_across_a_filter(many: Pages) -> None:
    do(many.base, "drain")
    page = opened(many)
    page.get_by_role("button", name="Pause").click()
    do(many.base, "activate")
    expect(page.locator(".event-waits")).to_have_text("2 waiting")
    page.get_by_label("Stored data").uncheck()
    expect(page.locator(".event-waits")).to_have_text("1 waiting")
    expect(page.locator("li.event").first).to_contain_text("Hub is draining")
    page.get_by_role("button", name="Resume").click()
    expect(page.locator("li.event").first).to_contain_text("Hub is active")


def test_new_events_are_told_politely_and_the_place_is_kept(many: Pages) -> None:
    page = opened(many)
    page.evaluate("window.scrollTo(0, 3000)")
    row = page.locator("li.event").nth(100)
    top = row.evaluate("row => row.getBoundingClientRect().top")
    do(many.base, "drain")
    expect(page.locator(".event-above")).to_have_text("2 new ↑")
    # Both at once, or one after the other where they come apart.
    expect(page.locator('[role="status"].spoken')).to_contain_text(re.compile("New events: 2|Hub is draining"))
    row = page.locator("li.event").nth(102)
    assert abs(row.evaluate("row => row.getBoundingClientRect().top") - top) < 2
    page.locator(".event-above").click()
    expect(page.locator(".event-above")).to_be_hidden()
    do(many.base, "activate")

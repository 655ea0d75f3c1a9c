"""What a person sees when the service goes away, and when the page cannot start at all."""

from __future__ import annotations

from pathlib import Path

import httpx
from playwright.sync_api import Browser, expect

from tests.web.conftest import GONE, Pages
from tests.web.service import serving


def test_a_service_that_is_away_is_said_so_and_what_failed_is_made_good(browser: Browser, tmp_path: Path) -> None:
    with serving(tmp_path, seeded=False) as base:
        pages = Pages(browser, base)
        page = pages.open()
        page.goto("/?view=plans")
        expect(page.locator(".connection")).to_have_text("Live")
        expect(page.locator(".outage")).to_be_empty()
        # All of the page is there before its service goes.
        for title in ("No plan has been asked for yet.", "No plan has been applied yet."):
            expect(page.get_by_text(title)).to_be_visible()
        pages.allowed += GONE
    with pages:
        banner = page.locator(".outage")
        expect(banner).to_contain_text("The service has not answered since", timeout=60_000)
        expect(page.get_by_text("No plan has been asked for yet.")).to_be_visible()
        # A view that has not been loaded yet cannot be, until the service is back.
        page.get_by_role("link", name="Events").click()
        expect(page.locator(".state-failed")).to_contain_text("The service does not answer.")
        expect(page).to_have_url(f"{base}/?view=events")
        page.get_by_label("Language").select_option("ko")
        expect(banner).to_contain_text("서비스가 응답하지 않습니다")
        with serving(tmp_path, seeded=False, port=httpx.URL(base).port):
            title = page.locator('[data-view="events"] .state:not(.state-loading) .state-title')
            expect(title).to_have_text("아직 아무 일도 없습니다.", timeout=90_000)
            expect(banner).to_be_empty()
            expect(page.locator(".state-failed")).to_have_count(0)
            page.close()


def test_without_javascript_the_page_says_where_the_facts_are(browser: Browser, base: str) -> None:
    page = browser.new_context(base_url=base, java_script_enabled=False).new_page()
    page.goto("/")
    expect(page.get_by_text("It needs JavaScript")).to_be_visible()
    expect(page.get_by_role("link", name="API").first).to_have_attribute("href", "/docs")
    page.context.close()


def test_a_page_whose_program_does_not_load_says_so(pages: Pages) -> None:
    page = pages.open()
    page.route("**/assets/*.js", lambda route: route.abort())
    page.goto("/")
    expect(page.get_by_text("The dashboard has not started.")).to_be_visible()
    expect(page.locator("#boot").get_by_role("link", name="Reload the page")).to_have_attribute("href", "/")
    pages.allowed.append("ERR_FAILED")
    page.unroute("**/assets/*.js")
    page.locator("#boot").get_by_role("link", name="Reload the page").click()
    expect(page.get_by_role("navigation")).to_be_visible()
    expect(page.locator("#boot")).to_have_count(0)

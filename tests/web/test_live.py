"""What happens is seen as it happens, also after the service was gone for a while."""

from __future__ import annotations

from pathlib import Path

import httpx
from playwright.sync_api import Browser, expect

from tests.web.conftest import GONE, Pages
from tests.web.service import ask, ended, serving

NODE = "naver-gak-chuncheon"


def test_a_lost_connection_is_shown_and_comes_back_without_a_gap(browser: Browser, planned: Path, tmp_path: Path) -> None:
    with serving(tmp_path, planned) as base:
        ended(base)
        pages = Pages(browser, base)
        page = pages.open()
        page.goto("/?view=events")
        connection = page.locator(".connection")
        rows = page.locator(f'li[data-type^="node."]:has(a[href$="node={NODE}"])')
        expect(connection).to_have_text("Live")
        ask.post(f"{base}/v1/nodes/{NODE}/drain").raise_for_status()
        expect(rows).to_have_count(1)
        pages.allowed += GONE
    with pages:
        expect(connection).to_have_text("Reconnecting")
        with serving(tmp_path, port=httpx.URL(base).port) as again:
            ask.post(f"{again}/v1/nodes/{NODE}/fail").raise_for_status()
            expect(connection).to_have_text("Live", timeout=90_000)
            expect(rows).to_have_count(2)
            ask.post(f"{again}/v1/nodes/{NODE}/activate").raise_for_status()
            expect(rows).to_have_count(3)
            page.close()

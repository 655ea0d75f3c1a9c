"""Real Chromium on a real service. A page on which anything goes wrong unasked fails its test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, Request, Response, sync_playwright

from tests.web.service import chromium, ended, serving

#: Makes a page: `open_page(language="ko", theme="dark", width=360)`.
OpenPage = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of these are slow, and share one service: one worker runs them."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.xdist_group("web"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium())
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service with the reference network, planned, the plan in force. Tests that change much start their own."""
    with serving(tmp_path_factory.mktemp("service")) as url:
        plan = ended(url)
        httpx.post(f"{url}/v1/plans/{plan}/apply", timeout=60).raise_for_status()
        yield url


@pytest.fixture
def open_page(browser: Browser, base: str) -> Iterator[OpenPage]:
    """Opens pages on the shared service; see :func:`watched`."""
    with watched(browser, base) as make:
        yield make


@contextmanager
def watched(browser: Browser, base: str) -> Iterator[OpenPage]:
    """Make pages on a service, and at the end fail on what went wrong in any of them.

    That is: an error on the console, an exception, a request to another host, an answer of 5xx. A test that provokes
    such a thing says so by `page.allow`, a list of words of which a complaint that holds one is let pass.
    """
    wrong: list[str] = []
    allowed: list[str] = []
    contexts = []

    def make(*, language: str = "en", theme: str = "light", width: int = 1280, height: int = 860, **more: Any) -> Page:
        context = browser.new_context(
            base_url=base,
            viewport={"width": width, "height": height},
            locale={"en": "en-GB", "ko": "ko-KR"}[language],
            color_scheme=theme,
            timezone_id="Asia/Seoul",
            **more,
        )
        contexts.append(context)
        page = context.new_page()
        page.allow = allowed  # type: ignore[attr-defined]
        page.on("console", lambda said: said.type == "error" and wrong.append(f"console: {said.text}"))
        page.on("pageerror", lambda error: wrong.append(f"exception: {error}"))
        page.on("request", lambda request: _stays(request, base) or wrong.append(f"request to {request.url}"))
        page.on("response", lambda response: _fails(response) and wrong.append(f"{response.status} of {response.url}"))
        return page

    yield make
    for context in contexts:
        context.close()
    complaints = [one for one in wrong if not any(word in one for word in allowed)]
    assert not complaints, "\n".join(complaints)


def _stays(request: Request, base: str) -> bool:
    return request.url.startswith((f"{base}/", "data:", "blob:"))


def _fails(response: Response) -> bool:
    return response.status >= 500

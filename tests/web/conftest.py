"""Real Chromium on a real service. A page on which anything goes wrong unasked fails its test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect, sync_playwright

from tests.web.service import ask, chromium, ended, serving

#: How long a page may take to show what is expected of it: a busy machine is not a fault.
PATIENCE_MS = 60_000

#: What a page may complain of when its service goes away: nobody there, an answer broken off, or the word that it stops.
GONE = (
    "ERR_CONNECTION_REFUSED",
    "ERR_CONNECTION_RESET",
    "ERR_EMPTY_RESPONSE",
    "ERR_INCOMPLETE_CHUNKED_ENCODING",
    "503 of ",
    "status of 503",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of these are slow."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium. It goes with these tests: until then Playwright's event loop runs, beside which no test could start one."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium())
        yield opened
        opened.close()


@pytest.fixture(scope="package")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of a service that has stopped: the reference network, and its plan, which is not in force."""
    folder = tmp_path_factory.mktemp("planned")
    with serving(folder) as url:
        ended(url)
    return folder


@pytest.fixture(scope="package")
def base(planned: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service with the reference network, planned, the plan in force. Tests that change much start their own."""
    with serving(tmp_path_factory.mktemp("service"), planned) as url:
        plan = ended(url)
        ask.post(f"{url}/v1/plans/{plan}/apply").raise_for_status()
        yield url


@pytest.fixture
def pages(browser: Browser, base: str) -> Iterator[Pages]:
    """Pages on the shared service."""
    with Pages(browser, base) as made:
        yield made


class Pages:
    """Opens pages on a service, and at the end fails on what went wrong in any of them.

    That is: an error on the console, an exception, a request to another host, an answer of 5xx. A test that provokes
    such a thing says so in `allowed`: a complaint that holds one of these words is let pass.
    """

    def __init__(self, browser: Browser, base: str) -> None:
        self.base = base
        self.allowed: list[str] = []
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self._wrong: list[str] = []

    def open(self, *, language: str = "en", theme: str = "light", width: int = 1280, height: int = 860) -> Page:
        """A page of a new person, who prefers this language and theme."""
        context = self._browser.new_context(
            base_url=self.base,
            viewport={"width": width, "height": height},
            locale={"en": "en-GB", "ko": "ko-KR"}[language],
            color_scheme=theme,
            timezone_id="Asia/Seoul",
        )
        context.set_default_timeout(PATIENCE_MS)
        self._contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: self._complain(said.type == "error", f"console: {said.text}"))
        page.on("pageerror", lambda error: self._complain(True, f"exception: {error}"))
        page.on("request", lambda request: self._complain(self._leaves(request), f"request to {request.url}"))
        page.on("response", lambda got: self._complain(got.status >= 500, f"{got.status} of {got.url}"))
        return page

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        for context in self._contexts:
            context.close()
        if failure[0] is None:
            complaints = [one for one in self._wrong if not any(word in one for word in self.allowed)]
            assert not complaints, "\n".join(complaints)

    def _complain(self, wrong: bool, complaint: str) -> None:
        if wrong:
            self._wrong.append(complaint)

    def _leaves(self, request: Request) -> bool:
        return not request.url.startswith((f"{self.base}/", "data:", "blob:"))

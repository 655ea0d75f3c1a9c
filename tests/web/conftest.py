"""Real Chromium on a real service. A page on which anything goes wrong unasked fails its test."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import pytest
from playwright.sync_api import Browser, Page, Request, expect, sync_playwright

from tests.web.service import ask, chromium, ended, serving

#: How long a page may take to show what is expected of it: a busy machine is not a fault.
PATIENCE_MS = 60_000

#: How many windows are kept for later tests: those of the services that the tests of a file ask in turn.
KEPT = 3

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
        WINDOWS.close()
        opened.close()


@pytest.fixture(scope="package")
def planned(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The store of a service that has stopped: the reference network, and its plan, which is not in force.

    Several workers make it once: the first that comes makes it, and the others wait.
    """
    own = tmp_path_factory.getbasetemp()
    shared = own if worker_id == "master" else own.parent
    made = shared / "planned-once"
    with (shared / "planned-once.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            folder = tmp_path_factory.mktemp("planned")
            # On a busy machine a shorter search finds one plan and no bound; what is told of both has to be seen.
            with serving(folder, seconds=6) as url:
                ended(url)
            folder.rename(made)
    return made


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


class Windows:
    """Windows of the browser that have nothing of those who had them, the one used last at the end.

    One in which the dashboard has run has its program compiled: there a page costs a third of what it costs in a new one.
    """

    def __init__(self) -> None:
        self._kept: list[tuple[tuple[str, str], Page]] = []

    def take(self, browser: Browser, base: str, language: str, *, kept: bool) -> Page:
        """A window on a service, of a person who prefers a language; a new one unless it may be a kept one."""
        for one in reversed(self._kept if kept else ()):
            if one[0] == (base, language):
                self._kept.remove(one)
                return one[1]
        context = browser.new_context(
            base_url=base, locale={"en": "en-GB", "ko": "ko-KR"}[language], timezone_id="Asia/Seoul"
        )
        context.set_default_timeout(PATIENCE_MS)
        return context.new_page()

    def give(self, page: Page, base: str, language: str) -> None:
        """Keep a window, as if nobody had been there: what it stores is forgotten, and its pointer points at nothing."""
        page.unroute_all()
        page.goto(f"{base}/icon.svg")
        page.evaluate("() => { localStorage.clear(); sessionStorage.clear() }")
        page.context.clear_cookies()
        page.emulate_media(media="null", color_scheme="null")
        page.mouse.move(0, 0)
        self._kept.append(((base, language), page))
        for _, old in self._kept[:-KEPT]:
            old.context.close()
        del self._kept[:-KEPT]

    def close(self) -> None:
        """Close all."""
        for _, page in self._kept:
            page.context.close()
        self._kept.clear()


#: What is kept from test to test while the browser is there.
WINDOWS = Windows()


class Pages:
    """Opens pages on a service, and at the end fails on what went wrong in any of them.

    That is: an error on the console, an exception, a request to another host, an answer of 5xx. A test that provokes
    such a thing says so in `allowed`: a complaint that holds one of these words is let pass.
    """

    def __init__(self, browser: Browser, base: str) -> None:
        self.base = base
        self.allowed: list[str] = []
        self._browser = browser
        self._opened: list[tuple[Page, str, bool]] = []
        self._wrong: list[str] = []
        self._hears: dict[str, Callable[[Any], None]] = {
            "console": lambda said: self._complain(said.type == "error", f"console: {said.text}"),
            "pageerror": lambda error: self._complain(True, f"exception: {error}"),
            "request": lambda request: self._complain(self._leaves(request), f"request to {request.url}"),
            "response": lambda got: self._complain(got.status >= 500, f"{got.status} of {got.url}"),
        }

    def open(
        self, *, language: str = "en", theme: str = "light", width: int = 1280, height: int = 860, own: bool = False
    ) -> Page:
        """A page of a new person, who prefers this language and theme.

        `own`: in a window that nobody has had and nobody gets, for scripts that it cannot be rid of.
        """
        page = WINDOWS.take(self._browser, self.base, language, kept=not own)
        self._opened.append((page, language, own))
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=theme)
        for event, heard in self._hears.items():
            page.on(event, heard)
        return page

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        for page, language, own in self._opened:
            page.context.cookies()  # an answer of the browser comes behind all that it has told before
            for event, heard in self._hears.items():
                page.remove_listener(event, heard)
            if own or failure[0] is not None or page.is_closed():
                page.context.close()
            else:
                WINDOWS.give(page, self.base, language)
        if failure[0] is None:
            complaints = [one for one in self._wrong if not any(word in one for word in self.allowed)]
            assert not complaints, "\n".join(complaints)

    def _complain(self, wrong: bool, complaint: str) -> None:
        if wrong:
            self._wrong.append(complaint)

    def _leaves(self, request: Request) -> bool:
        return not request.url.startswith((f"{self.base}/", "data:", "blob:"))

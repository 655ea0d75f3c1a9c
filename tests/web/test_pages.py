"""Every page comes from this service alone; and no page of another site gets through to it, in a real browser."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect, sync_playwright

from tests.app import world
from tests.web.service import ROOT, ask, chromium, serving

VIEWS = re.findall(r'"(\w+)"', re.search(r"VIEWS = \[(.*?)\]", (ROOT / "app/web/src/route.ts").read_text())[1])  # type: ignore[index]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service that knows the tiny world."""
    with serving(tmp_path_factory.mktemp("small"), seeded=False) as url:
        for path, body in (
            ("catalogue", world.CATALOGUE), ("network", world.NETWORK), ("policies", {"policies": world.POLICIES})
        ):  # fmt: skip
            ask.put(f"{url}/v1/{path}", json=body).raise_for_status()
        yield url


@contextmanager
def cut_off(browser: Browser, base: str) -> Iterator[tuple[Page, list[str]]]:
    """A page of a browser that reaches `base` alone, and all that went wrong on it."""
    context = browser.new_context(base_url=base)
    wrong: list[str] = []

    def choose(route: Route) -> None:
        if route.request.url.startswith((f"{base}/", "data:", "blob:")):
            route.continue_()
        else:
            wrong.append(f"asked for {route.request.url}")
            route.abort()

    context.route("**/*", choose)
    page = context.new_page()
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    try:
        yield page, wrong
    finally:
        context.close()


def test_every_page_needs_no_other_host(browser: Browser, small: str) -> None:
    assert len(VIEWS) == 5
    # One window, in which each view is a page loaded anew. While requests are intercepted the browser caches nothing.
    with cut_off(browser, small) as (page, wrong):
        for view in VIEWS:
            page.goto(f"/?view={view}")
            expect(page.locator("main#main :is(h1, h2)").first).to_be_attached()
            page.wait_for_load_state("load")
            assert not wrong, (view, wrong)


def test_the_documentation_needs_no_other_host_and_tries_what_it_describes(browser: Browser, small: str) -> None:
    with cut_off(browser, small) as (page, wrong):
        page.goto("/redoc")
        assert urlsplit(page.url).path == "/docs"
        expect(page.locator(".info .title")).to_contain_text("Edgeplan")
        expect(page.locator(".opblock").nth(50)).to_be_attached()
        block = page.locator("#operations-operators-drain_node")
        block.locator(".opblock-summary-control").click()
        block.get_by_role("button", name="Try it out").click()
        block.get_by_placeholder("id").fill("hub")
        block.get_by_role("button", name="Execute").click()
        expect(block.locator(".live-responses-table tbody .response-col_status").first).to_contain_text("200")
        assert ask.get(f"{small}/v1/nodes/hub").json()["state"] == "draining"
        ask.post(f"{small}/v1/nodes/hub/activate").raise_for_status()
        assert not wrong, wrong


# --- other people's pages --------------------------------------------------------------------------------------------------

ATTACK = """<!doctype html><title>Kittens</title>
<iframe name="hidden"></iframe>
<form id="plain" method="post" enctype="text/plain" action="{base}/v1/nodes/hub/fail" target="hidden"></form>
<form id="urlencoded" method="post" action="{base}/v1/nodes/hub/fail" target="hidden"><input name="a" value="b"></form>
<form id="multipart" method="post" enctype="multipart/form-data" action="{base}/v1/nodes/hub/fail" target="hidden"></form>
<img src="{base}/v1/network/geojson">
<script>
  const told = [];
  async function attack() {{
    for (const id of ["plain", "urlencoded", "multipart"]) {{
      document.getElementById(id).submit();
      await new Promise((done) => document.querySelector("iframe").addEventListener("load", done, {{ once: true }}));
    }}
    const json = {{ "Content-Type": "application/json" }};
    for (const options of [
      {{ method: "POST", mode: "no-cors" }},
      {{ method: "POST", mode: "no-cors", body: new Blob(["{{}}"]) }},
      {{ method: "POST", mode: "no-cors", referrerPolicy: "no-referrer" }},
      {{ method: "POST" }},
      {{ method: "POST", headers: json, body: "{{}}" }},
    ]) await fetch("{base}/v1/nodes/hub/fail", options).then((a) => told.push(a.type), () => told.push("failed"));
    navigator.sendBeacon("{base}/v1/nodes/hub/fail");
    await fetch("{base}/v1/nodes/hub").then((a) => a.text()).then(() => told.push("read"), () => told.push("failed"));
    await fetch("{base}/v1/nodes/hub", {{ mode: "no-cors" }}).then(() => told.push("read"), () => told.push("failed"));
    return told;
  }}
</script>
"""


@contextmanager
def strange_site(base: str) -> Iterator[int]:
    """Another site, whose page attacks the service; yields its port."""

    class Strange(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(ATTACK.format(base=base).encode())

        def log_message(self, *words: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Strange) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()


@pytest.fixture
def strange(small: str) -> Iterator[int]:
    with strange_site(small) as port:
        yield port


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_another_sites_page_changes_and_reads_nothing(browser: Browser, small: str, strange: int, host: str) -> None:
    context: BrowserContext = browser.new_context()
    try:
        page = context.new_page()
        page.goto(f"http://{host}:{strange}/")
        told = page.evaluate("attack()")
        assert told[-2:] == ["failed", "failed"], told
        assert "basic" not in told
        assert ask.get(f"{small}/v1/nodes/hub").json()["state"] == "active"
        assert not [e for e in ask.get(f"{small}/v1/events/log").json()["items"] if e["type"] == "node.failed"]
    finally:
        context.close()


def test_a_name_that_was_bound_anew_reaches_nothing(small: str, tmp_path: Path) -> None:
    """DNS rebinding: the page's own name leads to this machine."""
    port = urlsplit(small).port
    # Playwright has one event loop a thread, and the other tests hold this one's.
    found: list[int] = []

    def look() -> None:
        with sync_playwright() as playwright:
            opened = playwright.chromium.launch(
                executable_path=chromium(), args=["--host-resolver-rules=MAP kittens.example 127.0.0.1"]
            )
            answer = opened.new_page().goto(f"http://kittens.example:{port}/v1/network")
            found.append(answer.status if answer else 0)
            opened.close()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join(120)
    assert found == [421]

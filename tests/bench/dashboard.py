"""How fast the map is with a nation on it: `python -m tests.bench.dashboard --data FOLDER`.

FOLDER is the data folder of a service that has a network and a plan in force, as `python -m app --data-dir FOLDER`
leaves it. The figures are those of headless Chromium, which paints in software; they are printed as JSON:

* `first_paint_seconds`: from asking for the page to the finished map, with no file kept from before;
* `zoom_seconds`, `pan_seconds`, `filter_seconds`, `unfilter_seconds`: from what the person does to the finished picture;
* `page_bytes`: what travelled until then, compressed, by kind.

Each is the median of `--rounds`, with the worst beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Request, sync_playwright

from tests.web.service import chromium, serving

#: The mark that the map leaves whenever it has finished painting.
MARK = "edgeplan.map.drawn"
PATIENCE_SECONDS = 120.0

_PAINTED = """() => {
  for (const canvas of document.querySelectorAll(".chart-canvas canvas")) canvas.getContext("2d").getImageData(0, 0, 1, 1);
  return performance.now();
}"""


def main() -> None:
    """Start the service, look at the map, print the figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.dashboard", description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="data folder of a service with a plan in force; it is not changed")
    parser.add_argument("--base", help="measure the service that runs there, instead of starting one")
    parser.add_argument("--rounds", type=int, default=3, help="how often everything is measured (default 3)")
    parser.add_argument("--path", default="/", help="what is opened (default /)")
    given = parser.parse_args()
    if (given.data is None) == (given.base is None):
        parser.error("say one of --data and --base")
    with _service(given.data, given.base) as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium())
        # Answers are made once for each generation: the first person pays for it, and is told apart.
        made = _round(browser, base, given.path)
        rounds = [_round(browser, base, given.path) for _ in range(given.rounds)]
        browser.close()
    seconds = [name for name in made if name.endswith("_seconds")]
    json.dump(
        {
            "rounds": given.rounds,
            "cores": os.cpu_count(),
            "drawn": made["drawn"],
            "first_paint_after_start_seconds": made["first_paint_seconds"],
            **{name: round(statistics.median(one[name] for one in rounds), 3) for name in seconds},
            "worst": {name: max(one[name] for one in rounds) for name in seconds},
            "page_bytes": rounds[0]["page_bytes"],
        },
        sys.stdout,
        indent=2,
    )
    print()


@contextmanager
def _service(folder: Path | None, base: str | None) -> Iterator[str]:
    if base is not None:
        yield base
        return
    assert folder is not None
    with serving(folder, seeded=False) as started:
        yield started


def _round(browser: Browser, base: str, path: str) -> dict[str, Any]:
    """One person who opens the map for the first time, zooms, pans and filters."""
    context = browser.new_context(base_url=base, viewport={"width": 1440, "height": 900}, locale="en-GB")
    page = context.new_page()
    weight: dict[str, int] = {}

    def weigh(request: Request) -> None:
        sizes = request.sizes()
        kind = "data" if "/v1/" in request.url else "files"
        weight[kind] = weight.get(kind, 0) + sizes["responseBodySize"] + sizes["responseHeadersSize"]

    page.on("requestfinished", weigh)
    page.goto(path)
    first = _drawn(page, 0)
    found: dict[str, Any] = {"first_paint_seconds": round(first / 1000, 3)}
    found["drawn"] = page.locator(".map-sum").inner_text()
    canvas = page.locator(".chart-canvas").bounding_box()
    assert canvas is not None
    x, y = canvas["x"] + canvas["width"] / 2, canvas["y"] + canvas["height"] / 2
    page.mouse.move(x, y)
    found["zoom_seconds"] = _took(page, lambda: page.mouse.wheel(0, -240))
    page.mouse.down()
    found["pan_seconds"] = _took(page, lambda: page.mouse.move(x + 60, y + 40))
    page.mouse.up()
    page.locator("details.filter", has_text="Tier").locator("summary").click()
    box = page.get_by_role("checkbox", name="Central office")
    found["filter_seconds"] = _took(page, box.check)
    found["unfilter_seconds"] = _took(page, box.uncheck)
    found["page_bytes"] = weight | {"all": sum(weight.values())}
    context.close()
    return found


def _took(page: Page, deed: Callable[[], object]) -> float:
    """Seconds from a deed to the finished picture, by the page's own clock."""
    _quiet(page)
    began = float(page.evaluate("performance.now()"))
    deed()
    return round((_drawn(page, began) - began) / 1000, 3)


def _drawn(page: Page, after: float) -> float:
    """When the map was first finished after a moment, in milliseconds of the page's clock.

    A canvas is painted after it was told what to paint. A pixel of each is read, which waits for that.
    """
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        marks = [
            float(mark) for mark in page.evaluate(f"performance.getEntriesByName('{MARK}').map((one) => one.startTime)")
        ]
        if any(mark > after for mark in marks):
            return float(page.evaluate(_PAINTED))
        time.sleep(0.02)
    raise TimeoutError("The map was not drawn.")


def _quiet(page: Page) -> None:
    """Wait until nothing more is painted."""
    count = -1
    while (now := int(page.evaluate(f"performance.getEntriesByName('{MARK}').length"))) != count:
        count = now
        time.sleep(0.8)


if __name__ == "__main__":
    main()

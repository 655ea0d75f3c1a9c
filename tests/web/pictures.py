"""What the canvas of the map shows, once it has come to rest: pixels are never read while it is being drawn."""

from __future__ import annotations

import time
from collections.abc import Callable
from io import BytesIO
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page

from tests.web.service import PATIENCE

Colour = tuple[int, int, int]
T = TypeVar("T")

#: The colour of what is bad, by theme.
BAD: dict[str, Colour] = {"light": (0xB3, 0x26, 0x1E), "dark": (0xFF, 0x8D, 0x84)}

#: Ends when two frames are over: one in which what was asked for is drawn, and one that shows it.
FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def frames(page: Page) -> None:
    """Let the page draw what it has been told."""
    page.evaluate(FRAMES)


def painted(page: Page) -> NDArray[np.int_]:
    """The pixels of the canvas, once two looks in a row find the same."""
    canvas = page.locator(".chart-canvas")

    def look() -> bytes:
        frames(page)
        return canvas.screenshot()

    end = time.monotonic() + PATIENCE
    before, now = look(), look()
    while now != before:
        assert time.monotonic() < end, "the picture does not come to rest"
        before, now = now, look()
    return np.asarray(Image.open(BytesIO(now)).convert("RGB")).astype(int)


def seen(page: Page, found: Callable[[NDArray[np.int_]], T | None]) -> T:
    """What is found in the pixels of the canvas, waited for: it may be drawn only when the last answer is there."""
    end = time.monotonic() + PATIENCE
    while True:
        what = found(painted(page))
        if what is not None:
            return what
        assert time.monotonic() < end, "it is not seen"


def disc(page: Page, colour: Colour, across: int = 18, near: tuple[float, float] | None = None) -> tuple[float, float]:
    """Where the canvas has a disc of a colour, so many pixels across; where it must be is said by `near`."""

    def found(pixels: NDArray[np.int_]) -> tuple[float, float] | None:
        hit = (np.abs(pixels - colour).max(axis=2) < 24).astype(int)
        sums = np.pad(hit.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
        within = sums[across:, across:] - sums[:-across, across:] - sums[across:, :-across] + sums[:-across, :-across]
        y, x = (int(i) for i in np.unravel_index(within.argmax(), within.shape))
        if within.max() <= across * across / 2:
            return None
        at = (x + across / 2, y + across / 2)
        return at if near is None or max(abs(at[0] - near[0]), abs(at[1] - near[1])) <= 2 else None

    return seen(page, found)

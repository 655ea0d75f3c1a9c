"""A slow onlooker sees the first thing and then the newest, and keeps nobody waiting."""

from __future__ import annotations

import threading
import time

from solver.packing.solution import Limits
from solver.running.budget import Budget
from solver.running.showing import Showing

LONG = Budget(Limits(seconds=1e9))


def test_the_first_is_shown_at_once_and_then_the_newest() -> None:
    seen: list[int] = []
    entered, go = threading.Event(), threading.Event()

    def look(thing: int) -> None:
        seen.append(thing)
        entered.set()
        go.wait(30)

    with Showing(look, LONG, 0.0) as showing:
        showing.offer(1)
        assert entered.wait(30)
        entered.clear()
        # Offers return although the onlooker is still busy with the first.
        for thing in (2, 3, 4):
            showing.offer(thing)
        go.set()
        assert entered.wait(30)
    assert seen == [1, 4]


def test_looking_takes_a_tenth_of_the_time_at_most() -> None:
    looks: list[float] = []

    def look(_: int) -> None:
        looks.append(time.monotonic())
        time.sleep(0.02)

    with Showing(look, LONG, 0.0) as showing:
        until = time.monotonic() + 1.0
        while time.monotonic() < until:
            showing.offer(0)
            time.sleep(0.001)
    assert 2 <= len(looks) <= 6
    assert all(after - before >= 0.2 for before, after in zip(looks[:-1], looks[1:], strict=True))


def test_nothing_is_begun_that_would_delay_the_end() -> None:
    seen: list[int] = []
    with Showing(seen.append, Budget(Limits(seconds=1.0)), expected=2.0) as showing:
        showing.offer(1)
        time.sleep(0.1)
    assert seen == []


def test_nothing_is_shown_after_the_end() -> None:
    seen: list[int] = []
    with Showing(seen.append, LONG, 0.0) as showing:
        pass
    showing.offer(1)
    time.sleep(0.1)
    assert seen == []

"""Showing what is best so far to somebody who takes long to look at it, without keeping the search waiting."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Generic, Self, TypeVar

from solver.params import DEFAULTS, ShowingParams
from solver.running.budget import Budget

Shown = TypeVar("Shown")


class Showing(Generic[Shown]):
    """Shows the newest of what is offered, from a thread of its own: the first at once, the others now and then.

    Parameters
    ----------
    show : callable
        Looks at one thing, in the other thread; called no more once the block that this object manages has ended,
        though a call may then still be under way.
    budget : Budget
        Of the question.
    expected : float
        Seconds that the first look is thought to take.
    params : ShowingParams
        How much of the time looks may take.
    """

    def __init__(
        self,
        show: Callable[[Shown], None],
        budget: Budget,
        expected: float,
        params: ShowingParams = DEFAULTS.showing,
    ) -> None:
        self._show = show
        self._budget = budget
        self._length = expected
        self._params = params
        self._due = 0.0
        self._waiting: Shown | None = None
        self._news = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._follow, name="edgeplan-showing", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with self._news:
            self._closed = True
            self._news.notify()

    def offer(self, thing: Shown) -> None:
        """Have this looked at, in place of whatever has not been looked at yet. Returns at once."""
        with self._news:
            self._waiting = thing
            self._news.notify()

    def _follow(self) -> None:
        while (thing := self._next()) is not None:
            began = time.monotonic()
            self._show(thing)
            ended = time.monotonic()
            self._length = ended - began
            self._due = ended + (self._params.sparing - 1) * self._length

    def _next(self) -> Shown | None:
        """The next thing to look at, once it is due; None when there will be no other."""
        with self._news:
            while not self._closed:
                wait = self._due - time.monotonic()
                if self._waiting is not None and wait <= 0:
                    if self._budget.left() < self._params.room * self._length:
                        return None
                    thing, self._waiting = self._waiting, None
                    return thing
                self._news.wait(wait if wait > 0 else None)
            return None

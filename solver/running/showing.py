"""Showing what is best so far to somebody who takes long to look at it, without keeping the search waiting."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Generic, Self, TypeVar

from solver.params import DEFAULTS, ShowingParams
from solver.running.budget import Budget
from solver.running.following import Follower, Newest

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
        self._follower = Follower(self._look, "edgeplan-showing")
        self._newest: Newest[Shown] = self._follower.kind()

    def __enter__(self) -> Self:
        self._follower.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._follower.__exit__(kind, error, trace)

    def offer(self, thing: Shown) -> None:
        """Have this looked at, in place of whatever has not been looked at yet. Returns at once."""
        self._newest.offer(thing)

    def _look(self) -> bool:
        """Show what is due; False when there is no room for it before the end."""
        if self._budget.left() < self._params.room * self._length:
            return False
        thing = self._newest.take()
        if thing is not None:
            began = time.monotonic()
            self._show(thing)
            ended = time.monotonic()
            self._length = ended - began
            self._newest.due = ended + (self._params.sparing - 1) * self._length
        return True

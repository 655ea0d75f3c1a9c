"""A thread that looks at the newest of what is offered, so that whoever offers it waits for nobody."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

Thing = TypeVar("Thing")


class Newest(Generic[Thing]):
    """The newest thing of one kind until it is looked at, which is not before `due`, in monotonic seconds."""

    def __init__(self, news: threading.Condition) -> None:
        self.due = 0.0
        self._news = news
        self._thing: Thing | None = None

    def offer(self, thing: Thing) -> None:
        """Have this looked at, in place of whatever has not been looked at yet. Returns at once."""
        with self._news:
            self._thing = thing
            self._news.notify()

    def put_back(self, thing: Thing | None) -> None:
        """Have this looked at once more, unless there is a newer one."""
        with self._news:
            self._thing = thing if self._thing is None else self._thing

    def take(self) -> Thing | None:
        """The thing, if there is one and it is due."""
        with self._news:
            if self._thing is None or time.monotonic() < self.due:
                return None
            thing, self._thing = self._thing, None
            return thing

    def wait(self) -> float | None:
        """Seconds until it is due; None where there is nothing."""
        return None if self._thing is None else max(0.0, self.due - time.monotonic())


class Follower:
    """Calls `look` from a thread of its own whenever something of a kind is due, until it answers False.

    Used as a context: once its block has ended `look` is called no more, though a call may then still be under way.
    """

    def __init__(self, look: Callable[[], bool], name: str) -> None:
        self._look = look
        self._news = threading.Condition()
        self._kinds: list[Newest[Any]] = []
        self._closed = False
        self._thread = threading.Thread(target=self._follow, name=name, daemon=True)

    def kind(self) -> Newest[Any]:
        """A further kind of things to be looked at."""
        made: Newest[Any] = Newest(self._news)
        self._kinds.append(made)
        return made

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with self._news:
            self._closed = True
            self._news.notify()

    def _follow(self) -> None:
        while self._due() and self._look():
            continue

    def _due(self) -> bool:
        """Wait until something is due; False when nothing will be looked at any more."""
        with self._news:
            while not self._closed:
                waits = [seconds for kind in self._kinds if (seconds := kind.wait()) is not None]
                if waits and min(waits) <= 0:
                    return True
                self._news.wait(min(waits, default=None))
            return False

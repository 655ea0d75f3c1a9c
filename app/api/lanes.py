"""Who may go in: how many requests of a kind are answered at a time, and how many wait their turn.

What takes a thread or the judge pool stands in one of three lanes: reading, writing, judging. Each has room for so many
requests and a line of so many behind them; whoever finds the line full is refused at once (503 `busy`). So a judge pool
that is busy with one long judgement stops other judgements and nothing else, and writers behind a locked store stop other
writers. What takes no thread (health, a poll that finds nothing changed) stands in no lane.

A route of :class:`Admitted` is in the lane that its method says, unless :func:`lane` names another. A coroutine is in none,
unless :func:`lane` names one: it takes its turns itself, where it needs a thread (:meth:`Lane.call`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from inspect import isasyncgenfunction, iscoroutinefunction
from typing import Any, Literal, ParamSpec, TypeAlias, TypeVar

import anyio.to_thread
from fastapi import Depends, Request, params
from fastapi.routing import APIRoute

from app.errors import Busy, NotReady
from app.settings import Settings

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

Kind: TypeAlias = Literal["reading", "writing", "judging"]

#: Threads beside those of the lanes: files of the dashboard, listeners to events that begin.
SPARE_THREADS = 16


class Lane:
    """One lane. To be used from one event loop."""

    def __init__(self, kind: Kind, at_once: int, waiting: int, seconds: float) -> None:
        self.kind = kind
        self.at_once = at_once
        self._most = waiting
        self._seconds = seconds
        self._room = asyncio.Semaphore(at_once)
        self._line: set[asyncio.Timeout] = set()
        #: Whether the service is stopping.
        self.closed = False
        #: How many are being answered, and how many were refused so far.
        self.inside = 0
        self.refused = 0

    @property
    def waiting(self) -> int:
        """How many wait their turn."""
        return len(self._line)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """While the block runs one place is taken.

        Raises
        ------
        Busy
            If the line is full, or nothing becomes free for too long.
        NotReady
            If the service is stopping.
        """
        if self._room.locked():
            await self._wait()
        else:
            await self._room.acquire()
        self.inside += 1
        try:
            yield
        finally:
            self.inside -= 1
            self._room.release()

    async def call(self, function: Callable[Asked, Answer], *args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
        """What `function` answers, called in a thread when it is its turn."""
        async with self.turn():
            return await beside(function, *args, **kwargs)

    def close(self) -> None:
        """Refuse whoever waits: the service is stopping."""
        self.closed = True
        for waits in self._line:
            waits.reschedule(asyncio.get_running_loop().time())

    async def _wait(self) -> None:
        if self.closed:
            raise NotReady("The service is stopping.")
        if len(self._line) >= self._most:
            self.refused += 1
            raise Busy(f"{self.at_once} requests of this kind ({self.kind}) are being answered, and {self._most} wait.")
        waits = asyncio.timeout(self._seconds)
        try:
            async with waits:
                self._line.add(waits)
                await self._room.acquire()
        except TimeoutError:
            self.refused += 1
            if self.closed:
                raise NotReady("The service is stopping.") from None
            raise Busy(f"Its turn ({self.kind}) did not come within {self._seconds:g} s.") from None
        finally:
            self._line.discard(waits)


@dataclass(frozen=True, slots=True)
class Lanes:
    """The lanes of one application."""

    reading: Lane
    writing: Lane
    judging: Lane

    @staticmethod
    def of(settings: Settings) -> Lanes:
        """The lanes that the settings say; sees to it that there are threads for all that may be inside."""
        told, wait = settings, settings.turn_seconds
        lanes = Lanes(
            Lane("reading", told.reads_at_once, told.reads_waiting, wait),
            Lane("writing", told.writes_at_once, told.writes_waiting, wait),
            Lane("judging", told.judged_at_once, told.judged_waiting, wait),
        )
        threads = anyio.to_thread.current_default_thread_limiter()
        threads.total_tokens = SPARE_THREADS + sum(lane.at_once for lane in lanes.all)
        return lanes

    @property
    def all(self) -> tuple[Lane, ...]:
        """Each lane."""
        return self.reading, self.writing, self.judging

    @property
    def closed(self) -> bool:
        """Whether the service is stopping."""
        return any(lane.closed for lane in self.all)

    def close(self) -> None:
        """Refuse whoever waits, and whoever would have to."""
        for lane in self.all:
            lane.close()


async def beside(function: Callable[Asked, Answer], *args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
    """What `function` answers, called in a thread beside the lanes.

    For what is brief and is asked by a request that may have its turn already: if it waited for a second one, those that
    fill a lane would wait for each other.
    """
    return await anyio.to_thread.run_sync(partial(function, *args, **kwargs))


async def _reading(request: Request) -> AsyncIterator[None]:
    async with request.app.state.context.lanes.reading.turn():
        yield


async def _writing(request: Request) -> AsyncIterator[None]:
    async with request.app.state.context.lanes.writing.turn():
        yield


async def _judging(request: Request) -> AsyncIterator[None]:
    async with request.app.state.context.lanes.judging.turn():
        yield


#: The turn of a route, which ends when its answer has been made: nobody holds a place while a slow reader takes it.
_TURNS: dict[Kind, params.Depends] = {
    "reading": Depends(_reading, scope="function"),
    "writing": Depends(_writing, scope="function"),
    "judging": Depends(_judging, scope="function"),
}


def lane(kind: Kind | None) -> Callable[[Endpoint], Endpoint]:
    """Name the lane of an endpoint; None for one that takes next to no time and touches nothing that could be busy."""

    def named(endpoint: Endpoint) -> Endpoint:
        endpoint.lane = kind  # type: ignore[attr-defined]
        return endpoint

    return named


def lane_of(endpoint: Callable[..., Any], methods: Sequence[str]) -> Kind | None:
    """The lane of an endpoint that answers these methods."""
    by_method: Kind = "reading" if set(methods) <= {"GET", "HEAD"} else "writing"
    of_loop = iscoroutinefunction(endpoint) or isasyncgenfunction(endpoint)
    kind: Kind | None = getattr(endpoint, "lane", None if of_loop else by_method)
    return kind


class Admitted(APIRoute):
    """A route that waits its turn, once its body has arrived, before it is answered."""

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        dependencies: Sequence[params.Depends] | None = None,
        methods: set[str] | list[str] | None = None,
        **more: Any,
    ) -> None:
        kind = lane_of(endpoint, sorted(methods or {"GET"}))
        turn = [] if kind is None else [_TURNS[kind]]
        given = [one for one in dependencies or () if one not in turn]
        super().__init__(path, endpoint, dependencies=[*given, *turn], methods=methods, **more)

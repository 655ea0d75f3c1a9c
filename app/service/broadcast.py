"""Telling many listeners what happens: one look at the store for all of them.

While somebody listens, one task looks for new events and keeps the last thousand at hand, encoded. Listeners have no
queues: each knows the id that it has come to, takes what follows from what is at hand, and reads from the store itself
when it is further behind than that. So a slow one costs no memory, and none ever misses an event: ids grow in the order
of the commits (:class:`app.store.sections.Events`), and each listener goes through them one by one.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Concatenate, ParamSpec, TypeVar

import anyio
import anyio.to_thread

from app.schemas.events import EventOut
from app.service.events import Wanted, lost, reset
from app.store.port import Store
from app.store.records import EventRow
from app.trouble import Trouble

#: Time between two looks at the store.
LOOK_SECONDS = 0.2
#: How many events are kept at hand, and how many are read from the store at once.
AT_HAND = 1000
#: How long nothing is said before it is said that there is nothing. Below the fifteen seconds after which the framework
#: would say so without an id.
PING_SECONDS = 14.0
#: Threads in which the store is read for listeners, all of them together.
THREADS = 4

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class EventMessage:
    """An event, encoded; or, without one, that all up to an id has been looked at."""

    id: int
    row: EventRow | None
    text: str


class Broadcast:
    """Tells the listeners of one process. To be used from one event loop."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._at_hand: list[EventMessage] = []
        self._seen: int | None = None
        self._news = asyncio.Event()
        self._poller: asyncio.Task[None] | None = None
        self._closed = False
        self._threads = anyio.CapacityLimiter(THREADS)
        self._trouble = Trouble("broadcast", LOOK_SECONDS)
        self.listeners = 0
        #: How many events were told, by type.
        self.told: Counter[str] = Counter()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """While somebody listens, the store is looked at."""
        self.listeners += 1
        if self._poller is None:
            self._poller = asyncio.create_task(self._look())
        try:
            yield
        finally:
            self.listeners -= 1
            if not self.listeners:
                self._rest()

    async def follow(self, after: int | None, wants: Wanted) -> AsyncGenerator[EventMessage, None]:
        """What happens after an id, or from now on, until the service ends. Only while listening.

        The first thing told is the id from which on it tells, so that whoever is cut off can go on from there.
        """
        oldest, newest = await self._call(_span)
        place = newest if after is None else after
        batch = [EventMessage(place, None, "")]
        if lost(place, oldest, newest):
            batch = [_told(reset(newest))]
        while True:
            for told in batch:
                place = told.id
                if told.row is None:
                    yield told
                elif wants.takes(told.row):
                    self.told[told.row.type] += 1
                    yield told
            if self._closed:
                return
            news = self._news
            batch = await self._after(place)
            if not batch and not await _within(PING_SECONDS, news):
                batch = [EventMessage(place, None, "")]

    def close(self) -> None:
        """End every stream."""
        self._closed = True
        self._news.set()

    async def _call(
        self, read: Callable[Concatenate[Store, Asked], Answer], *args: Asked.args, **more: Asked.kwargs
    ) -> Answer:
        """What `read` answers of the store, called in one of the few threads that are kept for listeners."""
        return await anyio.to_thread.run_sync(partial(read, self._store, *args, **more), limiter=self._threads)

    async def _after(self, place: int) -> list[EventMessage]:
        """The next events after an id, as far as they have been seen."""
        if self._seen is None or place >= self._seen:
            return []
        if self._at_hand and self._at_hand[0].id <= place + 1:
            return self._at_hand[bisect_right(self._at_hand, place, key=lambda told: told.id) :]
        oldest, newest, rows = await self._call(_read, place)
        return [_told(reset(newest))] if lost(place, oldest, newest) else [_told(row) for row in rows]

    async def _look(self) -> None:
        """Look for new events again and again."""
        while not self._closed:
            pause = LOOK_SECONDS
            try:
                await self._look_once()
            except Exception as error:
                pause = self._trouble.met(error)
            else:
                self._trouble.over()
            await asyncio.sleep(pause)

    async def _look_once(self) -> None:
        marks = self._store.peek()
        newest = (await self._call(_span))[1] if marks is None else marks.event
        if self._seen is None:
            self._seen = newest
        while self._seen < newest:
            _, newest, rows = await self._call(_read, self._seen)
            self._at_hand += [_told(row) for row in rows]
            del self._at_hand[:-AT_HAND]
            self._seen = rows[-1].id if rows else newest
            self._news.set()
            self._news = asyncio.Event()

    def _rest(self) -> None:
        """Nobody listens any more."""
        if self._poller is not None:
            self._poller.cancel()
            self._poller = None
        self._seen = None
        self._at_hand.clear()


async def _within(seconds: float, news: asyncio.Event) -> bool:
    """Whether there is news within some seconds."""
    with suppress(TimeoutError):
        await asyncio.wait_for(news.wait(), seconds)
    return news.is_set()


def _told(row: EventRow) -> EventMessage:
    return EventMessage(row.id, row, EventOut.of(row).model_dump_json())


def _span(store: Store) -> tuple[int, int]:
    with store.reading() as session:
        return session.events.span()


def _read(store: Store, after: int) -> tuple[int, int, list[EventRow]]:
    with store.reading() as session:
        return *session.events.span(), session.events.page(after, (), None, AT_HAND)

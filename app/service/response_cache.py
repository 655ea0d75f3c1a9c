"""Answers that are asked for again and again, kept as the bytes that travel.

What is kept is named by its version, so it never goes stale: a new version is another answer. Whoever asks while an
answer is being made waits for that one, without holding a thread.
"""

from __future__ import annotations

import asyncio
import gzip
import json
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias, TypeVar

from app.errors import Busy
from app.service.cache import Cache
from app.service.gc_paused import gc_paused
from app.store.port import Store

#: Compressed bytes that are kept; a nation's map and its allocation take three million.
MOST_BYTES = 48 * 2**20
#: How hard to compress. What is beyond this costs a nation's allocation a second for a tenth of its size.
LEVEL = 5
#: How many different answers may wait to be made. Whoever asks for the same one waits with the others.
WAITING = 64

#: Answers that are made at a time: elsewhere, so that a thread does nothing but wait for one.
AT_ONCE = 4

Made = TypeVar("Made")

#: Has an answer made.
Make: TypeAlias = Callable[[], "CachedResponse"]


@dataclass(frozen=True, slots=True)
class CachedResponse:
    """An encoded answer and its version. It can be pickled."""

    version: int | str
    zipped: bytes

    @staticmethod
    def of(version: int | str, body: Mapping[str, Any] | bytes) -> CachedResponse:
        """An answer: what goes out as JSON, or as it is."""
        if not isinstance(body, bytes):
            body = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        return CachedResponse(version, gzip.compress(body, LEVEL, mtime=0))

    @property
    def plain(self) -> bytes:
        """The answer, for those who take no gzip."""
        return gzip.decompress(self.zipped)


class ResponseCache:
    """The answers of one process, the longest unused given up first. To be used from one event loop."""

    def __init__(self, most_bytes: int = MOST_BYTES, waiting: int = WAITING) -> None:
        self._most = most_bytes
        self._waiting = waiting
        self._called = 0
        self._held = 0
        self._kept: OrderedDict[tuple[str, int | str], CachedResponse] = OrderedDict()
        self._making: dict[tuple[str, int | str], asyncio.Task[CachedResponse]] = {}
        self._hands = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="response_cache")

    async def get(self, what: str, version: int | str, make: Make) -> CachedResponse:
        """The answer `what` in its `version`, made now if it is not kept.

        `make` may find a newer version than was asked for; the answer says which it is.

        Raises
        ------
        Busy
            If it would have to be made, and as many others as the response cache takes on have to be made before it.
        """
        key = what, version
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
            return found
        task = self._making.get(key)
        if task is None:
            self._check_room()
            task = self._making[key] = asyncio.create_task(self._make(what, make))
            task.add_done_callback(partial(self._made, key))
        return await asyncio.shield(task)

    async def call(self, make: Callable[[], Made]) -> Made:
        """What `make` answers, beside the answers that are made; nobody who waits for it holds a thread of the service.

        Raises
        ------
        Busy
            As :meth:`get`.
        """
        self._check_room()
        self._called += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._hands, make)
        finally:
            self._called -= 1

    def _check_room(self) -> None:
        if self._called + len(self._making) >= self._waiting:
            raise Busy(f"{self._waiting} answers are waiting to be made.")

    def close(self) -> None:
        """Finish what is being made."""
        self._hands.shutdown()

    def _made(self, key: tuple[str, int | str], task: asyncio.Task[CachedResponse]) -> None:
        self._making.pop(key, None)
        # Why it could not be made is told to those who still wait for it, of whom there may be none.
        _ = task.cancelled() or task.exception()

    async def _make(self, what: str, make: Make) -> CachedResponse:
        made = await asyncio.get_running_loop().run_in_executor(self._hands, make)
        key = what, made.version
        if key not in self._kept:
            self._kept[key] = made
            self._held += len(made.zipped)
        while self._held > self._most:
            _, given_up = self._kept.popitem(last=False)
            self._held -= len(given_up.zipped)
        return made


def encoded(
    held: Store | Cache, make: Callable[..., tuple[int | str, Mapping[str, Any] | bytes]], *about: Any
) -> CachedResponse:
    """The answer that `make` reads from what a process holds, encoded there: in a process beside the service, say."""
    with gc_paused():
        return CachedResponse.of(*make(held, *about))

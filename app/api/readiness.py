"""Whether the service can do its work, told in bounded time whatever the store does."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from app.errors import NotReady
from app.service.allocations import generation_of
from app.store.port import Store


class Readiness:
    """Tries the store from a thread of its own. Whoever asks while it is being tried shares the answer.

    To be used from one event loop.
    """

    def __init__(self, store: Store, seconds: float) -> None:
        self._store = store
        self._seconds = seconds
        self._hand = ThreadPoolExecutor(max_workers=1, thread_name_prefix="readiness")
        self._trial: asyncio.Future[int] | None = None

    async def generation(self) -> int:
        """The newest generation, from a store that can be used.

        Raises
        ------
        NotReady
            If the store does not answer in time.
        """
        trial = self._trial
        if trial is None or trial.done():
            trial = self._trial = asyncio.get_running_loop().run_in_executor(self._hand, self._try)
        # By the time that this one goes on, somebody else may have begun the next.
        done, _ = await asyncio.wait({trial}, timeout=self._seconds)
        if not done:
            raise NotReady(f"The store has not answered within {self._seconds:g} s.")
        return trial.result()

    def close(self) -> None:
        """Try no more."""
        self._hand.shutdown(wait=False, cancel_futures=True)

    def _try(self) -> int:
        self._store.try_writing()
        return generation_of(self._store, "all")

"""The store port: what the service asks of whatever keeps its state.

A store hands out sessions. A reading session sees one consistent picture; a writing session is alone among
writers, commits as a whole when its block ends, and leaves nothing behind when the block raises.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from app.identity.caller import Caller
from app.store.records import Versions
from app.store.sections import Allocation, Answers, Changes, Entities, Events, Generations, Jobs, Plans, Upkeep


class Session(Protocol):
    """One consistent picture of the store."""

    @property
    def generations(self) -> Generations: ...
    @property
    def entities(self) -> Entities: ...
    @property
    def changes(self) -> Changes: ...
    @property
    def plans(self) -> Plans: ...
    @property
    def jobs(self) -> Jobs: ...
    @property
    def allocation(self) -> Allocation: ...
    @property
    def events(self) -> Events: ...
    @property
    def answers(self) -> Answers: ...
    @property
    def upkeep(self) -> Upkeep: ...


class Store(Protocol):
    """Where everything is kept."""

    def reading(self) -> AbstractContextManager[Session]:
        """A session that only reads."""

    def writing(self, caller: Caller) -> AbstractContextManager[Session]:
        """A session that is alone among writers; commits at the end of its block. What it writes is the caller's, and says
        so."""

    def peek(self) -> Versions | None:
        """What is newest, as of now.

        Takes microseconds and never waits, so that an event loop may ask; None where the store cannot do that, or not
        at the moment: then ask in a session.
        """

    def try_writing(self) -> None:
        """Commit something that changes nothing, to know that it can be done; waits two seconds for others at most.

        Raises
        ------
        StoreUnusable
            If it cannot be done now.
        """

    def shrink(self, pages: int) -> int:
        """Give up to so many unused pages of the file back to the file system; answers how many are left."""

    def backup(self, what: str) -> Path | None:
        """Keep a copy of everything committed, before `what` is done (`import`, `restore`); only the newest few are kept.

        May be called in a writing session: the copy is then of what was before it. Answers where it is; None where the
        database is looked after elsewhere, which makes its own.

        Raises
        ------
        StoreFull
            If there is not enough room for it.
        """

    def close(self) -> None:
        """Let go of every connection."""

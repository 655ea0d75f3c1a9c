"""The store over SQLAlchemy Core: SQLite out of the box, any database it speaks by URL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, select, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, TimeoutError

from app.errors import StoreBusy
from app.identity.caller import Caller
from app.store.backups import before
from app.store.files import InUse, create, existing, file_of
from app.store.migrations import migrate
from app.store.records import Versions
from app.store.refusing import refusal
from app.store.signing import Signing
from app.store.sql_allocation import SqlAllocation
from app.store.sql_answers import SqlAnswers
from app.store.sql_entities import SqlChanges, SqlEntities, SqlGenerations
from app.store.sql_events import SqlEvents
from app.store.sql_plans import SqlJobs, SqlPlans
from app.store.sql_upkeep import SqlUpkeep
from app.store.tables import generation
from app.store.trial import Trial
from app.store.version_probe import VersionProbe
from app.texts import read_json
from app.trouble import Trouble

#: How long a writer waits for the one before it.
BUSY_MS = 20_000
#: How large the log beside the database stays after what it holds has been written into it.
WAL_BYTES = 16 * 2**20
#: How many events are kept where nothing else is said.
EVENTS_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class SqlSession:
    """See :class:`app.store.port.Session`: the parts over one connection in one transaction."""

    generations: SqlGenerations
    entities: SqlEntities
    changes: SqlChanges
    plans: SqlPlans
    jobs: SqlJobs
    allocation: SqlAllocation
    events: SqlEvents
    answers: SqlAnswers
    upkeep: SqlUpkeep


class SqlStore:
    """See :class:`app.store.port.Store`."""

    def __init__(self, engine: Engine, events_kept: int, in_use: InUse | None = None) -> None:
        self._engine = engine
        self._file = file_of(engine.url)
        self._in_use = in_use
        self._trial = None if self._file is None else Trial(self._file)
        self._events_kept = events_kept
        self._troubles = {False: Trouble("store.read"), True: Trouble("store.write")}
        self._version_probe = VersionProbe(engine.url) if engine.dialect.name == "sqlite" else None

    @contextmanager
    def reading(self) -> Iterator[SqlSession]:
        with self._transaction(writes=False) as connection:
            yield self._session(connection, None)

    @contextmanager
    def writing(self, caller: Caller) -> Iterator[SqlSession]:
        with self._transaction(writes=True) as connection:
            connection.execute(select(generation.c.generation).where(generation.c.part == "all").with_for_update())
            yield self._session(connection, caller)

    @contextmanager
    def _transaction(self, writes: bool) -> Iterator[Connection]:
        try:
            with self._engine.connect() as bare:
                connection = bare.execution_options(writes=writes)
                if bare.dialect.name != "sqlite":
                    connection = connection.execution_options(
                        isolation_level="READ COMMITTED" if writes else "REPEATABLE READ"
                    )
                with connection.begin():
                    yield connection
        except (DBAPIError, TimeoutError, sqlite3.Error) as error:
            refused = refusal(error)
            if refused is None:
                raise
            refused.__cause__ = error
            if not isinstance(refused, StoreBusy):
                self._troubles[writes].met(refused)
            raise refused from error
        self._troubles[writes].over()

    def peek(self) -> Versions | None:
        return None if self._version_probe is None else self._version_probe.look()

    def _session(self, connection: Connection, caller: Caller | None) -> SqlSession:
        signing = Signing(caller)
        return SqlSession(
            SqlGenerations(connection),
            SqlEntities(connection, signing),
            SqlChanges(connection, signing),
            SqlPlans(connection, signing),
            SqlJobs(connection),
            SqlAllocation(connection, signing),
            SqlEvents(connection, signing, self._events_kept),
            SqlAnswers(connection, signing),
            SqlUpkeep(connection),
        )

    def try_writing(self) -> None:
        if self._trial is not None:
            self._trial.run()
            return
        with self._transaction(writes=True) as connection:
            connection.execute(
                update(generation).where(generation.c.part == "all").values(generation=generation.c.generation)
            )

    def shrink(self, pages: int) -> int:
        if self._file is None:
            return 0
        try:
            with closing(
                sqlite3.connect(existing(self._file), uri=True, isolation_level=None, timeout=BUSY_MS / 1000)
            ) as db:
                # The driver takes one step of a statement that has no columns; a script is run to its end.
                db.executescript(f"PRAGMA incremental_vacuum({pages})")
                [(left,)] = db.execute("PRAGMA freelist_count")
                [(mode,)] = db.execute("PRAGMA auto_vacuum")
                return int(left) if mode else 0
        except sqlite3.Error as error:
            refused = refusal(error)
            if refused is None:
                raise
            raise refused from error

    def backup(self, what: str) -> Path | None:
        return None if self._file is None else before(self._file, what)

    def close(self) -> None:
        if self._version_probe is not None:
            self._version_probe.close()
        self._engine.dispose()
        if self._in_use is not None:
            self._in_use.close()
            self._in_use = None


def open_store(url: str, events_kept: int = EVENTS_KEPT, busy_ms: int | None = None, *, new: bool = True) -> SqlStore:
    """Open the store at a database URL, with its tables brought up to date; it keeps the last `events_kept` events.

    `busy_ms` is how long a writer waits for the one before it, :data:`BUSY_MS` where it is not given. Without `new` the
    store must be there, as for the processes that a service starts.

    Raises
    ------
    NewerStore
        If a newer version of Edgeplan has written it.
    StoreUnusable
        If the database does not answer as it should.
    """
    file = file_of(url)
    if file is not None and new:
        create(file)
    in_use = None if file is None else InUse(file)
    engine = _engine(url, file, BUSY_MS if busy_ms is None else busy_ms)
    try:
        migrate(engine, (lambda: None) if file is None else partial(before, file, "migration"))
        return SqlStore(engine, events_kept, in_use)
    except BaseException as error:
        engine.dispose()
        if in_use is not None:
            in_use.close()
        refused = refusal(error) if isinstance(error, DBAPIError | TimeoutError | sqlite3.Error) else None
        if refused is None:
            raise
        raise refused from error


def _engine(url: str, file: Path | None, busy_ms: int) -> Engine:
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        return create_engine(address, pool_size=8, max_overflow=40, pool_pre_ping=True, json_deserializer=read_json)
    engine = create_engine(
        address, pool_size=8, max_overflow=40, connect_args={"timeout": busy_ms / 1000}, json_deserializer=read_json
    )
    if file is not None:
        event.listen(engine, "do_connect", partial(_expect, file))
    event.listen(engine, "connect", _open_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _expect(file: Path, _dialect: Any, _record: Any, args: list[Any], given: dict[str, Any]) -> None:
    """Open the file that is there; one that has been taken away is no empty store."""
    args[:1] = [existing(file)]
    given["uri"] = True


def _open_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    """Readers beside one writer, commits that survive a power cut, and transactions begun by us alone.

    The log beside the file is cut back after each checkpoint. Nothing here may write: it would wait for a writer, who may be
    waiting for this connection.
    """
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"journal_size_limit={WAL_BYTES}",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes its turn at once, so that what it has read cannot change before it writes."""
    writes = connection.get_execution_options().get("writes", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

"""The store over SQLAlchemy Core: SQLite out of the box, any database it speaks by URL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from sqlite3 import Connection as SqliteConnection
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError, TimeoutError

from app.errors import StoreBusy
from app.store.migrations import migrate
from app.store.peephole import Peephole
from app.store.port import Marks
from app.store.sql_allocation import SqlAllocation
from app.store.sql_answers import SqlAnswers
from app.store.sql_entities import SqlChanges, SqlEntities, SqlGenerations
from app.store.sql_events import SqlEvents
from app.store.sql_plans import SqlJobs, SqlPlans
from app.store.tables import generation
from app.texts import read_json

#: How long a writer waits for the one before it.
BUSY_MS = 20_000
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


class SqlStore:
    """See :class:`app.store.port.Store`."""

    def __init__(self, engine: Engine, events_kept: int) -> None:
        self._engine = engine
        self._events_kept = events_kept
        self._peephole = Peephole(engine.url) if engine.dialect.name == "sqlite" else None

    @contextmanager
    def reading(self) -> Iterator[SqlSession]:
        with self._transaction(writes=False) as connection:
            yield self._session(connection)

    @contextmanager
    def writing(self) -> Iterator[SqlSession]:
        with self._transaction(writes=True) as connection:
            connection.execute(select(generation.c.generation).where(generation.c.part == "all").with_for_update())
            yield self._session(connection)

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
        except TimeoutError as error:
            raise StoreBusy from error
        except OperationalError as error:
            if "locked" in str(error.orig):
                raise StoreBusy from error
            raise

    def peek(self) -> Marks | None:
        return None if self._peephole is None else self._peephole.look()

    def _session(self, connection: Connection) -> SqlSession:
        return SqlSession(
            SqlGenerations(connection),
            SqlEntities(connection),
            SqlChanges(connection),
            SqlPlans(connection),
            SqlJobs(connection),
            SqlAllocation(connection),
            SqlEvents(connection, self._events_kept),
            SqlAnswers(connection),
        )

    def close(self) -> None:
        if self._peephole is not None:
            self._peephole.close()
        self._engine.dispose()


def open_store(url: str, events_kept: int = EVENTS_KEPT, busy_ms: int | None = None) -> SqlStore:
    """Open the store at a database URL, with its tables brought up to date; it keeps the last `events_kept` events.

    `busy_ms` is how long a writer waits for the one before it, :data:`BUSY_MS` where it is not given.
    """
    engine = _engine(url, BUSY_MS if busy_ms is None else busy_ms)
    migrate(engine)
    return SqlStore(engine, events_kept)


def _engine(url: str, busy_ms: int) -> Engine:
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        return create_engine(address, pool_size=8, max_overflow=40, pool_pre_ping=True, json_deserializer=read_json)
    engine = create_engine(
        address, pool_size=8, max_overflow=40, connect_args={"timeout": busy_ms / 1000}, json_deserializer=read_json
    )
    event.listen(engine, "connect", _open_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _open_sqlite(connection: SqliteConnection, _record: Any) -> None:
    """Readers beside one writer, commits that survive a power cut, and transactions begun by us alone."""
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    """A writer takes its turn at once, so that what it has read cannot change before it writes."""
    writes = connection.get_execution_options().get("writes", True)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

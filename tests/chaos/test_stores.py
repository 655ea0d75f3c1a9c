"""A store that is locked, full, or not to be written to: what cannot be done is refused, and nothing is lost."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.chaos.asking import Notes
from tests.chaos.clients import at_work
from tests.chaos.scenes import at_rest, judged, tell
from tests.chaos.services import INSIDE, ROOT, Process, running, until

#: Seconds of each part of a run, and of the locks, the longest of which outlasts the patience of the store.
SHORT, LONG = (2.0, (0.5, 2.0)), (8.0, (1.0, 5.0, 25.0))
#: Bytes that a file may have on the full disk: those of the index of SQLite's log of changes.
ROOM = 32 * 1024
LENGTHS = pytest.mark.parametrize(
    ("seconds", "locks"),
    [
        pytest.param(*SHORT, marks=pytest.mark.slow, id="short"),
        pytest.param(*LONG, marks=[pytest.mark.chaos, pytest.mark.timeout(1200)], id="long"),
    ],
)

_LOCKER = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=120)
connection.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
time.sleep(float(sys.argv[2]))
connection.execute("ROLLBACK")
"""

_WRITER = """
import sqlite3, sys
from pathlib import Path
from sqlalchemy import create_engine, text
engine, flag = create_engine(f"sqlite:///{sys.argv[1]}"), Path(sys.argv[2])
with engine.begin() as connection:
    connection.execute(text("CREATE TABLE t (a)"))
flag.touch()
try:
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO t VALUES (1)"))
except Exception as error:
    print(error.orig)
flag.unlink()
with engine.begin() as connection:
    connection.execute(text("INSERT INTO t VALUES (1)"))
    print(connection.execute(text("SELECT count(*) FROM t")).scalar())
"""


def lock(database: Path, seconds: float) -> None:
    """Another process holds the lock of writers for so long."""
    command = [sys.executable, "-c", _LOCKER, str(database), str(seconds)]
    assert subprocess.run(command, capture_output=True, text=True, check=True, timeout=300).stdout == "locked\n"


@LENGTHS
def test_a_locked_store_delays_and_loses_nothing(tmp_path: Path, seconds: float, locks: tuple[float, ...]) -> None:
    service, notes = Process(tmp_path, solves_at_once="2"), Notes()
    with running(service):
        begin = tell(service)
        with at_work(service.port, notes, 3):
            for spell in locks:
                time.sleep(seconds / 2)
                lock(tmp_path / "edgeplan.db", spell)
                assert service.get("/healthz")[0] == 200
            time.sleep(seconds / 2)
        history = at_rest(service, notes, begin)
    refused = sum(call.status == 503 for call in history.calls)
    print(f"locked for {locks} s: {len(history.calls)} requests, {refused} answered 503; {len(history.end.plans)} plans")
    judged(history, tmp_path)


@contextmanager
def full(service: Process) -> Iterator[None]:
    """No file grows beyond the index of the log of changes, which has to be there for readers."""
    service.limit_files(ROOM)
    yield
    service.limit_files(None)


@contextmanager
def read_only(service: Process) -> Iterator[None]:
    """No database takes a write."""
    flag = service.folder / "read-only"
    flag.touch()
    yield
    flag.unlink()


@LENGTHS
@pytest.mark.parametrize("trouble", [full, read_only])
def test_a_store_that_takes_nothing_refuses_and_recovers(
    tmp_path: Path, trouble: Callable[[Process], AbstractContextManager[None]], seconds: float, locks: tuple[float, ...]
) -> None:
    service, notes = Process(tmp_path, solves_at_once="2", CHAOS_READ_ONLY=str(tmp_path / "read-only")), Notes()
    with running(service):
        begin = tell(service)
        with at_work(service.port, notes, 4):
            time.sleep(seconds)
            with trouble(service):
                until(lambda: service.get("/readyz")[0] in (503, 507), "it says that it is ready, and can store nothing", 60)
                for path in ("/healthz", "/v1/network", "/v1/plans", "/v1/allocations", "/v1/map"):
                    assert service.get(path)[0] == 200, path
                assert service.ask("PATCH", "/v1/nodes/n0", {"note": trouble.__name__})[0] in (503, 507)
                time.sleep(seconds)
            service.until_ready()
            time.sleep(seconds)
        history = at_rest(service, notes, begin)
    refused = sum(call.status in (503, 507) for call in history.calls)
    print(f"{trouble.__name__}: {len(history.calls)} requests, {refused} refused; {len(history.end.plans)} plans")
    judged(history, tmp_path)


def test_the_locker_locks(tmp_path: Path) -> None:
    """What stands for another process does what it says."""
    database = tmp_path / "some.db"
    with sqlite3.connect(database) as mine:
        mine.execute("CREATE TABLE t (a)")
    with subprocess.Popen(
        [sys.executable, "-c", _LOCKER, str(database), "600"], stdout=subprocess.PIPE, text=True
    ) as locker:
        assert locker.stdout is not None
        assert locker.stdout.readline() == "locked\n"
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            sqlite3.connect(database, timeout=0.01, isolation_level=None).execute("BEGIN IMMEDIATE")
        locker.kill()


def test_the_store_takes_nothing_while_that_is_said(tmp_path: Path) -> None:
    """What the tests put into a process has its databases refuse writes, and take them again."""
    told = {"CHAOS_READ_ONLY": str(tmp_path / "flag"), "PYTHONPATH": f"{INSIDE}:{ROOT}"}
    command = [sys.executable, "-c", _WRITER, str(tmp_path / "some.db"), str(tmp_path / "flag")]
    said = subprocess.run(command, env={**os.environ, **told}, capture_output=True, text=True, check=True).stdout
    assert said == "attempt to write a readonly database\n1\n"

"""The processes beside the service: what becomes of a call when they die, hang, or are told to leave."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.errors import Exists, OutcomeUnknown, Unavailable
from app.jobs.judge_pool import JudgePool
from app.settings import Settings
from app.store.port import Store
from app.store.sql import open_store


@pytest.fixture
def judge_pool(settings: Settings) -> Iterator[JudgePool]:
    # The service has opened its store by then: a judge pool opens what is there.
    open_store(settings.store_url).close()
    judge_pool = JudgePool(settings)
    yield judge_pool
    judge_pool.close()


def pid(store: Store) -> int:
    return os.getpid()


def die(store: Store, marks: Path, times: int) -> int:
    """Die so many times, leaving a mark each time; then answer how often that was."""
    found = len(list(marks.iterdir()))
    (marks / str(found)).touch()
    if found < times:
        os.kill(os.getpid(), signal.SIGKILL)
    return found


def hang(store: Store, seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def refuse(store: Store) -> None:
    raise Exists("There is one.")


def break_(store: Store) -> None:
    raise LookupError("nothing here")


def what_cannot_travel(store: Store) -> object:
    return threading.Lock()


def test_judge_and_reader_are_processes_of_their_own(judge_pool: JudgePool) -> None:
    judge, reader = judge_pool.call(pid), judge_pool.read(pid)
    assert len({judge, reader, os.getpid()}) == 3
    assert (judge_pool.call(pid), judge_pool.write(pid), judge_pool.read(pid)) == (judge, judge, reader)


def test_errors_travel(judge_pool: JudgePool) -> None:
    judge = judge_pool.call(pid)
    with pytest.raises(Exists, match="There is one"):
        judge_pool.call(refuse)
    with pytest.raises(LookupError):
        judge_pool.write(break_)
    with pytest.raises(RuntimeError, match="cannot travel"):
        judge_pool.call(what_cannot_travel)
    assert judge_pool.call(pid) == judge


def test_a_call_that_is_lost_is_made_once_more_and_a_write_is_not(judge_pool: JudgePool, tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    assert judge_pool.call(die, marks, 1) == 1
    for mark in marks.iterdir():
        mark.unlink()
    with pytest.raises(Unavailable, match="ask again") as lost:
        judge_pool.call(die, marks, 9)
    assert lost.value.code == "unavailable"
    assert len(list(marks.iterdir())) == 2
    with pytest.raises(OutcomeUnknown, match="may have been carried out"):
        judge_pool.write(die, marks, 9)
    assert len(list(marks.iterdir())) == 3
    assert judge_pool.write(pid)


def test_who_dies_at_rest_takes_no_call_along(judge_pool: JudgePool, tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    for count in range(3):
        os.kill(judge_pool.call(pid), signal.SIGKILL)
        assert judge_pool.write(die, marks, 0) == count


def size(store: Store, data: bytes) -> int:
    return len(data)


def test_what_takes_too_long_is_ended(judge_pool: JudgePool, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    judge = judge_pool.call(pid)
    with monkeypatch.context() as impatient:
        impatient.setattr(judge_pool._judge, "_settings", settings.model_copy(update={"judge_seconds": 0.5}))
        with pytest.raises(OutcomeUnknown, match=r"longer than 0\.5 s"):
            judge_pool.write(hang, 600)
    assert judge_pool.call(pid) != judge


def test_who_takes_no_call_is_ended(judge_pool: JudgePool, monkeypatch: pytest.MonkeyPatch) -> None:
    judge = judge_pool.call(pid)
    os.kill(judge, signal.SIGSTOP)
    with monkeypatch.context() as impatient:
        impatient.setattr("app.jobs.judge_pool.COME_SECONDS", 0.5)
        with pytest.raises(Unavailable, match=r"longer than 0\.5 s"):
            judge_pool.call(size, bytes(10_000_000))
    assert judge_pool.call(size, bytes(10_000_000)) == 10_000_000
    assert judge_pool.call(pid) != judge


def test_who_waits_is_told_when_the_desk_is_closed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.jobs.judge_pool.LEAVE_SECONDS", 0.1)
    open_store(settings.store_url).close()
    judge_pool = JudgePool(settings)
    judge = judge_pool.call(pid)
    told: list[str] = []

    def ask() -> None:
        try:
            judge_pool.call(hang, 600)
        except Unavailable as error:
            told.append(error.code)

    asking = [threading.Thread(target=ask) for _ in range(3)]
    for one in asking:
        one.start()
    time.sleep(0.2)
    judge_pool.close()
    for one in asking:
        one.join(60)
    assert told == ["not_ready"] * 3
    with pytest.raises(ProcessLookupError):
        os.kill(judge, 0)

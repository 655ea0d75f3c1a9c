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
from app.jobs.desk import Desk
from app.settings import Settings
from app.store.port import Store
from app.store.sql import open_store


@pytest.fixture
def desk(settings: Settings) -> Iterator[Desk]:
    # The service has opened its store by then: a desk opens what is there.
    open_store(settings.store_url).close()
    desk = Desk(settings)
    yield desk
    desk.close()


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


def test_judge_and_reader_are_processes_of_their_own(desk: Desk) -> None:
    judge, reader = desk.call(pid), desk.read(pid)
    assert len({judge, reader, os.getpid()}) == 3
    assert (desk.call(pid), desk.write(pid), desk.read(pid)) == (judge, judge, reader)


def test_errors_travel(desk: Desk) -> None:
    judge = desk.call(pid)
    with pytest.raises(Exists, match="There is one"):
        desk.call(refuse)
    with pytest.raises(LookupError):
        desk.write(break_)
    with pytest.raises(RuntimeError, match="cannot travel"):
        desk.call(what_cannot_travel)
    assert desk.call(pid) == judge


def test_a_call_that_is_lost_is_made_once_more_and_a_write_is_not(desk: Desk, tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    assert desk.call(die, marks, 1) == 1
    for mark in marks.iterdir():
        mark.unlink()
    with pytest.raises(Unavailable, match="ask again") as lost:
        desk.call(die, marks, 9)
    assert lost.value.code == "unavailable"
    assert len(list(marks.iterdir())) == 2
    with pytest.raises(OutcomeUnknown, match="may have been carried out"):
        desk.write(die, marks, 9)
    assert len(list(marks.iterdir())) == 3
    assert desk.write(pid)


def test_who_dies_at_rest_takes_no_call_along(desk: Desk, tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()
    for count in range(3):
        os.kill(desk.call(pid), signal.SIGKILL)
        assert desk.write(die, marks, 0) == count


def size(store: Store, data: bytes) -> int:
    return len(data)


def test_what_takes_too_long_is_ended(desk: Desk, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    judge = desk.call(pid)
    with monkeypatch.context() as impatient:
        impatient.setattr(desk._judge, "_settings", settings.model_copy(update={"judge_seconds": 0.5}))
        with pytest.raises(OutcomeUnknown, match=r"longer than 0\.5 s"):
            desk.write(hang, 600)
    assert desk.call(pid) != judge


def test_who_takes_no_call_is_ended(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    judge = desk.call(pid)
    os.kill(judge, signal.SIGSTOP)
    with monkeypatch.context() as impatient:
        impatient.setattr("app.jobs.desk.COME_SECONDS", 0.5)
        with pytest.raises(Unavailable, match=r"longer than 0\.5 s"):
            desk.call(size, bytes(10_000_000))
    assert desk.call(size, bytes(10_000_000)) == 10_000_000
    assert desk.call(pid) != judge


def test_who_waits_is_told_when_the_desk_is_closed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.jobs.desk.LEAVE_SECONDS", 0.1)
    open_store(settings.store_url).close()
    desk = Desk(settings)
    judge = desk.call(pid)
    told: list[str] = []

    def ask() -> None:
        try:
            desk.call(hang, 600)
        except Unavailable as error:
            told.append(error.code)

    asking = [threading.Thread(target=ask) for _ in range(3)]
    for one in asking:
        one.start()
    time.sleep(0.2)
    desk.close()
    for one in asking:
        one.join(60)
    assert told == ["not_ready"] * 3
    with pytest.raises(ProcessLookupError):
        os.kill(judge, 0)

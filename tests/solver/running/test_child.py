"""A child hears its caller and does not outlive it, and its caller knows how it ended."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable

import pytest

from solver.running.child import ORPHANED, Caller, Child, ending

#: Longest wait for what is sure to come, in seconds.
PATIENCE = 60.0


def obeys(caller: Caller) -> None:
    stop = caller.listen()
    caller.tell("there")
    if stop.wait(PATIENCE):
        os._exit(3)


def hangs(caller: Caller) -> None:
    caller.listen()
    caller.tell("there")
    time.sleep(PATIENCE)


def begun(target: Callable[[Caller], None], how: str = "fork") -> Child:
    """A child that listens."""
    child = Child(multiprocessing.get_context(how), target, (), "child", daemon=True)
    assert child.line.recv() == "there"
    assert child.alive
    return child


@pytest.mark.parametrize("how", ["fork", "spawn"])
def test_it_hears_that_it_shall_stop(how: str) -> None:
    child = begun(obeys, how)
    assert child.resident_mib > 1
    assert child.stop()
    assert child.wait(PATIENCE)
    assert (child.alive, child.exitcode) == (False, 3)
    assert not child.stop()
    child.close()


@pytest.mark.parametrize("how", ["fork", "spawn"])
def test_it_ends_when_its_caller_is_gone(how: str) -> None:
    child = begun(hangs, how)
    child.line.close()
    assert child.wait(PATIENCE)
    assert child.exitcode == ORPHANED
    child.close()


def test_it_is_killed_whatever_it_does() -> None:
    child = begun(hangs)
    child.kill()
    assert child.wait(PATIENCE)
    assert child.exitcode == -9
    child.close()


def test_how_it_ended_is_said() -> None:
    assert [ending(code) for code in (None, -9, 3)] == [
        "ended, and nobody saw how",
        "was ended by signal 9",
        "ended with code 3",
    ]

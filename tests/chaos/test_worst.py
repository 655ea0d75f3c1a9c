"""The worst body of each route, as long as the route takes, while others ask whether the service is there."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.chaos import world
from tests.chaos.fuzz import Maker, Operation, fire
from tests.chaos.scenes import tell
from tests.chaos.services import ROOT, Process, running, until
from tests.chaos.worst import bodies, limit_of


class Poller:
    """Another process that polls `/healthz`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def told(self) -> dict[str, float]:
        """How often it was answered since it was asked last, and the longest time from one answer to the next."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        found: dict[str, float] = json.loads(self._process.stdout.readline())
        return found


@contextmanager
def polling(port: int) -> Iterator[Poller]:
    """While `/healthz` is polled by another process."""
    command = [sys.executable, "-m", "tests.chaos.poller", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        poller = Poller(process)
        until(lambda: poller.told()["answered"], "nobody polls")
        try:
            yield poller
        finally:
            assert process.stdin is not None
            process.stdin.close()


@pytest.mark.parametrize(
    ("seed", "most", "seconds"),
    [
        pytest.param(1, 256 * 1024, 15.0, marks=pytest.mark.slow, id="short"),
        pytest.param(2, None, 90.0, marks=[pytest.mark.chaos, pytest.mark.timeout(1800)], id="long"),
    ],
)
def test_the_worst_body_of_each_route_stops_nobody(tmp_path: Path, seed: int, most: int | None, seconds: float) -> None:
    """In a random order, until the time is over: each route once at least."""
    service = Process(tmp_path, run_jobs="false", max_wait_seconds="0", log_level="warning")
    most = int(os.environ.get("CHAOS_MOST", most or 0)) or None
    worst: list[tuple[float, str, int, float]] = []
    with running(service), polling(service.port) as poller:
        tell(service)
        known = {kind: list(members) for kind, members in world.entities().items()}
        known["plans"] = [service.ask("POST", "/v1/plans", world.request("w1"))[1]["id"]]
        maker = Maker(service.get("/openapi.json")[1], known, seed)
        end = time.monotonic() + seconds
        for number, (operation, name, make) in enumerate(_all(maker, random.Random(seed))):
            if time.monotonic() > end and number >= len(_taking(maker)):
                break
            shot = maker.sound(operation)
            shot.query, shot.attack = [], name
            size = limit_of(service.port, operation, shot.target())
            shot.raw = make(min(size, most or size))
            poller.told()
            began = time.monotonic()
            outcome = fire(service.port, iter([shot]), 1)
            took = time.monotonic() - began
            assert not outcome.faults, str(next(iter(outcome.faults.values())))[:2000]
            worst.append((poller.told()["longest"], f"{operation.method} {operation.path} {name}", len(shot.raw), took))
            assert service.alive
        memory = psutil.Process(service.pids("service")[0]).memory_info().rss >> 20
    worst.sort(reverse=True)
    print(f"{len(worst)} bodies of {len(_taking(maker))} routes; the service holds {memory} MiB after them")
    for longest, what, size, took in worst[:8]:
        print(f"/healthz waited {longest:.2f} s at most beside {what}: {size:,} bytes, answered after {took:.2f} s")


def _taking(maker: Maker) -> list[Operation]:
    """The operations that take a body."""
    return [operation for operation in maker.operations if operation.schema is not None]


def _all(maker: Maker, dice: random.Random) -> Iterator[tuple[Operation, str, Callable[[int], bytes]]]:
    """Each worst body of each operation: first one of each, then the others, shuffled."""
    first, others = [], []
    for operation in _taking(maker):
        made = [(operation, name, make) for name, make in bodies(maker, operation)]
        dice.shuffle(made)
        first.append(made[0])
        others += made[1:]
    dice.shuffle(others)
    yield from (*first, *others)

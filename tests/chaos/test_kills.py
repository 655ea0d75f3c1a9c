"""Whatever is killed, and whenever: nothing is lost, nothing doubled, nothing over capacity."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.chaos.asking import Asker, Notes
from tests.chaos.checker.plans import no_plan_ends_with_less_than_it_showed, plans_end
from tests.chaos.history import KINDS, Body
from tests.chaos.killing import besiege
from tests.chaos.scenes import at_rest, judged
from tests.chaos.services import ROOT, Process, running, until


@pytest.mark.parametrize(
    ("seed", "kills", "pause"),
    [
        pytest.param(1, 8, (0.3, 1.0), marks=[pytest.mark.slow, pytest.mark.timeout(900)], id="short"),
        pytest.param(2, 100, (0.3, 1.2), marks=[pytest.mark.chaos, pytest.mark.timeout(1800)], id="long"),
    ],
)
def test_kills_at_random_moments_lose_nothing(tmp_path: Path, seed: int, kills: int, pause: tuple[float, float]) -> None:
    siege = besiege(tmp_path, seed, kills, pause)
    print(siege.told())
    judged(siege.history, tmp_path)
    assert siege.stopped == (0, 0)


@pytest.mark.parametrize(
    ("seed", "plans"),
    [
        pytest.param(1, 1, marks=[pytest.mark.slow, pytest.mark.timeout(900)], id="short"),
        pytest.param(2, 5, marks=[pytest.mark.chaos, pytest.mark.timeout(1800)], id="long"),
    ],
)
def test_a_solve_that_is_killed_leaves_what_it_has_shown(tmp_path: Path, seed: int, plans: int) -> None:
    """The reference request takes all the time that it is given. Each attempt at it is killed some time after it has shown
    a plan, as by the kernel when memory runs out, until no other is made."""
    service, notes, dice, kills = Process(tmp_path), Notes(), random.Random(seed), 0
    with running(service):
        for name in ("catalogue", "network", "policies"):
            assert service.ask("PUT", f"/v1/{name}", _reference(name))[0] == 200
        asked = _reference("request")
        body = {"workloads": asked["workloads"], "terms": asked["terms"], "limits": {"seconds": 600}}
        with closing(Asker("planner", service.port, notes)) as planner:
            for _ in range(plans):
                op = planner.op()
                made = planner.ask("POST", "/v1/plans", {**body, "name": op}, op=op, key=op)
                kills += _kill_each_attempt(service, planner, f"/v1/plans/{made.answer['id']}", dice)
        history = at_rest(service, notes, 0)
    history.entities = {kind: {} for kind in KINDS}
    found = [*no_plan_ends_with_less_than_it_showed(history), *plans_end(history)]
    print(f"{kills} solves killed that had shown a plan, of {plans} plans; {len(found)} faults")
    assert not found, "\n".join(map(str, found))


def _reference(name: str) -> Body:
    body: Body = json.loads((ROOT / "data" / "reference" / f"{name}.json").read_text())
    return body


def _kill_each_attempt(service: Process, planner: Asker, path: str, dice: random.Random) -> int:
    """Kill the solve of a plan some time after it has shown something, again and again until the plan has ended."""
    killed: set[int] = set()

    def shown() -> str | None:
        plan = planner.see(path).answer
        if plan["finished_at"] is not None:
            return "ended"
        return "shown" if plan["status"] == "running" and plan["best"] and set(service.pids("solve")) - killed else None

    while until(shown, f"{path} shows nothing") != "ended":
        time.sleep(dice.uniform(0, 3))
        planner.see(path)
        for pid in set(service.pids("solve")) - killed:
            killed.add(pid)
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
    return len(killed)

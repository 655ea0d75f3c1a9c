"""Deadlines: access, transfer, transport, service and waiting at the 99th percentile within the workload's time."""

from __future__ import annotations

from dataclasses import replace

from solver.facts.problem import Problem
from solver.facts.workloads import Workload
from solver.rules.violation import Violation
from tests.solver.rules.judged import ROBOT_CORE, broken
from tests.world import LINK, ROBOT, world

#: A request every thousand seconds: none waits for another, and half a service time is what the formula grants.
RARE = replace(ROBOT, devices=1, rate_mhz=1)
#: Access, 46,000 bytes up and 2,800 down at 10 Gbit/s, a millisecond there and one back, 28 ms of service, 14 ms of waiting.
NEED_US = 400 + 37 + 3 + 2_000 + 28_000 + 14_000


def _due(deadline_us: int, workload: Workload = RARE) -> Problem:
    return world(workloads=(replace(workload, deadline_us=deadline_us),))


def test_refused_by_a_microsecond_and_allowed_without_it() -> None:
    assert broken(_due(NEED_US), ROBOT_CORE) == []
    why = f"robot on core answers in {NEED_US} us at p99; its deadline is {NEED_US - 1} us"
    refused = Violation("deadline", "robot", 0, "core", NEED_US, NEED_US - 1, "us", why)
    assert broken(_due(NEED_US - 1), ROBOT_CORE) == [refused]


def test_waiting_counts_and_falls_with_the_servers() -> None:
    needs = [broken(_due(1, ROBOT), (*ROBOT_CORE[:4], servers))[0].needed for servers in (1, 2, 4)]
    assert needs[0] > max(needs[1], NEED_US)
    assert needs[1] > needs[2] > NEED_US - 14_000
    assert broken(_due(needs[0], ROBOT), ROBOT_CORE) == []


def test_the_way_back_counts() -> None:
    longer = world(links=(replace(LINK, latency_back_us=1_500),), workloads=(replace(RARE, deadline_us=NEED_US),))
    (refused,) = broken(longer, ROBOT_CORE)
    assert (refused.needed, refused.available) == (NEED_US + 500, NEED_US)

"""Capacity of nodes: cards and their parts, vCPUs, memory and power. Two robots take 2 cards, 8 vCPUs, 32 GiB and 144 W."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from solver.facts.network import Pool
from solver.judging.verify import verify
from solver.rules.violation import Violation
from tests.plans import plan_of
from tests.solver.rules.judged import CAMERA_CORE, ROBOT_EDGE, broken
from tests.world import CORE, EDGE, ROBOT, ROBOT_RUNS, world

CARDS = "card_milli"


@pytest.mark.parametrize(
    ("edge", "needed", "available", "unit", "sentence"),
    [
        ({"pools": (Pool("l4", 1),)}, 2_000, 1_000, CARDS, "edge/l4 (accelerators) has 1 card; 2 cards"),
        ({"vcpu": 7}, 8_000, 7_000, "vcpu_milli", "edge (vcpu) has 7 vCPU; 8 vCPU"),
        ({"memory_mib": 32_767}, 32_768, 32_767, "mib", "edge (memory) has 32,767 MiB; 32,768 MiB"),
        ({"power_w": 143}, 144, 143, "w", "edge (power) has 143 W; 144 W"),
    ],
)
def test_refused(edge: dict[str, Any], needed: int, available: int, unit: str, sentence: str) -> None:
    problem = world(nodes=(replace(EDGE, **edge), CORE))
    refused = Violation("node_capacity", None, None, None, needed, available, unit, f"{sentence} would be used")
    assert broken(problem, ROBOT_EDGE) == [refused]


def test_allowed_to_the_last_card_vcpu_mebibyte_and_watt() -> None:
    exact = replace(EDGE, pools=(Pool("l4", 2),), vcpu=8, memory_mib=32_768, power_w=144)
    assert broken(world(nodes=(exact, CORE)), ROBOT_EDGE) == []


@pytest.mark.parametrize(("servers", "refused"), [(4, []), (5, [(1_250, 1_000)])])
def test_parts_of_a_card_are_summed(servers: int, refused: list[tuple[int, int]]) -> None:
    problem = world(nodes=(EDGE, replace(CORE, pools=(Pool("h100", 1),))))
    found = broken(problem, (*CAMERA_CORE[:4], servers))
    assert [(one.needed, one.available) for one in found] == refused


def test_an_overfull_node_may_stay_so_but_not_get_worse() -> None:
    nodes = (replace(EDGE, pools=(Pool("l4", 1, 900_000),)), CORE)
    robots = (replace(ROBOT, current=(ROBOT_RUNS,)), replace(ROBOT, id="twin"))
    problem = world(nodes=nodes, workloads=robots)
    verdict = verify(problem, plan_of(problem, ROBOT_EDGE))
    assert verdict.ok
    assert [(one.rule, one.workload) for one in verdict.disturbed] == [("node_capacity", "robot")]
    (worse,) = broken(problem, ROBOT_EDGE, ("twin", 0, "edge", "policy/l4", 2))
    assert (worse.rule, worse.needed, worse.available) == ("node_capacity", 4_000, 2_000)
    assert "edge/l4 (accelerators) has 1 card and 2 cards are used already" in worse.sentence

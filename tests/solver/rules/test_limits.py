"""Each limit by hand: a placement it allows, one that it refuses, by how much, and in which words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from solver.facts.placement import Placement
from solver.facts.problem import (
    Certification,
    Commitment,
    Domain,
    KeyCustody,
    NodeState,
    Pin,
    Policy,
    Pool,
    Problem,
    ShareCap,
    ShareOf,
    Terms,
    Tier,
)
from solver.judging.verify import verify
from tests.plans import plan_of
from tests.world import CAMERA, CONTROL, CORE, EDGE, FIVE_G, L4, LINK, PROFILES, ROBOT, ROBOT_RUNS, WIRE, world

ROBOT_CORE = ("robot", 0, "core", "policy/h100", 1)
ROBOT_EDGE = ("robot", 0, "edge", "policy/l4", 2)
CAMERA_EDGE = ("camera", 0, "edge", "detect/l4", 2)
US = frozenset({"US"})
KR = frozenset({"KR"})


def _ruled(**asks: Any) -> tuple[Policy, ...]:
    return (Policy("open"), Policy("domestic", **asks))


def test_the_tiny_world_has_a_legal_plan() -> None:
    assert verify(world(), plan_of(world(), ROBOT_CORE, CAMERA_EDGE, ("control", 0, "edge", "control/cpu", 2))).ok


CASES = {
    "deadline": (world(workloads=(replace(ROBOT, deadline_us=30_000),)), ROBOT_CORE, None, 30_000, "deadline is 30000 us"),
    "pin to device": (world(workloads=(replace(ROBOT, pin=Pin.DEVICE),)), ROBOT_CORE, 1, 0, "pinned to its device"),
    "pin to site": (world(workloads=(replace(ROBOT, pin=Pin.SITE),)), ROBOT_CORE, 1, 0, "pinned to site plant"),
    "tier": (world(workloads=(replace(ROBOT, tiers=frozenset({Tier.MEC})),)), ROBOT_CORE, 1, 0, "core is of tier core"),
    "accelerator of another model": (world(), ("robot", 0, "edge", "detect/l4", 1), 1, 0, "serves detect, not policy"),
    "accelerator that is not there": (world(), ("robot", 0, "edge", "policy/h100", 1), 1, 0, "edge has no h100"),
    "accelerator too small": (
        world(profiles=(*PROFILES[:2], replace(PROFILES[2], memory_mib=30_000), *PROFILES[3:])),
        ROBOT_EDGE, 30_000, 24_576, "needs 30000 MiB",
    ),
    "accelerator that cannot be cut": (
        world(profiles=(*PROFILES[:2], replace(PROFILES[2], slice_permille=500), *PROFILES[3:])),
        ROBOT_EDGE, 2, 1, "l4 can be cut into 1",
    ),
    "node_state": (world(nodes=(EDGE, replace(CORE, state=NodeState.DRAINING))), ROBOT_CORE, 1, 0, "core is draining"),
    "scope of what stays": (
        world(workloads=(replace(ROBOT, stays=True, current=(Placement("robot", 0, "edge"),)),)),
        ROBOT_CORE, 1, 0, "stays on",
    ),
    "scope of what is not asked about": (
        world(workloads=(replace(ROBOT, free=frozenset(), current=(ROBOT_RUNS,)),)), ROBOT_CORE, 1, 0, "runs on edge",
    ),
    "scope of what does not run": (world(workloads=(replace(ROBOT, free=frozenset()),)), ROBOT_CORE, 1, 0, "runs nowhere"),
    "commitment": (
        world(nodes=(EDGE, replace(CORE, commitment=Commitment.MOU, available_from=date(2026, 1, 1)))),
        ROBOT_CORE, None, 0, "core is mou",
    ),
    "commitment without a date": (
        world(nodes=(EDGE, replace(CORE, commitment=Commitment.ANNOUNCED)),
              terms=Terms(date(2028, 1, 1), Commitment.ANNOUNCED)),
        ROBOT_CORE, 1, 0, "has no date",
    ),
    "commitment too late": (
        world(nodes=(EDGE, replace(CORE, available_from=date(2026, 12, 2)))), ROBOT_CORE, 10, 0, "from 2026-12-02",
    ),
    "residency": (
        world(nodes=(EDGE, replace(CORE, backup_countries=US)), policies=_ruled(countries=KR)),
        ROBOT_CORE, 1, 0, "core keeps data in US",
    ),
    "residency unknown": (
        world(nodes=(EDGE, replace(CORE, backup_countries=None)), policies=_ruled(countries=KR)),
        ROBOT_CORE, 1, 0, "is unknown",
    ),
    "control by owners": (
        world(nodes=(EDGE, replace(CORE, owner_country="US")), policies=_ruled(owner_countries=KR)),
        ROBOT_CORE, 1, 0, "owner of core is of US",
    ),
    "control by equity": (
        world(nodes=(EDGE, replace(CORE, foreign_equity_permille={"US": 290, "JP": 20})),
              policies=_ruled(max_foreign_equity_permille=300)),
        ROBOT_CORE, 310, 300, "foreigners own 310 permille",
    ),
    "control by law": (
        world(nodes=(EDGE, replace(CORE, control_jurisdictions=KR | US)), policies=_ruled(control_jurisdictions=KR)),
        ROBOT_CORE, 1, 0, "compel access of core are of US",
    ),
    "control of keys": (
        world(nodes=(EDGE, replace(CORE, key_custody=KeyCustody.PROVIDER)),
              policies=_ruled(key_custody=KeyCustody.CUSTOMER)),
        ROBOT_CORE, 1, 0, "held by provider",
    ),
    "certification": (
        world(nodes=(EDGE, replace(CORE, certifications=(Certification("CSAP-M", date(2026, 11, 21)),))),
              policies=_ruled(certifications=frozenset({"CSAP-M"}))),
        ROBOT_CORE, 1, 0, "only expired ones (CSAP-M)",
    ),
    "transit": (world(links=(replace(LINK, jurisdictions=KR | US),)), ROBOT_CORE, 1, 0, "through US"),
    "node_capacity of accelerators": (
        world(nodes=(replace(EDGE, pools=(Pool("l4", 1),)), CORE)), ROBOT_EDGE, 2_000, 1_000, "1 card; 2 cards would",
    ),
    "node_capacity of vcpu": (world(nodes=(replace(EDGE, vcpu=4), CORE)), ROBOT_EDGE, 8_000, 4_000, "4 vCPU; 8 vCPU"),
    "node_capacity of memory": (world(nodes=(replace(EDGE, memory_mib=20_000), CORE)), ROBOT_EDGE, 32_768, 20_000, "MiB"),
    "node_capacity of power": (world(nodes=(replace(EDGE, power_w=100), CORE)), ROBOT_EDGE, 144, 100, "has 100 W; 144 W"),
    # 6 cameras of 6,400 kbit/s, 12 streams to a cell of 80,000: half a cell.
    "access_capacity": (
        world(accesses=(WIRE, replace(FIVE_G, cells=0)), workloads=(replace(CAMERA, payload_down_bytes=0),)),
        CAMERA_EDGE, 500, 0, "(uplink) has 0 cells; 0.5 cells would",
    ),
    # 2 robots of 1,840 kbit/s each.
    "link_capacity": (world(links=(replace(LINK, capacity_kbps=3_000),)), ROBOT_CORE, 3_680, 3_000, "edge-core>core"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_refused(case: str) -> None:
    problem, row, needed, available, words = CASES[case]
    (violation,) = verify(problem, plan_of(problem, row)).violations
    assert violation.rule == case.split(" ")[0]
    assert words in violation.sentence
    assert violation.available == available
    if needed is not None:
        assert violation.needed == needed


def _two(**over: Any) -> Problem:
    robots = (replace(ROBOT, **over), replace(ROBOT, id="twin", **over))
    return world(workloads=robots, nodes=(replace(EDGE, pools=(Pool("l4", 8),)), CORE))


def test_anti_affinity_holds_over_the_domain_that_it_names() -> None:
    for over, together in ((Domain.NODE, False), (Domain.METRO, True), (Domain.POWER, False)):
        problem = _two(spread_group="g", spread_over=over)
        problem = replace(problem, network=replace(problem.network, nodes=(problem.nodes[0], replace(CORE, metro="busan"))))
        verdict = verify(problem, plan_of(problem, ROBOT_EDGE, ("twin", 0, "core", "policy/h100", 1)))
        assert [violation.rule for violation in verdict.violations] == ["anti_affinity"] * together


def test_share_cap_counts_devices_of_the_whole_request() -> None:
    for permille, refused in ((500, False), (499, True)):
        problem = replace(_two(), terms=Terms(date(2026, 11, 22), share_caps=(ShareCap(ShareOf.VENDOR, permille),)))
        verdict = verify(problem, plan_of(problem, ROBOT_EDGE))
        assert bool(verdict.violations) == refused
        if refused:
            assert (verdict.violations[0].needed, verdict.violations[0].available) == (2, 1)
    assert L4.vendor == "NVIDIA"


@pytest.mark.parametrize("state", [NodeState.DRAINING, NodeState.FAILED])
def test_what_runs_may_keep_a_place_that_nothing_new_gets(state: NodeState) -> None:
    problem = world(nodes=(replace(EDGE, state=state), CORE), workloads=(replace(ROBOT, current=(ROBOT_RUNS,)),))
    verdict = verify(problem, plan_of(problem, ROBOT_EDGE))
    assert verdict.ok
    assert [broken.rule for broken in verdict.disturbed] == ["node_state"]
    price = ROBOT.value_krw_month // (2 if state is NodeState.DRAINING else 1)
    assert verdict.cost_by_goal["disturbed"] == price
    resized = verify(problem, plan_of(problem, ("robot", 0, "edge", "policy/l4", 1)))
    assert "node_state" in [broken.rule for broken in resized.violations]


def test_what_runs_is_not_ended_unless_it_may_be() -> None:
    for may_end in (False, True):
        problem = world(workloads=(replace(ROBOT, current=(ROBOT_RUNS,), may_end=may_end),))
        broken = verify(problem, plan_of(problem)).violations
        assert [violation.rule for violation in broken] == [] if may_end else ["scope"]


def test_a_limit_that_is_broken_already_may_stay_so_but_not_get_worse() -> None:
    nodes = (replace(EDGE, pools=(Pool("l4", 1, 900_000),)), CORE)
    robots = (replace(ROBOT, current=(ROBOT_RUNS,)), replace(ROBOT, id="twin"))
    problem = world(nodes=nodes, workloads=robots)
    verdict = verify(problem, plan_of(problem, ROBOT_EDGE))
    assert verdict.ok
    assert [(broken.rule, broken.workload) for broken in verdict.disturbed] == [("node_capacity", "robot")]
    worse = verify(problem, plan_of(problem, ROBOT_EDGE, ("twin", 0, "edge", "policy/l4", 2)))
    (broken,) = worse.violations
    assert (broken.rule, broken.needed, broken.available) == ("node_capacity", 4_000, 2_000)
    assert "edge/l4 (accelerators) has 1 card and 2 cards are used already" in broken.sentence


def test_costs_by_goal_are_those_of_a_pencil() -> None:
    problem = world(workloads=(replace(ROBOT, current=(ROBOT_RUNS,), move_cost_krw=7_000), CAMERA, CONTROL))
    verdict = verify(problem, plan_of(problem, ROBOT_CORE))
    assert verdict.cost_by_goal == {
        "unplaced": 50_000_000 + 30_000_000,
        # One H100 at 3,000,000, 4 vCPUs at 12,000, 16 GiB at 3,000.
        "accelerators": 3_000_000 + 48_000 + 48_000,
        # 700 W x 1.2 x 730 h x 180 won / 1000.
        "energy": 110_376,
        # (1,840 + 112) kbit/s x 2 devices x 400,000 won a Gbit/s = 1,561.6, rounded up.
        "transport": 1_562,
        "moves": 7_000,
        "disturbed": 0,
    }
    assert verdict.unplaced == ((1, 0), (2, 0))

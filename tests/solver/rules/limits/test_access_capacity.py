"""Cells of an access: a cell carries a whole number of streams, and the stream of one device stays within one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from solver import Limits, place
from solver.facts.network import Access
from solver.facts.problem import Problem
from solver.judging.verify import verify
from solver.rules.violation import Violation
from tests.plans import plan_of
from tests.solver.rules.judged import CAMERA_CORE, ROBOT_CORE, broken
from tests.world import CAMERA, FIVE_G, ROBOT, WIRE, world

CELLS = "cell_milli"


def _cameras(access: Access, devices: int) -> Problem:
    """Cameras that send 6,400 kbit/s each, and nothing comes back."""
    camera = replace(CAMERA, devices=devices, payload_down_bytes=0, deadline_us=10**7)
    return world(accesses=(WIRE, access), workloads=(camera,))


@pytest.mark.parametrize(
    ("access", "devices", "needed", "available", "sentence"),
    [
        # Twelve streams to a cell of 80,000 kbit/s.
        (FIVE_G, 49, 4_084, 4_000, "plant-5g (uplink) has 4 cells; 4.084 cells would be used"),
        (replace(FIVE_G, cells=0), 6, 500, 0, "plant-5g (uplink) has 0 cells; 0.5 cells would be used"),
        (replace(FIVE_G, uplink_kbps=12_799), 5, 5_000, 4_000, "plant-5g (uplink) has 4 cells; 5 cells would be used"),
    ],
    ids=["one too many", "no cell", "no second stream in a cell"],
)
def test_refused(access: Access, devices: int, needed: int, available: int, sentence: str) -> None:
    refused = Violation("access_capacity", None, None, None, needed, available, CELLS, sentence)
    assert broken(_cameras(access, devices), (*CAMERA_CORE[:4], 4)) == [refused]


@pytest.mark.parametrize(
    ("access", "devices"), [(FIVE_G, 48), (replace(FIVE_G, uplink_kbps=12_800), 8), (replace(FIVE_G, uplink_kbps=6_400), 4)]
)
def test_allowed_to_the_last_stream(access: Access, devices: int) -> None:
    assert broken(_cameras(access, devices), (*CAMERA_CORE[:4], 4)) == []


def test_what_comes_back_has_cells_of_its_own() -> None:
    """A robot sends 1,840 kbit/s and receives 112."""
    robot = replace(ROBOT, deadline_us=10**7)
    for down, refused in ((112, []), (111, [CELLS, "kbps"])):
        problem = world(accesses=(replace(WIRE, downlink_kbps=down, cells=2), FIVE_G), workloads=(robot,))
        found = broken(problem, ROBOT_CORE)
        assert sorted(one.unit for one in found) == refused
        assert all("downlink" in one.sentence for one in found)


def test_a_stream_is_not_split_over_cells() -> None:
    narrow = replace(FIVE_G, uplink_kbps=6_399)
    whole, one = broken(_cameras(narrow, 1), CAMERA_CORE)
    # It counts as more than the access has: its cells, and two for the stream.
    assert (whole.needed, whole.available, whole.unit) == (6_000, 4_000, CELLS)
    why = "a device of camera needs 6400 kbit/s of uplink; a cell of plant-5g carries 6399"
    assert one == Violation("access_capacity", "camera", 0, "core", 6_400, 6_399, "kbps", why)


@pytest.mark.parametrize("devices", [1, 6])
def test_a_stream_too_large_for_a_cell_may_stay_where_it_runs_and_not_be_placed_anew(devices: int) -> None:
    narrow = replace(FIVE_G, uplink_kbps=1_000)
    camera = replace(CAMERA, devices=devices, deadline_us=10**7)
    here = world(workloads=(camera,))
    (one,) = here.placements(plan_of(here, CAMERA_CORE))
    runs = replace(camera, current=(one,))
    beside = replace(camera, id="small", devices=1, payload_up_bytes=100)
    problem = world(accesses=(WIRE, narrow), workloads=(runs, beside))
    stays = problem.plan_of([one])
    assert verify(problem, stays).ok
    moved = plan_of(problem, ("camera", 0, "core", "detect/h100q", 3))
    assert {broken.rule for broken in verify(problem, moved).violations} == {"access_capacity"}
    result = place(problem, Limits(seconds=5, workers=1))
    assert result.verdict.ok
    assert result.cost == verify(problem, stays).cost

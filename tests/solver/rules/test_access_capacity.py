"""Cells of an access: the stream of one device stays within one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from solver import Limits, place
from solver.judging.verify import verify
from tests.plans import plan_of
from tests.world import CAMERA, FIVE_G, WIRE, world

PLACE = ("camera", 0, "core", "detect/h100q", 2)


@pytest.mark.parametrize("devices", [1, 6])
def test_a_stream_too_large_for_a_cell_may_stay_where_it_runs_and_not_be_placed_anew(devices: int) -> None:
    narrow = replace(FIVE_G, uplink_kbps=1_000)
    camera = replace(CAMERA, devices=devices, deadline_us=10**7)
    here = world(workloads=(camera,))
    (one,) = here.placements(plan_of(here, PLACE))
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

"""Baselines on networks: every one is legal, goes where it says, and is no cheaper than ours."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from data.generate import generate
from solver.engines import Limits
from solver.facts.network import Commitment, Tier
from solver.facts.problem import Problem
from solver.judging.verify import verify
from solver.packing import Placement
from solver.packing.check import check
from solver.place import Result, place
from solver.space.compiling import space_of
from solver.space.options import Space
from tests.bench import bare
from tests.bench.baselines import BASELINES, DATA_CENTRES
from tests.bench.offer import Offer, accelerators_in_use, load_offer, offer_of, plan_for, second_chance
from tests.bench.problems import load_problem
from tests.world import CAMERA, CORE, EDGE, PROFILES, ROBOT, world


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generated network of 30 nodes and 60 workloads."""
    made = tmp_path_factory.mktemp("generated")
    generate(30, 60, 1, made)
    return made


@pytest.fixture(scope="module")
def problem(folder: Path) -> Problem:
    return load_problem(folder)


@pytest.fixture(scope="module")
def offered(problem: Problem) -> tuple[Space, Offer]:
    return offer_of(problem, 1, 5.0)


@pytest.fixture(scope="module")
def answer(problem: Problem) -> Result:
    # Time enough even where the kernels are compiled for the first time on a busy machine: no race is run here.
    return place(problem, Limits(seconds=25.0, workers=1))


@pytest.fixture(scope="module")
def exact(offered: tuple[Space, Offer]) -> bare.BareAnswer:
    return bare.solve_bare(offered[1].packing, 10.0, 1, 0)


def unplaced(offer: Offer, placement: Placement) -> int:
    return len(offer.queue) - int(placement.count.sum())


@pytest.mark.parametrize("name", BASELINES)
def test_a_baseline_is_legal_and_no_cheaper_than_ours(
    name: str, problem: Problem, offered: tuple[Space, Offer], answer: Result
) -> None:
    space, offer = offered
    placement = BASELINES[name](problem, offer)
    cost, faults = check(offer.packing, placement.item, placement.option, placement.count)
    assert not faults
    assert placement.count.sum() > 0
    judged = verify(problem, plan_for(space, offer.listed, placement))
    assert judged.ok
    assert (judged.cost, len(judged.unplaced)) == (cost, unplaced(offer, placement))
    assert answer.bound <= answer.cost <= cost


def test_bare_cp_sat_is_legal_and_agrees_with_our_bound(
    problem: Problem, offered: tuple[Space, Offer], answer: Result, exact: bare.BareAnswer
) -> None:
    space, offer = offered
    cost, faults = check(offer.packing, exact.placement.item, exact.placement.option, exact.placement.count)
    assert not faults
    assert exact.bound <= cost
    assert exact.series[-1][1] == cost
    assert verify(problem, plan_for(space, offer.listed, exact.placement)).cost == cost
    # Both bounds speak of the same options, so neither may pass the other's plan.
    assert exact.bound <= answer.cost
    assert answer.bound <= cost


def test_an_offer_survives_its_file(offered: tuple[Space, Offer], tmp_path: Path) -> None:
    offered[1].save(tmp_path / "offer.npz")
    again = load_offer(tmp_path / "offer.npz")
    assert np.array_equal(again.packing.option_cost, offered[1].packing.option_cost)
    assert np.array_equal(again.queue, offered[1].queue)
    assert np.array_equal(again.route_us, offered[1].route_us)


def test_the_queue_follows_the_request() -> None:
    workloads = (ROBOT, CAMERA, replace(ROBOT, id="robot-2"))
    space, offer = offer_of(world(workloads=workloads), 1, 1.0)
    # The first and the third are alike, hence one item.
    assert offer.queue.tolist() == [0, 1, 0]
    assert len(space.items) == 2


def nodes_taken(problem: Problem, name: str) -> list[str]:
    """Ids of the nodes that a baseline uses, in the order of the request."""
    space, offer = offer_of(problem, 1, 1.0)
    placement = BASELINES[name](problem, offer)
    plan = plan_for(space, offer.listed, placement)
    order = np.lexsort((plan.shard, plan.workload))
    return [problem.nodes[n].id for n in plan.node[order].tolist()]


def test_each_way_of_placing_goes_where_it_says() -> None:
    detect = world(workloads=(CAMERA,))
    assert nodes_taken(detect, "nearest") == ["core"]
    assert nodes_taken(detect, "nearest+edge") == ["edge"]
    assert nodes_taken(detect, "first-fit") == ["edge"]
    assert nodes_taken(replace_nodes(detect, (CORE, EDGE)), "first-fit") == ["core"]
    # In the core L4 cards cost less than at the edge.
    assert nodes_taken(detect, "cheapest") == ["core"]
    # The larger node has the larger share left.
    assert nodes_taken(detect, "filter-and-score") == ["core"]


def replace_nodes(problem: Problem, nodes: tuple[Any, ...]) -> Problem:
    return replace(problem, network=replace(problem.network, nodes=nodes))


def test_the_nearest_data_centre_must_operate() -> None:
    building = replace(CORE, commitment=Commitment.UNDER_CONSTRUCTION, available_from=world().terms.horizon)
    terms = replace(world().terms, lowest_commitment=Commitment.UNDER_CONSTRUCTION)
    problem = world(nodes=(EDGE, building), workloads=(CAMERA,), terms=terms)
    assert Tier.MEC not in DATA_CENTRES
    assert nodes_taken(problem, "nearest") == []
    assert nodes_taken(problem, "nearest+edge") == ["edge"]


def test_a_full_node_sends_the_next_shard_on() -> None:
    only_l4 = tuple(profile for profile in PROFILES if profile.id == "policy/l4")
    fleet = tuple(replace(ROBOT, id=f"robot-{n}") for n in range(4))
    problem = world(workloads=fleet, profiles=only_l4)
    # Each takes two cards, and the edge has two.
    assert sorted(nodes_taken(problem, "first-fit")) == ["core", "core", "core", "edge"]


def test_what_a_partial_list_left_out_finds_room_elsewhere(problem: Problem, offered: tuple[Space, Offer]) -> None:
    space, offer = offered
    whole = BASELINES["cheapest"](problem, offer)
    half = Placement(*(column[::2] for column in (whole.item, whole.option, whole.count)))
    listed, placement = second_chance(space, offer, half)
    cost, faults = check(listed.packing, placement.item, placement.option, placement.count)
    assert not faults
    assert placement.count.sum() > half.count.sum()
    judged = verify(problem, plan_for(space, listed, placement))
    assert judged.ok
    assert judged.cost == cost


def test_accelerators_in_use_are_counted_in_cards() -> None:
    only_l4 = tuple(profile for profile in PROFILES if profile.id == "policy/l4")
    problem = world(workloads=(ROBOT,), profiles=only_l4)
    space, offer = offer_of(problem, 1, 1.0)
    plan = plan_for(space, offer.listed, BASELINES["first-fit"](problem, offer))
    # 2 L4 at the edge, 16 L4 and 4 H100 in the core.
    assert accelerators_in_use(problem, offer, plan) == plan.servers.sum() / 22


def test_the_space_of_a_problem_is_the_same_on_every_reading(problem: Problem, offered: tuple[Space, Offer]) -> None:
    # Rows are run apart: an offer listed in one process is read against a space made in another.
    again = space_of(problem)
    assert np.array_equal(again.hosts.node, offered[0].hosts.node)
    assert np.array_equal(again.items.member_workload, offered[0].items.member_workload)

"""What one solve leaves to the next is carried over by ids, and nothing of it is believed."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest

from solver import Limits, SolveParams, place
from solver.facts.problem import Problem
from solver.params import DEFAULTS, ColumnParams
from solver.rules.account import Account
from solver.space.compiling import space_of
from solver.space.tables import servers_needed
from solver.space.warm_start import WarmStart, carry_over
from tests.solver.random_problems import random_problem

WORK = Limits(seconds=120, workers=1, seed=3, work=2)


#: Both ways of listing options: the whole space, and a part of it.
LISTINGS = [
    pytest.param(DEFAULTS, id="whole"),
    pytest.param(SolveParams(columns=ColumnParams(list_all=0, first=1)), id="lazy"),
]


def shrunk(problem: Problem) -> Problem:
    """The problem in another order, without its first workload and with the first node closed."""
    network = replace(problem.network, nodes=(replace(problem.nodes[0], pools=()), *problem.nodes[1:][::-1]))
    return replace(problem, network=network, workloads=problem.workloads[1:][::-1])


def remembered(problem: Problem, params: SolveParams) -> WarmStart:
    """What a solve of a problem leaves, written and read again."""
    memory = place(problem, WORK, params=params).memory
    assert memory is not None
    return WarmStart.from_bytes(memory.to_bytes())


@pytest.mark.parametrize("seed", range(4))
def test_what_is_written_is_read_again(seed: int) -> None:
    memory = place(random_problem(seed), WORK).memory
    assert memory is not None
    again = WarmStart.from_bytes(memory.to_bytes())
    for name in ("workloads", "nodes", "profiles", "accounts"):
        assert getattr(again, name) == getattr(memory, name)
    for name in ("placed", "columns", "price"):
        assert np.array_equal(getattr(again, name), getattr(memory, name))


def test_what_was_written_before_accounts_were_structured_is_read() -> None:
    """Accounts were then named by (rule, key, resource)."""
    memory = WarmStart(
        ("w",), ("a/b",), ("p",), np.zeros((4, 1), np.int64), np.zeros((3, 1), np.int64),
        (
            Account("node_capacity", "accelerators", "card_milli", (("node", "a/b"), ("accelerator", "l4"))),
            Account("anti_affinity", "metro", "shards", (("group", "A in B"), ("metro", "busan"))),
        ),
        np.array([1.5, 2.5]),
    )  # fmt: skip
    with np.load(io.BytesIO(memory.to_bytes())) as archive:
        arrays = {name: archive[name] for name in archive.files if name != "accounts"}
    former = [
        ("node_capacity", "a/b/l4", "accelerators"), ("anti_affinity", "A in B in metro busan", "metro area"),
    ]  # fmt: skip
    raw = io.BytesIO()
    np.savez_compressed(raw, allow_pickle=False, rows=np.array(former, np.str_), **arrays)
    again = WarmStart.from_bytes(raw.getvalue())
    assert again.accounts == memory.accounts
    assert again.price.tolist() == [1.5, 2.5]


EMPTY = WarmStart((), (), (), np.zeros((4, 0), np.int64), np.zeros((3, 0), np.int64), (), np.zeros(0))


@pytest.mark.parametrize("raw", [b"", b"not an archive", EMPTY.to_bytes()[:-40]])
def test_other_bytes_are_no_memory(raw: bytes) -> None:
    with pytest.raises(ValueError, match="not what a solve remembers"):
        WarmStart.from_bytes(raw)


@pytest.mark.parametrize("seed", range(30))
def test_servers_are_worked_out_as_a_scan_does(seed: int) -> None:
    space = space_of(random_problem(seed))
    found = space.scan(space.price_tables(), space.at_most)
    pairs = np.array([(k, h) for k in range(len(space.items)) for h in range(space.places)], np.int64).reshape(-1, 2)
    servers = servers_needed(space.tables, pairs[:, 0], pairs[:, 1])
    scanned = zip(found.item.tolist(), found.host.tolist(), found.servers.tolist(), strict=True)
    assert {(k, h, s) for (k, h), s in zip(pairs.tolist(), servers.tolist(), strict=True) if s} == set(scanned)


@pytest.mark.parametrize("params", LISTINGS)
@pytest.mark.parametrize("seed", range(8))
def test_a_solve_of_the_same_starts_where_the_last_one_ended(seed: int, params: SolveParams) -> None:
    problem = random_problem(seed)
    first = place(problem, WORK, params=params)
    assert first.memory is not None
    carried = carry_over(space_of(problem), first.memory)
    assert len(carried.plan.item) == len(first.plan)
    assert set(zip(carried.plan.item.tolist(), carried.plan.host.tolist(), strict=True)) <= set(
        zip(carried.item.tolist(), carried.host.tolist(), strict=True)
    )
    steps: list[int] = []
    again = place(problem, WORK, before=first.memory, params=params, on_progress=lambda step: steps.append(step.cost))
    assert again.verdict.ok
    assert steps[:1] <= [first.cost]
    assert again.cost <= first.cost


@pytest.mark.parametrize("params", LISTINGS)
@pytest.mark.parametrize("seed", range(8))
def test_a_changed_problem_is_solved_from_what_is_left(seed: int, params: SolveParams) -> None:
    problem = random_problem(seed)
    changed = shrunk(problem)
    memory = remembered(problem, params)
    carried = carry_over(space_of(changed), memory)
    gone = {problem.workloads[0].id}
    kept = {memory.workloads[w] for w in memory.placed[0].tolist()} - gone
    space = space_of(changed)
    assert {changed.workloads[space.items.workload[k]].id for k in carried.plan.item.tolist()} <= kept
    result = place(changed, WORK, before=memory, params=params)
    assert result.verdict.ok
    assert result.bound <= result.cost


@pytest.mark.parametrize("params", LISTINGS)
@pytest.mark.parametrize("seed", [1, 4])
def test_the_same_seed_and_work_make_the_same_plan(seed: int, params: SolveParams) -> None:
    problem = random_problem(seed)
    first, second = place(problem, WORK, params=params), place(problem, WORK, params=params)
    for name in ("workload", "shard", "node", "profile", "servers", "route_link"):
        assert np.array_equal(getattr(first.plan, name), getattr(second.plan, name))
    assert (first.cost, first.bound) == (second.cost, second.bound)

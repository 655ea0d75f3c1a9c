"""Every rule says its meaning twice; here a machine compares. Nobody edits this file to add a rule.

Over all plans of small random problems: what the packing holds feasible is exactly what no check objects to, at the
same cost; and what the space of options leaves out is refused by some check, whatever the number of servers.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from math import prod
from random import Random

import numpy as np
import pytest

from solver.facts.network import NodeState
from solver.facts.plan import Ints, Plan
from solver.facts.problem import Problem
from solver.facts.routes import arcs_of, routes
from solver.facts.workloads import Workload
from solver.judging.verify import verify
from solver.packing.check import check as check_packing
from solver.place import standing_cost, written_out
from solver.rules import SINGLE
from solver.space.compiling import space_of
from solver.space.construct import PlacedCopies
from solver.space.options import Listed, Space
from tests.solver.exhaustive import plan_from
from tests.solver.extra import name_extra_rules
from tests.solver.random_problems import random_problem

#: Plans of a problem that are compared in every run, and in a long one.
_FEW, _MANY = 60, 400

some_plans = pytest.mark.parametrize("most", [_FEW, pytest.param(_MANY, marks=pytest.mark.long)])


def _all(space: Space) -> Listed:
    return space.expand(space.scan(space.price_tables(), space.at_most))


@some_plans
@pytest.mark.parametrize("seed", range(120))
def test_packing_and_checks_agree_on_every_plan(seed: int, most: int) -> None:
    _agree(random_problem(seed), most)


@some_plans
@pytest.mark.parametrize("seed", range(60))
def test_they_agree_on_changes_of_what_runs(seed: int, most: int) -> None:
    _agree(_tightened(_running(random_problem(seed))), most)


@some_plans
@pytest.mark.parametrize("seed", [*range(30), *(pytest.param(seed, marks=pytest.mark.long) for seed in range(30, 60))])
def test_they_agree_where_several_rules_return_factors_of_one_kind(
    seed: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    name_extra_rules(monkeypatch)
    _agree(random_problem(seed), most)
    _agree(_tightened(_running(random_problem(seed))), most)


def _agree(problem: Problem, most: int) -> None:
    """Compare the two faces of all rules over so many plans of a problem, or all if there are fewer."""
    space = space_of(problem)
    listed = _all(space)
    standing = standing_cost(space)
    for taken in _plans(space, listed, most):
        cost, faults = check_packing(listed.packing, *_columns(listed, taken))
        plan, claimed = written_out(space, _copies(listed, taken))
        verdict = verify(problem, plan)
        assert verdict.ok == (not faults), (taken, verdict.violations, faults)
        # Parts of cards are cut once the options are chosen; what is kept may have to give way to another, at a price.
        assert claimed >= cost
        assert verdict.cost == claimed + standing, (taken, verdict.cost_by_goal)


def _plans(space: Space, listed: Listed, most: int) -> list[list[int]]:
    """What may be taken, as options of the list: all plans, or `most` of them drawn at random, the same each time.

    The empty one is always there.
    """
    copies = [item for item, count in enumerate(space.items.count.tolist()) for _ in range(count)]
    choices = [[None, *np.flatnonzero(listed.item == item).tolist()] for item in copies]
    total = prod(map(len, choices))
    numbers = range(total) if total <= most else [0, *Random(total).sample(range(1, total), most - 1)]
    return [_plan(choices, number) for number in numbers]


def _plan(choices: list[list[int | None]], number: int) -> list[int]:
    """A plan by its number among all: the digits, to as many bases, say what becomes of each copy."""
    taken = []
    for ways in choices:
        number, digit = divmod(number, len(ways))
        if (one := ways[digit]) is not None:
            taken.append(one)
    return taken


def _columns(listed: Listed, taken: list[int]) -> tuple[Ints, Ints, Ints]:
    """The items, the options and how often each is taken, as the check of the packing reads them."""
    option, count = np.unique(np.array(taken, np.int64), return_counts=True)
    return listed.item[option], option, count


def _copies(listed: Listed, taken: list[int]) -> PlacedCopies:
    option = np.array(taken, np.int64)
    return PlacedCopies(listed.item[option], listed.host[option], listed.servers[option])


def _running(problem: Problem) -> Problem:
    """The problem with its fullest legal plan in force, of those looked at; everything may be ended."""
    space = space_of(problem)
    listed = _all(space)
    fullest_first = sorted(_plans(space, listed, _MANY), key=len, reverse=True)
    # Which may be legal is asked of the packing first, since the verifier takes ten times as long.
    feasible = (taken for taken in fullest_first if not check_packing(listed.packing, *_columns(listed, taken))[1])
    plans = (written_out(space, _copies(listed, taken))[0] for taken in feasible)
    fullest = next(plan for plan in plans if verify(problem, plan).ok)
    here = {(one.workload, one.shard): one for one in problem.placements(fullest)}
    workloads = tuple(
        replace(w, current=tuple(here.get((w.id, shard)) for shard in range(w.shards)), may_end=True)
        for w in problem.workloads
    )
    return replace(problem, workloads=workloads)


def _tightened(problem: Problem) -> Problem:
    """The problem with an access that what runs overfills, if it sends anything, and one node that drains."""
    first, *others = problem.network.accesses
    draining, *rest = problem.nodes
    network = replace(
        problem.network, accesses=(replace(first, cells=0), *others),
        nodes=(replace(draining, state=NodeState.DRAINING), *rest),
    )  # fmt: skip
    return replace(problem, network=network)


@pytest.mark.parametrize("seed", range(120))
def test_checks_refuse_every_option_that_is_not_listed(seed: int) -> None:
    problem = random_problem(seed)
    # What runs may stay as it is, whatever its placement breaks by itself.
    assert not len(problem.in_force)
    plan = _not_listed(problem)
    refused = _refused_by_themselves(problem, plan)
    for row in set(range(len(plan))) - refused:
        alone = plan.rows(np.array([row]))
        assert not verify(problem, alone).ok, next(problem.placements(alone))
    # That many are asked about at once changes nothing: of one at least it is tried.
    for row in sorted(refused)[::50]:
        assert not verify(problem, plan.rows(np.array([row]))).ok


def _not_listed(problem: Problem) -> Plan:
    """All that the space of options leaves out, as rows, with several numbers of servers and over every way there."""
    space = space_of(problem)
    listed = _all(space)
    legal = set(zip(listed.item.tolist(), listed.host.tolist(), strict=True))
    hosts, rows = space.hosts, []
    for item, workload in enumerate(space.items.like):
        model = hosts.models.index(workload.model)
        member = int(space.items.member_ptr[item])
        w, shard = int(space.items.member_workload[member]), int(space.items.member_shard[member])
        for host in range(hosts.model_ptr[model], hosts.model_ptr[model + 1]):
            if (item, host) not in legal:
                node, profile = int(hosts.node[host]), int(hosts.profile[host])
                ways = _ways(problem, workload, node)
                rows += [(w, shard, node, profile, servers, way) for servers in (1, 2, 3, 7) for way in ways]
    return plan_from(rows)


def _refused_by_themselves(problem: Problem, plan: Plan) -> set[int]:
    """Rows of which a rule on single placements says no: many at a time, of one shard on one node only one."""
    batches: dict[int, dict[tuple[str, int, str], int]] = defaultdict(dict)
    seen: Counter[tuple[str, int, str]] = Counter()
    for row, one in enumerate(problem.placements(plan)):
        key = one.workload, one.shard, one.node
        batches[seen[key]][key] = row
        seen[key] += 1
    refused = set()
    for row_of in batches.values():
        together = plan.rows(np.array(list(row_of.values())))
        broken = (one for rule in SINGLE for one in rule.check(problem, together))
        refused |= {row_of[one.workload or "", one.shard or 0, one.node or ""] for one in broken}
    return refused


def _ways(problem: Problem, workload: Workload, node: int) -> list[tuple[int, ...]]:
    """The fastest way to `node` that the policy allows, which is the one an option takes; without one, any way there."""
    entry = problem.node_index[problem.access_of(workload).node]
    allowed = problem.policy_by_id[workload.policy].transit
    masks = [[allowed is None or link.jurisdictions <= allowed for link in problem.links]]
    masks += [[country not in link.jurisdictions for link in problem.links] for country in ("KR", "US")]
    masks += [[True] * len(problem.links)]
    table = routes(arcs_of(problem), np.full(4, entry), np.arange(4), np.array(masks, bool).reshape(4, -1))
    rows = [row for row in range(4) if node == entry or table.arc[row, node] >= 0]
    return [tuple(arc % len(problem.links) for arc in table.path(row, node)) for row in ([0] if 0 in rows else rows)]

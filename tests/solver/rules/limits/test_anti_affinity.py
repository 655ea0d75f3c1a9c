"""Spread groups by hand: which domains are one, and that both faces call accounts the same."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest

from solver.facts.network import Domain
from solver.facts.problem import Problem
from solver.rules.account import Account
from solver.rules.factors import PairRows
from solver.rules.items import Items, hosts_of, items_of
from solver.rules.limits import anti_affinity
from solver.rules.violation import Violation
from tests.plans import plan_of
from tests.solver.rules.judged import FIELDS, ROBOT_EDGE, TWIN_CORE, broken, some, twins
from tests.world import CORE, EDGE, ROBOT, world


def _rows(problem: Problem, items: Items) -> list[tuple[list[Account], list[int]]]:
    factors = anti_affinity.compile(problem, items, hosts_of(problem, items_of(problem)))
    rows = [f.rows for f in factors if isinstance(f, PairRows)]
    return [([one.named(r) for r in range(len(one.subjects))], one.capacity.tolist()) for one in rows]


@pytest.mark.parametrize("over", FIELDS)
@pytest.mark.parametrize("spelt", ["Feed-A", "feed-a", " feed-a ", "FEED-A\u00a0", "Ｆeed-A"])
def test_a_domain_is_one_however_it_is_spelt(over: Domain, spelt: str) -> None:
    problem = twins(replace(EDGE, **{FIELDS[over]: "feed-A"}), replace(CORE, **{FIELDS[over]: spelt}), over)
    word = {Domain.SITE: "place", Domain.METRO: "metro area", Domain.POWER: "power domain"}[over]
    why = f"g in {over} feed-a ({word}) has 1 shard; 2 shards would be used"
    assert broken(problem, ROBOT_EDGE, TWIN_CORE) == [Violation("anti_affinity", None, None, None, 2, 1, "shards", why)]


@pytest.mark.parametrize(("over", "refused"), [(Domain.NODE, []), (Domain.METRO, ["anti_affinity"]), (Domain.POWER, [])])
def test_shards_share_the_kind_of_domain_that_their_group_names_or_none(over: Domain, refused: list[str]) -> None:
    """Two nodes in one metro area, on two power feeds."""
    problem = twins(EDGE, replace(CORE, metro="busan"), over)
    assert [one.rule for one in broken(problem, ROBOT_EDGE, TWIN_CORE)] == refused


def test_a_place_named_like_another_node_is_another_domain() -> None:
    problem = twins(replace(EDGE, place="core"), replace(CORE, place="p-core"), Domain.SITE)
    assert broken(problem, ROBOT_EDGE, TWIN_CORE) == []
    nodes = (replace(EDGE, place="core"), CORE)
    robot = replace(ROBOT, spread_group="g", spread_over=Domain.SITE)
    both = world(nodes=nodes, workloads=(robot, replace(ROBOT, id="twin", spread_group="g", spread_over=Domain.NODE)))
    assert broken(both, ROBOT_EDGE, TWIN_CORE) == []


@pytest.mark.parametrize("over", Domain)
def test_both_faces_call_an_account_the_same(over: Domain) -> None:
    problem = twins(replace(EDGE, power_domain="Feed A", metro=" Busan"), replace(CORE, place="P-Core"), over)
    (ledger,) = anti_affinity.ledgers(problem, plan_of(problem, ROBOT_EDGE, TWIN_CORE))
    ((accounts, capacity),) = _rows(problem, items_of(problem))
    assert {ledger.named(a) for a in range(len(ledger.subjects))} <= set(accounts)
    assert set(capacity) == {1}


def test_rows_are_those_of_the_problem_whatever_the_items() -> None:
    workloads = (
        replace(ROBOT, id="a", spread_group="second", spread_over=Domain.POWER),
        replace(ROBOT, id="b"),
        replace(ROBOT, id="c", spread_group="first", devices=5, shard_devices=2),
        replace(ROBOT, id="d", spread_group="first", spread_over=Domain.POWER),
    )
    problem = world(workloads=workloads, nodes=(EDGE, replace(CORE, power_domain="")))
    items = items_of(problem)
    every = _rows(problem, items)
    assert [[(one.resource, dict(one.subject)) for one in accounts] for accounts, _ in every] == [
        [("site", {"group": "first", "site": "p-edge"}), ("site", {"group": "first", "site": "p-core"})],
        [
            ("power_domain", {"group": "second", "power_domain": "grid-1"}),
            ("power_domain", {"group": "first", "power_domain": "grid-1"}),
        ],
    ]
    for size in range(len(items)):
        for which in combinations(range(len(items)), size):
            assert _rows(problem, some(items, list(which))) == every

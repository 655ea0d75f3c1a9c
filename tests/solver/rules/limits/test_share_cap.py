"""Share caps by hand: whose devices count, each once, and under which cap."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import combinations

import pytest

from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.facts.terms import ShareCap, ShareOf, Terms
from solver.facts.workloads import Workload
from solver.rules.account import Subject
from solver.rules.factors import PairRows
from solver.rules.items import Items, hosts_of, items_of
from solver.rules.limits import share_cap
from solver.rules.violation import Violation
from tests.plans import plan_of
from tests.solver.rules.judged import ROBOT_EDGE, TWIN_CORE, broken, some
from tests.world import CONTROL, CORE, EDGE, ROBOT, world

EIGHT = replace(ROBOT, id="eight", devices=8)
OTHER = replace(ROBOT, id="other", devices=12, asked=False)
HANBIT: Subject = (("owner", "Hanbit"),)
MIRAE: Subject = (("owner", "Mirae"),)
NVIDIA: Subject = (("vendor", "NVIDIA"),)


def _world(caps: tuple[ShareCap, ...], *workloads: Workload) -> Problem:
    """Two nodes of two owners."""
    nodes = (EDGE, replace(CORE, owner="Mirae"))
    return world(nodes=nodes, workloads=workloads, terms=Terms(date(2026, 11, 22), share_caps=caps))


def _used(problem: Problem, plan: Plan) -> dict[tuple[str, Subject], tuple[int, int]]:
    """(used, capacity) by resource and subject."""
    return {
        (ledger.resource, ledger.subjects[a]): (int(used), int(ledger.capacity[a]))
        for ledger in share_cap.ledgers(problem, plan)
        for a, used in enumerate(ledger.used())
    }


def _rows(problem: Problem, items: Items) -> list[tuple[str, list[Subject], list[int]]]:
    factors = share_cap.compile(problem, items, hosts_of(problem, items_of(problem)))
    return [(f.rows.resource, list(f.rows.subjects), f.rows.capacity.tolist()) for f in factors if isinstance(f, PairRows)]


@pytest.mark.parametrize(
    ("cap", "party", "used", "most"),
    [
        (ShareCap(ShareOf.OWNER, 499), "owner Hanbit", 2, 1),
        (ShareCap(ShareOf.OPERATOR, 999), "operator Hanbit", 4, 3),
        (ShareCap(ShareOf.VENDOR, 0, "NVIDIA"), "vendor NVIDIA", 4, 0),
    ],
)
def test_refused(cap: ShareCap, party: str, used: int, most: int) -> None:
    """Four devices, two on each node; both nodes are run by one operator on cards of one vendor."""
    problem = _world((cap,), ROBOT, replace(ROBOT, id="twin"))
    spelt = f"{most} device{'' if most == 1 else 's'}"
    why = f"{party} (share of {cap.of}s) has {spelt}; {used} devices would be used"
    refused = Violation("share_cap", None, None, None, used, most, "devices", why)
    assert refused in broken(problem, ROBOT_EDGE, TWIN_CORE)


@pytest.mark.parametrize(
    "cap", [ShareCap(ShareOf.OWNER, 500), ShareCap(ShareOf.VENDOR, 1000), ShareCap(ShareOf.OWNER, 0, "x")]
)
def test_allowed_up_to_the_whole_share(cap: ShareCap) -> None:
    assert broken(_world((cap,), ROBOT, replace(ROBOT, id="twin")), ROBOT_EDGE, TWIN_CORE) == []


def test_what_is_not_placed_counts_in_the_whole() -> None:
    problem = _world((ShareCap(ShareOf.VENDOR, 500),), ROBOT, replace(ROBOT, id="twin"))
    assert broken(problem, ROBOT_EDGE) == []
    problem = _world((ShareCap(ShareOf.VENDOR, 500),), ROBOT)
    assert [(one.needed, one.available) for one in broken(problem, ROBOT_EDGE)] == [(2, 1)]


def test_each_device_counts_once_where_shards_differ_in_size() -> None:
    """Ten devices in shards of at most four are 4, 3 and 3 of them."""
    cut = replace(ROBOT, devices=10, shard_devices=4)
    problem = _world((ShareCap(ShareOf.OWNER, 1000),), cut)
    rows = [("robot", shard, "edge", "policy/l4", 2) for shard in range(3)]
    assert _used(problem, plan_of(problem, *rows)) == {("share", HANBIT): (10, 10)}
    assert _used(problem, plan_of(problem, *rows[1:])) == {("share", HANBIT): (6, 10)}
    items = items_of(problem)
    ((_, _, capacity),) = _rows(problem, items)
    assert capacity == [10, 10]
    (factor,) = share_cap.compile(problem, items, hosts_of(problem, items_of(problem)))
    assert isinstance(factor, PairRows)
    assert int((factor.amount * items.count).sum()) == 10


@pytest.mark.parametrize(("standing", "total", "used"), [(False, 8, 8), (True, 20, 20)])
def test_a_cap_counts_the_request_and_a_standing_one_all(standing: bool, total: int, used: int) -> None:
    cap = ShareCap(ShareOf.OWNER, 500, standing=standing)
    problem = _world((cap,), EIGHT, OTHER)
    plan = plan_of(problem, ("eight", 0, "edge", "policy/l4", 2), ("other", 0, "edge", "policy/l4", 2))
    resource = "standing_share" if standing else "share"
    assert _used(problem, plan) == {(resource, HANBIT): (used, total // 2)}
    (violation,) = share_cap.check(problem, plan)
    assert (violation.needed, violation.available) == (used, total // 2)
    items = items_of(problem)
    (factor,) = share_cap.compile(problem, items, hosts_of(problem, items_of(problem)))
    assert isinstance(factor, PairRows)
    assert factor.rows.capacity.tolist() == [total // 2, total // 2]
    counted = {items.like[k].id: base >= 0 for k, base in enumerate(factor.base.tolist())}
    assert counted == {"eight": True, "other": standing}


def test_the_tightest_cap_of_a_kind_counts_and_kinds_are_apart() -> None:
    caps = (
        ShareCap(ShareOf.OWNER, 750),
        ShareCap(ShareOf.OWNER, 250, "Hanbit"),
        ShareCap(ShareOf.OWNER, 500, "Hanbit"),
        ShareCap(ShareOf.OWNER, 900, standing=True),
        ShareCap(ShareOf.VENDOR, 600, "NVIDIA"),
    )
    problem = _world(caps, EIGHT, OTHER)
    rows = _rows(problem, items_of(problem))
    assert rows == [
        ("share", [HANBIT, MIRAE], [2, 6]),
        ("standing_share", [HANBIT, MIRAE], [18, 18]),
        ("share", [NVIDIA], [4]),
    ]
    plan = plan_of(problem, ("eight", 0, "edge", "policy/l4", 2), ("other", 0, "core", "policy/h100", 2))
    capacity = {(resource, subject): have for resource, of, each in rows for subject, have in zip(of, each, strict=True)}
    used = _used(problem, plan)
    assert used == {
        ("share", HANBIT): (8, 2),
        ("standing_share", HANBIT): (8, 18),
        ("standing_share", MIRAE): (12, 18),
        ("share", NVIDIA): (8, 4),
    }
    assert all(capacity[key] == have for key, (_, have) in used.items())


@pytest.mark.parametrize("spelt", ["hanbit", " Hanbit ", "HANBIT", "Ｈanbit"])
@pytest.mark.parametrize("name", [None, "HanBit "])
def test_a_party_is_one_however_it_is_spelt(spelt: str, name: str | None) -> None:
    nodes = (EDGE, replace(CORE, owner=spelt))
    terms = Terms(date(2026, 11, 22), share_caps=(ShareCap(ShareOf.OWNER, 600, name),))
    problem = world(nodes=nodes, workloads=(EIGHT, replace(OTHER, asked=True)), terms=terms)
    plan = plan_of(problem, ("other", 0, "core", "policy/h100", 2), ("eight", 0, "edge", "policy/l4", 2))
    assert _used(problem, plan) == {("share", HANBIT): (20, 12)}
    assert _rows(problem, items_of(problem)) == [("share", [HANBIT], [12])]


def test_rows_are_those_of_the_problem_whatever_the_items() -> None:
    caps = (
        ShareCap(ShareOf.OPERATOR, 100),
        ShareCap(ShareOf.VENDOR, 500, standing=True),
        ShareCap(ShareOf.OWNER, 300, "Mirae"),
    )
    problem = _world(caps, EIGHT, OTHER, CONTROL)
    items = items_of(problem)
    every = _rows(problem, items)
    assert [subjects for _, subjects, _ in every] == [[MIRAE], [(("operator", "Hanbit"),)], [NVIDIA]]
    for size in range(len(items)):
        for which in combinations(range(len(items)), size):
            assert _rows(problem, some(items, list(which))) == every


def test_caps_are_looked_up_by_party(monkeypatch: pytest.MonkeyPatch) -> None:
    """What many caps cost grows with their number, not with that times the parties."""
    folds: list[str] = []
    real = share_cap.folded
    monkeypatch.setattr(share_cap, "folded", lambda name: (folds.append(name), real(name))[1])
    caps = tuple(ShareCap(ShareOf.OWNER, permille, name) for permille in range(1, 101) for name in ("MIRAE", "nobody"))
    problem = _world((*caps, ShareCap(ShareOf.OWNER, 700)), EIGHT)
    assert [(subjects, limits) for _, subjects, limits in _rows(problem, items_of(problem))] == [
        ([HANBIT, MIRAE], [8 * 700 // 1000, 8 * 1 // 1000])
    ]
    assert folds.count("MIRAE") == folds.count("nobody") == 100

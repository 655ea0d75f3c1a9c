"""Plans that harm nobody: small cases by kind, each with the answer that a person would give."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from solver import Limits, Result, place, verify
from solver.facts.catalogue import Accelerator, Catalogue, Profile
from solver.facts.network import Access, Link, Network, Node, NodeState, Pool, Site, Tier
from solver.facts.placement import Placement, Slot
from solver.facts.problem import Problem
from solver.facts.terms import ShareCap, ShareOf, Terms, Weights
from solver.facts.workloads import Policy, Workload

LIMITS = Limits(seconds=60, workers=1)
KR = frozenset({"KR"})
PRICE = 1_000
PROFILES = (
    Profile("whole", "m", "card", "rt", ((1, 10_000),)),
    *(Profile(f"s{part}", f"m{part}", "card", "rt", ((1, 10_000),), slice_permille=part) for part in (500, 250, 125)),
)


def node(name: str, cards: int, **more: object) -> Node:
    """A node with so many cards, at one won for each thousandth of one."""
    fields: dict[str, object] = {"pools": (Pool("card", cards, PRICE),), "vcpu": 999, "memory_mib": 10**6, "power_w": 10**6}
    return Node(name, Tier.MEC, "KR", f"owner of {name}", "KR", **{**fields, **more})  # type: ignore[arg-type]


def asks(name: str, value: int = 1_000_000, model: str = "m", **more: object) -> Workload:
    """A workload that one server serves."""
    return Workload(name, "wire", model, 1, 1_000, 8, 8, 1_000_000, "open", value, **more)  # type: ignore[arg-type]


def runs(workload: Workload, where: str, *cards: Slot, profile: str = "whole", route: tuple[str, ...] = ()) -> Workload:
    """The workload as it runs on a node."""
    here = Placement(workload.id, 0, where, profile, 1, cards, route, 1)
    return replace(workload, current=(here,))


def bystander(workload: Workload) -> Workload:
    """The workload as one that the request is not about."""
    return replace(workload, free=frozenset(), asked=False)


def problem(
    nodes: tuple[Node, ...], *workloads: Workload, links: tuple[Link, ...] | None = None, policy: Policy | None = None,
    **terms: object,
) -> Problem:  # fmt: skip
    """Nodes that hang on the first one, which is where traffic enters."""
    spokes = tuple(Link(f"to {n.id}", nodes[0].id, n.id, 100, 10**6, KR) for n in nodes[1:])
    return Problem(
        Network(nodes, spokes if links is None else links, (Site("site"),),
                (Access("wire", "site", nodes[0].id, "wired", 0, 0, 10**9, 10**9),)),
        Catalogue((Accelerator("card", "maker", "KR", 80_000, 300, 8),), PROFILES), (policy or Policy("open"),), workloads,
        Terms(date(2026, 12, 1), **terms),  # type: ignore[arg-type]
    )  # fmt: skip


def solved(one: Problem) -> tuple[Result, dict[str, str]]:
    """The proven answer, and the node of each placed workload."""
    result = place(one, LIMITS)
    assert result.verdict.ok
    assert result.status == "optimal"
    return result, {placement.workload: placement.node for placement in one.placements(result.plan)}


OLD = asks("old", value=500_000)
NEW = asks("new", value=1_000_000)


def test_a_newcomer_worth_more_ends_nobody() -> None:
    old = runs(OLD, "n", Slot(0, 0))
    for stays in (bystander(old), old):
        result, where = solved(problem((node("n", 1),), stays, NEW))
        assert where == {"old": "n"}
        assert result.cost == NEW.value_month + PRICE
    _, where = solved(problem((node("n", 1),), replace(old, may_end=True), NEW))
    assert where == {"new": "n"}


def test_what_no_longer_fits_runs_on_and_gets_no_worse() -> None:
    """A pool was reduced under two that run: both run on, and nobody joins them."""
    both = [runs(asks(name), "n", Slot(card, 0)) for card, name in enumerate(("a", "b"))]
    result, where = solved(problem((node("n", 1),), *map(bystander, both), NEW))
    assert where == {"a": "n", "b": "n"}
    assert [(broken.rule, broken.workload) for broken in result.verdict.disturbed] == [("node_capacity", "b")]
    # Asked about, the one that has no room any more moves where there is some, and the other stays.
    _, where = solved(problem((node("n", 1), node("far", 1)), *both))
    assert where == {"a": "n", "b": "far"}


def test_a_drained_node_keeps_what_has_no_other_place() -> None:
    nodes = (node("n", 1, state=NodeState.DRAINING), node("far", 1))
    a, b = runs(asks("a"), "n", Slot(0, 0)), runs(asks("b"), "far", Slot(0, 0), route=("to far",))
    result, where = solved(problem(nodes, a, b))
    assert where == {"a": "n", "b": "far"}
    assert [broken.workload for broken in result.verdict.disturbed] == ["a"]
    assert result.verdict.cost_by_goal["disturbed"] == 500_000
    _, where = solved(problem((nodes[0], node("far", 2)), a, b))
    assert where == {"a": "far", "b": "far"}


def test_what_a_policy_forbids_moves_if_it_can_and_is_told_first() -> None:
    nodes = (node("n", 1, backup_countries=frozenset({"US"})), node("far", 1, backup_countries=KR))
    forbids, late = Policy("open", countries=KR), replace(asks("late"), deadline_us=1)
    a = runs(asks("a"), "n", Slot(0, 0))
    held = bystander(runs(late, "far", Slot(0, 0), route=("to far",)))
    result, where = solved(problem(nodes, a, held, policy=forbids))
    assert where == {"a": "n", "late": "far"}
    assert [broken.rule for broken in result.verdict.disturbed] == ["residency", "deadline"]
    _, where = solved(problem(nodes, a, policy=forbids))
    assert where == {"a": "far"}


def test_equal_plans_do_not_shuffle() -> None:
    """19 alike run as 7, 7, 2, 3 and 0; rooms become 7, 6, 3, 2 and 5: two have to move, and two do."""
    held, room = (7, 7, 2, 3, 0), (7, 6, 3, 2, 5)
    nodes = tuple(node(f"n{i}", cards) for i, cards in enumerate(room))
    workloads = [
        runs(asks(f"w{i}-{card}"), f"n{i}", Slot(card, 0), route=(f"to n{i}",) if i else ())
        for i, count in enumerate(held)
        for card in range(count)
    ]
    one = problem(nodes, *workloads)
    result, _ = solved(one)
    assert int(one.moved(result.plan).sum()) == 2


@pytest.mark.parametrize("seed", range(5))
def test_shards_that_are_alike_keep_their_places(seed: int) -> None:
    fleet = replace(asks("fleet", value=6_000_000), devices=6, shard_devices=1)
    where = ("n0", "n1", "n1", "n2", "n2", "n2")
    current = tuple(
        Placement("fleet", shard, n, "whole", 1, (Slot(where[:shard].count(n), 0),), (f"to {n}",) if n != "n0" else (), 1)
        for shard, n in enumerate(where)
    )
    one = problem(tuple(node(f"n{i}", 4) for i in range(3)), replace(fleet, current=current, move_cost=0))
    result = place(one, replace(LIMITS, seed=seed))
    assert not one.moved(result.plan).any()


def test_moving_costs_a_won_even_where_it_is_said_to_cost_nothing() -> None:
    cheap, dear = node("far", 1), node("n", 1, pools=(Pool("card", 1, PRICE + 1),))
    old = replace(runs(OLD, "n", Slot(0, 0)), move_cost=0)
    for weights in (Weights(), Weights(moves=0)):
        _, where = solved(problem((dear, cheap), old, weights=weights))
        assert where == {"old": "n"}
    dearer = node("n", 1, pools=(Pool("card", 1, PRICE + 2),))
    result, where = solved(problem((dearer, cheap), old))
    assert where == {"old": "far"}
    assert result.verdict.cost_by_goal["moves"] == 1


def test_a_whole_card_is_not_made_of_two_halves() -> None:
    """Two cards have one half in use each: a whole one has no place, until somebody may be cut anew."""
    halves = [runs(asks(name, model="m500"), "n", Slot(card, 0), profile="s500") for card, name in enumerate(("b", "d"))]
    _, where = solved(problem((node("n", 2),), *map(bystander, halves), NEW))
    assert where == {"b": "n", "d": "n"}
    one = problem((node("n", 2),), *halves, NEW)
    result = place(one, LIMITS)
    assert result.verdict.ok
    assert len(result.plan) == 3
    assert int(one.moved(result.plan).sum()) == 1
    assert result.verdict.cost_by_goal["moves"] == 50_000
    slots = Counter(slot for placement in one.placements(result.plan) for slot in placement.cards)
    assert len(slots) == 3


@pytest.mark.parametrize("parts", [(500, 250, 250, 1000), (125,) * 8 + (1000,), (250, 125, 125, 500, 500, 500)])
def test_slices_fill_cards_to_the_last_part(parts: tuple[int, ...]) -> None:
    one = problem((node("n", 2),), *(asks(f"w{i}", model="m" if p == 1000 else f"m{p}") for i, p in enumerate(parts)))
    _result, where = solved(one)
    assert len(where) == len(parts)


def test_bundles_carry_what_no_link_of_theirs_carries_alone() -> None:
    thin = Link("thin", "n", "far", 50, 1_000, KR)
    fat = Link("fat", "n", "far", 51, 10**7, KR)
    stream = replace(asks("stream"), payload_up_bytes=10**9, rate_mhz=1_000, deadline_us=10**9)
    nodes = (node("n", 0), node("far", 9))
    one = problem(nodes, stream, links=(thin, fat))
    result, where = solved(one)
    assert where == {"stream": "far"}
    assert [placement.route for placement in one.placements(result.plan)] == [("fat",)]
    # Three alike carry three such streams; more than one stream goes over none of them.
    fibres = tuple(Link(f"fibre {i}", "n", "far", 50, 10**7, KR) for i in range(3))
    three = [replace(stream, id=f"stream {i}") for i in range(4)]
    result, where = solved(problem(nodes, *three, links=fibres))
    assert len(where) == 3


def test_each_way_of_a_link_has_its_own_time_rate_and_price() -> None:
    back = {"latency_back_us": 900, "capacity_back_kbps": 10, "price_back_gbps_month": 0}
    link = Link("ring", "n", "far", 100, 10**6, KR, 8_000_000, **back)
    up = replace(asks("up"), payload_up_bytes=125_000, payload_down_bytes=0)
    one = problem((node("n", 0), node("far", 9)), up, links=(link,))
    result, _ = solved(one)
    assert result.verdict.cost_by_goal["transport"] == 8_000
    down = replace(up, id="down", payload_up_bytes=0, payload_down_bytes=125_000)
    _, where = solved(problem((node("n", 0), node("far", 9)), down, links=(link,)))
    assert where == {}
    # The round trip takes 1,000 us, whichever way the request goes.
    service = 10_000 + 5_000
    for slack, placed in ((0, 1), (-1, 0)):
        exact = replace(up, payload_up_bytes=0, deadline_us=1_000 + service + slack)
        _, where = solved(problem((node("n", 0), node("far", 1)), exact, links=(link,)))
        assert len(where) == placed


def test_the_least_number_of_servers_is_found_however_many_it_takes() -> None:
    """What is waited for falls with the root of the servers; 2 us go by on the wire."""
    for deadline, servers in ((15_000, 1), (12_500, 4), (12_499, 5), (11_000, 25), (10_500, 100)):
        one = problem((node("n", 200),), replace(asks("w", value=10**9), deadline_us=deadline + 2))
        result, _ = solved(one)
        assert result.plan.servers.tolist() == [servers]
        none = result.plan.card[:0]
        fewer = replace(result.plan, servers=result.plan.servers - 1, card_ptr=none, card=none)
        assert servers == 1 or not verify(one, fewer).ok


def test_the_terms_of_a_request_judge_its_own_workloads() -> None:
    """A cap, a day or a weight that a request names ends and moves nothing of others."""
    others = [bystander(runs(asks(f"o{i}"), "n", Slot(i, 0))) for i in range(4)]
    terms: tuple[dict[str, object], ...] = (
        {"share_caps": (ShareCap(ShareOf.OWNER, 10),)}, {"weights": Weights(unplaced=0)},
    )  # fmt: skip
    for more in terms:
        _result, where = solved(problem((node("n", 4),), *others, NEW, **more))
        assert set(where) == {other.id for other in others}
    standing = ShareCap(ShareOf.OWNER, 500, standing=True)
    for cards, more_placed in ((2, True), (4, False)):
        held = others[:cards]
        fleet = replace(asks("fleet", value=10**7), devices=4, shard_devices=1)
        _, where = solved(problem((node("n", 9),), *held, fleet, share_caps=(standing,)))
        placed = len(place(problem((node("n", 9),), *held, fleet, share_caps=(standing,)), LIMITS).plan) - cards
        assert placed == (cards + 4) // 2 - min(cards, (cards + 4) // 2) == (1 if more_placed else 0)


def test_what_costs_exactly_its_value_is_placed() -> None:
    _, where = solved(problem((node("n", 1),), asks("tie", value=PRICE)))
    assert where == {"tie": "n"}
    _, where = solved(problem((node("n", 1),), asks("less", value=PRICE - 1)))
    assert where == {}


def test_shards_have_the_devices_that_they_have() -> None:
    fleet = replace(asks("fleet"), devices=123, shard_devices=12)
    sizes = [fleet.devices_of(shard) for shard in range(fleet.shards)]
    assert sum(sizes) == 123
    assert set(sizes) == {11, 12}

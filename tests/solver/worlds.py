"""Random worlds built for trouble: few nodes and shards, with everything at once that makes a change dangerous.

Something runs already, placed at random or by the solver while the world was still in order. Then the world changes under
it: cards go, nodes drain and fail, policies and deadlines tighten, links and cells shrink, fleets grow. What is asked is as
mixed: some workloads are free, some in part, some not at all, and some may be ended.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date
from random import Random

import numpy as np

from solver import Limits, place
from solver.facts.catalogue import Accelerator, Catalogue, Profile
from solver.facts.latency import budgets
from solver.facts.network import (
    Access,
    Certification,
    Commitment,
    Domain,
    KeyCustody,
    Link,
    Network,
    Node,
    NodeState,
    Pool,
    Site,
    Tier,
)
from solver.facts.placement import EIGHTHS, Placement, Slot
from solver.facts.problem import Problem
from solver.facts.terms import ShareCap, ShareOf, Terms, Weights
from solver.facts.workloads import Pin, Policy, Workload
from solver.judging.verify import verify
from tests.solver.exhaustive import choices, plan_from, routes_from

KR, US = frozenset({"KR"}), frozenset({"US"})
TODAY = date(2026, 11, 22)

#: Names of failure domains: one of them in three spellings, one that is the id of a node, and none.
_DOMAINS = ("feed-a", "Feed-A ", "ＦＥＥＤ-A", "feed-b", "n0", "")


#: Kinds of worlds in which one thing is tight and nothing else is in its way: see :func:`_narrowed`.
THEMES = ("caps", "ways back", "ties")


def world(seed: int, theme: str = "") -> Problem:
    """A world of 3 to 6 nodes and 3 to 8 shards, some of which run; the same for the same seed and theme."""
    rng = Random(seed)
    calm = _narrowed(rng, _calm(rng), theme)
    running = _planned(calm) if rng.random() < 0.25 else _placed(rng, calm)
    if rng.random() < 0.07:
        # Nobody has said on which cards.
        running = {key: replace(one, cards=()) for key, one in running.items()}
    asked = _asked(rng, calm, running)
    if not theme:
        return _troubled(rng, asked)
    return replace(asked, terms=replace(asked.terms, share_caps=_caps(rng))) if theme == "caps" else asked


def _narrowed(rng: Random, problem: Problem, theme: str) -> Problem:
    """The world with room and time for everything but what its theme is about."""
    if not theme:
        return problem
    nodes = tuple(
        replace(node, vcpu=64, memory_mib=200_000, power_w=9_000, place=node.id, metro=node.id, power_domain=node.id)
        for node in problem.nodes
    )
    workloads = tuple(replace(one, deadline_us=2_000_000, spread_group=None) for one in problem.workloads)
    links = tuple(replace(link, capacity_kbps=10**7, capacity_back_kbps=None) for link in problem.links)
    weights = problem.terms.weights
    if theme == "ways back":
        most = max(1, *(w.uplink_kbps * w.largest_shard for w in workloads), *(w.downlink_kbps for w in workloads))
        links = tuple(replace(link, capacity_back_kbps=rng.choice((0, most // 2, most, 2 * most))) for link in links)
    if theme == "ties":
        # Everything costs the same hundred thousand, and most of it is worth just that.
        weights = replace(weights, energy=0, transport=0)
        nodes = tuple(
            replace(node, vcpu_price_month=0, memory_price_gib_month=0,
                    pools=tuple(replace(pool, price_month=100_000) for pool in node.pools))
            for node in nodes
        )  # fmt: skip
        workloads = tuple(replace(one, value_month=rng.choice((50_000, 100_000)) * one.shards) for one in workloads)
    network = replace(problem.network, nodes=nodes, links=links)
    return replace(problem, network=network, workloads=workloads, terms=replace(problem.terms, weights=weights))


def _caps(rng: Random) -> tuple[ShareCap, ...]:
    """A cap on owners that stands, and one of the request."""
    return tuple(ShareCap(ShareOf.OWNER, rng.choice((400, 500, 600)), None, standing) for standing in (True, False))


def _calm(rng: Random) -> Problem:
    """A world in order, in which nothing runs yet and everything is free."""
    ids = [f"n{n}" for n in range(rng.randint(3, 6))]
    round_prices = rng.random() < 0.3
    profiles = _profiles(rng)
    accesses = tuple(
        Access(f"a{i}", "s0" if i == 0 else rng.choice(("s0", "s1")), rng.choice(ids), "5g", 100,
               rng.choice((400, 10_000)), 10**6, 10**6, rng.randint(1, 3))
        for i in range(2)
    )  # fmt: skip
    workloads = _workloads(rng, profiles)
    nodes = tuple(_node(rng, id_, round_prices) for id_ in ids)
    weights = Weights(1000, *(rng.choice((0, 1, 1000, 1000, 1333)) for _ in range(3)), rng.choice((0, 1000, 1000)))
    if round_prices:
        weights = replace(weights, energy=0, transport=0)
    policies = (Policy("p0"), Policy("p1"), Policy("free"))
    accelerators = (Accelerator("x", "Ax", "KR", 80_000, 300, 8), Accelerator("y", "By", "US", 40_000, 70, 2))
    problem = Problem(
        Network(nodes, _links(rng, ids), (Site("s0"), Site("s1")), accesses), Catalogue(accelerators, profiles), policies,
        workloads, Terms(TODAY, rng.choice((Commitment.OPERATIONAL, Commitment.CONTRACTED)), weights),
    )  # fmt: skip
    return _tight(rng, _timed(rng, problem))


def _node(rng: Random, id_: str, round_prices: bool) -> Node:
    def price(most: int) -> int:
        return 100_000 * rng.randint(1, 4) if round_prices else rng.randint(0, most)

    pools = tuple(
        Pool(card, rng.choice((1, 1, 2, 2, 3, 8)), price(900_000)) for card in rng.sample("xy", rng.choice((1, 1, 2)))
    )  # fmt: skip
    return Node(
        id=id_, tier=rng.choice(list(Tier)), country="KR", owner=rng.choice(("O1", "O2")), owner_country="KR",
        site=rng.choice((None, "s0")), place=rng.choice(_DOMAINS), metro=rng.choice(_DOMAINS),
        power_domain=rng.choice(_DOMAINS),
        foreign_equity_permille={"US": rng.choice((0, 0, 400))}, operator=rng.choice(("O1", "O3")), operator_country="KR",
        tenant_country="KR", personnel_countries=KR, control_jurisdictions=rng.choice((KR, KR, KR | US)),
        backup_countries=rng.choice((KR, KR, KR | US)), key_custody=rng.choice((KeyCustody.CUSTOMER, KeyCustody.PROVIDER)),
        double_encryption=rng.random() < 0.7,
        certifications=tuple(
            Certification(c, rng.choice((None, TODAY, date(2027, 1, 1)))) for c in ("C1", "C2") if rng.random() < 0.8
        ),
        commitment=rng.choice((Commitment.OPERATIONAL, Commitment.OPERATIONAL, Commitment.CONTRACTED)),
        available_from=rng.choice((None, date(2020, 1, 1), TODAY)),
        pools=pools, vcpu=rng.choice((2, 8, 64)), memory_mib=rng.choice((8_000, 200_000)), power_w=rng.choice((600, 9_000)),
        pue_permille=rng.randint(1000, 1500), vcpu_price_month=0 if round_prices else rng.randint(0, 20_000),
        memory_price_gib_month=0 if round_prices else rng.randint(0, 3_000), power_price_kwh=rng.randint(0, 200),
    )  # fmt: skip


def _links(rng: Random, ids: list[str]) -> tuple[Link, ...]:
    """A tree and a few more, many of them bundles of parallel links, many with another way back."""
    ends = [(a, rng.choice(ids[:i])) for i, a in enumerate(ids) if i]
    ends += [tuple(rng.sample(ids, 2)) for _ in range(rng.randint(0, 2))]
    links = []
    for a, b in ends:
        latency = rng.choice((0, 200, 1_000, 5_000))
        for _ in range(rng.choice((1, 1, 2, 3))):
            one = Link(
                f"l{len(links)}", *rng.sample((a, b), 2), latency + rng.choice((0, 0, 1, 300)), 10**7,
                rng.choice((KR, KR, KR, US, KR | US)), rng.choice((0, 100_000, 1_000_000)),
            )  # fmt: skip
            if rng.random() < 0.3:
                back_us, back_price = latency + rng.choice((0, 1, 700)), rng.randint(0, 10**6)
                one = replace(one, latency_back_us=back_us, price_back_gbps_month=back_price)
            links.append(one)
    return tuple(links)


def _profiles(rng: Random) -> tuple[Profile, ...]:
    kinds = [("x", 1000), ("x", 500), ("x", 250), ("x", 125), ("y", 1000), ("y", 500), (None, 1000)]
    found = []
    for model in ("m0", "m1"):
        for card, part in rng.sample(kinds, rng.randint(2, 4)):
            one = rng.choice((4_000, 20_000, 50_000))
            curve = rng.choice((((1, one),), ((1, one), (4, 2 * one)), ((1, one), (2, one), (8, 3 * one))))
            found.append(Profile(
                f"{model}-{card}-{part}", model, card, "r", curve, rng.choice((4_000, 10_000)), part,
                rng.choice((0, 500, 1_500)) if card else 1_000, rng.choice((0, 2_000)), rng.choice((5, 70, 300)),
            ))  # fmt: skip
    return tuple(found)


def _workloads(rng: Random, profiles: tuple[Profile, ...]) -> tuple[Workload, ...]:
    left, found = rng.randint(3, 8), []
    while left > 0:
        shards = min(left, rng.choice((1, 1, 2, 3, 4)))
        left -= shards
        each = rng.randint(1, 4)
        devices = shards * each - (rng.randrange(shards) if each > 1 else 0)
        value = rng.choice((0, 50_000, 100_000, 200_000, 3_000_000, rng.randint(0, 10**7)))
        found.append(Workload(
            f"w{len(found)}", rng.choice(("a0", "a0", "a1")), rng.choice(profiles).model, devices,
            rng.choice((500, 5_000, 20_000)), rng.choice((0, 3_000, 40_000)), rng.choice((0, 900, 9_000)), 2_000_000,
            rng.choice(("p0", "p1", "free")), shards * value if rng.random() < 0.7 else value,
            shard_devices=0 if shards == 1 else -(-devices // shards),
            spread_group=rng.choice((None, None, None, "g")), spread_over=rng.choice(list(Domain)),
            move_cost=rng.choice((0, 1, 12_345, 50_000, 400_000)),
        ))  # fmt: skip
    return tuple(found)


def _timed(rng: Random, problem: Problem) -> Problem:
    """Give workloads deadlines that something can just meet, to the microsecond."""
    workloads = []
    for w, workload in enumerate(problem.workloads):
        if rng.random() < 0.6:
            entry = problem.node_index[problem.access_of(workload).node]
            ways = routes_from(problem, entry)
            node = rng.choice(sorted(ways))
            fastest = min(ways[node], key=lambda way: sum(problem.links[link].round_trip_us for link in way))
            profile = rng.choice([f for f, one in enumerate(problem.profiles) if one.model == workload.model])
            servers = rng.choice((1, 1, 2, 3, 5, 8, 16, 40))
            need = int(budgets(problem, plan_from([(w, 0, node, profile, servers, fastest)])).total_us[0])
            if need <= 3_000_000:
                workload = replace(workload, deadline_us=need - (rng.random() < 0.1))
        workloads.append(workload)
    return replace(problem, workloads=tuple(workloads))


def _tight(rng: Random, problem: Problem) -> Problem:
    """Make links and cells so narrow that a few streams fill them, often to the last bit."""
    up = [w.uplink_kbps * w.largest_shard for w in problem.workloads if w.uplink_kbps]
    down = [w.downlink_kbps * w.largest_shard for w in problem.workloads if w.downlink_kbps]

    def rate(streams: list[int]) -> int:
        return max(1, sum(rng.choices(streams, k=rng.randint(1, 3))) - (rng.random() < 0.2)) if streams else 10**6

    links = tuple(
        replace(link, capacity_kbps=rate(up + down), capacity_back_kbps=rng.choice((None, rate(up + down), 10**7)))
        if rng.random() < 0.5 else link for link in problem.links
    )  # fmt: skip
    accesses = tuple(
        replace(access, uplink_kbps=max(rate(up) // rng.choice((1, 2)), 1) if rng.random() < 0.4 else access.uplink_kbps,
                downlink_kbps=rate(down) if rng.random() < 0.3 else access.downlink_kbps, cells=rng.randint(1, 4))
        for access in problem.network.accesses
    )  # fmt: skip
    return replace(problem, network=replace(problem.network, links=links, accesses=accesses))


def _planned(problem: Problem) -> dict[tuple[str, int], Placement]:
    """Placements as the solver makes them."""
    plan = place(problem, Limits(seconds=5, workers=1)).plan
    return {(one.workload, one.shard): one for one in problem.placements(plan)}


def _placed(rng: Random, problem: Problem) -> dict[tuple[str, int], Placement]:
    """Placements of most shards, one after the other, anywhere where the verifier lets it stand; cards are cut at random."""
    known = choices(problem)
    taken: dict[tuple[str, str], list[int]] = defaultdict(list)
    found: dict[tuple[str, int], Placement] = {}
    order = list(range(len(known.shards)))
    rng.shuffle(order)
    for i in order:
        if rng.random() < 0.12 or not known.rows[i]:
            continue
        for row in rng.choices(known.rows[i], k=4):
            (one,) = problem.placements(known.plan.rows(np.array([row])))
            cut = _cut(rng, problem, one, taken)
            if cut is None:
                continue
            both = problem.plan_of([*found.values(), cut])
            if verify(problem, both).ok:
                found[one.workload, one.shard] = cut
                profile = problem.profiles[problem.profile_index[cut.profile]]
                size = profile.slice_permille * EIGHTHS // 1000
                used = [n for slot in cut.cards for n in range(slot.number, slot.number + size)]
                taken[cut.node, profile.accelerator or ""] += used
                break
    return found


def _cut(rng: Random, problem: Problem, one: Placement, taken: dict[tuple[str, str], list[int]]) -> Placement | None:
    """The placement on free parts of cards anywhere, or None where too few are free."""
    profile = problem.profiles[problem.profile_index[one.profile]]
    if profile.accelerator is None:
        return one
    node, size = problem.nodes[problem.node_index[one.node]], profile.slice_permille * EIGHTHS // 1000
    cards = next(pool.count for pool in node.pools if pool.accelerator == profile.accelerator)
    used = set(taken[one.node, profile.accelerator])
    free = [n for n in range(0, EIGHTHS * cards, size) if used.isdisjoint(range(n, n + size))]
    if len(free) < one.servers:
        return None
    return replace(one, cards=tuple(Slot.of(n) for n in rng.sample(free, one.servers)))


def _asked(rng: Random, problem: Problem, running: dict[tuple[str, int], Placement]) -> Problem:
    """What runs, and what is asked: who is free, who may be ended, what belongs to the request."""
    ids = [node.id for node in problem.nodes]
    workloads = []
    for workload in problem.workloads:
        shards = range(workload.shards)
        here = [running.get((workload.id, shard)) for shard in shards]
        if rng.random() < 0.15:
            here = _swapped(rng, workload, here)
        kind = rng.choice(("asked", "asked", "asked", "repair", "frozen", "frozen", "bystander", "preempt", "hinted"))
        changes: dict[str, object] = {}
        if kind == "repair":
            changes = {"free": frozenset(s for s in shards if rng.random() < 0.5)}
        elif kind == "frozen":
            changes = {"free": frozenset(), "asked": False}
        elif kind == "bystander":
            changes = {"asked": False}
        elif kind == "preempt":
            changes = {"asked": rng.random() < 0.5, "may_end": True}
        elif kind == "hinted" and not any(here):
            here = [Placement(workload.id, s, rng.choice(ids)) if rng.random() < 0.7 else None for s in shards]
            changes = {"stays": rng.random() < 0.5}
        workloads.append(replace(workload, current=tuple(here), **changes))
    weights = replace(problem.terms.weights, unplaced=rng.choice((0, 1000, 1000, 1000, 2000)))
    return replace(problem, workloads=tuple(workloads), terms=replace(problem.terms, weights=weights))


def _swapped(rng: Random, workload: Workload, here: list[Placement | None]) -> list[Placement | None]:
    """The shards of a workload in each other's places."""
    rng.shuffle(here)
    return [None if one is None else replace(one, shard=shard) for shard, one in enumerate(here)]


def _troubled(rng: Random, problem: Problem) -> Problem:
    """The world after something has gone wrong, several things as a rule."""
    trouble = rng.choice((0.0, 0.15, 0.3, 0.5))

    def happens() -> bool:
        return rng.random() < trouble

    nodes = []
    for node in problem.nodes:
        if happens():
            pools = tuple(replace(pool, count=max(0, pool.count - rng.randint(0, 2))) for pool in node.pools)
            node = replace(node, pools=pools)
        if happens():
            node = replace(node, state=rng.choice((NodeState.DRAINING, NodeState.DRAINING, NodeState.FAILED)))
        if happens() and rng.random() < 0.5:
            node = replace(node, vcpu=node.vcpu // 2, memory_mib=node.memory_mib // 2, power_w=node.power_w // 2)
        if happens() and rng.random() < 0.4:
            node = replace(node, country=rng.choice(("KR", "US")), operator_country=rng.choice(("KR", "US", None)))
        nodes.append(node)
    links = []
    for link in problem.links:
        if happens():
            left = link.capacity_kbps // rng.choice((1, 2, 1000)) - rng.randint(0, 1)
            link = replace(link, capacity_kbps=max(0, left))
        if happens() and rng.random() < 0.3:
            link = replace(link, latency_us=link.latency_us + rng.choice((1, 2_000)))
        links.append(link)
    accesses = tuple(replace(a, cells=max(1, a.cells - 1)) if happens() else a for a in problem.network.accesses)
    policies = tuple(
        _tightened(rng, policy) if policy.id != "free" and rng.random() < 0.2 + trouble else policy
        for policy in problem.policies
    )
    workloads = tuple(_changed(rng, workload) if happens() else workload for workload in problem.workloads)
    caps = tuple(dict.fromkeys(
        ShareCap(of, rng.choice((250, 400, 600)), rng.choice((None, None, "Ax", "O1")), rng.random() < 0.5)
        for of in rng.choices(list(ShareOf), k=rng.choice((0, 0, 1, 2)))
    ))  # fmt: skip
    terms = replace(
        problem.terms, share_caps=caps, horizon=date(2027, 3, 1) if happens() else TODAY,
        lowest_commitment=Commitment.OPERATIONAL if happens() else problem.terms.lowest_commitment,
    )  # fmt: skip
    network = replace(problem.network, nodes=tuple(nodes), links=tuple(links), accesses=accesses)
    return replace(problem, network=network, policies=policies, workloads=workloads, terms=terms)


def _tightened(rng: Random, policy: Policy) -> Policy:
    changes: dict[str, object] = rng.choice((
        {"countries": KR}, {"control_jurisdictions": KR}, {"transit": KR}, {"transit": KR},
        {"max_foreign_equity_permille": 300},
        {"key_custody": KeyCustody.CUSTOMER}, {"double_encryption": True}, {"certifications": frozenset({"C1"})},
        {"operator_countries": KR},
    ))  # fmt: skip
    return replace(policy, **changes)


def _changed(rng: Random, workload: Workload) -> Workload:
    """A workload whose fleet, rate, deadline, tiers, site or group is another one now."""
    kind = rng.choice(("grows", "rate", "deadline", "tiers", "pin", "group", "shards"))
    if kind == "grows":
        devices = workload.devices + rng.randint(1, 3)
        shard_devices = 0 if workload.shards == 1 else -(-devices // workload.shards)
        grown = replace(workload, devices=devices, shard_devices=shard_devices)
        return grown if grown.shards == workload.shards else workload
    if kind == "shards" and workload.shards < 4 and workload.devices > workload.shards:
        return replace(workload, shard_devices=workload.largest_shard, devices=workload.largest_shard * workload.shards + 1)
    if kind == "rate":
        return replace(workload, rate_mhz=workload.rate_mhz * 2)
    if kind == "deadline":
        return replace(workload, deadline_us=max(1, workload.deadline_us - rng.choice((1, 3_000, 30_000))))
    if kind == "tiers":
        return replace(workload, tiers=frozenset(rng.sample(list(Tier), 2)))
    if kind == "pin":
        return replace(workload, pin=rng.choice((Pin.SITE, Pin.SITE, Pin.DEVICE)))
    return replace(workload, spread_group="g", spread_over=rng.choice(list(Domain)))

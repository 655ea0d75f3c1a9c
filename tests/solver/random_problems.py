"""Small random problems in which every rule has something to say, for tests that try every plan."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

from solver.facts.catalogue import Accelerator, Catalogue, Profile
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
from solver.facts.placement import Placement
from solver.facts.problem import Problem
from solver.facts.terms import ShareCap, ShareOf, Terms, Weights
from solver.facts.workloads import Pin, Policy, Workload
from solver.params import ColumnParams, SolveParams

_SETS = (frozenset({"KR"}), frozenset({"KR", "US"}), None)

#: So little is listed of any space that the engines hardly ever see it whole.
LAZY = SolveParams(columns=ColumnParams(list_all=0, first=1, further=1))


class _Dice(Random):
    """A source of chance that is strict about few things at once, so that most problems have legal plans."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self._strict: dict[str, bool] = {}

    def pick(self, what: str, calm: object, *wild: object, chance: float = 0.15) -> Any:
        """`calm`, or one of `wild` where this problem is strict about `what` (which it is with `chance`)."""
        strict = self._strict.setdefault(what, self.random() < chance)
        return self.choice((calm, *wild)) if strict else calm


def random_problem(seed: int) -> Problem:
    """A problem of 3 or 4 nodes and 2 to 4 workloads; the same for the same seed."""
    rng = _Dice(seed)
    sites = (Site("s0"), Site("s1"))
    nodes = tuple(_node(rng, n) for n in range(rng.randint(3, 4)))
    ids = [node.id for node in nodes]
    pairs = [(a, b) for i, a in enumerate(ids) for b in ids[i + 1 :]]
    links = tuple(
        Link(
            f"l{i}", *rng.sample(pair, 2), rng.choice((0, 500, 3_000, 20_000)),
            rng.pick("bandwidth", 10**7, 60, 400, 2_000, chance=0.6),
            rng.pick("way", frozenset({"KR"}), frozenset({"US"}), frozenset({"KR", "US"}), chance=0.3),
            rng.randint(0, 10**6),
        )
        for i, pair in enumerate([*zip(ids, ids[1:], strict=False), *rng.choices(pairs, k=rng.randint(0, 3))])
    )  # fmt: skip
    accesses = tuple(
        Access(f"a{i}", rng.choice(sites).id, rng.choice(ids), "5g", 100, rng.choice((400, 10_000, 30_000)),
               rng.pick("uplink", 10**6, 2_000, 5_000, 9_000, chance=0.4), rng.pick("downlink", 10**6, 600, 5_000),
               rng.randint(1, 3))
        for i in range(2)
    )  # fmt: skip
    accelerators = (Accelerator("x", "Ax", "KR", 16_384, 70), Accelerator("y", "By", "US", 49_152, 300, max_slices=4))
    profiles = tuple(
        Profile(
            f"m{m}-{card}-{part}", f"m{m}", card, "r", _curve(rng), rng.pick("memory fit", 4_000, 12_000, 20_000), part,
            rng.choice((0, 1_500)), rng.choice((0, 4_000)), rng.choice((5, 70)),
        )
        for m in range(2)
        for card, part in rng.sample((("x", 1000), ("x", 500), ("y", 1000), ("y", 250), (None, 1000)), 3)
    )  # fmt: skip
    policies = (_policy(rng, "p0"), _policy(rng, "p1"), Policy("free"))
    workloads = tuple(_workload(rng, w, ids, profiles) for w in range(rng.randint(2, 4)))
    caps = tuple(
        ShareCap(of, rng.choice((300, 500, 800)), rng.choice((None, "Ax", "O1")))
        for of in rng.sample(list(ShareOf), rng.choice((0, 0, 1, 2)))
    )
    weights = Weights(*(rng.choice((0, 700, 1000, 1333)) for _ in range(5)))
    terms = Terms(date(2026, 11, 22), rng.choice(list(Commitment)[:4]), weights, caps)
    return Problem(Network(nodes, links, sites, accesses), Catalogue(accelerators, profiles), policies, workloads, terms)


def _node(rng: _Dice, n: int) -> Node:
    expiries = (None, date(2026, 1, 1), date(2026, 11, 22), date(2027, 1, 1))
    certificates = [Certification(name, rng.choice(expiries)) for name in ("C1", "C2")]
    kr = frozenset({"KR"})
    return Node(
        id=f"n{n}", tier=rng.choice((Tier.MEC, Tier.CORE, Tier.ONSITE)), country=rng.pick("country", "KR", "US", chance=0.3),
        owner=rng.choice(("O1", "O2")), owner_country=rng.pick("owner", "KR", "US"), site=rng.choice((None, "s0", "s1")),
        place=rng.choice(("", "p0")), metro=rng.choice(("", "m0", "m1")), power_domain=rng.choice(("", "w0")),
        foreign_equity_permille=rng.pick("equity", {}, None, {"US": 300}, {"US": 600, "JP": 10}), operator="O1",
        operator_country=rng.pick("operator", "KR", None, "US"), tenant_country=rng.pick("tenant", "KR", None, "US"),
        personnel_countries=rng.pick("staff", kr, *_SETS), control_jurisdictions=rng.pick("law", kr, *_SETS),
        backup_countries=rng.pick("backups", kr, *_SETS),
        key_custody=rng.pick("keys", KeyCustody.CUSTOMER, None, KeyCustody.PROVIDER),
        double_encryption=rng.pick("twice", True, None, False),
        certifications=rng.pick("certificates", tuple(certificates), *((c,) for c in certificates), ()),
        commitment=rng.pick("commitment", Commitment.OPERATIONAL, *Commitment),
        available_from=rng.pick("date", None, date(2020, 1, 1), date(2026, 11, 22), date(2027, 6, 30)),
        state=rng.pick("state", NodeState.ACTIVE, NodeState.DRAINING, NodeState.FAILED),
        pools=tuple(
            Pool(card, rng.randint(1, 3), rng.randint(1, 9) * 100_003) for card in rng.sample("xy", rng.randint(1, 2))
        ),
        vcpu=rng.pick("vcpu", 64, 1, 3), memory_mib=rng.pick("memory", 100_000, 5_000),
        power_w=rng.pick("power", 5_000, 60, 150, 400),
        pue_permille=rng.randint(1000, 1800), vcpu_price_month=rng.randint(0, 30_000),
        memory_price_gib_month=rng.randint(0, 4_000), power_price_kwh=rng.randint(0, 250),
    )  # fmt: skip


def _curve(rng: _Dice) -> tuple[tuple[int, int], ...]:
    one = rng.choice((4_000, 20_000, 60_000))
    return rng.choice((((1, one),), ((1, one), (4, 2 * one))))


def _policy(rng: _Dice, name: str) -> Policy:
    def ask(chance: float = 0.25) -> frozenset[str] | None:
        return rng.choice((frozenset({"KR"}), frozenset({"KR", "US"}))) if rng.random() < chance else None

    return Policy(
        name, ask(0.4), ask(), rng.choice((None, None, None, 0, 300, 600)), ask(), ask(), ask(), ask(),
        rng.choice((None, None, None, *KeyCustody)), rng.random() < 0.15,
        rng.choice((frozenset(), frozenset(), frozenset({"C1"}), frozenset({"C1", "C2"}))), ask(0.5),
    )  # fmt: skip


def _workload(rng: _Dice, w: int, ids: list[str], profiles: tuple[Profile, ...]) -> Workload:
    devices = rng.randint(1, 9)
    shard_devices = rng.choice((0, 0, devices, -(-devices // 2)))
    shards = -(-devices // shard_devices) if shard_devices else 1
    known = [rng.choice(("", *ids)) for _ in range(rng.choice((0, shards)))]
    current = tuple(Placement(f"w{w}", shard, node) if node else None for shard, node in enumerate(known))
    return Workload(
        id=f"w{w}", access=rng.choice(("a0", "a1")), model=rng.choice(profiles).model, devices=devices,
        rate_mhz=rng.choice((500, 5_000, 9_000)), payload_up_bytes=rng.choice((0, 3_000, 40_000)),
        payload_down_bytes=rng.choice((0, 900, 9_000)),
        deadline_us=rng.pick("deadline", 2_000_000, 40_000, 90_000, 200_000, chance=0.5),
        policy=rng.choice(("p0", "p1", "free", "free")), value_month=rng.randint(0, 10**8),
        tiers=rng.pick("tiers", frozenset(Tier), frozenset({Tier.MEC}), frozenset({Tier.CORE, Tier.ONSITE})),
        pin=rng.pick("pin", Pin.NONE, Pin.SITE, Pin.DEVICE), shard_devices=shard_devices,
        spread_group=rng.choice((None, None, "g")), spread_over=rng.choice(list(Domain)), current=current,
        stays=rng.pick("scope", False, True), move_cost=rng.choice((0, 12_345)),
    )  # fmt: skip

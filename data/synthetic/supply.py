"""What generated nodes hold: enough for the demand at the load asked for, spread unevenly, so that some places run hot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from data.korea import costs
from data.korea.edge import node_power
from data.synthetic.ground import Ground
from data.wire import entity, estimated
from solver.facts.network import Certification, Commitment, KeyCustody, Node, NodeState, Pool, Tier

#: Part of the operating capacity that the request would keep busy.
LOAD = 0.68

TIERS = {"gateway": Tier.CORE, "core": Tier.CORE, "regional": Tier.REGIONAL, "metro": Tier.METRO, "mec": Tier.MEC,
         "onsite": Tier.ONSITE, "abroad": Tier.CORE}  # fmt: skip

#: vCPUs that come with each card, and with each node.
VCPU_PER_CARD, VCPU_BASE = 5, 32

#: Owners of halls with country and share of the halls; and the steps of halls that do not operate, with their date.
OWNERS = (
    ("Hanbit Cloud", "KR", 0.5),
    ("Mirae Data", "KR", 0.3),
    ("Pacific Cloud", "US", 0.12),
    ("Straits Halls", "SG", 0.08),
)
LADDER = (
    (Commitment.OPERATIONAL, None, 0.78),
    (Commitment.UNDER_CONSTRUCTION, date(2027, 6, 30), 0.08),
    (Commitment.CONTRACTED, date(2028, 12, 31), 0.05),
    (Commitment.ANNOUNCED, date(2028, 12, 31), 0.04),
    (Commitment.MOU, None, 0.03),
    (Commitment.ASPIRATION, None, 0.02),
)
KR = frozenset({"KR"})

Wanted = dict[tuple[Tier, str | None], int]
WantedAtSites = dict[tuple[int, str | None], int]


@dataclass(frozen=True)
class Stock:
    """Cards of each node by kind, and its vCPUs; by node number."""

    cards: dict[int, dict[str, int]]
    vcpu: dict[int, int]
    step: dict[int, int]


def stock(land: Ground, tiers: Wanted, sites: WantedAtSites, rng: np.random.Generator) -> Stock:
    """Deal the hardware out. Halls that do not operate yet get theirs on top."""
    found = Stock({}, {}, {})
    weight = np.array([part for _, _, part in LADDER])
    for kind in ("core", "regional"):
        for node in land.span(kind):
            found.step[node] = int(rng.choice(len(LADDER), p=weight / weight.sum()))
        found.step[land.span(kind).start] = 0
    for (tier, card), servers in sorted(tiers.items(), key=str):
        kinds = [kind for kind, of in TIERS.items() if of is tier and kind not in ("gateway", "abroad")]
        holders = [node for kind in kinds for node in land.span(kind)]
        operating = [n for n in holders if found.step.get(n, 0) == 0]
        _deal(found, operating, card, round(servers / LOAD), rng)
        _deal(found, [n for n in holders if n not in set(operating)], card, round(0.3 * servers), rng)
    rooms = land.span("onsite")
    for (site, card), servers in sorted(sites.items(), key=str):
        _give(found, rooms.start + site, card, max(2, round(servers / LOAD)))
    for node in land.span("abroad"):
        found.cards[node] = {"l40s": 8, "h100-sxm": 8}
    return found


def _deal(found: Stock, nodes: list[int], card: str | None, total: int, rng: np.random.Generator) -> None:
    if not nodes or total <= 0:
        return
    share = rng.gamma(1.5, 1.0, len(nodes))
    dealt = rng.multinomial(total, share / share.sum())
    for node, count in zip(nodes, dealt.tolist(), strict=True):
        _give(found, node, card, count)


def _give(found: Stock, node: int, card: str | None, count: int) -> None:
    if card is None:
        found.vcpu[node] = found.vcpu.get(node, 0) + count
    elif count:
        pools = found.cards.setdefault(node, {})
        pools[card] = pools.get(card, 0) + count


def nodes(land: Ground, held: Stock, seed: int, rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """The nodes, as wire entities."""
    origin = [estimated(f"generated, seed {seed}")]
    share = np.array([part for _, _, part in OWNERS])
    for kind, tier in TIERS.items():
        span = land.span(kind)
        owners = rng.choice(len(OWNERS), len(span), p=share / share.sum()).tolist()
        luck = rng.random(len(span)).tolist()
        for node, owner, chance in zip(span, owners, luck, strict=True):
            at = land.degrees(land.at[node])
            made = _node(land, held, node, kind, tier, owner, chance)
            yield entity(made, name=made.id, lat=at[0], lon=at[1], provenance=origin)


def _node(land: Ground, held: Stock, node: int, kind: str, tier: Tier, owner: int, chance: float) -> Node:
    name, country = land.name(node), "JP" if kind == "abroad" else "KR"
    who, home, _ = OWNERS[owner] if kind in ("core", "regional") else ("Reference operator", "KR", 0.0)
    if kind == "onsite":
        who = f"owner-{node - land.start['onsite']:05d}"
    if kind == "abroad":
        who, home = "Tokyo Cloud", "US"
    step, when, _ = LADDER[held.step.get(node, 0)]
    cards = held.cards.get(node, {})
    pools = tuple(Pool(card, count, costs.card_price(card, tier)) for card, count in sorted(cards.items()))
    vcpu = 0 if kind == "gateway" else VCPU_BASE + held.vcpu.get(node, 0) + VCPU_PER_CARD * sum(cards.values())
    certified = [Certification("ISMS-P", date(2028, 6, 30))]
    if kind in ("core", "regional") and home == "KR":
        certified.append(Certification("CSAP-M", date(2028, 12, 31) if chance < 0.9 else date(2026, 6, 30)))
    mine = kind not in ("core", "regional", "abroad")
    return Node(
        name, tier, country, who, home, f"site-{node - land.start['onsite']:05d}" if kind == "onsite" else None,
        f"place-{name}", f"metro-{int(land.metro[node]):04d}", f"grid-{int(land.metro[node]):04d}-{node % 3}",
        "" if kind == "abroad" else "KR-41", {} if mine else ({home: 1000} if home != "KR" else None), who, home,
        "KR" if mine else None, frozenset({country}), frozenset({country, home}), frozenset({country}),
        KeyCustody.CUSTOMER if kind == "onsite" else KeyCustody.PROVIDER, kind == "onsite", tuple(certified), step, when,
        _state(kind, chance),
        pools, vcpu, vcpu * 6 * 1024, node_power(pools, vcpu), costs.PUE_PERMILLE[tier], costs.vcpu_price(tier),
        costs.memory_price(tier), costs.POWER_PRICE_KRW_KWH,
    )  # fmt: skip


def _state(kind: str, chance: float) -> NodeState:
    """One shared edge node in two hundred is being drained, one in two hundred is down; on-site rooms stay up, since
    what is pinned to a site would have nowhere to go."""
    if kind not in ("metro", "mec") or chance < 0.99:
        return NodeState.ACTIVE
    return NodeState.DRAINING if chance < 0.995 else NodeState.FAILED

"""What is drawn, read in columns: the network, what runs where, and how full everything is.

Bodies are made here as they travel, without a model of each row: a nation has 112,000 of them. Their form is that of
:mod:`app.schemas.maps`, which the tests hold them to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from app.schemas.accounts import account_in, fields_of
from app.schemas.figures import permille
from app.schemas.maps import SOVEREIGNTIES, STATUSES, Sovereignty
from app.service.cache import Cache
from app.service.plans import decided
from app.service.standing import Standing
from app.store.port import Session, Store
from app.store.records import Body, UsageRow
from solver.facts.network import Commitment, NodeState, Tier
from solver.rules.account import Account

#: How many of the tightest limits are told, beside those that have a price.
TIGHTEST = 50

#: The fields of decisions that are drawn.
_DRAWN = (
    "workload", "shard", "site", "node", "previous_node", "model", "policy", "profile", "status", "devices", "servers",
    "margin_us", "deadline_us",
)  # fmt: skip


class Load(NamedTuple):
    """How full a node is."""

    node: str
    resource: str
    used_permille: int
    cards_permille: int | None


def network_map(store: Store) -> tuple[int, dict[str, Any]]:
    """The generation that last changed the network, and the network for drawing."""
    with store.reading() as session:
        generation = session.generations.of("network")
        nodes = session.entities.bodies("nodes")
        sites = session.entities.bodies("sites")
        links = session.entities.bodies("links")
    provinces, province = _numbered([*_column(nodes, "province"), *_column(sites, "province")])
    countries, country = _numbered([*_column(nodes, "country"), *_column(nodes, "owner_country")])
    owners, owner = _numbered(_column(nodes, "owner"))
    kinds, kind = _numbered(_column(sites, "kind"))
    accelerators = sorted({pool["accelerator"] for node in nodes for pool in node["pools"]})
    card = {name: place for place, name in enumerate(accelerators)}
    at = {node["id"]: place for place, node in enumerate(nodes)}
    return generation, {
        "generation": generation,
        "tiers": list(Tier),
        "states": list(NodeState),
        "commitments": list(Commitment),
        "provinces": provinces,
        "countries": countries,
        "owners": owners,
        "kinds": kinds,
        "accelerators": accelerators,
        "sovereignties": SOVEREIGNTIES,
        "nodes": {
            **{name: _column(nodes, name) for name in ("id", "name", "name_ko", "lat", "lon")},
            "tier": _places(_column(nodes, "tier"), Tier),
            "state": _places(_column(nodes, "state"), NodeState),
            "commitment": _places(_column(nodes, "commitment"), Commitment),
            "available_from": _column(nodes, "available_from"),
            "province": province[: len(nodes)],
            "owner": owner,
            "owner_country": country[len(nodes) :],
            "country": country[: len(nodes)],
            "sovereignty": _places([sovereignty(node) for node in nodes], SOVEREIGNTIES),
            "cards": [[[card[pool["accelerator"]], pool["count"]] for pool in node["pools"]] for node in nodes],
            "power_w": _column(nodes, "power_w"),
        },
        "sites": {
            **{name: _column(sites, name) for name in ("id", "name", "name_ko", "lat", "lon")},
            "kind": kind,
            "province": province[len(nodes) :],
        },
        "links": {
            "id": _column(links, "id"),
            "source": [at[link["source"]] for link in links],
            "target": [at[link["target"]] for link in links],
            "latency_us": _column(links, "latency_us"),
            "capacity_kbps": _column(links, "capacity_kbps"),
        },
    }


def sovereignty(node: Body) -> Sovereignty:
    """Whose a node is, by the country that it stands in. What it does not say counts against it."""
    home = node["country"]
    if node["owner_country"] != home:
        return "foreign_owned"
    operator, control = node["operator_country"], node["control_jurisdictions"]
    if operator is not None and operator != home:
        return "foreign_operated"
    if control and any(country != home for country in control):
        return "foreign_controlled"
    return "domestic" if operator and control else "unknown"


def allocation_map(cache: Cache, day: date | None = None) -> tuple[str, dict[str, Any]]:
    """The version of the picture of what is in force (:mod:`app.service.standing`), and what is in force for drawing.

    The status of a shard is that of today; how full a node is, that of `day`.
    """
    stands = cache.pictures.of(day)
    with cache.store.reading() as session:
        generation = session.generations.of("allocation")
        summary = session.allocation.summary()
        shards = session.allocation.columns(_DRAWN)
    plan = None if summary is None else summary.plan_id
    return stands.version, _placement_map(generation, plan, shards, _loads(stands.uses), _link_loads(stands.uses))


def plan_map(store: Store, id: str) -> tuple[str, dict[str, Any]]:
    """The version of a plan that has ended, and the plan for drawing.

    Raises
    ------
    NotFound, PlanNotReady
        If there is no such plan, or it has no decisions (yet).
    """
    with store.reading() as session:
        stamp = decided(session, id)
        shards = session.plans.columns(id, _DRAWN)
        load = _loads(session.plans.usage(id, "node_capacity", {}, None, None))
        carried = _link_loads(session.plans.usage(id, "link_capacity", {}, None, None))
    return stamp.version, _placement_map(stamp.generation or 0, id, shards, load, carried)


def capacity_of_allocation(cache: Cache, day: date | None = None) -> tuple[str, dict[str, Any]]:
    """The version of the picture of what is in force (:mod:`app.service.standing`), and how full everything is now, or
    would be on another day."""
    stands = cache.pictures.of(day)
    with cache.store.reading() as session:
        generation = session.generations.of("allocation")
        summary = session.allocation.summary()
        plan = None if summary is None else summary.plan_id
        prices = {} if plan is None else _prices(session, plan)
    return stands.version, _capacity(generation, plan, _groups_of(stands), stands.uses, prices)


def capacity_of_plan(store: Store, id: str) -> tuple[str, dict[str, Any]]:
    """The version of a plan that has ended, and how full everything is under it.

    Raises
    ------
    NotFound, PlanNotReady
        If there is no such plan, or it has no decisions (yet).
    """
    with store.reading() as session:
        stamp = decided(session, id)
        summary = session.plans.result(id)["summary"]
        uses, prices = session.plans.usage(id, None, {}, None, None), _prices(session, id)
    groups = [{"by": by, **group} for by in ("tier", "province") for group in summary[f"use_by_{by}"]]
    return stamp.version, _capacity(stamp.generation or 0, id, groups, uses, prices)


def _placement_map(
    generation: int, plan: str | None, rows: Sequence[Sequence[Any]], load: Sequence[Load], carried: Mapping[str, UsageRow]
) -> dict[str, Any]:
    columns = dict(zip(_DRAWN, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(_DRAWN, ())
    sites, site = _numbered(columns["site"])
    nodes, node = _numbered([*columns["node"], *columns["previous_node"], *(row.node for row in load)])
    resources, resource = _numbered([row.resource for row in load])
    models, model = _numbered(columns["model"])
    policies, policy = _numbered(columns["policy"])
    profiles, profile = _numbered(columns["profile"])
    count = len(rows)
    return {
        "generation": generation,
        "plan": plan,
        "sites": sites,
        "nodes": nodes,
        "models": models,
        "policies": policies,
        "profiles": profiles,
        "resources": resources,
        "statuses": STATUSES,
        "shards": {
            "workload": columns["workload"],
            "shard": columns["shard"],
            "site": site,
            "node": node[:count],
            "previous_node": node[count : 2 * count],
            "model": model,
            "policy": policy,
            "profile": profile,
            "status": _places(columns["status"], STATUSES),
            "devices": columns["devices"],
            "servers": [servers or 0 for servers in columns["servers"]],
            "margin_us": columns["margin_us"],
            "deadline_us": columns["deadline_us"],
        },
        "load": {
            "node": node[2 * count :],
            "resource": resource,
            "used_permille": [row.used_permille for row in load],
            "cards_permille": [row.cards_permille for row in load],
        },
        "link_load": {
            "id": list(carried),
            "used_kbps": [row.used for row in carried.values()],
            "capacity_kbps": [row.capacity for row in carried.values()],
            "used_permille": [_full(row) for row in carried.values()],
        },
    }


def _loads(uses: Iterable[UsageRow]) -> list[Load]:
    """How full each node is of which anything is used: its fullest resource, and all of its cards together."""
    fullest: dict[str, tuple[int, str]] = {}
    cards: dict[str, tuple[int, int]] = {}
    for row in uses:
        resource = row.account.resource
        if row.account.rule != "node_capacity":
            continue
        node = row.account.part("node") or ""
        if resource == "accelerators":
            used, capacity = cards.get(node, (0, 0))
            cards[node] = used + row.used, capacity + row.capacity
        if row.used > 0:
            here = permille(row.used, row.capacity), resource
            fullest[node] = max(here, fullest.get(node, here))
    return [Load(node, resource, full, _share(*cards.get(node, (0, 0)))) for node, (full, resource) in fullest.items()]


def _link_loads(uses: Iterable[UsageRow]) -> dict[str, UsageRow]:
    """The account of each link that carries anything, of its two directions the fuller."""
    fullest: dict[str, UsageRow] = {}
    for row in uses:
        if row.account.rule != "link_capacity" or row.used == 0:
            continue
        link = row.account.part("link") or ""
        known = fullest.get(link)
        if known is None or _full(known) < _full(row):
            fullest[link] = row
    return fullest


def _share(used: int, capacity: int) -> int | None:
    """How full something is; None where there is nothing that could be full."""
    return None if used == capacity == 0 else permille(used, capacity)


def _accounts(rows: Sequence[UsageRow]) -> dict[str, Any]:
    """The accounts of nodes in columns."""
    nodes, node = _numbered([row.account.part("node") for row in rows])
    accelerators, accelerator = _numbered([row.account.part("accelerator") for row in rows])
    resources, resource = _numbered([row.account.resource for row in rows])
    units = {row.account.resource: row.account.unit for row in rows}
    return {
        "nodes": nodes,
        "resources": resources,
        "units": [units[name] for name in resources],
        "accelerators": accelerators,
        "node": node,
        "resource": resource,
        "accelerator": accelerator,
        "used": [row.used for row in rows],
        "capacity": [row.capacity for row in rows],
    }


def _cards(rows: Sequence[UsageRow]) -> list[dict[str, Any]]:
    """The accounts of accelerators, added up over the kinds of cards."""
    sums: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        accelerator = row.account.part("accelerator")
        if accelerator is not None:
            entry = sums.setdefault((accelerator, row.account.unit), [0, 0, 0])
            for place, amount in enumerate((1, row.used, row.capacity)):
                entry[place] += amount
    return [
        {
            "by": "accelerator", "group": accelerator, "resource": "accelerators", "unit": unit, "nodes": nodes,
            "used": used, "capacity": capacity, "used_permille": permille(used, capacity),
        }
        for (accelerator, unit), (nodes, used, capacity) in sorted(sums.items())
    ]  # fmt: skip


def _prices(session: Session, plan: str) -> dict[Account, float]:
    """What one more unit of an account would save under a plan, where the plan says so."""
    return {account_in(p): p["price"] for p in session.plans.result(plan)["prices"]}


def _groups_of(stands: Standing) -> list[dict[str, Any]]:
    return [
        {"by": by, **group.model_dump()}
        for by, groups in (("tier", stands.use_by_tier), ("province", stands.use_by_province))
        for group in groups
    ]


def _capacity(
    generation: int,
    plan: str | None,
    groups: Sequence[Mapping[str, Any]],
    uses: Sequence[UsageRow],
    prices: Mapping[Account, float],
) -> dict[str, Any]:
    busy = sorted((row for row in uses if row.used > 0), key=lambda row: (-_full(row), row.place))[:TIGHTEST]
    tight = {row.account: row for row in (*busy, *(row for row in uses if row.account in prices))}
    accounts = [row for row in uses if row.account.rule == "node_capacity"]
    return {
        "generation": generation,
        "plan": plan,
        "groups": [*groups, *_cards(accounts)],
        "tightest": [
            {
                **fields_of(row.account), "used": row.used, "capacity": row.capacity, "used_permille": _full(row),
                "price": prices.get(row.account),
            }
            for row in sorted(tight.values(), key=lambda row: (-_full(row), row.place))
        ],
        "accounts": _accounts(accounts),
    }  # fmt: skip


def _full(row: UsageRow) -> int:
    return permille(row.used, row.capacity)


def _column(bodies: Iterable[Body], name: str) -> list[Any]:
    return [body[name] for body in bodies]


def _numbered(column: Sequence[str | None]) -> tuple[list[str], list[int]]:
    """The words of a column in order, and each value's place among them; -1 for none."""
    words = sorted({word for word in column if word})
    at: dict[str | None, int] = {word: place for place, word in enumerate(words)}
    at[None] = at[""] = -1
    return words, [at[word] for word in column]


def _places(column: Sequence[str], words: Iterable[str]) -> list[int]:
    """Each value's place among words that are all known."""
    at = {str(word): place for place, word in enumerate(words)}
    return [at[word] for word in column]

"""What is drawn, read in columns: the network, what runs where, and how full everything is.

Bodies are made here as they travel, without a model of each row: a nation has 112,000 of them. Their form is that of
:mod:`app.schemas.maps`, which the tests hold them to.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from app.schemas.figures import permille
from app.schemas.maps import SOVEREIGNTIES, STATUSES, Sovereignty
from app.service.plans import decided
from app.store.port import Session, Store
from app.store.records import Body, UsageRow
from solver.problem import Commitment, NodeState, Tier

#: How many of the tightest limits are told, beside those that have a price.
TIGHTEST = 50

#: The fields of decisions that are drawn.
_DRAWN = (
    "workload", "shard", "site", "node", "previous_node", "model", "policy", "profile", "status", "devices", "servers",
    "margin_us", "deadline_us",
)  # fmt: skip


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


def allocation_map(store: Store) -> tuple[int, dict[str, Any]]:
    """The generation that last touched the allocation, and the allocation for drawing."""
    with store.reading() as session:
        generation = session.generations.of("allocation")
        summary = session.allocation.summary()
        plan = None if summary is None else summary.plan_id
        shards = session.allocation.columns(_DRAWN)
        load = [] if plan is None else _fullest(session, plan)
    return generation, _placement_map(generation, plan, shards, load)


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
        load = _fullest(session, id)
    return stamp.version, _placement_map(stamp.generation or 0, id, shards, load)


def capacity_of_allocation(store: Store) -> tuple[int, dict[str, Any]]:
    """The generation that last touched the allocation, and how full everything is under it, as applied."""
    with store.reading() as session:
        generation = session.generations.of("allocation")
        summary = session.allocation.summary()
        if summary is None:
            return generation, {"generation": generation, "plan": None, "groups": [], "tightest": []}
        return generation, _capacity(session, generation, summary.plan_id, summary.body)


def capacity_of_plan(store: Store, id: str) -> tuple[str, dict[str, Any]]:
    """The version of a plan that has ended, and how full everything is under it.

    Raises
    ------
    NotFound, PlanNotReady
        If there is no such plan, or it has no decisions (yet).
    """
    with store.reading() as session:
        stamp = decided(session, id)
        figures = session.plans.result(id)
        return stamp.version, _capacity(session, stamp.generation or 0, id, figures["summary"])


def _placement_map(
    generation: int, plan: str | None, rows: Sequence[Sequence[Any]], load: Sequence[tuple[str, str, int]]
) -> dict[str, Any]:
    columns = dict(zip(_DRAWN, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(_DRAWN, ())
    sites, site = _numbered(columns["site"])
    nodes, node = _numbered([*columns["node"], *columns["previous_node"], *(row[0] for row in load)])
    resources, resource = _numbered([row[1] for row in load])
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
        "load": {"node": node[2 * count :], "resource": resource, "used_permille": [row[2] for row in load]},
    }


def _fullest(session: Session, plan: str) -> list[tuple[str, str, int]]:
    """(node, its fullest resource, how full) of each node of which anything is used."""
    fullest: dict[str, tuple[int, str]] = {}
    for row in session.plans.usage(plan, "node_capacity", None, None, None):
        if row.used > 0:
            node = _node_of(row)
            here = permille(row.used, row.capacity), row.resource
            fullest[node] = max(here, fullest.get(node, here))
    return [(node, resource, full) for node, (full, resource) in fullest.items()]


def _cards(session: Session, plan: str) -> list[dict[str, Any]]:
    """The accounts of accelerators, added up over the kinds of cards."""
    sums: dict[tuple[str, str], list[int]] = {}
    for row in session.plans.usage(plan, "node_capacity", None, None, None):
        _, _, accelerator = row.key.partition("/")
        if accelerator:
            entry = sums.setdefault((accelerator, row.unit), [0, 0, 0])
            for place, amount in enumerate((1, row.used, row.capacity)):
                entry[place] += amount
    return [
        {
            "by": "accelerator", "group": accelerator, "resource": "accelerators", "unit": unit, "nodes": nodes,
            "used": used, "capacity": capacity, "used_permille": permille(used, capacity),
        }
        for (accelerator, unit), (nodes, used, capacity) in sorted(sums.items())
    ]  # fmt: skip


def _node_of(row: UsageRow) -> str:
    """The node of an account of `node_capacity`: its key is a node, or a node and a kind of card."""
    return row.key.partition("/")[0]


def _capacity(session: Session, generation: int, plan: str, summary: Body) -> dict[str, Any]:
    prices = {(p["rule"], p["key"], p["resource"]): p["price_krw"] for p in session.plans.result(plan)["prices"]}
    groups = [{"by": by, **group} for by in ("tier", "province") for group in summary[f"use_by_{by}"]]
    tight = {_account(row): row for row in session.plans.tightest(plan, TIGHTEST)}
    for rule, key, _ in prices.keys() - tight.keys():
        tight |= {_account(row): row for row in session.plans.usage(plan, rule, key, None, None) if _account(row) in prices}
    return {
        "generation": generation,
        "plan": plan,
        "groups": [*groups, *_cards(session, plan)],
        "tightest": [
            {
                "rule": row.rule, "key": row.key, "resource": row.resource, "unit": row.unit, "used": row.used,
                "capacity": row.capacity, "used_permille": permille(row.used, row.capacity), "price_krw": prices.get(key),
            }
            for key, row in sorted(tight.items(), key=lambda found: (-_full(found[1]), found[0]))
        ],
    }  # fmt: skip


def _full(row: UsageRow) -> int:
    return permille(row.used, row.capacity)


def _account(row: UsageRow) -> tuple[str, str, str]:
    return row.rule, row.key, row.resource


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

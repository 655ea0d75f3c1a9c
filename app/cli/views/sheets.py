"""Tables for machines and spreadsheets: every column by the name that JSON has for it, every value as it is."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.cli.answers import AllocationRecord, ExplanationOut, FormatOut, Node, PlanOut

#: A value; a list stands in its cell as words.
Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows under the names of their columns."""

    columns: Sequence[str]
    rows: Iterable[Sequence[Value]]


def picked(items: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> Sheet:
    """These fields of items, as they are."""
    return Sheet(columns, ([_value(item.get(name)) for name in columns] for item in items))


def _value(value: Any) -> Value:
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return " ".join(map(str, value)) if isinstance(value, list) else value


_NODE = (
    "id", "name", "tier", "state", "commitment", "available_from", "province", "country", "owner", "owner_country",
    "operator", "operator_country", "vcpu", "memory_mib", "power_w",
)  # fmt: skip


def nodes(found: Sequence[Node], disturbed: Mapping[str, int]) -> Sheet:
    """Nodes, with their cards and how many shards are disturbed there."""
    cards = ("; ".join(f"{pool['count']} x {pool['accelerator']}" for pool in one["pools"]) for one in found)
    plain = picked(found, _NODE).rows
    rows = ([*row, held, disturbed.get(one["id"], 0)] for row, held, one in zip(plain, cards, found, strict=True))
    return Sheet((*_NODE, "cards", "disturbed_shards"), rows)


def network(told: Mapping[str, Any]) -> Sheet:
    """What the network is made of: how many of what, by which word."""
    whole = [(kind, None, told[kind]) for kind in ("nodes", "links", "sites")]
    by = [(f"nodes_by_{column}", word, n) for column, tally in told["nodes_by"].items() for word, n in tally.items()]
    return Sheet(("of", "word", "count"), [*whole, *by, *(("cards", kind, n) for kind, n in told["cards"].items())])


#: As the dashboard's file of a plan has them.
_DECISION = (
    "workload", "shard", "status", "site", "access", "policy", "model", "devices", "in_request", "previous_node", "node",
    "tier", "province", "profile", "servers",
)  # fmt: skip
_TIMES = ("access_us", "transfer_us", "transport_us", "service_us", "waiting_us", "margin_us", "deadline_us")
_SINCE = ("since_generation", "disturbed_since")


def decisions(found: Iterable[Mapping[str, Any]], in_force: bool = False) -> Sheet:
    """What becomes of shards, in the columns of the dashboard's file of a plan; `in_force` adds since when."""
    since = _SINCE if in_force else ()
    columns = (*_DECISION, "route", *_TIMES, "refusal", "cards", "batch_limit", "disturbed", *since)
    return Sheet(columns, (_decision(one, since) for one in found))


def _decision(one: Mapping[str, Any], since: Sequence[str]) -> list[Value]:
    latency, disturbed, refusal = (one.get(name) or {} for name in ("latency", "disturbed", "refusal"))
    return [
        *(one.get(name) for name in _DECISION),
        " ".join(one["route"]),
        *(latency.get(name) for name in _TIMES),
        refusal.get("sentence"),
        " ".join(f"{card}.{eighth}" for card, eighth in one["cards"]),
        None if one["node"] is None else one["batch_limit"],
        " ".join(disturbed.get("rules", ())),
        *(one.get(name) for name in since),
    ]


def plans(found: Iterable[PlanOut], standings: Mapping[str, AllocationRecord]) -> Sheet:
    """Plans, and which of them is in force."""
    columns = (
        "id", "name", "status", "what_if", "in_force", "applied_generation", "applied_at", "generation", "workloads",
        "horizon", "cost", "bound", "gap", "placed_shards", "unplaced_shards", "disturbed_shards", "seconds", "submitted_at",
        "finished_at",
    )  # fmt: skip

    def row(plan: PlanOut) -> list[Value]:
        record, result = standings.get(plan["id"]), plan["result"]
        told: dict[str, Any] = {
            **(plan["best"] or {}), **(result or {}), **plan, "horizon": plan["terms"]["horizon"],
            "in_force": record is not None and record["in_force"], "applied_at": record and record["at"],
        }  # fmt: skip
        return [told.get(name) for name in columns]

    return Sheet(columns, (row(plan) for plan in found))


def records(found: Iterable[AllocationRecord]) -> Sheet:
    """What changed what runs."""
    return picked(found, (
        "generation", "at", "plan", "name", "tenant", "actor", "placed", "moved", "resized", "ended", "unplaced",
        "in_force", "can_restore", "can_undo", "why_not",
    ))  # fmt: skip


def changes(found: Iterable[Mapping[str, Any]]) -> Sheet:
    """What would become of shards."""
    return picked(found, (
        "workload", "shard", "action", "from_node", "to_node", "from_profile", "to_profile", "from_servers", "to_servers",
    ))  # fmt: skip


def groups(found: Iterable[Mapping[str, Any]]) -> Sheet:
    """How full groups of nodes are."""
    return picked(found, ("by", "group", "resource", "unit", "nodes", "used", "capacity", "used_permille"))


def sites(found: Iterable[Mapping[str, Any]]) -> Sheet:
    """What a plan costs by site."""
    return picked(found, (
        "site", "workloads", "placed_shards", "unplaced_shards", "placed_month", "unplaced_month",
    ))  # fmt: skip


def cards(found: Iterable[Mapping[str, Any]]) -> Sheet:
    """Where one more card pays."""
    return picked(found, (
        "node", "accelerator", "owner", "cards", "used_permille", "card_month", "before_price_month",
        "net_month",
    ))  # fmt: skip


#: The columns of events.
EVENT = ("id", "at", "type", "severity", "generation", "plan", "node", "detail")


def story(told: ExplanationOut) -> Sheet:
    """Where the shards of a workload run, and why not elsewhere: a line for each, and for each rule that says no."""
    columns = (
        "workload", "shard", "node", "profile", "servers", "cost", "rule", "needed", "available", "unit", "sentence"
    )  # fmt: skip
    rows: list[list[Value]] = []
    for shard in told["placed"]:
        cost = sum(goal["cost_month"] for goal in shard["cost_by_goal"])
        head: list[Value] = [told["workload"], shard["shard"], shard["node"], shard["profile"], shard["servers"], cost]
        rows.append([*head, None, None, None, None, "runs here"])
    for one in told["candidates"]:
        start: list[Value] = [told["workload"], None, one["node"], one["profile"], one["servers"], one["cost"]]
        if not one["refusals"]:
            rows.append([*start, None, None, None, None, "would take it"])
        rows += [[*start, no["rule"], no["needed"], no["available"], no["unit"], no["sentence"]] for no in one["refusals"]]
    return Sheet(columns, rows)


def formats(found: Sequence[FormatOut]) -> Sheet:
    """The formats in which the network is exported."""
    return picked(found, ("name", "title", "use", "media_type", "suffix", "export", "reads"))

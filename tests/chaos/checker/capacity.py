"""Nothing is over capacity beyond what was in force before.

Use is added up anew from what runs, the profiles and the fleets; the service's own figures of use are not looked at. Where
capacity shrinks beneath what runs, use may stay above it and must not grow: between two looks, use of an account is at most
the highest capacity that it had in between, or what it was before.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import TypeAlias

from tests.chaos.checker.finding import Finding
from tests.chaos.history import Body, History, Look

#: What can be full: of which resource, at which place.
Account: TypeAlias = tuple[str, str]
Entities: TypeAlias = dict[str, dict[str, Body]]


def used(allocation: list[Body], entities: Entities) -> Counter[Account]:
    """What runs takes of each account, in the unit of its capacity."""
    total: Counter[Account] = Counter()
    for row in allocation:
        if row["node"] is None:
            continue
        profile, servers = entities["profiles"][row["profile"]], row["servers"]
        if profile["accelerator"] is not None:
            total["thousandths of a card", f"{row['node']}/{profile['accelerator']}"] += servers * profile["slice_permille"]
        total["vCPU thousandths", row["node"]] += servers * profile["vcpu_milli"]
        total["MiB", row["node"]] += servers * profile["host_memory_mib"]
        for link, amount in _carried(row, entities):
            total["kbit/s", link] += amount
    return total


def _carried(row: Body, entities: Entities) -> Iterator[tuple[str, int]]:
    """What a shard sends over each link of its route, each way: `link>end` and whole kbit/s, rounded down."""
    if not row["route"]:
        return
    fleet, at = entities["workloads"][row["workload"]], entities["accesses"][row["access"]]["node"]
    up, down = (row["devices"] * fleet["rate_mhz"] * fleet[f"payload_{way}_bytes"] * 8 // 10**6 for way in ("up", "down"))
    for id in row["route"]:
        link = entities["links"][id]
        there = link["target"] if link["source"] == at else link["source"]
        yield f"{id}>{there}", up
        yield f"{id}>{at}", down
        at = there


def capacities(entities: Entities) -> dict[Account, int]:
    """What there is of each account. A failed node keeps what it has: what stays there is disturbed, not over capacity."""
    found: dict[Account, int] = {}
    for id, node in entities["nodes"].items():
        found["vCPU thousandths", id] = node["vcpu"] * 1000
        found["MiB", id] = node["memory_mib"]
        for pool in node["pools"]:
            found["thousandths of a card", f"{id}/{pool['accelerator']}"] = pool["count"] * 1000
    for id, link in entities["links"].items():
        back = link.get("capacity_back_kbps")
        found["kbit/s", f"{id}>{link['target']}"] = link["capacity_kbps"]
        found["kbit/s", f"{id}>{link['source']}"] = link["capacity_kbps"] if back is None else back
    return found


def nothing_is_over_capacity(history: History) -> Iterator[Finding]:
    """Between two looks no use grows above the highest capacity in between."""
    looks = _looks(history)
    for before, after in pairwise(looks):
        was, now = used(before.allocation, before.entities), used(after.allocation, after.entities)
        most = _highest(history, before, after)
        for account, amount in sorted(now.items()):
            bound = max(most.get(account, 0), was[account])
            if amount > bound:
                why = f"{amount} {account[0]} used in generation {after.generation}; {was[account]} before, capacity {bound}"
                yield Finding("capacity.over", account[1], why)


def no_card_is_given_twice(history: History) -> Iterator[Finding]:
    """Each eighth of each card serves one server."""
    for look in _looks(history):
        held: dict[tuple[str, str, int, int], str] = {}
        for row in look.allocation:
            if row["node"] is None:
                continue
            profile, who = look.entities["profiles"][row["profile"]], f"{row['workload']}/{row['shard']}"
            for card, first in row["cards"]:
                for eighth in range(first, first + profile["slice_permille"] * 8 // 1000):
                    slot = (row["node"], profile["accelerator"], card, eighth)
                    if slot in held and held[slot] != who:
                        where = f"card {card} of {slot[0]}/{slot[1]}, eighth {eighth}"
                        yield Finding("capacity.card", where, f"{held[slot]} and {who} in generation {look.generation}")
                    held[slot] = who


def _looks(history: History) -> list[Look]:
    """Every look, with the beginning, where nothing runs, before and the end after them."""
    assert history.end is not None
    end = history.end
    found = [Look(0.0, 0.0, history.begin, [], history.entities), *history.looks]
    found.append(Look(0.0, 0.0, end.generation, end.allocation, end.entities))
    return sorted(found, key=lambda look: look.generation)


def _highest(history: History, before: Look, after: Look) -> dict[Account, int]:
    """The highest capacity of each account from one look to the next, by the stored history of changes."""
    assert history.end is not None
    most = defaultdict(int, capacities(before.entities))
    versions = [after.entities]
    for row in history.end.changes:
        if before.generation < row["generation"] <= after.generation and row["kind"] in ("nodes", "links"):
            nothing: Entities = {"nodes": {}, "links": {}}
            bodies = [body for body in (row["before"], row["after"]) if body is not None]
            versions += [{**nothing, row["kind"]: {row["id"]: body}} for body in bodies]
    for entities in versions:
        for account, amount in capacities(entities).items():
            most[account] = max(most[account], amount)
    return most


CHECKS = (nothing_is_over_capacity, no_card_is_given_twice)

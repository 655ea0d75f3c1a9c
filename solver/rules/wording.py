"""Accounts and amounts in the English sentences of the verifier and the explainer."""

from __future__ import annotations

from dataclasses import dataclass

from solver.rules.account import Account


@dataclass(frozen=True, slots=True)
class Unit:
    """What people call a unit, and how many of it are one of theirs: 1000 thousandths of a card are a card."""

    one: str
    more: str
    scale: int = 1


#: Unit of accounts by its code.
UNITS = {
    "card_milli": Unit("card", "cards", 1000),
    "vcpu_milli": Unit("vCPU", "vCPU", 1000),
    "cell_milli": Unit("cell", "cells", 1000),
    "mib": Unit("MiB", "MiB"),
    "w": Unit("W", "W"),
    "kbps": Unit("kbit/s", "kbit/s"),
    "shards": Unit("shard", "shards"),
    "devices": Unit("device", "devices"),
}

#: What a resource is called where its code is not its word.
_RESOURCES = {"site": "place", "metro": "metro area", "power_domain": "power domain"}

#: Resources that a node or a cell has beside others, so that an amount says of which it is.
_OF = frozenset({"memory", "power", "uplink", "downlink", "bandwidth"})

_DOMAINS = {"node": "node", "site": "site", "metro": "metro", "power_domain": "power"}
_PARTIES = ("owner", "operator", "vendor")


def amount_said(amount: int, unit: str) -> str:
    """An amount for people: thousandths are told as what they are thousandths of."""
    of = UNITS.get(unit) or Unit(unit.replace("_", " "), unit.replace("_", " "))
    whole = f"{amount:,}" if of.scale == 1 else f"{amount / of.scale:,.3f}".rstrip("0").rstrip(".")
    return f"{whole} {of.one if amount == of.scale else of.more}"


def left_said(amount: int, account: Account) -> str:
    """What is left of an account, with the resource where the unit does not say it."""
    of = f" of {account.resource}" if account.resource in _OF else ""
    return f"{amount_said(amount, account.unit)}{of}"


def named(account: Account) -> str:
    """What an account is of: `node/card`, `link>node`, `group in node n`, `owner Hanbit`."""
    parts = dict(account.subject)
    if "group" in parts:
        return " ".join(
            (f"{parts['group']} in", *(f"{_DOMAINS[field]} {parts[field]}" for field in _DOMAINS if field in parts))
        )
    if "link" in parts:
        return f"{parts['link']}>{parts['direction']}"
    party = next((field for field in _PARTIES if field in parts), None)
    if party is not None:
        return f"{party} {parts[party]}"
    return "/".join(value for field, value in account.subject if field != "slice_permille")


def said(account: Account) -> str:
    """An account in words: what it is of, and in brackets the resource."""
    return f"{named(account)} ({_resource(account)})"


def _resource(account: Account) -> str:
    party = next((field for field in _PARTIES if account.part(field) is not None), None)
    if party is not None:
        return f"{account.resource.replace('_', ' ')} of {party}s"
    return _RESOURCES.get(account.resource, account.resource.replace("_", " "))

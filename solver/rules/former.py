"""Accounts as they were named by sentences: read where something stored before names were structured still has them.

A key was `node/card`, `link>node`, `group in node n` or `owner Hanbit`, and units were words. Which rule and which resource
a key belongs to is known with it, so each is read in one way only, whatever stands in the names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from solver.rules.account import Account, subject_of

#: Unit as it was written -> its code.
UNITS: Mapping[str, str] = {
    "thousandths of a card": "card_milli",
    "thousandths of a vCPU": "vcpu_milli",
    "thousandths of a cell": "cell_milli",
    "MiB": "mib",
    "W": "w",
    "kbit/s": "kbps",
}

#: Rule and resource -> the unit, where only these two were kept.
_UNIT_OF = {
    ("node_capacity", "accelerators"): "card_milli",
    ("node_capacity", "vcpu"): "vcpu_milli",
    ("node_capacity", "memory"): "mib",
    ("node_capacity", "power"): "w",
    ("access_capacity", "uplink"): "cell_milli",
    ("access_capacity", "downlink"): "cell_milli",
    ("link_capacity", "bandwidth"): "kbps",
}
_UNIT_OF_RULE = {"anti_affinity": "shards", "share_cap": "devices", "cards": "card_milli"}

#: What a failure domain was called as a resource -> the word for it in a key, and the field that it is.
_DOMAINS = {
    "node": ("node", "node"),
    "place": ("site", "site"),
    "metro area": ("metro", "metro"),
    "power domain": ("power", "power_domain"),
}
_SLICES = re.compile(r"slices of (\d+) or more")
_SHARES = re.compile(r"(standing )?share of (owner|operator|vendor)s")


def account_of(rule: str, key: str, resource: str, unit: str | None = None) -> Account:
    """The account that `rule` called `key`, of `resource` in `unit` (None: its usual one).

    What no known rule has written keeps its words, as a subject with a `name`.
    """
    code = _UNIT_OF.get((rule, resource), _UNIT_OF_RULE.get(rule, "")) if unit is None else UNITS.get(unit, unit)
    named, parts = _read(rule, key, resource)
    return Account(rule, named, code, subject_of(parts))


def _read(rule: str, key: str, resource: str) -> tuple[str, dict[str, str]]:
    """The code of a resource and the parts of a subject."""
    if rule == "node_capacity" and resource == "accelerators":
        node, _, accelerator = key.rpartition("/")
        return resource, {"node": node, "accelerator": accelerator}
    if rule == "node_capacity":
        return resource, {"node": key}
    if rule == "access_capacity":
        return resource, {"access": key}
    if rule == "link_capacity":
        link, _, direction = key.rpartition(">")
        return resource, {"link": link, "direction": direction}
    if rule == "anti_affinity" and resource in _DOMAINS:
        word, field = _DOMAINS[resource]
        group, _, where = key.rpartition(f" in {word} ")
        return field, {"group": group, field: where}
    if rule == "cards" and (slices := _SLICES.fullmatch(resource)):
        node, _, accelerator = key.rpartition("/")
        return "slices", {"node": node, "accelerator": accelerator, "slice_permille": slices[1]}
    if rule == "share_cap" and (shared := _SHARES.fullmatch(resource)):
        standing, party = "standing_share" if shared[1] else "share", shared[2]
        return standing, {party: key.removeprefix(f"{party} ")}
    return resource, {"name": key}

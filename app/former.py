"""The names that fields of money had while all money was won. Whatever was written with them is still read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

#: Former name -> name.
FORMER = {
    "value_krw_month": "value_month",
    "move_cost_krw": "move_cost",
    "price_krw_month": "price_month",
    "price_krw_gbps_month": "price_gbps_month",
    "price_back_krw_gbps_month": "price_back_gbps_month",
    "vcpu_price_krw_month": "vcpu_price_month",
    "memory_price_krw_gib_month": "memory_price_gib_month",
    "power_price_krw_kwh": "power_price_kwh",
    "price_krw": "price",
    "krw_month": "cost_month",
    "other_krw_month": "other_cost_month",
    "cost_krw_month": "cost_month",
    "placed_krw_month": "placed_month",
    "unplaced_krw_month": "unplaced_month",
    "common_krw_month": "common_month",
    "card_krw_month": "card_month",
    "before_price_krw_month": "before_price_month",
    "net_krw_month": "net_month",
    "gap_krw_month": "gap_month",
}

#: What stands in every former name.
MARK = "krw"

_WORD = re.compile(rf"\b({'|'.join(FORMER)})\b")
_SPOKEN_OF = re.compile(r'"fields": ?\[[^\]]*\]')


def renewed(text: str) -> str:
    """JSON as this service writes it, with the names that fields have now, also where a provenance speaks of them.

    Inside a string a quotation mark has a backslash before it: a name between two bare ones and before a colon is the name
    of a field.
    """
    if MARK not in text:
        return text
    for former, name in FORMER.items():
        text = text.replace(f'"{former}":', f'"{name}":')
    return _SPOKEN_OF.sub(lambda found: spoken(found[0]), text)


def spoken(text: str) -> str:
    """A text in which fields are named, such as `pools.price_krw_month`, with the names that they have now."""
    return _WORD.sub(lambda found: FORMER[found[1]], text) if MARK in text else text


def renewed_within(value: Any, used: set[str]) -> Any:
    """What some JSON says, with the names that fields have now; `used` gets those that were renamed.

    Where an object has a field under both names, the former one stays, and is a field that there is not.
    """
    if isinstance(value, list):
        return [renewed_within(part, used) for part in value]
    if not isinstance(value, dict):
        return value
    old = {name for name in value if name in FORMER and FORMER[name] not in value}
    used |= old
    return {FORMER[name] if name in old else name: renewed_within(part, used) for name, part in value.items()}


def renamed(fields: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """The fields of an object under the names that they have now; one that was given under both stands there twice."""
    return [(FORMER.get(name, name), value) for name, value in fields]

"""What can be full, in words: subjects, resources and units by their codes."""

from __future__ import annotations

from dataclasses import dataclass

from app.cli.answers import Subject


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as people count: `scale` of the service's are one of it."""

    one: str
    more: str
    scale: int = 1

    def amount(self, given: float | None) -> str:
        """An amount of the service's, without the unit: `40`, `0.5`, `1,234`."""
        if given is None:
            return ""
        if self.scale == 1:
            return f"{round(given):,}"
        return f"{given / self.scale:,.3f}".rstrip("0").rstrip(".")

    def said(self, given: int) -> str:
        """An amount of the service's with its unit: `40 cards`, `1 card`, `0.5 cards`."""
        return f"{self.amount(given)} {self.one if given == self.scale else self.more}".rstrip()

    def part(self, used: int, capacity: int) -> str:
        """How much of what there is: `40 of 40 cards`, `0.5 of 4 cards`."""
        return f"{self.amount(used)} of {self.said(capacity)}"

    def price(self, of_one: float | None) -> float | None:
        """What one costs, from what one of the service's costs."""
        return None if of_one is None else of_one * self.scale


UNITS = {
    "card_milli": Unit("card", "cards", 1000),
    "vcpu_milli": Unit("vCPU", "vCPUs", 1000),
    "cell_milli": Unit("cell", "cells", 1000),
    "mib": Unit("MiB", "MiB"),
    "w": Unit("W", "W"),
    "kbps": Unit("kbit/s", "kbit/s"),
    "shards": Unit("shard", "shards"),
    "devices": Unit("device", "devices"),
    "cards": Unit("card", "cards"),
}
_RESOURCES = {"vcpu": "vCPU", "site": "place", "metro": "metro area", "power_domain": "power domain"}


def unit(code: str) -> Unit:
    """The unit in which people count what the service counts in one: cards and not thousandths of one."""
    return UNITS.get(code) or Unit(_plain(code), _plain(code))


def resource(code: str) -> str:
    """What a resource is called."""
    return _RESOURCES.get(code) or _plain(code)


def subject(of: Subject) -> str:
    """What an account is of: `hub/l40s`, `ring>hub`, `cranes in metro area busan`, `owner Hanbit`."""
    if "accelerator" in of and "node" in of:
        return f"{of['node']}/{of['accelerator']}"
    if "link" in of and "direction" in of:
        return f"{of['link']}>{of['direction']}"
    parts = list(of.items())
    if "group" in of:
        where = ", ".join(f"{resource(field)} {value}" for field, value in parts if field != "group")
        return f"{of['group']} in {where}"
    plainly = ("node", "access", "name")
    return ", ".join(f"{value}" if field in plainly else f"{resource(field)} {value}" for field, value in parts)


def _plain(code: str) -> str:
    return code.replace("_", " ")

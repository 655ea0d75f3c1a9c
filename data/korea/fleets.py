"""How many devices of which class work at which site: fleet sizes of realistic order, none of them published.

Car plants, yards, halls and hubs go by an archetype and a scale (`site_archetypes.csv`, `fleet_rules.csv`); container
ports go by their throughput, with one quay crane for each 130,000 TEU a year and one tele-operated truck for each
400,000.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from data.korea.edge import Place, places
from data.korea.sources import table

TEU_PER_CRANE = 130_000
TEU_PER_TRUCK = 400_000

#: How the throughput of a port is shared among its terminals. DGT's is its published capacity, the rest is estimated.
_DGT_TEU = 1_950_000
_SHARES = {
    "port-busan-new": ("busan", 0.70),
    "port-busan-north": ("busan", 0.30),
    "port-incheon-new": ("incheon", 0.60),
    "port-incheon": ("incheon", 0.40),
    "port-gwangyang": ("gwangyang", 1.0),
    "port-pyeongtaek": ("pyeongtaek-dangjin", 1.0),
    "port-ulsan": ("ulsan", 1.0),
    "port-gunsan": ("gunsan", 1.0),
    "port-pohang-yeongil": ("pohang", 1.0),
}

#: Car makers whose vehicles bring recordings home.
_AV_SITES = ("hmc-ulsan", "hmc-asan", "kia-hwaseong", "kia-gwangju", "kgm-pyeongtaek")

#: Sites whose arms run pi0.5 rather than GR00T, on boards beside the line.
PI05_SITES = ("doosan-robotics-suwon", "lge-changwon", "hanwha-geoje")


@dataclass(frozen=True)
class Fleet:
    """`devices` devices of class `kind` at one site, reaching the network over `technology`."""

    place: Place
    kind: str
    devices: int
    technology: str
    shard_devices: int = 0
    note: str = ""


@cache
def fleets() -> tuple[Fleet, ...]:
    """Every fleet of the reference request."""
    found = []
    for place in places():
        for rule in table("fleet_rules"):
            if rule["archetype"] != place.archetype or (rule["needs_onsite"] == "1" and not place.onsite):
                continue
            wireless = rule["technology"].split("|")
            technology = wireless[0] if place.onsite or len(wireless) == 1 else wireless[1]
            devices = _size(place, rule["by"], int(rule["devices"]))
            found.append(Fleet(place, rule["class"], devices, technology, int(rule["shard"]), rule["note"]))
        if place.id in _AV_SITES:
            found.append(Fleet(place, "av-fleet", 16 * place.scale, "wired", 0, "test vehicles, read out in the garage"))
    return tuple(found)


def teu(site: str) -> int:
    """Containers (TEU a year) handled at a container terminal."""
    if site == "port-busan-dgt":
        return _DGT_TEU
    port, share = _SHARES[site]
    total = next(int(row["teu"]) for row in table("ports_throughput") if row["port"] == port)
    return round((total - _DGT_TEU if port == "busan" else total) * share)


def _size(place: Place, by: str, devices: int) -> int:
    if by == "scale":
        return devices * place.scale
    return max(1, round(teu(place.id) / (TEU_PER_CRANE if by == "crane" else TEU_PER_TRUCK)))

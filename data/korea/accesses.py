"""How each site reaches the network: technologies, cells, and the node at which traffic enters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from data.korea.classes import kinds
from data.korea.edge import GATEWAYS, Place, mec_cities, places
from data.korea.fleets import fleets
from data.korea.geography import cities, nearest
from data.wire import Origin, computed, entity, estimated, published
from solver.facts.network import Access

#: Spare cells beyond what the fleets need: a quarter.
HEADROOM = 1.25

#: Rates at which a wire is sold, kbit/s.
_WIRES = (10_000_000, 100_000_000, 400_000_000)

_VLA_PERF = "VLA-Perf planning value, arXiv 2602.18397 (secondary copy on GitHub)"


@dataclass(frozen=True)
class Technology:
    """Round trip (p50, p99) and rates of one cell (up, down), with their origins."""

    p50_us: int
    p99_us: int
    up_kbps: int
    down_kbps: int
    origins: tuple[Origin, ...]


TECHNOLOGIES = {
    "wired": Technology(
        400, 600, 0, 0,
        (estimated("wired access 0.4 ms as in domain facts C.3; p99 half again as much", "rtt_p50_us", "rtt_p99_us"),),
    ),
    "private-5g": Technology(
        6_000, 10_000, 150_000, 350_000,
        (
            estimated("private 5G URLLC 5-10 ms p99, domain facts C.2", "rtt_p50_us", "rtt_p99_us"),
            estimated("uplink-heavy frame, about twice the public uplink", "uplink_kbps", "downlink_kbps"),
        ),
    ),
    "5g-mec": Technology(
        10_000, 20_000, 80_000, 500_000,
        (
            published("SKT 5G MEC inside a factory, 10 ms, etnews 20210729000249 (operator's claim)", "rtt_p50_us"),
            estimated("p99 unpublished; twice the median", "rtt_p99_us"),
            published(_VLA_PERF, "uplink_kbps", "downlink_kbps"),
        ),
    ),
    "5g": Technology(
        20_000, 45_000, 80_000, 500_000,
        (
            estimated("5G NSA/SA 15-25 ms p50, 30-60 ms p99, domain facts C.2", "rtt_p50_us", "rtt_p99_us"),
            published(_VLA_PERF, "uplink_kbps", "downlink_kbps"),
        ),
    ),
    "4g": Technology(
        50_000, 120_000, 19_000, 75_000,
        (
            estimated("25 ms one way in VLA-Perf; p99 unpublished, 2.4 times the median", "rtt_p50_us", "rtt_p99_us"),
            published(_VLA_PERF, "uplink_kbps", "downlink_kbps"),
        ),
    ),
}  # fmt: skip

#: The technologies that every operating site has; private 5G comes with an on-site node.
_EVERYWHERE = ("wired", "5g-mec", "5g", "4g")


def access_id(site: str, technology: str) -> str:
    """Id of the access of `site` over `technology`."""
    return f"{site}-{technology}"


def carrying(place: Place) -> bool:
    """Whether a site works today: what is burned down or only planned reaches no network."""
    return place.scale > 0


def accesses() -> Iterator[dict[str, Any]]:
    """The accesses of all sites, sized for the fleets that use them, as wire entities."""
    needs = _needs()
    for place in places():
        if not carrying(place):
            continue
        for technology in (*_EVERYWHERE, *(("private-5g",) if place.onsite else ())):
            yield _access(place, technology, needs[place.id, technology])
    yield _relay()


def entry(place: Place, technology: str) -> str:
    """Node at which traffic of `place` enters the network."""
    if technology in ("wired", "private-5g"):
        return f"edge-{place.id}" if place.onsite else f"co-{nearest(place.at, cities(), lambda c: c.at)[0].id}"
    if technology == "5g-mec":
        return f"mec-{nearest(place.at, mec_cities(), lambda c: c.at)[0].id}"
    gates = [city for city in cities() if city.id in GATEWAYS]
    return f"gw-{nearest(place.at, gates, lambda c: c.at)[0].id}"


def _access(place: Place, technology: str, need: tuple[int, int]) -> dict[str, Any]:
    spec = TECHNOLOGIES[technology]
    cells, kbps = need
    up, down = spec.up_kbps, spec.down_kbps
    if technology == "wired":
        up = down = next((wire for wire in _WIRES if wire >= HEADROOM * kbps), _WIRES[-1])
        cells = 1
    else:
        cells = max(2, -(-round(cells * HEADROOM * 1000) // 1_000_000))
    access = Access(
        access_id(place.id, technology), place.id, entry(place, technology), technology, spec.p50_us, spec.p99_us,
        up, down, cells,
    )  # fmt: skip
    sized = "rate of the wire and number of cells: what the fleets of the request need and a quarter more"
    return entity(
        access,
        provenance=[
            *spec.origins,
            computed(f"{sized}; enters at the on-site node, else the nearest central office, MEC hub or gateway"),
        ],
    )


def _relay() -> dict[str, Any]:
    """A complex behind a microwave relay, to show a link that is too thin."""
    access = Access("daebul-complex-relay", "daebul-complex", "relay-daebul", "wired", 400, 600, 10_000_000, 10_000_000)
    return entity(
        access, provenance=[estimated("made to show a link that is too thin: 10 Gbit/s of access behind 1 Gbit/s of radio")]
    )


@cache
def _needs() -> dict[tuple[str, str], tuple[int, int]]:
    """For each (site, technology): thousandths of cells that the fleets take, and kbit/s of their larger direction."""
    cells: dict[tuple[str, str], int] = defaultdict(int)
    kbps: dict[tuple[str, str], int] = defaultdict(int)
    for fleet in fleets():
        kind, spec = kinds()[fleet.kind], TECHNOLOGIES[fleet.technology]
        key = fleet.place.id, fleet.technology
        streams = [-(-size * 8 * kind.rate_mhz // 1_000_000) for size in (kind.payload_up_bytes, kind.payload_down_bytes)]
        kbps[key] += max(streams) * fleet.devices
        if fleet.technology != "wired":
            per_cell = [cell // max(1, stream) for cell, stream in zip((spec.up_kbps, spec.down_kbps), streams, strict=True)]
            cells[key] += max(-(-fleet.devices * 1000 // max(1, fits)) for fits in per_cell)
    return defaultdict(lambda: (0, 0), {key: (cells[key], kbps[key]) for key in kbps})

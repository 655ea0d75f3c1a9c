"""Where generated nodes and sites stand, and which of them are joined."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from data.korea.geography import FIBRE_US_PER_KM, HOP_US, ROUTE_FACTOR

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: Share of each kind of node; what is left over are central offices.
SHARES = {"gateway": 0.03, "core": 0.05, "regional": 0.13, "mec": 0.19, "onsite": 0.15, "abroad": 0.01}
KINDS = ("gateway", "core", "regional", "metro", "mec", "onsite", "abroad")

FEWEST_NODES = 20

#: Corners of the country: south, north, west, east, in degrees; and kilometres of a degree there.
SOUTH, NORTH, WEST, EAST = 34.5, 37.9, 126.4, 129.4
KM_LAT, KM_LON = 111.2, 89.5

#: Nodes to each metro area, and the spread of one in kilometres.
NODES_PER_METRO, METRO_KM = 40, 12.0


@dataclass(frozen=True)
class Ground:
    """Generated places. Nodes are numbered kind after kind in the order of `KINDS`; `at` is in kilometres.

    Site s stands at `site_at[s]`; the first ``count("onsite")`` sites have an on-site node each, in order.
    """

    start: dict[str, int]
    at: Floats
    metro: Ints
    site_at: Floats
    site_metro: Ints
    site_weight: Floats

    @property
    def size(self) -> int:
        """Number of nodes."""
        return len(self.at)

    def span(self, kind: str) -> range:
        """Numbers of the nodes of one kind."""
        stops = [*self.start.values(), self.size]
        return range(self.start[kind], stops[list(self.start).index(kind) + 1])

    def count(self, kind: str) -> int:
        """Number of nodes of one kind."""
        return len(self.span(kind))

    def name(self, node: int) -> str:
        """Id of a node."""
        kind = next(kind for kind in reversed(KINDS) if node >= self.start[kind])
        return f"{kind}-{node - self.start[kind]:05d}"

    def nearest(self, to: Floats, kind: str, count: int) -> Ints:
        """For each point, the numbers of its `count` nearest nodes of `kind` (fewer where there are not as many)."""
        span = self.span(kind)
        wanted = min(count, len(span))
        _, found = cKDTree(self.at[span.start : span.stop]).query(to, k=wanted)
        return np.asarray(found, np.int64).reshape(len(to), wanted) + span.start

    def degrees(self, point: Floats) -> tuple[float, float]:
        """Latitude and longitude of a point."""
        return round(SOUTH + float(point[1]) / KM_LAT, 5), round(WEST + float(point[0]) / KM_LON, 5)


@dataclass(frozen=True)
class Edge:
    """A link to be: its ends, fibre kilometres, and what kind of link it is."""

    source: int
    target: int
    km: float
    kind: str

    @property
    def latency_us(self) -> int:
        """One way, one router included."""
        return round(self.km * FIBRE_US_PER_KM) + HOP_US


def ground(nodes: int, rng: np.random.Generator) -> Ground:
    """Scatter `nodes` nodes and a fifth as many sites around metro areas of unequal size."""
    counts = {kind: max(1, round(nodes * share)) for kind, share in SHARES.items()}
    counts["gateway"] = max(3, counts["gateway"])
    counts["metro"] = nodes - sum(counts.values())
    starts, at = {}, 0
    for kind in KINDS:
        starts[kind] = at
        at += counts[kind]
    metros = max(3, nodes // NODES_PER_METRO)
    centre = rng.random((metros, 2)) * [(EAST - WEST) * KM_LON, (NORTH - SOUTH) * KM_LAT]
    weight = 1.0 / (1.0 + np.arange(metros)) ** 0.7
    metro = rng.choice(metros, nodes, p=weight / weight.sum())
    place = centre[metro] + rng.normal(0.0, METRO_KM, (nodes, 2))
    sites = max(counts["onsite"], nodes // 5)
    size = np.sort(rng.lognormal(0.0, 0.8, sites))[::-1]
    site_metro = rng.choice(metros, sites, p=weight / weight.sum())
    site_at = centre[site_metro] + rng.normal(0.0, METRO_KM, (sites, 2))
    onsite = slice(starts["onsite"], starts["onsite"] + counts["onsite"])
    place[onsite], metro[onsite] = site_at[: counts["onsite"]], site_metro[: counts["onsite"]]
    abroad = slice(starts["abroad"], nodes)
    place[abroad] = rng.normal((1100.0, 150.0), METRO_KM, (counts["abroad"], 2))
    return Ground(starts, place, metro, site_at, site_metro, size / size.sum())


def edges(land: Ground) -> Iterator[Edge]:
    """The links: a connected backbone of gateways, everything else homed twice, and cables abroad."""
    gates = land.span("gateway")
    for gate in gates:
        if gate > gates.start:
            yield _between(land, gate, _closest(land, gate, range(gates.start, gate)), "backbone")
    seen = {frozenset((gate, _closest(land, gate, range(gates.start, gate)))) for gate in gates if gate > gates.start}
    for gate, near in zip(gates, land.nearest(land.at[gates.start : gates.stop], "gateway", 4), strict=True):
        for other in near.tolist():
            if other != gate and frozenset((gate, other)) not in seen:
                seen.add(frozenset((gate, other)))
                yield _between(land, gate, other, "backbone")
    for kind, target in (
        ("core", "gateway"), ("regional", "gateway"), ("metro", "gateway"), ("mec", "metro"), ("onsite", "metro"),
    ):  # fmt: skip
        span = land.span(kind)
        for node, near in zip(span, land.nearest(land.at[span.start : span.stop], target, 2), strict=True):
            for other in near.tolist():
                yield _between(land, node, other, kind)
    span = land.span("abroad")
    for node, near in zip(span, land.nearest(land.at[span.start : span.stop], "gateway", 2), strict=True):
        for other in near.tolist():
            yield _between(land, node, other, "submarine")


def _closest(land: Ground, node: int, among: range) -> int:
    far = np.linalg.norm(land.at[among.start : among.stop] - land.at[node], axis=1)
    return among.start + int(np.argmin(far))


def _between(land: Ground, a: int, b: int, kind: str) -> Edge:
    return Edge(a, b, float(np.linalg.norm(land.at[a] - land.at[b])) * ROUTE_FACTOR, kind)

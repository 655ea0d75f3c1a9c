"""Where everything is drawn. What stands at one and the same place is spread around it, as on the dashboard's map."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.cli.answers import NetworkMap
from app.cli.drawing.land import KOREA, Frame

#: Degrees around what is drawn where no land is known.
_AROUND = 0.4
#: Parts of a degree within which things count as being at one place: about 100 m.
_SAME = 1_000
#: How many stand on the first ring around a place; on the second there are twice as many, and so on.
_RING = 6


@dataclass(frozen=True, slots=True)
class Places:
    """Longitude and latitude of nodes and sites, nan where not known."""

    nodes: Any
    sites: Any

    def spread(self, importance: Sequence[int], sites: set[int], pitch: float, narrow: float) -> Places:
        """The same, with twins apart.

        The most important node keeps its place; the others, and those of `sites` that are drawn, stand on rings around it.

        Parameters
        ----------
        importance
            Of each node.
        pitch
            Degrees of latitude from one twin to the next.
        narrow
            Length of a degree of longitude, in degrees of latitude.
        """
        groups: dict[tuple[int, int], tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
        for kind, (rows, places) in enumerate(((range(len(self.nodes)), self.nodes), (sorted(sites), self.sites))):
            for row in rows:
                if not np.isnan(places[row]).any():
                    groups[_spot(*places[row])][kind].append(row)
        nodes, moved = self.nodes.copy(), self.sites.copy()
        for here, there in groups.values():
            here.sort(key=lambda row: (-importance[row], row))
            twins = [(nodes, row) for row in here] + [(moved, row) for row in there]
            for (places, row), (east, north) in zip(twins, slots(len(twins)), strict=True):
                places[row] += (east * pitch / narrow, north * pitch)
        return Places(nodes, moved)


def _spot(lon: float, lat: float) -> tuple[int, int]:
    return math.floor(lon * _SAME + 0.5), math.floor(lat * _SAME + 0.5)


def slots(count: int) -> Iterator[tuple[float, float]]:
    """The places of so many twins, in distances from one to the next; each is at least one from all others."""
    if count:
        yield 0.0, 0.0
    ring, left = 1, count - 1
    while left > 0:
        here = min(_RING * ring, left)
        for place in range(here):
            # The first to the right of the place and a little below, as on the dashboard.
            angle = 2 * math.pi * place / here + math.pi / 6
            yield ring * math.cos(angle), -ring * math.sin(angle)
        ring, left = ring + 1, left - here


def places_of(network: NetworkMap) -> Places:
    """Where nodes and sites stand."""

    def both(lon: Sequence[float | None], lat: Sequence[float | None]) -> Any:
        return np.array([[math.nan if v is None else v for v in column] for column in (lon, lat)]).T.reshape(-1, 2)

    nodes, sites = network["nodes"], network["sites"]
    return Places(both(nodes["lon"], nodes["lat"]), both(sites["lon"], sites["lat"]))


def frame_of(places: Places) -> Frame:
    """Korea, if anything is there, or else what holds everything."""
    known = np.concatenate([places.nodes, places.sites])
    known = known[~np.isnan(known).any(axis=1)]
    if not len(known) or any(KOREA.has(lon, lat) for lon, lat in known):
        return KOREA
    west, south = known.min(axis=0) - _AROUND
    east, north = known.max(axis=0) + _AROUND
    return Frame(float(west), float(south), float(east), float(north))


def narrowed(frame: Frame) -> float:
    """Length of a degree of longitude in the middle of a frame, in degrees of latitude."""
    return math.cos(math.radians((frame.south + frame.north) / 2))

"""The transport network: a metro mesh between central offices, an express backbone, and the legs over water.

Which fibres exist is not published. Cities are joined as in a Gabriel graph (two are neighbours when no third city lies
in the circle between them), which is connected and makes few detours; gateways are joined by express routes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from data.korea import costs
from data.korea.edge import GATEWAYS, OPERATOR, places
from data.korea.geography import City, Point, cities, great_circle_km, latency_us, nearest, route_km
from data.wire import computed, entity, estimated, published
from solver.facts.network import Link, Node, Tier

KR = frozenset({"KR"})
FUKUOKA = Point(33.59, 130.40)

GBPS = 1_000_000
METRO, BACKBONE, ONSITE, HALL, CORE_HALL, SUBMARINE = (
    400 * GBPS, 1_600 * GBPS, 100 * GBPS, 400 * GBPS, 800 * GBPS, 200 * GBPS,
)  # fmt: skip

#: Express routes between gateways, along the expressway and rail spine.
EXPRESS = (
    ("sel", "swn"), ("sel", "djn"), ("swn", "djn"), ("djn", "tae"), ("tae", "pus"), ("djn", "kwj"), ("kwj", "pus"),
    ("sel", "wju"), ("wju", "tae"), ("djn", "pus"),
)  # fmt: skip

_LENGTH = "great circle x 1.5 (route factor, domain facts C.2) x 4.897 us/km + 50 us for a router"


def links(nodes: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """The links between `nodes` (wire entities), as wire entities."""
    by_id = {node["id"]: node for node in nodes}
    mainland = [city for city in cities() if city.id != "cju"]
    for a, b in _gabriel(mainland):
        yield _fibre(f"co-{a.id}", f"co-{b.id}", a.at, b.at, METRO, "metro mesh: Gabriel graph over the cities")
    places_of = {city.id: city.at for city in cities()}
    for a_id, b_id in EXPRESS:
        yield _fibre(f"gw-{a_id}", f"gw-{b_id}", places_of[a_id], places_of[b_id], BACKBONE, "express route")
    for name in GATEWAYS:
        yield _fibre(f"gw-{name}", f"co-{name}", places_of[name], places_of[name], BACKBONE, "same building")
    for node in by_id.values():
        if node["id"].startswith("mec-"):
            city = node["id"].removeprefix("mec-")
            yield _fibre(node["id"], f"co-{city}", places_of[city], places_of[city], METRO, "same building")
    wide = {place.id: place.scale >= 3 for place in places()}
    for node in by_id.values():
        if node["tier"] == Tier.ONSITE.value:
            capacity = ONSITE * (4 if wide[node["site"]] else 1)
            yield from _homed(node, capacity, "on-site node, two ways into the mesh")
        elif _is_hall(node):
            capacity = CORE_HALL if node["tier"] == Tier.CORE.value else HALL
            yield from _homed(node, capacity, "data centre, two ways into the mesh")
    yield from _over_water(by_id, places_of)
    relay = by_id["relay-daebul"]
    yield _fibre(
        "relay-daebul", "co-mpk", Point(relay["lat"], relay["lon"]), places_of["mpk"], GBPS, "microwave relay of 1 Gbit/s"
    )


def landings() -> Iterator[dict[str, Any]]:
    """Nodes that only pass traffic on: the Japanese end of the cable, and the relay at Daebul."""
    japan = frozenset({"JP"})
    node = Node(
        "jp-fukuoka", Tier.CORE, "JP", "Japanese carrier", "JP", None, "jp-fukuoka", "metro-fukuoka", "grid-jp-fukuoka",
        "JP-40", None, "Japanese carrier", "JP", None, japan, japan, japan,
    )  # fmt: skip
    yield entity(
        node, name="Fukuoka cable landing", lat=FUKUOKA.lat, lon=FUKUOKA.lon,
        provenance=[estimated("city coordinates; a landing without compute, owner not named")],
    )  # fmt: skip
    at = Point(34.764, 126.435)
    relay = Node(
        "relay-daebul", Tier.MEC, "KR", OPERATOR, "KR", None, "relay-daebul", "metro-mpk", "grid-346-1264", "KR-46",
        {}, OPERATOR, "KR", "KR", KR, KR, KR,
    )  # fmt: skip
    yield entity(
        relay, name="Daebul microwave relay", lat=at.lat, lon=at.lon,
        provenance=[estimated("synthetic: a relay without compute, to show a link that is too thin")],
    )  # fmt: skip


def _gabriel(nodes: list[City]) -> Iterator[tuple[City, City]]:
    for i, a in enumerate(nodes):
        for b in nodes[i + 1 :]:
            span = great_circle_km(a.at, b.at) ** 2
            others = (c for c in nodes if c is not a and c is not b)
            if all(great_circle_km(a.at, c.at) ** 2 + great_circle_km(b.at, c.at) ** 2 >= span for c in others):
                yield a, b


def _is_hall(node: Mapping[str, Any]) -> bool:
    """Whether a node is a data centre in Korea whose place is known."""
    deep = node["tier"] in (Tier.REGIONAL.value, Tier.CORE.value) and not node["id"].startswith("gw-")
    return deep and node["country"] == "KR" and node["lat"] is not None


def _homed(node: Mapping[str, Any], capacity: int, why: str) -> Iterator[dict[str, Any]]:
    at = Point(node["lat"], node["lon"])
    near = nearest(at, cities(), lambda city: city.at, 3)
    # Jeju has one central office; a second leg to the mainland would be another cable.
    ways = near[:1] if near[0].id == "cju" else [city for city in near if city.id != "cju"][:2]
    for city in ways:
        yield _fibre(node["id"], f"co-{city.id}", at, city.at, capacity, why)


def _over_water(nodes: Mapping[str, Mapping[str, Any]], at: Mapping[str, Point]) -> Iterator[dict[str, Any]]:
    for city in ("mpk", "yos"):
        yield _fibre("co-cju", f"co-{city}", at["cju"], at[city], SUBMARINE, "domestic submarine leg to Jeju", True)
    both = frozenset({"JP", "KR"})
    cable = published("KJCN Busan-Fukuoka 250 km, domain facts C.1", "length_m")
    yield _link("co-pus", "jp-fukuoka", 250.0, SUBMARINE, both, "international submarine cable", cable, True)
    km = route_km(at["geo"], FUKUOKA)
    second = estimated("a second cable, great circle x 1.5", "length_m")
    yield _link("co-geo", "jp-fukuoka", km, SUBMARINE, both, "international submarine cable", second, True)
    tokyo = nodes["aws-tokyo"]
    km = route_km(FUKUOKA, Point(tokyo["lat"], tokyo["lon"]))
    inland = computed("great circle x 1.5", "length_m")
    yield _link("jp-fukuoka", "aws-tokyo", km, BACKBONE, frozenset({"JP"}), "Japanese backbone", inland)


def _fibre(source: str, target: str, a: Point, b: Point, capacity: int, why: str, submarine: bool = False) -> dict[str, Any]:
    origin = computed(_LENGTH.partition(" x 4.897")[0], "length_m")
    return _link(source, target, route_km(a, b), capacity, KR, why, origin, submarine)


def _link(
    source: str, target: str, km: float, capacity: int, law: frozenset[str], why: str, length: Any, submarine: bool = False
) -> dict[str, Any]:
    price = costs.link_price(km, submarine)
    link = Link(f"{source}--{target}", source, target, latency_us(km), capacity, law, price, round(km * 1000))
    return entity(
        link,
        provenance=[
            length,
            computed(_LENGTH, "latency_us"),
            estimated(f"{why}: existence and capacity not published; {costs.TRANSPORT_SOURCE}"),
        ],
        note=why if submarine else None,
    )

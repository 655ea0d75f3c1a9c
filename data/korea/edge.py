"""Nodes near the demand: gateways, central offices, MEC hubs, on-site edge. All of them synthetic, and labelled so.

No operator publishes where these stand or what they hold. They belong to a reference operator that does not exist;
only their number (MEC hubs) and the cities (GeoNames) come from outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from data.korea import costs
from data.korea.geography import City, Point, cities, great_circle_km, nearest_city, outside, power_domain, province_of
from data.korea.sources import DOMAIN, Row, korean, table
from data.wire import Origin, computed, entity, estimated, published
from solver.facts.network import Certification, KeyCustody, Node, NodeState, Pool, Tier

OPERATOR = "Reference operator"

#: Cities at which public 4G and 5G traffic enters the network.
GATEWAYS = ("sel", "swn", "djn", "tae", "kwj", "pus", "wju", "cju")

#: MEC hubs of SK Telecom's topology (published number; places are not).
MEC_COUNT = 12

KR = frozenset({"KR"})

#: The node with a certificate that has expired, made up so that expiry is seen.
EXPIRED_AT = "co-sej"

#: Owners of sites that are not Korean, with their country; the law of that country is taken to reach the site's own node.
FOREIGN_OPERATORS = {
    "GM Korea (US-owned)": ("GM Korea", "US"),
    "Renault Korea (FR-owned)": ("Renault Korea", "FR"),
    "S-OIL (SA-owned)": ("S-OIL", "SA"),
    "Coupang": ("Coupang", "US"),
}

_SYNTHETIC = "synthetic: operators publish neither places nor equipment of"


@dataclass(frozen=True)
class Place:
    """A demand site: where it is and what stands there; `origin` says where its coordinates come from."""

    id: str
    name: str
    kind: str
    at: Point
    operator: str
    archetype: str
    scale: int
    onsite: bool
    origin: Origin


def places() -> list[Place]:
    """The demand sites with this project's sizing of each."""
    sizing = {row["site"]: row for row in table("site_archetypes")}
    return [
        Place(
            row["id"],
            row["name"],
            row["kind"],
            Point(float(row["lat"]), float(row["lon"])),
            row["operator"],
            sizing[row["id"]]["archetype"],
            int(sizing[row["id"]]["scale"]),
            sizing[row["id"]]["onsite"] == "1",
            _origin(row),
        )
        for row in table("sites")
    ]


def _origin(row: Row) -> Origin:
    """Ports and airports come from open data; everything else is known to a few kilometres."""
    listed = row["accuracy"].startswith(("port point", "airport"))
    return (published if listed else estimated)(f"{row['source']}; {row['accuracy']}", "lat", "lon")


def mec_cities() -> list[City]:
    """The cities of the MEC hubs: greedily the ones that shorten the sites' way most, each site weighed by its scale."""
    sites, chosen = [place for place in places() if place.scale], []
    best = [float("inf")] * len(sites)
    for _ in range(MEC_COUNT):

        def saved(city: City, best: list[float] = best) -> float:
            return sum(
                place.scale * min(500.0 if far == float("inf") else far, great_circle_km(place.at, city.at))
                for place, far in zip(sites, best, strict=True)
            )

        city = min((c for c in cities() if c not in chosen), key=saved)
        chosen.append(city)
        best = [min(far, great_circle_km(place.at, city.at)) for place, far in zip(sites, best, strict=True)]
    return chosen


def gateways() -> Iterator[dict[str, Any]]:
    """Where public mobile traffic enters: routers without compute."""
    by_id = {city.id: city for city in cities()}
    for name in GATEWAYS:
        city = by_id[name]
        node = Node(
            f"gw-{name}", Tier.CORE, "KR", OPERATOR, "KR", None, f"co-{name}", f"metro-{name}", power_domain(city.at),
            province_of(city.at)[0], {}, OPERATOR, "KR", "KR", KR, KR, KR, KeyCustody.PROVIDER, False,
        )  # fmt: skip
        yield entity(
            node, name=f"{city.name} gateway", name_ko=korean(city.id, "게이트웨이"), lat=city.at.lat, lon=city.at.lon,
            provenance=[
                published(f"city centroid, GeoNames {city.geonameid}", "lat", "lon"),
                estimated(f"{_SYNTHETIC} user-plane gateways; Korea-wide spread chosen here"),
            ],
        )  # fmt: skip


def central_offices() -> Iterator[dict[str, Any]]:
    """A central office at each city centroid, with cards by population."""
    for city in cities():
        people = max(city.population, 150_000)
        cards = {
            "l4": 2 + people // 400_000,
            "l40s": 2 + people // 150_000,
            "rtx-pro-6000-bse": 2 + people // 200_000,
            "rtx-2000e-ada": 2,
        }
        yield _shared(
            f"co-{city.id}", Tier.METRO, city, cards, 96 + 8 * (people // 50_000), ("central office", "국사"),
            "central offices; cards by population: two of each kind, and one L4 more for each 400,000, one L40S for each "
            "150,000 and one RTX PRO 6000 for each 200,000 inhabitants",
        )  # fmt: skip


def mec_hubs() -> Iterator[dict[str, Any]]:
    """The MEC hubs, each in the central office of its city."""
    for city in mec_cities():
        cards = {"l4": 4, "l40s": 16, "rtx-pro-6000-bse": 8}
        yield _shared(
            f"mec-{city.id}", Tier.MEC, city, cards, 384, ("MEC hub", "MEC 허브"),
            "MEC hubs; 12 as in SKT's topology (it.donga), cities chosen greedily for the shortest way from the sites; "
            "4 L4, 16 L40S and 8 RTX PRO 6000 each",
        )  # fmt: skip


def _shared(
    name: str, tier: Tier, city: City, cards: Mapping[str, int], vcpu: int, title: tuple[str, str], how: str
) -> dict[str, Any]:
    pools, held = _priced(cards, tier), [Certification("ISMS-P", date(2028, 6, 30))]
    if name == EXPIRED_AT:
        held.append(Certification("CSAP-H", date(2026, 6, 30)))
    node = Node(
        name, tier, "KR", OPERATOR, "KR", None, f"co-{city.id}", f"metro-{city.id}", power_domain(city.at),
        province_of(city.at)[0], {}, OPERATOR, "KR", "KR", KR, KR, KR, KeyCustody.PROVIDER, False,
        tuple(held), pools=pools, vcpu=vcpu, memory_mib=vcpu * 6 * 1024, power_w=node_power(pools, vcpu), **_prices(tier),
    )  # fmt: skip
    return entity(
        node, name=f"{city.name} {title[0]}", name_ko=korean(city.id, title[1]), lat=city.at.lat, lon=city.at.lon,
        provenance=[
            published(f"city centroid, GeoNames {city.geonameid}", "lat", "lon"),
            computed("nearest province outline, metro area and grid cell", "province", "metro", "power_domain"),
            estimated(f"{_SYNTHETIC} {how}; owned and run in Korea; {costs.PRICE_SOURCE}"),
        ],
    )  # fmt: skip


def onsite(needs: Mapping[str, tuple[Mapping[str, int], int]], draining: Iterable[str] = ()) -> Iterator[dict[str, Any]]:
    """On-site edge at large sites: `needs` gives the cards and vCPUs of each site that has one."""
    leaving, drained = set(draining), "Being drained in the reference request, so that one such node is seen."
    for place in places():
        if place.id not in needs:
            continue
        cards, vcpu = needs[place.id]
        pools = _priced(cards, Tier.ONSITE)
        owner, country = FOREIGN_OPERATORS.get(place.operator, (place.operator, "KR"))
        node = Node(
            f"edge-{place.id}", Tier.ONSITE, "KR", owner, country, place.id, place.id, f"metro-{nearest_city(place.at).id}",
            power_domain(place.at), province_of(place.at)[0], {country: 1000} if country != "KR" else None,
            owner, "KR", "KR", KR, frozenset({"KR", country}), KR, KeyCustody.CUSTOMER, True,
            (Certification("ISMS-P", date(2028, 6, 30)),),
            state=NodeState.DRAINING if place.id in leaving else NodeState.ACTIVE, pools=pools, vcpu=vcpu,
            memory_mib=vcpu * 6 * 1024, power_w=node_power(pools, vcpu), **_prices(Tier.ONSITE),
        )  # fmt: skip
        yield entity(
            node, name=f"On-site edge, {place.name}", name_ko=korean(place.id, "현장 에지"),
            lat=place.at.lat, lon=place.at.lon,
            provenance=[
                place.origin,
                computed("nearest province outline, metro area and grid cell", "province", "metro", "power_domain"),
                published(f"operator column of sites.csv, {DOMAIN}", "owner", "owner_country"),
                estimated(
                    f"{_SYNTHETIC} on-site edge; cards and vCPUs sized for what is pinned to the site and for two fifths of "
                    f"what may stay there; the owner's own staff, keys and double encryption; {costs.PRICE_SOURCE}"
                ),
            ],
            note=" ".join(said for said in (drained if place.id in leaving else "", outside(place.at)) if said) or None,
        )  # fmt: skip


def node_power(pools: Iterable[Pool], vcpu: int) -> int:
    """Power budget in watts: all cards at full power with their hosts, all vCPUs, and a quarter to spare."""
    tdp = {row["id"]: int(row["tdp_w"]) for row in table("accelerators")}
    return round(1.25 * (sum(pool.count * (tdp[pool.accelerator] + 60) for pool in pools) + 8 * vcpu))


def _priced(cards: Mapping[str, int], tier: Tier) -> tuple[Pool, ...]:
    return tuple(Pool(card, count, costs.card_price(card, tier)) for card, count in cards.items() if count)


def _prices(tier: Tier) -> dict[str, Any]:
    return {
        "pue_permille": costs.PUE_PERMILLE[tier],
        "vcpu_price_month": costs.vcpu_price(tier),
        "memory_price_gib_month": costs.memory_price(tier),
        "power_price_kwh": costs.POWER_PRICE_KRW_KWH,
    }

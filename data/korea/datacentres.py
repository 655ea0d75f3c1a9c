"""Data centres of the facts as nodes: one for each phase, because status and date differ by phase.

Who owns, operates, rents and certifies a hall is published only in part; what is not is an estimate, or left unknown,
and unknown counts as "no" wherever a policy asks.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from data.korea import costs
from data.korea.geography import Point, nearest_city, outside, power_domain, province_of
from data.korea.sources import AS_OF, DOMAIN, Row, korean, table
from data.wire import Origin, computed, entity, estimated, published
from solver.facts.network import Certification, Commitment, KeyCustody, Node, Pool, Tier

CLOUDS = ("aws-", "azure-", "gcp-", "oci-")

#: Halls built for large accelerators, and cloud regions: the innermost tier. Everything else is a regional data centre.
CORE = (
    "naver-gak-sejong-ai", "naver-gak-sejong-gw", "skb-gasan", "sk-aws-ulsan", "sk-ulsan-1gw", "skt-guro", "skt-nvidia",
    "skt-openai", "lgu-paju", "lg-ai-factory", "sds-gumi", "koacc", "hmg-saemangeum", "samsung-ai-factory", *CLOUDS,
)  # fmt: skip

#: Accelerators for each MW of a hall whose inventory nobody published, by what it was built for.
MIX_BY_MW: dict[str, dict[str, float]] = {
    "regional": {"l4": 0.2, "l40s": 0.6, "rtx-pro-6000-bse": 0.5, "h100-sxm": 0.3},
    "core": {"rtx-pro-6000-bse": 0.8, "h100-sxm": 0.5, "b200-sxm": 0.4},
    "future": {"b200-sxm": 8.0, "gb200": 8.0},
}

#: MW assumed where none is published, and the most that a hall's own figure counts for the rule of thumb.
ASSUMED_MW, MOST_MW = 20, 60

_RULE = (
    "inventory not published; rule of thumb for each MW open to this operator's customers (regional: 0.2 L4, 0.6 L40S, "
    "0.5 RTX PRO 6000, 0.3 H100; core: 0.8 RTX PRO 6000, 0.5 H100, 0.4 B200; not yet built: 8 B200, 8 GB200), with 20 MW "
    "assumed where none is published and at most 60 MW counted"
)


@dataclass(frozen=True)
class Inventory:
    """Accelerators of one hall that differ from the rule of thumb."""

    cards: dict[str, int]
    origin: Origin


_INVENTORY: dict[str, Inventory] = {
    "skb-gasan": Inventory(
        {"b200-sxm": 1000, "h100-sxm": 24, "rtx-pro-6000-bse": 40, "l40s": 24},
        published("Haein >1000 B200, coindesk.cc 2026; telecomsinfrastructure.com 2026-03; other kinds estimated", "pools"),
    ),
    "koacc-haenam": Inventory(
        {"b200-sxm": 10_000, "gb200": 5_000},
        published("15,000 GPUs by 2028, heraldcorp 10691199; kinds not named, the split is assumed", "pools"),
    ),
    "hmg-saemangeum-dc": Inventory(
        {"b200-sxm": 50_000},
        published("50,000 GPUs, koreaherald 10684111; memorandum; kind not named, taken as B200", "pools"),
    ),
    "samsung-ai-factory": Inventory(
        {"b200-sxm": 50_000}, published("up to 50,000 GPUs, lokmattimes 2025-10-31; kind not named, taken as B200", "pools")
    ),
    "aws-tokyo": Inventory(
        {"l4": 16, "l40s": 24, "h100-sxm": 32, "h200-sxm": 32, "rtx-pro-6000-bse": 32},
        estimated("inventory not published; a modest guess for a residency test", "pools"),
    ),
}

#: Korean accelerators where general knowledge puts them; pairings not re-read.
_KOREAN_CARDS = {
    "lgu-pyeongchon2": {"rngd": 32},
    "kt-gasan-ai": {"atom": 32, "atom-max": 16},
    "skb-pangyo": {"sapeon-x330": 16},
    "nhn-gwangju": {"sapeon-x330": 16},
}

#: What a source says where its coordinates are no more than a guess at the place.
_VAGUE = ("approx", "LOW", "proxy", "rounded", "centroid", "region city", "medium")

#: What must be said of a place beside its distance to the outline.
_REMARKS = {"koacc-haenam": "Solaseado is land won from the sea; these coordinates are good to about 8 km. "}

#: Undisclosed sites and goals without money: no pools, however large the announcement.
_NO_POOLS = ("skt-nvidia-af1", "skt-openai-southwest", "lg-ai-factory", "naver-gak-sejong-gw", "sk-ulsan-1gw")

#: CSAP certificates as generally known; not checked against KISA's register, and the dates are assumed.
_CSAP = {
    "naver-": "CSAP-M", "kt-": "CSAP-M", "nhn-": "CSAP-M", "sds-": "CSAP-M", "kakao-": "CSAP-L",
    "azure-": "CSAP-L", "gcp-": "CSAP-L", "aws-seoul": "CSAP-L",
}  # fmt: skip


def datacentres() -> Iterator[dict[str, Any]]:
    """The data centres, as wire entities."""
    for row in table("datacentres"):
        node, origins, note = _node(row)
        at = _at(row)
        yield entity(
            node, name=row["name"], name_ko=korean(row["id"]), lat=at and at.lat,
            lon=at and at.lon, provenance=origins, note=note,
        )  # fmt: skip
    yield _manufacturing_cloud()


def available_from(status: Commitment, when: str) -> date | None:
    """First day on which a hall may be counted: the last day of the period that its owner named.

    "2027" is read as 2027-12-31, "2027-H1" as 2027-06-30, "2027-11" as 2027-11-30. What operates already is there since
    the last day of its year, or since the day of the facts where that day has yet to come. No period: None.
    """
    if not when:
        return None
    year, _, part = when.partition("-")
    month = {"": 12, "H1": 6, "H2": 12}.get(part) or int(part)
    day = date(int(year), month, monthrange(int(year), month)[1])
    return min(day, date.fromisoformat(AS_OF)) if status is Commitment.OPERATIONAL else day


def _at(row: Row) -> Point | None:
    return Point(float(row["lat"]), float(row["lon"])) if row["lat"] else None


def _node(row: Row) -> tuple[Node, list[Origin], str | None]:
    name, status = row["id"], Commitment(row["status"])
    tier = Tier.CORE if name.startswith(CORE) else Tier.REGIONAL
    at, country = _at(row), "JP" if name == "aws-tokyo" else "KR"
    pools, pool_origin = _pools(row, tier, status)
    cards = sum(pool.count for pool in pools)
    vcpu = min(200_000, 256 + 16 * cards)
    control, equity, control_origin = _control(row, country)
    power = _power(pools, vcpu)
    certificates = _certificates(name, country, status)
    place = "naver-gak-sejong" if name.startswith("naver-gak-sejong") else _place(name, at)
    node = Node(
        name, tier, country, control["owner"], row["owner_country"].split("/")[0], None, place,
        f"metro-{nearest_city(at).id}" if at and country == "KR" else ("metro-tokyo" if at else ""),
        power_domain(at) if at and country == "KR" else ("grid-jp-tokyo" if at else ""),
        province_of(at)[0] if at and country == "KR" else ("JP-13" if at else ""),
        equity, control["operator"], control["operator_country"], control["tenant"], control["personnel"],
        control["jurisdictions"], frozenset({country}), KeyCustody.PROVIDER, False, certificates, status,
        available_from(status, row["year"]), pools=pools, vcpu=vcpu, memory_mib=vcpu * 8 * 1024, power_w=power,
        pue_permille=costs.PUE_PERMILLE[tier], vcpu_price_month=costs.vcpu_price(tier),
        memory_price_gib_month=costs.memory_price(tier), power_price_kwh=costs.POWER_PRICE_KRW_KWH,
    )  # fmt: skip
    vague = not at or any(word in row["source"] for word in _VAGUE)
    origins = [
        published(row["source"], "commitment", "owner", "owner_country"),
        (estimated if vague else published)(row["source"], "lat", "lon"),
        computed(
            "last day of the period that datacentres.csv names; at most the facts' day for what operates", "available_from"
        ),
        *([pool_origin] if pool_origin else []),
        *control_origin,
        estimated("general knowledge, not checked against KISA's register; expiry assumed", "certifications"),
        estimated(f"tier by purpose; 256 vCPU and 16 for each card, 8 GiB each, 25 % spare power; {costs.PRICE_SOURCE}"),
    ]
    mw = f"{row['mw']} MW named. " if row["mw"] else ""
    undisclosed = "" if at else "Site not disclosed: no coordinates, no links, so nothing can be placed here. "
    off = outside(at) if at and country == "KR" else None
    return node, origins, (mw + undisclosed + _REMARKS.get(name, "") + (off or "")).strip() or None


def _place(name: str, at: Point | None) -> str:
    """Phases that share coordinates are one place."""
    if at is None:
        return name
    same = [row["id"] for row in table("datacentres") if row["lat"] and _at(row) == at]
    return min(same) if name.startswith(("sk-", "lgu-paju")) else name


def _pools(row: Row, tier: Tier, status: Commitment) -> tuple[tuple[Pool, ...], Origin | None]:
    name = row["id"]
    if name in _NO_POOLS:
        return (), None
    if name in _INVENTORY:
        known = _INVENTORY[name]
        return _priced(known.cards, tier), known.origin
    mix = MIX_BY_MW["future" if status is not Commitment.OPERATIONAL else tier.value]
    mw = min(MOST_MW, int(row["mw"] or ASSUMED_MW))
    cards = {card: round(each * mw) for card, each in mix.items()} | _KOREAN_CARDS.get(name, {})
    origin = estimated(_RULE + ("; Korean cards by general knowledge" if name in _KOREAN_CARDS else ""), "pools")
    return _priced({card: count for card, count in cards.items() if count}, tier), origin


def _priced(cards: dict[str, int], tier: Tier) -> tuple[Pool, ...]:
    return tuple(Pool(card, count, costs.card_price(card, tier)) for card, count in cards.items())


def _power(pools: tuple[Pool, ...], vcpu: int) -> int:
    tdp = {row["id"]: int(row["tdp_w"]) for row in table("accelerators")}
    return round(1.25 * (sum(pool.count * (tdp[pool.accelerator] + 60) for pool in pools) + 8 * vcpu))


def _certificates(name: str, country: str, status: Commitment) -> tuple[Certification, ...]:
    if country != "KR" or status is not Commitment.OPERATIONAL:
        return ()
    held = [Certification("ISMS-P", date(2028, 6, 30))]
    for prefix, grade in _CSAP.items():
        if name.startswith(prefix):
            held.append(Certification(grade, date(2028, 12, 31)))
    return tuple(held)


def _control(row: Row, country: str) -> tuple[dict[str, Any], dict[str, int] | None, list[Origin]]:
    """Who owns, operates, rents and can compel a hall."""
    name, home = row["id"], row["owner_country"].split("/")[0]
    owner = row["owner"].split(";")[0].split(" (")[0]
    who: dict[str, Any] = {
        "owner": owner, "operator": owner, "operator_country": home, "tenant": None,
        "personnel": frozenset({country}), "jurisdictions": frozenset({country, home}),
    }  # fmt: skip
    equity: dict[str, int] | None = None
    by = "estimate: the owner operates, staff is local, and both countries' law reaches the keys held by the provider"
    if home != "KR":
        equity = {home: 1000}
    if name.startswith("sk-aws-ulsan"):
        who |= {"owner": "SK Horizon", "operator": "SK Broadband", "tenant": "US", "jurisdictions": frozenset({"KR", "US"})}
        equity = {"US": 290}
        by = "published: SK Horizon 51/29/20 with KKR (US) 29 %; tenant AWS (US), 15 years; koreaherald 10514856"
    if name == "koacc-haenam":
        who |= {"tenant": "KR"}
        equity = {}
        by = "published partners Samsung SDS 30 %, NAVER 26 %, public rest; their own foreign float is not looked through"
    if name == "aws-tokyo":
        who |= {"operator": "Amazon Web Services Japan", "operator_country": "JP", "jurisdictions": frozenset({"JP", "US"})}
    if name == "skb-gasan":
        who |= {"tenant": "KR"}
    basis, _, source = by.partition(": ")
    fields = (
        "foreign_equity_permille", "operator", "operator_country", "tenant_country", "personnel_countries",
        "control_jurisdictions", "backup_countries", "key_custody", "double_encryption",
    )  # fmt: skip
    origin = published(by, *fields) if basis.startswith("published") else estimated(source, *fields)
    return who, equity, [origin]


def _manufacturing_cloud() -> dict[str, Any]:
    """SK Group's manufacturing cloud: announced for Icheon and Yongin, shown at the Icheon campus as a proxy."""
    at, tier = Point(37.253, 127.487), Tier.CORE
    pools = _priced({"rtx-pro-6000-bse": 2000}, tier)
    node = Node(
        "sk-mfg-cloud", tier, "KR", "SK Group", "KR", None, "sk-mfg-cloud", f"metro-{nearest_city(at).id}",
        power_domain(at), province_of(at)[0], None, "SK Telecom", "KR", "KR", frozenset({"KR"}), frozenset({"KR"}),
        frozenset({"KR"}), KeyCustody.PROVIDER, False, (), Commitment.ANNOUNCED, None, pools=pools, vcpu=32_000,
        memory_mib=32_000 * 8 * 1024, power_w=_power(pools, 32_000), pue_permille=costs.PUE_PERMILLE[tier],
        vcpu_price_month=costs.vcpu_price(tier), memory_price_gib_month=costs.memory_price(tier),
        power_price_kwh=costs.POWER_PRICE_KRW_KWH,
    )  # fmt: skip
    source = "news.tf.co.kr 2257959; tecknexus 2025-11"
    return entity(
        node, name="SK manufacturing AI cloud (Icheon/Yongin)", name_ko=korean("sk-mfg-cloud"), lat=at.lat, lon=at.lon,
        provenance=[
            published(f">2000 RTX PRO 6000, announced 2025-10-31; {source}; delivery not verified", "pools", "commitment"),
            estimated("coordinates of the Icheon campus as a proxy", "lat", "lon"),
            estimated(f"Korean owner, operator and staff assumed; {costs.PRICE_SOURCE}, {DOMAIN}"),
        ],
        note="No date was named, so it never counts until one is.",
    )  # fmt: skip

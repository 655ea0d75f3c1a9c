"""The reference request: one workload for each fleet, and a few that cannot be placed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

from data.korea import costs
from data.korea.accesses import access_id
from data.korea.classes import Kind, kinds
from data.korea.fleets import Fleet, fleets
from data.korea.geography import Point, nearest
from data.korea.impossible import impossible, partners
from data.korea.onsite import load, model_of
from data.korea.profiles import measured
from data.korea.sources import table
from data.wire import Origin, computed, entity, estimated, published
from solver.facts.network import Domain, Tier
from solver.facts.placement import Placement
from solver.facts.workloads import Workload

#: What a fleet is worth, as a multiple of a high estimate of serving it: the rarer its outages may be, the more.
WORTH = {0.99: 3, 0.995: 3, 0.999: 4, 0.9995: 4, 0.9999: 5, 0.99999: 6, 0.999999: 8}

#: Highest price of carrying one Gbit/s across the country, in won a month; see `costs.TRANSPORT_SOURCE`.
TRANSPORT_KRW_GBPS = 1_500_000

#: Operators that are public bodies: their dialogue is public-sector data, their twins sensitive.
_PUBLIC_BODIES = ("Port Authority", "MOF", "Airport Corp", "Airports Corp", "Regional Office", "Province")

#: Classes whose shards must not all fail with one place; "two MECs" and "dual site" of the profile table.
_SPREAD = {"teleop-truck": Domain.SITE, "safety-vlm": Domain.POWER}

#: Cost of moving a running language agent: a day of two people and of running twice.
MOVE_COST = 400_000

#: Sites whose language agent is outside the request: it stays where it runs.
_STAYING = ("skh-icheon", "posco-pohang", "banwol-sihwa")

PROVENANCE: tuple[Origin, ...] = (
    published("workload_profiles.csv; its columns `published` and `estimated` say which is which", "deadline_us"),
    computed("workload_profiles.csv", "payload_up_bytes", "payload_down_bytes", "rate_mhz", "tiers"),
    estimated("site_archetypes.csv and fleet_rules.csv; a crane for 130,000 TEU a year, a truck for 400,000", "devices"),
    estimated(
        "rule: 3 to 8 times (by the availability asked) a high estimate of serving the fleet: servers at 70 % load and one "
        "more for each shard, on the dearest card that the model runs on, at on-site prices, with power and transport",
        "value_month",
    ),
    estimated("technology by class and site; shards, spread groups and what runs where now chosen here"),
)


def workloads() -> Iterator[dict[str, Any]]:
    """The workloads of the reference request, as wire entities: first those that can be placed, then those that cannot."""
    for number, fleet in enumerate(fleets()):
        kind = kinds()[fleet.kind]
        name = f"{kind.name} at {fleet.place.id}"
        made = _workload(fleet, kind, number)
        stays = bool(made.current) and fleet.place.id in _STAYING
        yield entity(made, movable=False if stays else None, name=name, note=fleet.note or None)
    for partner in partners():
        yield entity(_valued(partner), name="Haptic primary at Donghae", note="Has the only on-site node of its site.")
    for item in impossible():
        yield entity(_valued(item.workload), name=item.name, note=item.why)


def _workload(fleet: Fleet, kind: Kind, number: int) -> Workload:
    site, model = fleet.place.id, model_of(fleet)
    policy = kind.policy
    if any(word in fleet.place.operator for word in _PUBLIC_BODIES):
        policy = {"robot-llm": "gov_O", "digital-twin": "gov_S"}.get(fleet.kind, policy)
    workload = Workload(
        f"{site}-{fleet.kind}", access_id(site, fleet.technology), model, fleet.devices, kind.rate_mhz,
        kind.payload_up_bytes, kind.payload_down_bytes, kind.deadline_us, policy, 0, kind.tiers, kind.pin,
        fleet.shard_devices if fleet.devices > fleet.shard_devices else 0,
    )  # fmt: skip
    if workload.policy == "business" and number % 2 == 0:
        # Half of the language agents run already, in the nearest hall of the request's day.
        hall = nearest(fleet.place.at, _halls(), lambda item: item[1])[0][0]
        workload = replace(workload, current=(Placement(workload.id, 0, hall),), move_cost=MOVE_COST)
    over = _SPREAD.get(fleet.kind)
    if over is not None and 1 < workload.shards <= 4:
        workload = replace(workload, spread_group=workload.id, spread_over=over)
    return _valued(workload)


def _valued(workload: Workload) -> Workload:
    """`workload` with its value, unless one was given."""
    if workload.value_month:
        return workload
    worth = WORTH[_availability(workload)]
    return replace(workload, value_month=100_000 * math.ceil(worth * serving_cost(workload) / 100_000))


def serving_cost(workload: Workload) -> float:
    """A high estimate, in won a month, of what serving `workload` costs."""
    dearest = 0.0
    cards = _card_price()
    for item in measured():
        if item.model != workload.model or item.batches[0][1] > workload.deadline_us:
            continue
        kind = replace(_kind_of(workload), rate_mhz=workload.rate_mhz)
        busy = load(kind, item.model, item.accelerator, workload.devices) if item.slice_permille == 1000 else 0.0
        servers = math.ceil(busy / 0.7) + workload.shards
        unit = cards[item.accelerator] if item.accelerator else item.vcpu_milli / 1000 * costs.vcpu_price(Tier.ONSITE)
        dearest = max(dearest, servers * unit)
    gbps = (workload.uplink_kbps + workload.downlink_kbps) * workload.devices / 1_000_000
    return dearest * 1.3 + gbps * TRANSPORT_KRW_GBPS + 50_000


@cache
def _card_price() -> dict[str, int]:
    return {card: costs.card_price(card, Tier.ONSITE) for card in costs.CARD_USD}


@cache
def _halls() -> tuple[tuple[str, Point], ...]:
    """The halls that operate in Korea, belong to Koreans and hold cards for language models."""
    return tuple(
        (row["id"], Point(float(row["lat"]), float(row["lon"])))
        for row in table("datacentres")
        if row["status"] == "operational" and row["owner_country"] == "KR"
    )


def _kind_of(workload: Workload) -> Kind:
    """The class that a workload is of; the first with its model where several share one."""
    by_suffix = [kind for name, kind in kinds().items() if workload.id.endswith(name)]
    by_model = [kind for kind in kinds().values() if kind.model == workload.model]
    return (by_suffix or by_model or [kinds()["robot-llm"]])[0]


def _availability(workload: Workload) -> float:
    return _kind_of(workload).availability

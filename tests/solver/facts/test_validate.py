"""What contradicts itself is no question: each fault is refused, and its field is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any, TypeAlias

import pytest

from solver.facts.catalogue import Catalogue
from solver.facts.network import Network, Pool
from solver.facts.placement import Slot
from solver.facts.problem import Problem
from solver.facts.terms import ShareCap, ShareOf, Terms, Weights
from solver.facts.validate import MAX_PRICE, MAX_SERVERS_IN_FORCE, MAX_STREAM_KBPS, MAX_WEIGHT, ProblemError
from solver.facts.workloads import Policy
from tests.world import CAMERA, CONTROL, CORE, EDGE, FIVE_G, LINK, OPEN, PROFILES, ROBOT, ROBOT_RUNS, WIRE, world

#: Makes the question; each case is made when it is tried.
Asking: TypeAlias = Callable[[], Problem]

DAY = date(2026, 11, 22)
AMOUNT = "is outside 0 to 1000000000000"


def _edge(**changes: Any) -> Asking:
    return lambda: world(nodes=(replace(EDGE, **changes), CORE))


def _link(**changes: Any) -> Asking:
    return lambda: world(links=(replace(LINK, **changes),))


def _access(**changes: Any) -> Asking:
    return lambda: world(accesses=(replace(WIRE, **changes), FIVE_G))


def _card(**changes: Any) -> Asking:
    def asking() -> Problem:
        known = world()
        l4, h100 = known.catalogue.accelerators
        return replace(known, catalogue=replace(known.catalogue, accelerators=(replace(l4, **changes), h100)))

    return asking


def _profile(**changes: Any) -> Asking:
    return lambda: world(profiles=(replace(PROFILES[0], **changes), *PROFILES[1:]))


def _robot(**changes: Any) -> Asking:
    return lambda: world(workloads=(CAMERA, replace(ROBOT, **changes), CONTROL))


def _runs(**changes: Any) -> Asking:
    return _robot(current=(replace(ROBOT_RUNS, **changes),))


def _terms(weights: Weights | None = None, caps: tuple[ShareCap, ...] = ()) -> Asking:
    return lambda: world(terms=Terms(DAY, weights=weights or Weights(), share_caps=caps))


def _twice(kind: str) -> Asking:
    """The tiny world with the first entity of a kind given twice."""

    def asking() -> Problem:
        known = world()
        if kind in ("nodes", "links", "sites", "accesses"):
            of = getattr(known.network, kind)
            return replace(known, network=replace(known.network, **{kind: (*of, of[0])}))
        if kind in ("accelerators", "profiles"):
            of = getattr(known.catalogue, kind)
            return replace(known, catalogue=replace(known.catalogue, **{kind: (*of, of[0])}))
        of = getattr(known, kind)
        return replace(known, **{kind: (*of, of[0])})

    return asking


FAULTS: list[tuple[Asking, str, str]] = [
    *((_twice(kind), f"{kind}[{first}]", "this id is used twice") for kind, first in (
        ("nodes", "edge"), ("links", "edge-core"), ("sites", "plant"), ("accesses", "plant-wire"), ("accelerators", "l4"),
        ("profiles", "detect/l4"), ("policies", "open"), ("workloads", "camera"),
    )),
    (lambda: world(nodes=(EDGE, CORE, replace(CORE, id=""))), "nodes", "an id is empty"),
    (lambda: world(policies=(*world().policies, Policy(""))), "policies", "an id is empty"),
    # Nodes
    *((_edge(**{name: value}), f"nodes[edge].{name}", AMOUNT)
      for name in ("vcpu", "memory_mib", "power_w") for value in (-1, 10**12 + 1)),
    *((_edge(**{name: value}), f"nodes[edge].{name}", f"is outside 0 to {MAX_PRICE}")
      for name in ("vcpu_price_month", "memory_price_gib_month") for value in (-1, MAX_PRICE + 1)),
    (_edge(power_price_kwh=1_000_001), "nodes[edge].power_price_kwh", "1000001 is outside 0 to 1000000"),
    (_edge(pue_permille=999), "nodes[edge].pue_permille", "999 is outside 1000 to 10000"),
    (_edge(pue_permille=10_001), "nodes[edge].pue_permille", "10001 is outside 1000 to 10000"),
    (_edge(pools=(Pool("l4", 1), Pool("l4", 1))), "nodes[edge].pools", "accelerator 'l4' is listed twice"),
    (_edge(pools=(Pool("b200", 1),)), "nodes[edge].pools", "there is no accelerator 'b200'"),
    (_edge(pools=(Pool("l4", -1),)), "nodes[edge].pools[l4].count", "-1 is outside 0 to 10000000"),
    (_edge(pools=(Pool("l4", 1, -1),)), "nodes[edge].pools[l4].price_month", "-1 is outside 0 to 1000000000"),
    (_edge(foreign_equity_permille={"US": 1_001}), "nodes[edge].foreign_equity_permille[US]", "1001 is outside 0 to 1000"),
    (_edge(site="mill"), "nodes[edge].site", "there is no site 'mill'"),
    # Links
    (_link(source="hub"), "links[edge-core].source", "there is no node 'hub'"),
    (_link(target="hub"), "links[edge-core].target", "there is no node 'hub'"),
    (_link(target="edge"), "links[edge-core].target", "a link joins two different nodes"),
    *((_link(**{name: 10_000_001}), f"links[edge-core].{name}", "10000001 is outside 0 to 10000000")
      for name in ("latency_us", "latency_back_us")),
    *((_link(**{name: -1}), f"links[edge-core].{name}", AMOUNT)
      for name in ("capacity_kbps", "capacity_back_kbps", "length_m")),
    *((_link(**{name: 10**8 + 1}), f"links[edge-core].{name}", "100000001 is outside 0 to 100000000")
      for name in ("price_gbps_month", "price_back_gbps_month")),
    # Accesses
    (_access(site="mill"), "accesses[plant-wire].site", "there is no site 'mill'"),
    (_access(node="hub"), "accesses[plant-wire].node", "there is no node 'hub'"),
    (_access(rtt_p50_us=-1), "accesses[plant-wire].rtt_p50_us", "-1 is outside 0 to 60000000"),
    (_access(rtt_p50_us=401), "accesses[plant-wire].rtt_p99_us", "400 is outside 401 to 60000000"),
    (_access(uplink_kbps=0), "accesses[plant-wire].uplink_kbps", "0 is outside 1 to"),
    (_access(downlink_kbps=0), "accesses[plant-wire].downlink_kbps", "0 is outside 1 to"),
    (_access(cells=-1), "accesses[plant-wire].cells", "-1 is outside 0 to 1000000"),
    # The catalogue
    (_card(memory_mib=-1), "accelerators[l4].memory_mib", AMOUNT),
    (_card(power_w=-1), "accelerators[l4].power_w", AMOUNT),
    (_card(max_slices=3), "accelerators[l4].max_slices", "3 is not one of 1, 2, 4, 8"),
    (_profile(accelerator="b200"), "profiles[detect/l4].accelerator", "there is no accelerator 'b200'"),
    (_profile(slice_permille=333), "profiles[detect/l4].slice_permille", "333 is not one of (1000, 500, 250, 125)"),
    (_profile(memory_mib=-1), "profiles[detect/l4].memory_mib", AMOUNT),
    (_profile(vcpu_milli=1_000_001), "profiles[detect/l4].vcpu_milli", "1000001 is outside 0 to 1000000"),
    (_profile(host_memory_mib=-1), "profiles[detect/l4].host_memory_mib", "-1 is outside 0 to 10000000"),
    (_profile(power_w=-1), "profiles[detect/l4].power_w", "-1 is outside 0 to 1000000"),
    *((_profile(batches=batches), "profiles[detect/l4].batches", "the batch curve starts at batch size 1")
      for batches in ((), ((2, 10),))),
    *((_profile(batches=((1, 10), *more)), "profiles[detect/l4].batches", "batch sizes and times increase")
      for more in (((1, 20),), ((4, 9),), ((4, 20), (2, 30)), ((4, 3_600_000_001),))),
    (_profile(batches=((1, 0),)), "profiles[detect/l4].batches", "times lie within an hour"),
    # Policies and terms
    (lambda: world(policies=(replace(OPEN, max_foreign_equity_permille=1_001), *world().policies[1:])),
     "policies[open].max_foreign_equity_permille", "1001 is outside 0 to 1000"),
    *((_terms(Weights(**{name: MAX_WEIGHT + 1})), f"terms.weights.{name}", f"is outside 0 to {MAX_WEIGHT}")
      for name in ("unplaced", "accelerators", "energy", "transport", "moves")),
    (_terms(caps=(ShareCap(ShareOf.OWNER, 1_001),)), "terms.share_caps.permille", "1001 is outside 0 to 1000"),
    (_terms(caps=2 * (ShareCap(ShareOf.OWNER, 1),)), "terms.share_caps", "the same cap is given twice"),
    # Workloads
    (_robot(access="mill"), "workloads[robot].access", "there is no access 'mill'"),
    (_robot(policy="secret"), "workloads[robot].policy", "there is no policy 'secret'"),
    (_robot(model="oracle"), "workloads[robot].model", "there is no model of the catalogue 'oracle'"),
    (_robot(devices=0), "workloads[robot].devices", "0 is outside 1 to 10000000"),
    (_robot(rate_mhz=0), "workloads[robot].rate_mhz", "0 is outside 1 to 10000000000"),
    (_robot(payload_up_bytes=-1), "workloads[robot].payload_up_bytes", "-1 is outside 0 to 10000000000"),
    (_robot(payload_down_bytes=-1), "workloads[robot].payload_down_bytes", "-1 is outside 0 to 10000000000"),
    (_robot(deadline_us=0), "workloads[robot].deadline_us", "0 is outside 1 to 3600000000"),
    (_robot(value_month=-1), "workloads[robot].value_month", AMOUNT),
    (_robot(move_cost=-1), "workloads[robot].move_cost", AMOUNT),
    (_robot(shard_devices=-1), "workloads[robot].shard_devices", "-1 is outside 0 to 10000000"),
    # 800 Gbit/s from each of 2 devices.
    (_robot(payload_up_bytes=10**8, rate_mhz=10**6), "workloads[robot].shard_devices: kbit/s of one shard",
     f"is outside 0 to {MAX_STREAM_KBPS}"),
    (_robot(devices=100_001, shard_devices=1), "workloads[robot].shard_devices", "makes 100001 shards; at most 100000"),
    (_robot(current=(None, None)), "workloads[robot].current", "names 2 places for 1 shards"),
    # What runs
    (_runs(workload="camera"), "workloads[robot].current[0]", "is a placement of shard 0 of 'camera'"),
    (_runs(shard=1), "workloads[robot].current[0]", "is a placement of shard 1 of 'robot'"),
    (_runs(node="hub"), "workloads[robot].current[0]", "there is no node 'hub'"),
    (_runs(profile="policy/b200"), "workloads[robot].current[0]", "there is no profile 'policy/b200'"),
    (_runs(route=("hub-core",)), "workloads[robot].current[0]", "there is no link 'hub-core'"),
    (_runs(servers=0), "workloads[robot].current[0].servers", f"0 is outside 1 to {MAX_SERVERS_IN_FORCE}"),
    (_runs(batch_limit=-1), "workloads[robot].current[0].batch_limit", "-1 is outside 0 to 1000000"),
    (_runs(cards=(Slot(-1, 0), Slot(1, 0))), "workloads[robot].current[0].cards: card", "-1 is outside 0 to 10000000"),
    (_runs(cards=(Slot(0, 8), Slot(1, 0))), "workloads[robot].current[0].cards: eighth", "8 is outside 0 to 7"),
]  # fmt: skip


@pytest.mark.parametrize(("asking", "field", "why"), FAULTS, ids=[f"{field}: {why}" for _, field, why in FAULTS])
def test_a_fault_is_refused_at_its_field(asking: Asking, field: str, why: str) -> None:
    with pytest.raises(ProblemError) as error:
        asking()
    assert error.value.field == field
    assert why in error.value.why
    assert str(error.value) == f"{field}: {error.value.why}"


@pytest.mark.parametrize(
    "asking",
    [
        _edge(vcpu=10**12, pue_permille=10_000, vcpu_price_month=MAX_PRICE, foreign_equity_permille={"US": 1_000}),
        _edge(site="yard", pools=(Pool("l4", 0), Pool("h100", 10_000_000, MAX_PRICE))),
        _link(latency_us=0, latency_back_us=10_000_000, capacity_kbps=0, price_gbps_month=MAX_PRICE // 10),
        _access(rtt_p50_us=400, uplink_kbps=1, cells=0),
        _card(max_slices=8, memory_mib=0),
        _profile(batches=((1, 10), (2, 10), (8, 3_600_000_000)), slice_permille=125),
        _terms(
            Weights(unplaced=MAX_WEIGHT, moves=0), (ShareCap(ShareOf.OWNER, 0), ShareCap(ShareOf.OWNER, 0, standing=True))
        ),
        _robot(devices=100_000, shard_devices=1),
        _robot(value_month=0, move_cost=0, payload_up_bytes=0, deadline_us=1),
        _runs(servers=MAX_SERVERS_IN_FORCE, batch_limit=0, cards=(Slot(0, 7),)),
        _robot(current=(None,)),
        lambda: Problem(Network((EDGE,)), Catalogue(world().catalogue.accelerators, ()), (), (), Terms(DAY)),
    ],
)
def test_what_lies_just_within_is_a_question(asking: Asking) -> None:
    assert isinstance(asking(), Problem)

"""One tiny world, small enough to check by hand: two nodes, three workloads. Its variants carry most tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from solver.facts.catalogue import Accelerator, Catalogue, Profile
from solver.facts.network import Access, Link, Network, Node, Pool, Site, Tier
from solver.facts.placement import Placement, Slot
from solver.facts.problem import Problem
from solver.facts.terms import Terms
from solver.facts.workloads import Policy, Workload

KR = frozenset({"KR"})

EDGE = Node(
    id="edge", tier=Tier.MEC, country="KR", owner="Hanbit", owner_country="KR", operator="Hanbit", operator_country="KR",
    place="p-edge", metro="busan", power_domain="grid-1", backup_countries=KR, personnel_countries=KR,
    control_jurisdictions=KR, foreign_equity_permille={}, tenant_country="KR",
    pools=(Pool("l4", 2, 900_000),), vcpu=32, memory_mib=131_072, power_w=2_000, pue_permille=1_500,
    vcpu_price_month=20_000, memory_price_gib_month=3_000, power_price_kwh=180,
)  # fmt: skip
CORE = replace(
    EDGE, id="core", tier=Tier.CORE, place="p-core", metro="sejong", power_domain="grid-2",
    pools=(Pool("l4", 16, 500_000), Pool("h100", 4, 3_000_000)), vcpu=512, memory_mib=2_097_152, power_w=50_000,
    pue_permille=1_200, vcpu_price_month=12_000,
)  # fmt: skip
LINK = Link("edge-core", "edge", "core", latency_us=1_000, capacity_kbps=10_000_000, jurisdictions=KR,
            price_gbps_month=400_000, length_m=150_000)  # fmt: skip
WIRE = Access("plant-wire", "plant", "edge", "wired", 300, 400, 10_000_000, 10_000_000)
FIVE_G = Access("plant-5g", "plant", "edge", "5g-mec", 8_000, 10_000, 80_000, 500_000, cells=4)
L4 = Accelerator("l4", "NVIDIA", "US", memory_mib=24_576, power_w=72)
H100 = Accelerator("h100", "NVIDIA", "US", memory_mib=81_920, power_w=700, max_slices=4)
PROFILES = (
    Profile("detect/l4", "detect", "l4", "trt", ((1, 10_000), (4, 25_000)), 4_096, 1000, 2_000, 4_096, 72),
    Profile("detect/h100q", "detect", "h100", "trt", ((1, 6_000), (4, 12_000)), 8_192, 250, 2_000, 8_192, 175),
    Profile("policy/l4", "policy", "l4", "trt", ((1, 40_000),), 16_384, 1000, 4_000, 16_384, 72),
    Profile("policy/h100", "policy", "h100", "trt", ((1, 28_000),), 16_384, 1000, 4_000, 16_384, 700),
    Profile("control/cpu", "control", None, "cpu", ((1, 2_000),), 0, 1000, 1_000, 512, 10),
)
OPEN = Policy("open")
DOMESTIC = Policy("domestic", countries=KR, control_jurisdictions=KR, transit=KR)
CAMERA = Workload("camera", "plant-5g", "detect", devices=6, rate_mhz=10_000, payload_up_bytes=80_000,
                  payload_down_bytes=500, deadline_us=100_000, policy="open", value_month=50_000_000)  # fmt: skip
ROBOT = Workload("robot", "plant-wire", "policy", devices=2, rate_mhz=5_000, payload_up_bytes=46_000,
                 payload_down_bytes=2_800, deadline_us=150_000, policy="domestic", value_month=80_000_000)  # fmt: skip
CONTROL = Workload("control", "plant-wire", "control", devices=20, rate_mhz=20_000, payload_up_bytes=250,
                   payload_down_bytes=250, deadline_us=20_000, policy="open", value_month=30_000_000)  # fmt: skip

#: What runs, in full: two robots on the edge's two cards.
ROBOT_RUNS = Placement("robot", 0, "edge", "policy/l4", 2, (Slot(0, 0), Slot(1, 0)))


def world(**changes: Any) -> Problem:
    """The tiny world; keyword arguments replace nodes, links, accesses, profiles, policies, workloads or terms."""
    return Problem(
        network=Network(
            nodes=tuple(changes.get("nodes", (EDGE, CORE))),
            links=tuple(changes.get("links", (LINK,))),
            sites=(Site("plant", "factory"), Site("yard", "port")),
            accesses=tuple(changes.get("accesses", (WIRE, FIVE_G))),
        ),
        catalogue=Catalogue((L4, H100), tuple(changes.get("profiles", PROFILES))),
        policies=tuple(changes.get("policies", (OPEN, DOMESTIC))),
        workloads=tuple(changes.get("workloads", (CAMERA, ROBOT, CONTROL))),
        terms=changes.get("terms", Terms(date(2026, 11, 22))),
    )

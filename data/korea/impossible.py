"""Workloads that cannot be placed, each for one reason alone: lift that one rule, and it fits.

They show what a refusal looks like. Each is built so that every node breaks the rule in question, or breaks at least two
rules of which lifting one would not help.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

from data.korea.accesses import access_id
from data.korea.classes import kinds
from solver.facts.network import Domain, Tier
from solver.facts.workloads import Pin, Workload

#: Sites whose on-site node is being drained in the reference network.
DRAINING_SITES = ("port-jeju",)

#: Owner whose share is capped in the request, and at how much of the devices.
CAPPED_OWNER, CAP_PERMILLE = "Amazon", 10


@dataclass(frozen=True)
class Impossible:
    """A workload with the name of the rule that refuses it."""

    workload: Workload
    rule: str
    name: str
    why: str


@cache
def impossible() -> tuple[Impossible, ...]:
    """One for each rule that can refuse a workload."""
    return (
        Impossible(
            _of("motion-control", "hmc-ulsan", "wired", 8),
            "pin",
            "Servo loops of one press line",
            "Closed-loop motion control stays on its device although the latency numbers would fit.",
        ),
        Impossible(
            _of("crane-remote", "port-busan-north", "4g", 4),
            "deadline",
            "Crane desks over 4G",
            "4G alone takes 120 ms at p99; the deadline is 50 ms.",
        ),
        Impossible(
            replace(_of("av-fleet", "log-icn", "wired", 20), policy="gov_S", tiers=frozenset({Tier.MEC})),
            "tier",
            "Apron survey vehicles, MEC only",
            "The request names MEC hubs only; they hold neither the card nor the certificate, certified halls hold both.",
        ),
        Impossible(
            replace(_of("vla-manipulation", "doosan-robotics-suwon", "wired", 2), model="pi0-3view"),
            "accelerator",
            "pi0 with three views",
            "Measured on a card that no node holds; its licence forbids data-centre use.",
        ),
        Impossible(
            replace(_of("remote-robot-haptic", "port-jeju", "private-5g", 2), deadline_us=12_000),
            "node_state",
            "Haptic hull cleaning at Jeju",
            "Pinned to the site, whose on-site node is being drained; the mainland is too far for 12 ms.",
        ),
        Impossible(
            replace(
                _of("vla-manipulation", "log-jungbu-icd", "wired", 4),
                model="vla-81b",
                policy="sovereign",
                rate_mhz=2_000,
                deadline_us=500_000,
                tiers=frozenset({Tier.CORE}),
            ),
            "commitment",
            "81B policy on sovereign compute",
            "Only halls that are not built yet hold the card, and one of them is known to be Korean-owned throughout.",
        ),
        Impossible(
            replace(_of("digital-twin", "renault-busan", "wired", 1), policy="fr_group_data"),
            "residency",
            "Engineering twin under the parent's rule",
            "The parent wants its data in France; no node is there.",
        ),
        Impossible(
            replace(_of("digital-twin", "gm-bupyeong", "wired", 1), policy="us_parent_core_tech"),
            "control",
            "Core-technology twin under the parent's rule",
            "A US-owned hall that no US law reaches: no hall is both.",
        ),
        Impossible(
            replace(_of("robot-llm", "port-donghae", "wired", 40), policy="gov_C"),
            "certification",
            "Classified dispatch agent",
            "No node holds a valid CSAP High certificate; the only one has expired.",
        ),
        Impossible(
            replace(_of("robot-llm", "port-busan-new", "wired", 60), policy="jp_customer_kr_transit"),
            "transit",
            "Japanese customer's agent, Korean transit only",
            "Every way to Japan leaves Korean law.",
        ),
        Impossible(
            replace(
                _of("amr-control", "log-cj-daejeon", "wired", 20_000),
                policy="sovereign",
                value_month=80_000_000,
            ),
            "node_capacity",
            "One fleet controller for 20,000 AMRs",
            "Asks for some 2,500 vCPUs in one piece; no MEC hub or on-site node has as many. Shards would help.",
        ),
        Impossible(
            _of("crane-video", "port-yeosu", "5g", 8),
            "access_capacity",
            "Eight cranes over public 5G",
            "One crane's cameras fill a cell's uplink, and the port has fewer cells than cranes.",
        ),
        Impossible(
            replace(
                _of("safety-video", "daebul-complex", "relay", 300),
                tiers=frozenset({Tier.METRO, Tier.REGIONAL}),
            ),
            "link_capacity",
            "Cameras behind a microwave relay",
            "1.2 Gbit/s of video over a radio link of 1 Gbit/s.",
        ),
        *_twins(),
        Impossible(
            replace(_of("robot-llm", "port-busan-north", "wired", 2_000), policy="jp_customer"),
            "share_cap",
            "Japanese customer's agents",
            f"Only Tokyo qualifies, and {CAPPED_OWNER} may serve only 1 % of the devices.",
        ),
    )


def partners() -> tuple[Workload, ...]:
    """Workloads that are placed only so that an impossible one is seen to be refused."""
    first = _donghae("primary")
    return (replace(first, value_month=9_000_000),)


def _twins() -> tuple[Impossible, ...]:
    standby = replace(_donghae("standby"), value_month=6_000_000)
    return (
        Impossible(
            standby,
            "anti_affinity",
            "Haptic standby at Donghae",
            "Must not share a node with its primary, and the site has one node.",
        ),
    )


def _donghae(role: str) -> Workload:
    base = _of("remote-robot-haptic", "port-donghae", "private-5g", 1)
    group = "port-donghae-haptic"
    return replace(base, id=f"{group}-{role}", deadline_us=12_000, spread_group=group, spread_over=Domain.NODE)


def _of(kind_id: str, site: str, technology: str, devices: int) -> Workload:
    kind = kinds()[kind_id]
    return Workload(
        f"x-{site}-{technology}-{kind_id}", access_id(site, technology), kind.model, devices, kind.rate_mhz,
        kind.payload_up_bytes, kind.payload_down_bytes, kind.deadline_us, kind.policy, 0, kind.tiers,
        Pin.DEVICE if kind_id == "motion-control" else kind.pin,
    )  # fmt: skip

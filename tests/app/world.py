"""One tiny world, small enough to work out by hand: two nodes, one link, one site, three workloads.

Node `hub` stands at the end of the access and has two cards; `centre` is one link (2 ms) away and has four cheaper
ones. Each camera fleet needs one card. `stop-button` asks for an answer sooner than the access alone takes: it fits
nowhere.
"""

from __future__ import annotations

from typing import Any

NODES: list[dict[str, Any]] = [
    {
        "id": "hub",
        "name": "Hub",
        "lat": 35.1,
        "lon": 129.0,
        "tier": "mec",
        "country": "KR",
        "province": "KR-26",
        "owner": "telco",
        "owner_country": "KR",
        "operator": "telco",
        "operator_country": "KR",
        "metro": "busan",
        "pools": [{"accelerator": "card", "count": 2, "price_month": 900_000}],
        "vcpu": 64,
        "memory_mib": 262_144,
        "power_w": 5_000,
    },
    {
        "id": "centre",
        "name": "Centre",
        "lat": 36.5,
        "lon": 127.2,
        "tier": "regional",
        "country": "KR",
        "province": "KR-50",
        "owner": "telco",
        "owner_country": "KR",
        "operator": "telco",
        "operator_country": "KR",
        "metro": "sejong",
        "pools": [{"accelerator": "card", "count": 4, "price_month": 600_000}],
        "vcpu": 256,
        "memory_mib": 1_048_576,
        "power_w": 20_000,
    },
]

LINKS: list[dict[str, Any]] = [
    {
        "id": "hub-centre",
        "source": "hub",
        "target": "centre",
        "latency_us": 2_000,
        "capacity_kbps": 10_000_000,
        "jurisdictions": ["KR"],
    }
]

SITES: list[dict[str, Any]] = [{"id": "plant", "kind": "factory", "name": "Plant", "lat": 35.2, "lon": 129.1}]

ACCESSES: list[dict[str, Any]] = [
    {
        "id": "plant-wired",
        "site": "plant",
        "node": "hub",
        "technology": "wired",
        "rtt_p50_us": 300,
        "rtt_p99_us": 400,
        "uplink_kbps": 10_000_000,
        "downlink_kbps": 10_000_000,
    }
]

ACCELERATORS: list[dict[str, Any]] = [
    {"id": "card", "vendor": "maker", "vendor_country": "US", "memory_mib": 49_152, "power_w": 300}
]

PROFILES: list[dict[str, Any]] = [
    {
        "id": "detector-card",
        "model": "detector",
        "accelerator": "card",
        "runtime": "rt",
        "batches": [[1, 5_000]],
        "memory_mib": 8_192,
        "vcpu_milli": 1_000,
        "host_memory_mib": 4_096,
        "power_w": 300,
    }
]

POLICIES: list[dict[str, Any]] = [{"id": "open", "name": "Open"}]


def workload(id: str, **changes: Any) -> dict[str, Any]:
    """A camera fleet that one card serves."""
    return {
        "id": id,
        "access": "plant-wired",
        "model": "detector",
        "devices": 10,
        "rate_mhz": 5_000,
        "payload_up_bytes": 20_000,
        "payload_down_bytes": 200,
        "deadline_us": 60_000,
        "policy": "open",
        "value_month": 50_000_000,
        **changes,
    }


CAMERAS = workload("cameras")
NIGHT_CAMERAS = workload("night-cameras")
STOP_BUTTON = workload("stop-button", deadline_us=300)
WORKLOADS = [CAMERAS, NIGHT_CAMERAS, STOP_BUTTON]

TERMS: dict[str, Any] = {"horizon": "2026-12-01"}

NETWORK: dict[str, Any] = {"nodes": NODES, "links": LINKS, "sites": SITES, "accesses": ACCESSES}
CATALOGUE: dict[str, Any] = {"accelerators": ACCELERATORS, "profiles": PROFILES}


def request(*workloads: dict[str, Any], seconds: float = 1.0, **more: Any) -> dict[str, Any]:
    """A request for a plan of these workloads."""
    return {"workloads": list(workloads), "terms": TERMS, "limits": {"seconds": seconds}, **more}

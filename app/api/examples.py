"""One of each entity, and a change to one, for the documentation. Together they make a small network that is sound."""

from __future__ import annotations

from typing import Any

EXAMPLES: dict[str, dict[str, Any]] = {
    "nodes": {
        "id": "busan-mec",
        "name": "MEC hub Busan",
        "tier": "mec",
        "country": "KR",
        "province": "KR-26",
        "metro": "busan",
        "owner": "Example Telecom",
        "owner_country": "KR",
        "operator": "Example Telecom",
        "operator_country": "KR",
        "control_jurisdictions": ["KR"],
        "pools": [],
        "vcpu": 128,
        "memory_mib": 524288,
        "power_w": 20000,
    },
    "links": {
        "id": "busan-loop",
        "source": "busan-mec",
        "target": "ulsan-mec",
        "latency_us": 300,
        "capacity_kbps": 100000000,
        "jurisdictions": ["KR"],
    },
    "sites": {"id": "ulsan-plant", "kind": "factory", "name": "Plant in Ulsan", "province": "KR-31"},
    "accesses": {
        "id": "ulsan-wired",
        "site": "ulsan-plant",
        "node": "busan-mec",
        "technology": "wired",
        "rtt_p50_us": 300,
        "rtt_p99_us": 400,
        "uplink_kbps": 10000000,
        "downlink_kbps": 10000000,
    },
    "accelerators": {
        "id": "l40s",
        "name": "L40S",
        "vendor": "NVIDIA",
        "vendor_country": "US",
        "memory_mib": 46068,
        "power_w": 350,
    },
    "profiles": {
        "id": "detector-l40s",
        "model": "defect-detector",
        "accelerator": "l40s",
        "runtime": "tensorrt",
        "batches": [[1, 4000], [4, 9000]],
        "memory_mib": 4096,
        "power_w": 250,
    },
    "policies": {
        "id": "open",
        "name": "No restriction",
        "description": "Data that may lie anywhere in Korea.",
        "countries": ["KR"],
    },
    "workloads": {
        "id": "ulsan-inspection",
        "access": "ulsan-wired",
        "model": "defect-detector",
        "devices": 40,
        "rate_mhz": 5000,
        "payload_up_bytes": 120000,
        "payload_down_bytes": 400,
        "deadline_us": 80000,
        "policy": "open",
        "value_krw_month": 90000000,
    },
}

CHANGES: dict[str, dict[str, Any]] = {
    "nodes": {"vcpu": 256, "note": "second rack"},
    "links": {"capacity_kbps": 400000000},
    "sites": {"name": "Plant in Ulsan, gate 2"},
    "accesses": {"cells": 2},
    "accelerators": {"power_w": 300},
    "profiles": {"batches": [[1, 3800], [4, 8500]]},
    "policies": {"transit": ["KR"]},
    "workloads": {"devices": 60},
}

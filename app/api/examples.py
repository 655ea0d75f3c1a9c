"""What the documentation prints as examples. Each runs as it stands on the reference network, which `make run` loads."""

from __future__ import annotations

from typing import Any

#: One more of each kind; what it names is there.
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
        "id": "mec-usn--co-pus",
        "source": "mec-usn",
        "target": "co-pus",
        "latency_us": 300,
        "capacity_kbps": 100000000,
        "jurisdictions": ["KR"],
    },
    "sites": {"id": "ulsan-plant", "kind": "factory", "name": "Plant in Ulsan", "province": "KR-31"},
    "accesses": {
        "id": "hmc-ulsan-second-wire",
        "site": "hmc-ulsan",
        "node": "mec-usn",
        "technology": "wired",
        "rtt_p50_us": 300,
        "rtt_p99_us": 400,
        "uplink_kbps": 10000000,
        "downlink_kbps": 10000000,
    },
    "accelerators": {
        "id": "l40",
        "name": "L40",
        "vendor": "NVIDIA",
        "vendor_country": "US",
        "memory_mib": 46068,
        "power_w": 300,
    },
    "profiles": {
        "id": "retinanet@l40s-two-streams",
        "model": "retinanet",
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
        "access": "hmc-ulsan-wired",
        "model": "retinanet",
        "devices": 40,
        "rate_mhz": 5000,
        "payload_up_bytes": 120000,
        "payload_down_bytes": 400,
        "deadline_us": 80000,
        "policy": "core_tech",
        "value_month": 90000000,
    },
}

#: The id of one of each kind that is there.
THERE: dict[str, str] = {
    "nodes": "co-usn",
    "links": "co-pus--co-usn",
    "sites": "hmc-ulsan",
    "accesses": "hmc-ulsan-wired",
    "accelerators": "l40s",
    "profiles": "retinanet@l40s",
    "policies": "core_tech",
    "workloads": "hmc-ulsan-visual-inspection",
}

#: Small documents. Each takes the place of a whole one, so they go in this order: what is named is put before its names are.
DOCUMENT_EXAMPLES: dict[str, dict[str, Any]] = {
    "workloads": {"workloads": []},
    "network": {
        "nodes": [EXAMPLES["nodes"]],
        "sites": [EXAMPLES["sites"]],
        "accesses": [{**EXAMPLES["accesses"], "node": EXAMPLES["nodes"]["id"], "site": EXAMPLES["sites"]["id"]}],
    },
    "catalogue": {
        "accelerators": [EXAMPLES["accelerators"]],
        "profiles": [{**EXAMPLES["profiles"], "accelerator": EXAMPLES["accelerators"]["id"]}],
    },
    "policies": {"policies": [EXAMPLES["policies"]]},
}

#: A change to each of those that are there.
CHANGES: dict[str, dict[str, Any]] = {
    "nodes": {"vcpu": 256, "note": "second rack"},
    "links": {"capacity_kbps": 400000000},
    "sites": {"name": "Plant in Ulsan, gate 2"},
    "accesses": {"cells": 2},
    "accelerators": {"power_w": 320},
    "profiles": {"batches": [[1, 3800], [4, 8500]]},
    "policies": {"transit": ["KR"]},
    "workloads": {"devices": 60},
}

"""A network with less room than is asked for, so that everything that is placed is contended for.

Six nodes around a hub have ten whole cards and two that are cut into quarters; sixteen fleets want one card each and four
want a quarter of one. A fleet sends 8,000 kbit/s, and a link carries three of them.
"""

from __future__ import annotations

from typing import Any

from tests.app.world import ACCELERATORS, ACCESSES, NODES, POLICIES, PROFILES, SITES, TERMS, workload
from tests.chaos.history import KINDS

_HUB: dict[str, Any] = NODES[0]

NODES_OF_ALL: list[dict[str, Any]] = [
    {
        **_HUB, "id": f"n{i}", "name": f"Node {i}", "note": "first", "lat": 35.0 + i / 10,
        "pools": [
            {"accelerator": "card", "count": [3, 2, 2, 1, 1, 1][i], "price_month": 600_000 + 50_000 * i},
            *([{"accelerator": "cut", "count": 1, "price_month": 400_000}] if i in (1, 4) else []),
        ],
    }
    for i in range(6)
]  # fmt: skip

LINKS: list[dict[str, Any]] = [
    {
        "id": f"n0-n{i}", "source": "n0", "target": f"n{i}", "latency_us": 500 * i, "capacity_kbps": 24_000,
        "jurisdictions": ["KR"], "note": "first",
    }
    for i in range(1, 6)
]  # fmt: skip

NETWORK: dict[str, Any] = {
    "nodes": NODES_OF_ALL,
    "links": LINKS,
    "sites": SITES,
    "accesses": [{**ACCESSES[0], "node": "n0"}],
}

CATALOGUE: dict[str, Any] = {
    "accelerators": [*ACCELERATORS, {**ACCELERATORS[0], "id": "cut", "max_slices": 4}],
    "profiles": [
        *PROFILES,
        {
            **PROFILES[0], "id": "reader-cut", "model": "reader", "accelerator": "cut", "slice_permille": 250,
            "memory_mib": 4_096,
        },
    ],
}  # fmt: skip

WORKLOADS: list[dict[str, Any]] = [
    *(workload(f"w{i}", note="first", value_month=50_000_000 + 1_000_000 * i) for i in range(16)),
    *(workload(f"r{i}", note="first", model="reader") for i in range(4)),
]

DOCUMENTS: list[tuple[str, dict[str, Any]]] = [
    ("catalogue", CATALOGUE),
    ("network", NETWORK),
    ("policies", {"policies": POLICIES}),
    ("workloads", {"workloads": WORKLOADS}),
]


def request(*names: str, seconds: float = 1.0, **more: Any) -> dict[str, Any]:
    """A request for a plan of some of the stored fleets."""
    return {"workload_ids": list(names), "terms": TERMS, "limits": {"seconds": seconds}, **more}


def entities() -> dict[str, dict[str, dict[str, Any]]]:
    """All that it consists of, by kind and id."""
    found: dict[str, dict[str, dict[str, Any]]] = {kind: {} for kind in KINDS}
    for _, document in DOCUMENTS:
        for kind, members in document.items():
            found[kind] = {member["id"]: member for member in members}
    return found

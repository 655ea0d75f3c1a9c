"""Capacity of links, each direction by itself: two robots send 3,680 kbit/s and receive 224."""

from __future__ import annotations

from dataclasses import replace

import pytest

from solver.facts.network import Link
from solver.rules.violation import Violation
from tests.solver.rules.judged import ROBOT_CORE, ROBOT_EDGE, broken
from tests.world import LINK, world

#: The same link drawn the other way round: requests go against it.
TURNED = replace(LINK, source="core", target="edge")


@pytest.mark.parametrize(
    ("link", "end", "needed", "available"),
    [
        (replace(LINK, capacity_kbps=3_679), "core", 3_680, 3_679),
        (replace(LINK, capacity_back_kbps=223), "edge", 224, 223),
        (replace(TURNED, capacity_back_kbps=3_679), "core", 3_680, 3_679),
        (replace(TURNED, capacity_kbps=223, capacity_back_kbps=3_680), "edge", 224, 223),
    ],
    ids=["up", "down", "up against the link", "down along the link"],
)
def test_refused(link: Link, end: str, needed: int, available: int) -> None:
    why = f"edge-core>{end} (bandwidth) has {available:,} kbit/s; {needed:,} kbit/s would be used"
    refused = Violation("link_capacity", None, None, None, needed, available, "kbps", why)
    assert broken(world(links=(link,)), ROBOT_CORE) == [refused]


@pytest.mark.parametrize(
    "link",
    [
        replace(LINK, capacity_kbps=3_680, capacity_back_kbps=224),
        replace(TURNED, capacity_kbps=224, capacity_back_kbps=3_680),
    ],
)
def test_allowed_to_the_last_bit(link: Link) -> None:
    assert broken(world(links=(link,)), ROBOT_CORE) == []


def test_what_stays_at_its_entry_uses_no_link() -> None:
    assert broken(world(links=(replace(LINK, capacity_kbps=0),)), ROBOT_EDGE) == []

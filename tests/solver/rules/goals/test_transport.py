"""What carrying the traffic costs, by hand: two robots send 3,680 kbit/s and receive 224, at a price for each Gbit/s."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from solver.facts.network import Link
from solver.facts.terms import Terms, Weights
from tests.solver.rules.judged import ROBOT_CORE, ROBOT_EDGE, costs
from tests.world import CORE, EDGE, LINK, world


@pytest.mark.parametrize(
    ("link", "won"),
    [
        # 3,904 kbit/s at 400,000 won: 1,561.6.
        (LINK, 1_562),
        # 3,680 kbit/s at 400,000 and 224 at 100,000: 1,472 + 22.4.
        (replace(LINK, price_back_gbps_month=100_000), 1_495),
        # Against the link: 3,680 kbit/s at 100,000 and 224 at 400,000: 368 + 89.6.
        (replace(LINK, source="core", target="edge", price_back_gbps_month=100_000), 458),
        (replace(LINK, price_gbps_month=0), 0),
        (replace(LINK, price_gbps_month=1), 1),
    ],
)
def test_cost(link: Link, won: int) -> None:
    assert costs(world(links=(link,)), "transport", ROBOT_CORE) == won


def test_links_of_a_route_add_up_before_anything_is_rounded() -> None:
    nodes = (EDGE, CORE, replace(EDGE, id="relay"))
    links = (replace(LINK, id="out", target="relay"), replace(LINK, id="on", source="relay"))
    assert costs(world(nodes=nodes, links=links), "transport", ROBOT_CORE) == 3_124


def test_what_stays_at_its_entry_pays_nothing() -> None:
    assert costs(world(), "transport", ROBOT_EDGE) == 0
    assert costs(world(), "transport") == 0


@pytest.mark.parametrize(("weight", "won"), [(0, 0), (500, 781), (1_001, 1_564)])
def test_weight(weight: int, won: int) -> None:
    terms = Terms(date(2026, 11, 22), weights=Weights(transport=weight))
    assert costs(world(terms=terms), "transport", ROBOT_CORE) == won

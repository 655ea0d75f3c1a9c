"""Transit: traffic passes only through countries that the policy allows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from solver.rules.violation import Violation
from tests.solver.rules.judged import KR, ROBOT_CORE, ROBOT_EDGE, US, broken, ruled
from tests.world import LINK, world


@pytest.mark.parametrize(
    ("crossed", "allowed", "abroad", "only"),
    [
        (KR | US, KR, "US", "KR"),
        (US | {"JP"}, KR, "JP, US", "KR"),
        (KR | US, KR | {"JP"}, "US", "JP, KR"),
        (KR, frozenset(), "KR", "none"),
    ],
)
def test_refused(crossed: frozenset[str], allowed: frozenset[str], abroad: str, only: str) -> None:
    problem = world(links=(replace(LINK, jurisdictions=crossed),), policies=ruled(transit=allowed))
    why = f"the route from robot to core takes edge-core through {abroad}; policy domestic allows {only}"
    assert broken(problem, ROBOT_CORE) == [Violation("transit", "robot", 0, "core", 1, 0, "permission", why)]
    assert broken(problem, ROBOT_EDGE) == []


@pytest.mark.parametrize(("crossed", "allowed"), [(KR, KR), (KR | US, KR | US), (frozenset(), frozenset()), (US, None)])
def test_allowed(crossed: frozenset[str], allowed: frozenset[str] | None) -> None:
    problem = world(links=(replace(LINK, jurisdictions=crossed),), policies=ruled(transit=allowed))
    assert broken(problem, ROBOT_CORE) == []


def test_the_first_link_that_leaves_is_named_and_each_placement_is_refused_once() -> None:
    relay = replace(world().nodes[0], id="relay")
    abroad = [replace(LINK, id=name, source=a, target=b, jurisdictions=US) for name, a, b in
              (("first", "edge", "relay"), ("second", "relay", "core"))]  # fmt: skip
    problem = world(nodes=(*world().nodes, relay), links=abroad, policies=ruled(transit=KR))
    (refused,) = broken(problem, ROBOT_CORE)
    assert "takes first through US" in refused.sentence

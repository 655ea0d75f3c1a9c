"""The reference request of Korea, as `make run` asks it: placed, refused and proven as it should be."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from solver import Limits, explain, place
from tests.bench.problems import load_problem

REFERENCE = Path(__file__).parents[2] / "data" / "reference"


@pytest.mark.slow
def test_what_can_be_placed_is_placed_and_the_rest_is_refused_for_its_own_reason() -> None:
    problem = load_problem(REFERENCE)
    expected = json.loads((REFERENCE / "expectations.json").read_text())["impossible"]
    result = place(problem, Limits(seconds=30, workers=2))
    assert result.verdict.ok
    assert result.gap <= 0.01
    refused = Counter(problem.workloads[w].id for w, _ in result.verdict.unplaced)
    assert set(refused) == set(expected)
    # Each impossible workload is refused by one rule alone: relaxing any other opens no node.
    for workload, rule in expected.items():
        assert {repair.rule for repair in explain(problem, result.plan, workload).repairs} == {rule}, workload


@pytest.mark.slow
def test_the_request_uses_operating_capacity_only() -> None:
    problem = load_problem(REFERENCE)
    result = place(problem, Limits(seconds=5, workers=2))
    used = {problem.nodes[n].commitment for n in result.plan.node.tolist()}
    assert used == {"operational"}

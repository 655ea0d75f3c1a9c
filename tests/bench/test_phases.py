"""The table of what phases earn: a line for each phase that ran, and a failure where one was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.bench import phases
from tests.bench.phases import main, page
from tests.bench.suites import BUNDLED


def row(cost: int, bound: int, **seconds: float) -> dict[str, Any]:
    return {"cost": cost, "bound": bound, "seconds": 2.0, "phases": seconds}


def test_each_phase_has_a_line_with_and_without_it() -> None:
    without = {"search": row(1_010, 900, exact=1.9), "exact": {"failure": "no answer"}}
    record = {"name": "tiny", "seconds": 2.0, "whole": row(1_000, 990, search=0.5, exact=1.5), "without": without}
    lines = page([record]).splitlines()
    assert lines[2] == "| tiny (2 s) | search | 0.50 | 1.000 | 10.891 | 1.01000 | 2.0 | 2.0 |"
    assert lines[3] == "| tiny (2 s) | exact | 1.50 | 1.000 | no answer |  | 2.0 |  |"


def test_an_instance_that_fails_says_why() -> None:
    record = {"name": "tiny", "seconds": 2.0, "whole": {"failure": "killed"}, "without": {}}
    assert "| tiny (2 s) | killed |" in page([record])


def test_an_instance_without_time_for_the_engines_says_so() -> None:
    record = {"name": "large", "seconds": 2.0, "whole": row(1_000, 990), "without": {}}
    assert page([record]).splitlines()[2:] == ["| large (2 s) | no phase ran |  | 1.000 |  |  | 2.0 |  |"]


@pytest.mark.parametrize("without", ["", "search"])
def test_one_solve_says_what_it_came_to_and_what_each_phase_took(
    without: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path), "20", "1", "1", without, "gap", str(BUNDLED / "gap1-0.gz")]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["cost"], told["bound"]) == (261, 261)
    assert ("search" in told["phases"]) == (without == "")
    assert "prices" in told["phases"]


def test_every_family_that_is_bundled_is_among_the_instances() -> None:
    assert {one.family for one in phases.instances(1)} >= {"national", "plane", "gap", "sscflp", "weights", "edgewise"}

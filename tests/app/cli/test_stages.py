"""The command line says of each step of a solve what made it, by the solver's own name."""

from __future__ import annotations

import pytest

from app.cli.answers import ProgressPoint
from app.cli.views.plan_progress import point
from solver.engines import Stage


@pytest.mark.parametrize("stage", Stage)
def test_a_step_ends_with_its_stage(stage: Stage) -> None:
    reached = ProgressPoint(seconds=1.0, cost=7, bound=5, gap=0.28, unplaced=0, phase=stage)
    assert point(reached).split()[-1] == stage

"""Ascents go pass by pass, and end when their passes, their time or their steps do."""

from __future__ import annotations

import numpy as np
import pytest

from solver.bounds.ascent import PatternAscent, ascend_patterns
from solver.bounds.compiled_packing import compile_packing
from solver.bounds.lagrangian import Ascent, ascend, field_of
from solver.params import Steps
from tests.solver.bounds.test_patterns import priced
from tests.solver.engines.tiny import tiny_packing

PACKING = tiny_packing(11)
VIEW = compile_packing(PACKING)
FIELD = field_of(PACKING, VIEW)


def test_a_lagrangian_ascent_makes_as_many_passes_as_asked_for() -> None:
    with Ascent(VIEW, FIELD, None, 7, 1) as ascent:
        bounds = [ascent.best.value]
        while ascent.step():
            bounds.append(ascent.best.value)
    assert ascent.passes == 7
    assert bounds == sorted(bounds)
    assert bounds[-1] == ascend(VIEW, FIELD, None, 7).value


def test_of_no_passes_none_is_made() -> None:
    with Ascent(VIEW, FIELD, None, 0, 1) as ascent:
        assert not ascent.step()
        assert ascent.best.value == -np.inf


@pytest.mark.parametrize("used", [1.0, 2.0])
def test_without_time_a_lagrangian_ascent_ends(used: float) -> None:
    with Ascent(VIEW, FIELD, None, 100, 1) as ascent:
        assert ascent.step(0.5)
        assert not ascent.step(used)
    assert ascent.passes == 1


def test_the_schedule_never_goes_back() -> None:
    with Ascent(VIEW, FIELD, None, 4, 1) as ascent:
        assert ascent.step(0.9)
        assert ascent.step(0.0)
        assert not ascent.step(1.0)
        assert not ascent.step(0.0)


def test_threads_change_a_pass_by_rounding_only() -> None:
    with Ascent(VIEW, FIELD, None, 20, 1) as alone, Ascent(VIEW, FIELD, None, 20, 2, threaded=0) as together:
        while alone.step() and together.step():
            assert together.best.value == pytest.approx(alone.best.value)


def test_a_pattern_ascent_ends_with_its_time_or_its_steps() -> None:
    pricing, unit = priced(PACKING)
    ascent = PatternAscent(pricing, unit)
    assert ascent.step(100)
    assert not ascent.step(100, used=1.0)
    assert ascent.passes == 1
    short = PatternAscent(pricing, unit, steps=Steps(0.1, 0.09, 1, 0.5))
    while short.step(0):
        assert short.passes < 100
    assert short.result().bound <= ascend_patterns(pricing, unit, 100).bound


def test_an_ascent_that_does_not_rise_is_given_up_early() -> None:
    pricing, unit = priced(PACKING)
    ascent = PatternAscent(pricing, unit)
    assert ascent.step(0)
    assert not ascent.step(0, used=pricing.params.ascent.hopeless + 0.01)

"""Parameters are checked when they are made, and the defaults are in range."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import fields, replace

import pytest

from solver.params import (
    DEFAULTS,
    ColumnParams,
    KnapsackParams,
    NeighbourhoodParams,
    PatternParams,
    PlaceParams,
    PricingParams,
    Schedule,
    SearchParams,
    ShowingParams,
    SolveParams,
    Steps,
    Turn,
)

WRONG: dict[str, Callable[[], object]] = {
    "PricingParams.share": lambda: PricingParams(share=1.5),
    "PatternParams.share": lambda: PatternParams(share=-0.1),
    "PricingParams.passes": lambda: PricingParams(passes=0),
    "PricingParams.warm_passes": lambda: PricingParams(warm_passes=2.5),  # type: ignore[arg-type]
    "ColumnParams.rounds": lambda: ColumnParams(rounds=0),
    "ColumnParams.growth": lambda: ColumnParams(growth=0.5),
    "ColumnParams.list_all": lambda: ColumnParams(list_all=-2),
    "ColumnParams.close": lambda: ColumnParams(close=math.nan),
    "KnapsackParams.most_tried": lambda: KnapsackParams(most_tried=60),
    "Schedule.hot": lambda: Schedule(0.1, 0.2, 0.1),
    "Schedule.stride": lambda: Schedule(0.1, 0.1, 0.0),
    "Steps.first": lambda: Steps(0.1, 0.2, 5, 0.5),
    "Steps.shrink": lambda: Steps(0.2, 0.1, 5, 1.0),
    "Turn.neighbourhoods": lambda: Turn(0.8, 0.3),
    "SearchParams.most_rounds": lambda: SearchParams(least_rounds=5, most_rounds=4),
    "SearchParams.hot": lambda: SearchParams(hot=0.01),
    "NeighbourhoodParams.first": lambda: NeighbourhoodParams(first=5),
    "PlaceParams.slices": lambda: PlaceParams(slices=(0.2, 1.0)),
    "ShowingParams.sparing": lambda: ShowingParams(sparing=True),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_value_out_of_range_is_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name.replace('.', '[.]')} is out of range: "):
        WRONG[name]()


def test_a_default_varied_out_of_range_is_refused_too() -> None:
    with pytest.raises(ValueError, match="patience"):
        replace(DEFAULTS.exact, patience=2.0)


def test_every_phase_has_a_value_of_its_own_that_is_varied_alone() -> None:
    varied = replace(DEFAULTS, search=SearchParams(region=1))
    assert [one.name for one in fields(SolveParams) if getattr(varied, one.name) != getattr(DEFAULTS, one.name)] == [
        "search"
    ]

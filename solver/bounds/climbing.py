"""Climbing the pattern bound: values of the items' copies that lift it.

Values follow the running mean of subgradients (as in the volume algorithm, Barahona and Anbil 2000), each step by a share of
what is missing to the best plan's cost (Polyak 1969); the share shrinks where steps no longer lift.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solver.bounds.patterns import Pricing
from solver.bounds.view import View, load_worth
from solver.packing import IntArray

Reals = NDArray[np.float64]

#: Share of the time after which an ascent that has not risen at all is given up.
_HOPELESS = 0.4
#: What a new subgradient counts for in the running mean.
_FRESH = 0.2
#: What is taken to be missing at least, as a share of the bound: a step must not vanish where the bound is nearly met.
_MISSING = 5e-4
#: The share to which the longest step falls by the end of an ascent that is short of time.
_HURRIED = 0.1


class Steps(NamedTuple):
    """Steps of an ascent, as shares of what is missing: the first, the least, passes without a better bound before they
    shrink, and to what share of themselves."""

    first: float
    least: float
    patience: int
    shrink: float


#: From the linear bound's values, and from values that were the best for other gates.
FROM_PRICES, FROM_VALUES = Steps(0.1, 5e-4, 6, 0.7), Steps(0.3, 0.05, 4, 0.5)


class Summit(NamedTuple):
    """Where an ascent ended.

    Attributes
    ----------
    bound : int
        The best bound, times `pricing.scale`.
    value : int64[I]
        The values that prove it.
    opened : bool[G]
        Gates that are open there.
    often : float64[G]
        How often each gate was open lately, from 0 to 1: close to what the relaxation has it open.
    """

    bound: int
    value: IntArray
    opened: NDArray[np.bool_]
    often: Reals


def ascend_patterns(
    pricing: Pricing,
    unit: Reals,
    goal: Callable[[], int],
    proceed: Callable[[int], bool],
    pace: Callable[[], float] | None = None,
    start: IntArray | None = None,
    steps: Steps = FROM_PRICES,
) -> Summit:
    """Climb the pattern bound.

    Parameters
    ----------
    pricing : Pricing
        The packing and its blocks.
    unit : float64[I]
        Natural size of a step of each value, in cost units.
    goal : callable
        The cost of the best plan: what the bound may rise to. Only the length of steps depends on it.
    proceed : callable
        Called with the best bound (times scale) after every pass; returning False ends the ascent.
    pace : callable, optional
        Share of the time budget that is used up; where passes are slow the steps follow it.
    start : int64[I], optional
        The values to begin with; otherwise those that the linear bound's prices give.
    steps : Steps
        How long steps are.
    """
    count = pricing.view.item_count
    value = (pricing.start if start is None else start).astype(np.float64)
    summit = Summit(-(2**62), pricing.start, pricing.opened(), np.zeros(pricing.forced.size))
    risen = False
    mean, often, faded = np.zeros(value.size), np.zeros(pricing.forced.size), 1.0
    step, idle = steps.first, 0
    stride = unit / np.maximum(count, 1)
    while step > steps.least:
        tried = np.floor(value).astype(np.int64)
        total = pricing.total(tried)
        # A lift by less than a part in ten million does not count as one.
        idle = 0 if total > summit.bound + abs(summit.bound) // 10**7 else idle + 1
        opened = pricing.opened()
        mean += _FRESH * (count - pricing.used() - mean)
        often += _FRESH * (opened - often)
        faded *= 1.0 - _FRESH
        if total > summit.bound:
            risen = summit.bound > -(2**62)
            summit = Summit(total, tried, opened, often)
        if not proceed(summit.bound):
            break
        if idle == steps.patience:
            step, idle = step * steps.shrink, 0
        share = 0.0 if pace is None else pace()
        if share >= 1.0 or (share > _HOPELESS and not risen):
            break
        slope = mean / (1.0 - faded)
        direction = stride * slope
        missing = max(goal() * pricing.scale - summit.bound, int(_MISSING * abs(summit.bound)))
        length = min(step, steps.first * _HURRIED**share) * missing / max(float(slope @ direction), 1e-9)
        value = np.clip(value + length * direction, 0, pricing.highest)
    return summit._replace(often=often / max(1.0 - faded, _FRESH))


def units(view: View, row_price: Reals) -> Reals:
    """Natural unit of each item's value: the least worth of what a copy loads at the prices, at least 1; float64[I]."""
    unit = np.full(view.item_count.size, np.inf)
    np.minimum.at(unit, view.option_item, load_worth(view, row_price))
    unit[~np.isfinite(unit)] = 1.0
    return np.asarray(np.maximum(unit, 1.0))

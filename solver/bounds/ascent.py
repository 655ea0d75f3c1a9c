"""Dual ascent of the pattern bound: dual values of the items' copies that lift it.

Values follow the running mean of subgradients (as in the volume algorithm, Barahona and Anbil 2000), each step by a share of
what is missing to the best plan's cost (Polyak 1969); the share shrinks where steps no longer lift.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from solver.bounds.compiled_packing import CompiledPacking, load_value
from solver.bounds.patterns import Pricing
from solver.packing import IntArray
from solver.params import Steps

Reals = NDArray[np.float64]


class DualResult(NamedTuple):
    """Where an ascent ended.

    Attributes
    ----------
    bound : int
        The best bound, times `pricing.scale`.
    value : int64[I]
        The values that prove it.
    opened : bool[G]
        Setups that are open there.
    fractional : float64[G]
        Share of the last passes in which each setup was open: close to its value in the relaxation.
    """

    bound: int
    value: IntArray
    opened: NDArray[np.bool_]
    fractional: Reals


class PatternAscent:
    """An ascent of the pattern bound, pass by pass. The caller counts the passes that it has time for.

    Parameters
    ----------
    pricing : Pricing
        The packing and its blocks.
    unit : float64[I]
        Natural size of a step of each value, in cost units.
    start : int64[I], optional
        The values to begin with; otherwise those that the linear bound's prices give.
    steps : Steps, optional
        How long steps are; otherwise as from the linear bound's values.
    """

    def __init__(
        self,
        pricing: Pricing,
        unit: Reals,
        start: IntArray | None = None,
        steps: Steps | None = None,
    ) -> None:
        self._pricing, self._params = pricing, pricing.params.ascent
        self._steps = steps or self._params.from_prices
        self._count = pricing.view.item_count
        self._value = (pricing.start if start is None else start).astype(np.float64)
        self._stride = unit / np.maximum(self._count, 1)
        self._step, self._idle = self._steps.first, 0
        #: Running means of the subgradient and of which setups are open, and the weight that they still lack.
        self._mean, self._fractional, self._faded = np.zeros(self._value.size), np.zeros(pricing.forced.size), 1.0
        self._best = DualResult(-(2**62), pricing.start, pricing.opened(), self._fractional)
        self._risen = False
        self.passes = 0

    @property
    def bound(self) -> int:
        """The best bound so far, times `pricing.scale`."""
        return self._best.bound

    def step(self, goal: int, used: float = 0.0) -> bool:
        """Make one pass; returns False, and makes none, once steps are too short to be worth one.

        Parameters
        ----------
        goal : int
            Cost of the best plan: what the bound may rise to. Only the length of steps depends on it.
        used : float
            Share of the time that is used up; where passes are slow the steps follow it, and end at 1.
        """
        if self.passes and not self._move(goal, used):
            return False
        tried = np.floor(self._value).astype(np.int64)
        total = self._pricing.total(tried)
        # A lift by less than a part in ten million does not count as one.
        self._idle = 0 if total > self.bound + abs(self.bound) // 10**7 else self._idle + 1
        opened, fresh = self._pricing.opened(), self._params.fresh
        self._mean += fresh * (self._count - self._pricing.used() - self._mean)
        self._fractional += fresh * (opened - self._fractional)
        self._faded *= 1.0 - fresh
        if total > self.bound:
            self._risen = self.passes > 0
            self._best = DualResult(total, tried, opened, self._fractional)
        self.passes += 1
        return True

    def _move(self, goal: int, used: float) -> bool:
        """Change the values along the mean slope; False if there is no more step to make."""
        params = self._params
        if self._idle == self._steps.patience:
            self._step, self._idle = self._step * self._steps.shrink, 0
        if used >= 1.0 or (used > params.hopeless and not self._risen) or self._step <= self._steps.least:
            return False
        slope = self._mean / (1.0 - self._faded)
        direction = self._stride * slope
        missing = max(goal * self._pricing.scale - self.bound, int(params.missing * abs(self.bound)))
        longest = min(self._step, self._steps.first * params.hurried**used)
        length = longest * missing / max(float(slope @ direction), 1e-9)
        self._value = np.clip(self._value + length * direction, 0, self._pricing.highest)
        return True

    def result(self) -> DualResult:
        """The best bound, with the values that prove it."""
        return self._best._replace(fractional=self._fractional / max(1.0 - self._faded, self._params.fresh))


def ascend_patterns(pricing: Pricing, unit: Reals, goal: int) -> DualResult:
    """The best bound of a whole ascent, however long it takes; arguments as for `PatternAscent`."""
    ascent = PatternAscent(pricing, unit)
    while ascent.step(goal):
        pass
    return ascent.result()


def units(view: CompiledPacking, row_price: Reals) -> Reals:
    """Natural unit of each item's value: the least dual value of what a copy loads at the prices, at least 1; float64[I]."""
    unit = np.full(view.item_count.size, np.inf)
    np.minimum.at(unit, view.option_item, load_value(view, row_price))
    unit[~np.isfinite(unit)] = 1.0
    return np.asarray(np.maximum(unit, 1.0))

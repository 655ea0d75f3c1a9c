"""One copy on arrival: the cheapest legal host with room left, over all hosts there are, at the prices of the last solve.

The prices say what scarce room is worth to those still to come, so that one arrival after the other ends near the
plan that all together would get. No option is listed, and nothing that stands is moved.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from solver.space.construct import seek
from solver.space.options import Space
from solver.space.warm_start import WarmStart, carry_over

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Arrival:
    """Where an arriving copy goes: `servers` servers on host `host` of the space."""

    host: int
    servers: int


class Arrivals:
    """A space that fills up one copy at a time.

    Parameters
    ----------
    space : Space
        Every legal option.
    memory : WarmStart, optional
        What the last solve left: its plan holds room, its prices steer. Without it all is empty and room costs nothing.

    Attributes
    ----------
    residual : int64 array over all rows of the space
        Room that is left.
    """

    def __init__(self, space: Space, memory: WarmStart | None = None) -> None:
        self._space = space
        self.residual = space.capacity.copy()
        self._price, self._scale = np.zeros(space.row_count, np.int64), 1
        if memory is not None:
            carried = carry_over(space, memory)
            plan = carried.plan
            self.residual -= space.loads(plan.item, plan.host, plan.servers, np.ones(len(plan.item), np.int64))
            self._price, self._scale = carried.price, carried.scale
        self._price_tables = space.price_tables(self._price, self._scale)

    def place(self, item: int) -> Arrival | None:
        """Place one copy of an item and take its room; None if it fits nowhere or is not worth any place."""
        one, taken = np.ones(1, np.int64), np.zeros((3, 1), np.int64)
        space, nothing = self._space, np.zeros(0, np.int64)
        if seek(space.tables, self._price_tables, item * one, one, space.penalty, self.residual, nothing, taken):
            return Arrival(int(taken[1, 0]), int(taken[2, 0]))
        return None

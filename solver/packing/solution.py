"""What goes into a solve and what comes out of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, TypeAlias

import numpy as np

from solver.packing import IntArray, Placement

Status: TypeAlias = Literal["optimal", "feasible"]


@dataclass(frozen=True)
class Limits:
    """How much a solve may spend.

    Attributes
    ----------
    seconds : float
        Wall-clock time from the call of `solve` to its return.
    workers : int
        Processor cores it may keep busy, at least 1.
    seed : int
        Start of every random sequence.
    work : int, optional
        Stop after so many units of work (one unit is one search round or one neighbourhood). With one worker and
        a clock that does not run out first, the same seed and work give the same plan on the same machine.
    memory_mib : int, optional
        Stop improving when the process holds more than this; the best plan so far is returned.
    """

    seconds: float = 60.0
    workers: int = 1
    seed: int = 0
    work: int | None = None
    memory_mib: int | None = None


@dataclass(frozen=True, eq=False)
class Prices:
    """What a unit of every row is worth, as scaled whole numbers; any non-negative prices give a valid bound.

    Attributes
    ----------
    row : int64[R]
        Price of one unit of the row, times `scale`.
    share : int64[O], or empty for all 0
        What one copy on the option contributes to opening its activation, times `scale`; 0 where there is none.
    scale : int
        Number of price units in one cost unit.
    """

    row: IntArray
    share: IntArray
    scale: int

    @staticmethod
    def zero(rows: int) -> Prices:
        """Prices that say nothing: every row is free."""
        return Prices(np.zeros(rows, dtype=np.int64), np.zeros(0, dtype=np.int64), 1)


class Stage(StrEnum):
    """What a solve is doing: its phases, what they report under other names, and what happens around them.

    Whoever shows progress to people has a word for each. A phase that is added brings a name of its own.
    """

    START = "start"
    COLUMNS = "columns"
    FIRST = "first"
    PRICES = "prices"
    SCARCITY = "scarcity"
    RELAXATION = "relaxation"
    ROUNDING = "rounding"
    SEARCH = "search"
    PATTERNS = "patterns"
    OPENINGS = "openings"
    BRANCHING = "branching"
    DIVES = "dives"
    LINEAR = "linear"
    EXACT = "exact"
    IMPROVING = "improving"
    NEIGHBOURHOODS = "neighbourhoods"
    HANDOVER = "handover"
    END = "end"


@dataclass(frozen=True)
class Progress:
    """One step of a running solve.

    Attributes
    ----------
    seconds : float
        Since the solve began.
    cost, bound : int
        Best verified cost and best proven lower bound so far.
    unplaced : int
        Copies left unplaced in the best plan.
    phase : str
        What made the step, a `Stage` or the name of a phase that was added.
    """

    seconds: float
    cost: int
    bound: int
    unplaced: int
    phase: str


@dataclass(frozen=True, eq=False)
class Solution:
    """The best legal placement found and what is proven about it.

    Attributes
    ----------
    item, option, count : int64[K]
        `count[k]` copies of `item[k]` are placed on the option with global index `option[k]`.
    cost, bound : int
        Cost by the independent checker; no placement costs less than `bound`.
    status : {"optimal", "feasible"}
        "optimal" exactly when cost equals bound.
    unplaced : int
        Copies left unplaced.
    seconds, bound_seconds : float
        Wall-clock time of the whole solve, and the time at which the bound was last improved.
    prices : Prices
        Row prices behind the Lagrangian bound, a good start for the next solve.
    phase_seconds : dict of str to float
        Wall-clock time of each phase that ran, in their order; the last one's until this was made.
    """

    item: IntArray
    option: IntArray
    count: IntArray
    cost: int
    bound: int
    status: Status
    unplaced: int
    seconds: float
    bound_seconds: float
    prices: Prices
    phase_seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def gap(self) -> float:
        """Proven distance to the optimum, ``(cost - bound) / max(1, |cost|)``: 0.01 is one percent."""
        return (self.cost - self.bound) / max(1, abs(self.cost))

    @property
    def placement(self) -> Placement:
        """The three arrays as one value, as written to a placement file."""
        return Placement(self.item, self.option, self.count)


OnProgress: TypeAlias = Callable[[Progress], None]
ShouldStop: TypeAlias = Callable[[], bool]
#: Shown the best plan so far, with its bound and prices, about fifty times a second, whether or not it is new.
OnBest: TypeAlias = Callable[[Solution], None]

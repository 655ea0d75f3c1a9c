"""Parameters of the methods that phases use: chains, regions, sets of activations, dense assignments, dives.

What kernels take whole is a NamedTuple, all else a dataclass; both are frozen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from solver.params.checked import Amount, Checked, Count, Positive, Share, Size


@dataclass(frozen=True)
class WorkParams(Checked):
    """What counts as a unit of work.

    Attributes
    ----------
    proposals : int
        Proposals of the search in one unit; a neighbourhood or a refill is one.
    """

    proposals: Count = 500_000


@dataclass(frozen=True)
class ModelParams(Checked):
    """How large a model may be that is handed to another solver.

    Attributes
    ----------
    largest : int
        Options of a CP-SAT model; larger ones exhaust time and memory before they help.
    largest_linear : int
        Options of a SCIP model; larger ones spend their time in the first linear program.
    """

    largest: Size = 50_000
    largest_linear: Size = 20_000


class ChainParams(NamedTuple):
    """Ejection chains.

    Attributes
    ----------
    longest : int
        The most copies that one chain may move.
    losers, looks : int
        How many used options are drawn for the one with the largest excess to leave, and how many of a row for one to
        eject.
    idle : float
        What a chain may win back by filling idle room, in spreads: beyond that its first step is not tried.
    """

    longest: int = 24
    losers: int = 4
    looks: int = 4
    idle: float = 0.03


@dataclass(frozen=True)
class RegionParams(Checked):
    """How a packing is cut into regions.

    Attributes
    ----------
    everywhere : float
        Rows that more than this share of all items can reach lie everywhere; regions do not grow over them.
    reaches : float
        How many times the rows that an item reaches a region should have.
    sample : int
        Of how many items that is measured.
    """

    everywhere: Share = 0.05
    reaches: Positive = 6.0
    sample: Count = 500


@dataclass(frozen=True)
class FacilityParams(Checked):
    """Plans around one set of open activations, and the search over such sets.

    Attributes
    ----------
    proposals, hot, cold : int, float, float
        Proposals of one brief annealing, and its first and last temperature, in spreads.
    idle : int
        Changes without a better plan after which there seems to be none.
    pool : int
        Best sets that changes start from.
    """

    proposals: Count = 30_000
    hot: Amount = 0.02
    cold: Amount = 0.003
    idle: Size = 60
    pool: Count = 8


@dataclass(frozen=True)
class TreeParams(Checked):
    """Dives and leaves of the tree that decides activations.

    Attributes
    ----------
    dives : tuple of int
        Before how many splits to dive.
    gatherings, dive_options, dive_effort : int, int, float
        At the end of a dive the plans made by search, the options that CP-SAT has for each item, and how often the usual
        effort it has.
    largest_choice : int
        Options of a leaf beyond which CP-SAT is not asked for a proof.
    """

    dives: tuple[int, ...] = (0, 16, 64, 256, 1024)
    gatherings: Size = 10
    dive_options: Count = 4
    dive_effort: Positive = 3.0
    largest_choice: Size = 5_000


@dataclass(frozen=True)
class MatrixParams(Checked):
    """Dense assignments as matrices.

    Attributes
    ----------
    largest : int
        The most cells of a matrix.
    dense : float
        The least share of the cells that must hold an option; where items reach few rows the annealed search does better.
    finest : int
        The largest capacity in a matrix; where rows have more, amounts are counted in larger units.
    near : int
        Rows that are kept near for each item.
    """

    largest: Size = 2_000_000
    dense: Share = 0.5
    finest: Count = 20_000
    near: Count = 8


class DivingParams(NamedTuple):
    """The ascent of a dense assignment and the dives from it.

    Attributes
    ----------
    first_step, last_step : float
        Step of the ascent, in spreads: when it starts, and when it has converged.
    dive_step, dive_last : float
        The same before each row that a dive fixes.
    fade, dive_fade : float
        What a new knapsack solution counts for in the running mean: in the ascent, and while diving.
    trust, neutral : float
        What the mean adds to the dual value of an item, in spreads, when a row is fixed, and the mean that adds nothing.
    surcharge : float
        What leaving an item without a row costs beyond its dual value, in spreads.
    similar : float
        Rows are similar by the items of one whose excess on the other is at most this, in spreads.
    preferred : int
        The nearest rows of an item without one, of which one is emptied for it.
    noise : float
        Random part of the choice which row is fixed next, beside an agreement between 0 and 1.
    """

    first_step: float = 0.005
    last_step: float = 0.0004
    dive_step: float = 0.006
    dive_last: float = 0.002
    fade: float = 0.05
    dive_fade: float = 0.1
    trust: float = 0.04
    neutral: float = 0.2
    surcharge: float = 0.2
    similar: float = 0.02
    preferred: int = 5
    noise: float = 0.1


@dataclass(frozen=True)
class RefillParams(Checked):
    """How long dives go on, and what is emptied for a refill.

    Attributes
    ----------
    ascent, chunk : int
        Steps of the ascent in all, and between two looks at the clock.
    steps : int
        Steps before each row that is fixed in a refill.
    least_steps, all_steps : int
        The same in a dive over all rows: no fewer, and in all, over all rows.
    hot : float
        Temperature at the start of a cooling, in spreads.
    fewest, most : int
        How many rows are emptied at once.
    crowd : int
        How many items these should hold at most.
    """

    ascent: Size = 1500
    chunk: Count = 25
    steps: Size = 20
    least_steps: Size = 5
    all_steps: Size = 400
    hot: Amount = 0.01
    fewest: Count = 3
    most: Count = 12
    crowd: Count = 250

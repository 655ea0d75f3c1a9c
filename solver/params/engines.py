"""Parameters of the engines that look for plans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from solver.params.checked import INFINITE, Amount, Checked, Count, Positive, Share, Size, Within


@dataclass(frozen=True)
class OpeningParams(Checked):
    """The search over sets of open activations.

    Attributes
    ----------
    share : float
        The most of the limit that it may take.
    sets, changes : int
        The sets that it begins with, and the changes that it tries.
    """

    share: Share = 0.08
    sets: Size = 8
    changes: Size = 300


@dataclass(frozen=True)
class BranchingParams(Checked):
    """Branching over activations.

    Attributes
    ----------
    share : float
        The most of the limit that it may take.
    choice_share : float
        CP-SAT's share of the limit for one choice of activations, at least `choice_seconds` where time counts.
    choice_seconds : float
        See there.
    most_nodes, nodes_each : int
        The most nodes of the tree, in all and, where work counts, for each unit of it.
    """

    share: Share = 0.4
    choice_share: Share = 0.02
    choice_seconds: Amount = 0.1
    most_nodes: Size = 1_000_000
    nodes_each: Count = 10


@dataclass(frozen=True)
class LinearParams(Checked):
    """SCIP on the whole packing.

    Attributes
    ----------
    share : float
        The most of the time that it may take.
    nodes_each : int
        Nodes of its tree for a unit of work, where work counts.
    """

    share: Share = 0.6
    nodes_each: Count = 10


@dataclass(frozen=True)
class ExactParams(Checked):
    """CP-SAT on the whole packing.

    Attributes
    ----------
    share : float
        The most of the limit that it may take.
    work_each : float
        CP-SAT's deterministic time in a unit of work, where work counts.
    patience, small_patience : float
        The most of the time without any progress; and of a small model, of which an answer may still come.
    small : int
        Options up to which a model is small.
    spare : float
        How many options more than there are items it begins with, as a share of these.
    """

    share: Share = 0.3
    work_each: Positive = 0.1
    patience: Share = 0.08
    small_patience: Share = 0.2
    small: Size = 1_000
    spare: Positive = 0.5


@dataclass(frozen=True)
class Turn(Checked):
    """Shares of what is left of the limit that one turn gives to search, and to neighbourhoods."""

    search: Share
    neighbourhoods: Share

    def __post_init__(self) -> None:
        """Check that the turn gives no more than there is."""
        super().__post_init__()
        if self.search + self.neighbourhoods > 1.0:
            self._refuse("neighbourhoods", self.neighbourhoods)


@dataclass(frozen=True)
class DiveParams(Checked):
    """Dives, for dense assignments.

    Attributes
    ----------
    worth_share : float
        The most of the time that the dual values of items may take.
    first_share : float
        The share of the limit that dives get before the exact attempt.
    turn : Turn
        Shares of a turn after it, with dives in place of search.
    coolings : int
        How often the dives of one turn cool, each time from the best plan.
    """

    worth_share: Share = 0.06
    first_share: Share = 0.06
    turn: Turn = Turn(0.85, 0.15)
    coolings: Count = 3


@dataclass(frozen=True)
class SearchParams(Checked):
    """Annealing, at first in short and then by turns.

    Attributes
    ----------
    quick_share, quick_seconds : float
        The most of the limit that the first, short search may take, and the most seconds.
    hot, warm_hot, cold : float
        First and last temperature, in spreads; a plan to start from would not survive the highest.
    chunk : int
        Proposals between two looks at the clock.
    small_turn, large_turn : Turn
        Shares of a turn for packings smaller than a region, and for all others.
    region : int
        Options of a region, so that it fits the cache, where it can be that small.
    visit_seconds : float
        Least seconds of a visit to a region: it has to be worth the cut.
    least_rounds, most_rounds : int
        How often borders of regions are drawn in one turn.
    hardest : float
        How many times the penalty of an item the search charges for an unplaced copy, at most.
    """

    quick_share: Share = 0.02
    quick_seconds: Amount = 2.0
    hot: Positive = 0.05
    warm_hot: Positive = 0.02
    cold: Positive = 0.008
    chunk: Count = 50_000
    small_turn: Turn = Turn(0.3, 0.3)
    large_turn: Turn = Turn(0.8, 0.1)
    region: Count = 25_000
    visit_seconds: Positive = 0.25
    least_rounds: Count = 3
    most_rounds: Count = 12
    hardest: Annotated[float, Within(1.0, INFINITE)] = 32.0

    def __post_init__(self) -> None:
        """Check that ranges are none that end before they begin."""
        super().__post_init__()
        self._in_order("cold", "warm_hot", "hot")
        self._in_order("least_rounds", "most_rounds")


@dataclass(frozen=True)
class NeighbourhoodParams(Checked):
    """Large-neighbourhood search.

    Attributes
    ----------
    first, least, most : int
        Option groups that a neighbourhood frees: at first, and the bounds between which its size follows what is solved.
    shrink : float
        To what share of itself the size falls after a neighbourhood that was not solved.
    seconds, work : float
        For one neighbourhood: seconds, or CP-SAT's deterministic time where work counts.
    """

    first: Count = 40
    least: Count = 12
    most: Count = 400
    shrink: Share = 0.9
    seconds: Positive = 0.6
    work: Positive = 0.05

    def __post_init__(self) -> None:
        """Check that the size begins between its bounds."""
        super().__post_init__()
        self._in_order("least", "first", "most")

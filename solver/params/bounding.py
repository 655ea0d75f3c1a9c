"""Parameters of bounds: the Lagrangian ascent, blocks, and the bound of whole patterns."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Annotated

from solver.params.checked import Checked, Count, Positive, Share, Size, Within


@dataclass(frozen=True)
class Schedule(Checked):
    """How a Lagrangian ascent cools down.

    Attributes
    ----------
    hot, cold : float
        First and last temperature, in units of `Field.spread`.
    stride : float
        The first steps of a price, in its unit.
    fall : float
        Steps shorten with the temperature, by this power of it.
    """

    hot: Positive
    cold: Positive
    stride: Positive
    fall: Share = 0.75

    def __post_init__(self) -> None:
        """Check that it cools."""
        super().__post_init__()
        self._in_order("cold", "hot")

    def from_reach(self, reach: float) -> Schedule:
        """The same where the first temperature and steps are in units of `reach` spreads."""
        return replace(self, hot=self.hot * reach, stride=self.stride * reach)


@dataclass(frozen=True)
class Steps(Checked):
    """Steps of a pattern ascent, as shares of what is missing to the best plan's cost.

    Attributes
    ----------
    first, least : float
        The first step, and the one at which the ascent ends.
    patience : int
        Passes without a better bound before steps shrink.
    shrink : float
        To what share of themselves.
    """

    first: Share
    least: Positive
    patience: Count
    shrink: Share

    def __post_init__(self) -> None:
        """Check that steps shrink, from above the least."""
        super().__post_init__()
        self._in_order("least", "first")
        if self.shrink == 1.0:
            self._refuse("shrink", self.shrink)


@dataclass(frozen=True)
class PricingParams(Checked):
    """The Lagrangian ascent.

    Attributes
    ----------
    passes, warm_passes : int
        Passes over all options, from nothing and from given prices; beyond these the bound moves by parts in a million.
    share : float
        The most of the time that it may take.
    threaded : int
        Options beyond which a pass is worth a second thread.
    unwatched : int
        Passes between two looks at the clock.
    from_nothing, from_prices : Schedule
        How it cools down from nothing, and from prices that are known to be good.
    scarce_share, scarce_passes : float, int
        The most of the time, and passes, where the cheapest plan leaves copies unplaced that the bound knows nothing of.
    from_scarcity : Schedule
        How it cools down then: first in units of what leaving a copy unplaced costs, see `Field.reach`.
    """

    passes: Count = 400
    warm_passes: Count = 150
    share: Share = 0.15
    threaded: Size = 50_000
    unwatched: Count = 16
    from_nothing: Schedule = field(default=Schedule(0.3, 0.002, 0.1))
    from_prices: Schedule = field(default=Schedule(0.02, 0.002, 0.02))
    scarce_share: Share = 0.08
    scarce_passes: Count = 600
    from_scarcity: Schedule = field(default=Schedule(0.3, 0.002, 0.3, fall=1.0))


@dataclass(frozen=True)
class RelaxationParams(Checked):
    """The linear relaxation of small and medium packings.

    Attributes
    ----------
    largest, most_constraints : int
        Options, and items and rows, beyond which it is not tried.
    share, scarce_share : float
        The most of the limit that it may take, and where room is scarce.
    iterations_each : int
        Where work counts, its simplex iterations for each unit.
    first, further : int
        Options of each item in the first model, and let in after each round at most.
    tolerance : float
        An option is too cheap if it is so by more than this share.
    """

    largest: Size = 200_000
    most_constraints: Size = 5_000
    share: Share = 0.1
    scarce_share: Share = 0.3
    iterations_each: Count = 5_000
    first: Count = 4
    further: Count = 2
    tolerance: Positive = 1e-9


@dataclass(frozen=True)
class BlockParams(Checked):
    """How a packing is split into blocks.

    Attributes
    ----------
    similar : float
        Rows belong together if the options that load both are at least this share of those that load either (Jaccard).
    largest : int
        Options of a block beyond which it takes in no further rows.
    most_pairs : int
        Pairs of loads of one option beyond which comparing rows costs more than the bound is worth.
    """

    similar: Share = 0.25
    largest: Size = 1000
    most_pairs: Size = 30_000_000


@dataclass(frozen=True)
class PatternAscentParams(Checked):
    """The ascent of the pattern bound.

    Attributes
    ----------
    hopeless : float
        Share of the time after which an ascent that has not risen at all is given up.
    fresh : float
        What a new subgradient counts for in the running mean.
    missing : float
        What is taken to be missing at least, as a share of the bound: a step must not vanish where the bound is nearly met.
    hurried : float
        The share to which the longest step falls by the end of an ascent that is short of time.
    from_prices, from_values : Steps
        From the linear bound's values, and from values that were the best for other setups.
    """

    hopeless: Share = 0.4
    fresh: Share = 0.2
    missing: Positive = 5e-4
    hurried: Share = 0.1
    from_prices: Steps = field(default=Steps(0.1, 5e-4, 6, 0.7))
    from_values: Steps = field(default=Steps(0.3, 0.05, 4, 0.5))


@dataclass(frozen=True)
class KnapsackParams(Checked):
    """The search for the best pattern of one block.

    Attributes
    ----------
    nodes, rounds : int
        Nodes of one search at most, and rounds that fit its multipliers.
    forced_nodes, forced_rounds : int
        The same with one option forced.
    most_tried : int
        Setups of one block that are tried against the sign of their reduced profits, at most: those closest to zero.
    """

    nodes: Count = 300_000
    rounds: Size = 6
    forced_nodes: Count = 5_000
    forced_rounds: Size = 2
    most_tried: Annotated[int, Within(0, 20)] = 8


@dataclass(frozen=True)
class PatternParams(Checked):
    """The pattern bound.

    Attributes
    ----------
    share : float
        The most of the limit that it may take.
    largest : int
        Options beyond which it is not tried.
    passes_each, most_passes : int
        Where work counts, its passes for each unit and in all.
    largest_sharpened : int
        Options beyond which the guide is not sharpened: what each adds to the bound is too long to work out, and CP-SAT,
        which gains most from it, takes no more.
    largest_with_setups : int
        The same where setups can be branched on.
    threaded : int
        Options beyond which a pass is worth a second thread.
    blocks, knapsack, ascent : BlockParams, KnapsackParams, PatternAscentParams
        How blocks are made, packed, and how the values of copies rise.
    """

    share: Share = 0.15
    largest: Size = 500_000
    passes_each: Count = 10
    most_passes: Count = 500
    largest_sharpened: Size = 50_000
    largest_with_setups: Size = 200_000
    threaded: Size = 20_000
    blocks: BlockParams = field(default_factory=BlockParams)
    knapsack: KnapsackParams = field(default_factory=KnapsackParams)
    ascent: PatternAscentParams = field(default_factory=PatternAscentParams)

"""What can be tuned about a solve: one frozen value for each phase, gathered in :class:`SolveParams`.

The defaults are what the service uses; experiments vary them with `dataclasses.replace`. Shares are of the limit of the
whole solve, by work where a work limit is given, else by time. Constants of a formula stay beside the formula.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from solver.bounds.lagrangian import Schedule
from solver.engine_params import (
    ChainParams,
    DivingParams,
    FacilityParams,
    ModelParams,
    RefillParams,
    RegionParams,
    TableParams,
    TreeParams,
    WorkParams,
)


@dataclass(frozen=True)
class PricingParams:
    """The Lagrangian ascent.

    Attributes
    ----------
    passes, warm_passes : int
        Passes over all options, from nothing and from given prices; beyond these the bound moves by parts in a million.
    share : float
        The most of the time that it may take.
    """

    passes: int = 400
    warm_passes: int = 150
    share: float = 0.15


@dataclass(frozen=True)
class PatternParams:
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
    largest_gated : int
        The same where gates can be branched on.
    """

    share: float = 0.15
    largest: int = 500_000
    passes_each: int = 10
    most_passes: int = 500
    largest_sharpened: int = 50_000
    largest_gated: int = 200_000


@dataclass(frozen=True)
class OpeningParams:
    """The search over sets of open activations.

    Attributes
    ----------
    share : float
        The most of the limit that it may take.
    sets, changes : int
        The sets that it begins with, and the changes that it tries.
    """

    share: float = 0.08
    sets: int = 8
    changes: int = 300


@dataclass(frozen=True)
class BranchingParams:
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

    share: float = 0.4
    choice_share: float = 0.02
    choice_seconds: float = 0.1
    most_nodes: int = 1_000_000
    nodes_each: int = 10


@dataclass(frozen=True)
class LinearParams:
    """SCIP on the whole packing.

    Attributes
    ----------
    share : float
        The most of the time that it may take.
    nodes_each : int
        Nodes of its tree for a unit of work, where work counts.
    """

    share: float = 0.6
    nodes_each: int = 10


@dataclass(frozen=True)
class ExactParams:
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

    share: float = 0.3
    work_each: float = 0.1
    patience: float = 0.08
    small_patience: float = 0.2
    small: int = 1_000
    spare: float = 0.5


@dataclass(frozen=True)
class Turn:
    """Shares of what is left of the limit that one turn gives to search, and to neighbourhoods."""

    search: float
    neighbourhoods: float


@dataclass(frozen=True)
class DiveParams:
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

    worth_share: float = 0.06
    first_share: float = 0.06
    turn: Turn = Turn(0.85, 0.15)
    coolings: int = 3


@dataclass(frozen=True)
class SearchParams:
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
    """

    quick_share: float = 0.02
    quick_seconds: float = 2.0
    hot: float = 0.05
    warm_hot: float = 0.02
    cold: float = 0.008
    chunk: int = 50_000
    small_turn: Turn = Turn(0.3, 0.3)
    large_turn: Turn = Turn(0.8, 0.1)
    region: int = 25_000
    visit_seconds: float = 0.25
    least_rounds: int = 3
    most_rounds: int = 12


@dataclass(frozen=True)
class NeighbourhoodParams:
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

    first: int = 40
    least: int = 12
    most: int = 400
    shrink: float = 0.9
    seconds: float = 0.6
    work: float = 0.05


@dataclass(frozen=True)
class ColumnParams:
    """Column generation: which options of a large space are listed, and how long that goes on.

    A list of cheap options makes units small: a unit goes by how much the options of an item differ, a price by what those
    cost that are not listed yet. So steps of the ascents are large; and warm ascents, whose prices are less exact, come
    further in as many passes. Prices that are nearly right would only be spoilt.

    Attributes
    ----------
    list_all : int
        Spaces of at most this many options are listed whole.
    first, further : int
        Options of each item listed at first, and looked at in each pricing pass.
    free : int
        Options of each item that still fit beside a plan, added when the list is widened.
    close : float
        Pricing ends when the bound over all options is this close to the bound over the listed ones.
    share, rise : float
        Share of the time that rounds may take. While each raises the bound by more than `rise` of itself, another one is
        worth more than the time that it takes from the engines.
    longer : float
        How much longer a step may take than it took before.
    engine_lists : float
        The engines are worth their start if so many times the time is left that writing out the list takes.
    near : float
        A plan filled at newer prices is better to improve on than one that is cheaper by less than this share.
    rounds : int
        The most rounds, at least 1.
    passes, growth, most_passes : int, float, int
        Passes of the first ascent, how many times as many each further one takes, and the most of any. Exact prices of a
        poor list are wrong elsewhere.
    from_nothing, from_prices, from_carried : Schedule
        How the first list is priced, those after it, and from prices that an earlier solve left.
    """

    list_all: int = 600_000
    first: int = 16
    further: int = 6
    free: int = 4
    close: float = 2e-4
    share: float = 0.5
    rise: float = 1e-3
    longer: float = 1.1
    engine_lists: float = 5
    near: float = 1e-2
    rounds: int = 8
    passes: int = 40
    growth: float = 1.5
    most_passes: int = 240
    from_nothing: Schedule = field(default=Schedule(0.3, 0.002, 0.8))
    from_prices: Schedule = field(default=Schedule(0.02, 0.006, 0.48))
    from_carried: Schedule = field(default=Schedule(0.02, 0.002, 0.16))


@dataclass(frozen=True)
class SolveParams:
    """All that can be tuned about a solve.

    Attributes
    ----------
    first_grace : float
        Seconds beyond the limit that a first plan may take: compiling the kernels for the first time ever takes that long.
    without : frozenset of str
        Phases to leave out, see `engines.PHASES`; any may be missing, the answer stays legal and the bound true.
    """

    columns: ColumnParams = field(default_factory=ColumnParams)
    pricing: PricingParams = field(default_factory=PricingParams)
    patterns: PatternParams = field(default_factory=PatternParams)
    openings: OpeningParams = field(default_factory=OpeningParams)
    branching: BranchingParams = field(default_factory=BranchingParams)
    linear: LinearParams = field(default_factory=LinearParams)
    exact: ExactParams = field(default_factory=ExactParams)
    dives: DiveParams = field(default_factory=DiveParams)
    search: SearchParams = field(default_factory=SearchParams)
    neighbourhoods: NeighbourhoodParams = field(default_factory=NeighbourhoodParams)
    work: WorkParams = field(default_factory=WorkParams)
    models: ModelParams = field(default_factory=ModelParams)
    chains: ChainParams = field(default_factory=ChainParams)
    regions: RegionParams = field(default_factory=RegionParams)
    facility: FacilityParams = field(default_factory=FacilityParams)
    tree: TreeParams = field(default_factory=TreeParams)
    table: TableParams = field(default_factory=TableParams)
    diving: DivingParams = field(default_factory=DivingParams)
    refills: RefillParams = field(default_factory=RefillParams)
    first_grace: float = 30.0
    without: frozenset[str] = frozenset()


#: What a solve uses unless told otherwise.
DEFAULTS = SolveParams()

"""What can be tuned about a solve: one frozen value for each phase, gathered in :class:`SolveParams`.

The defaults are what the service uses; experiments vary them with `dataclasses.replace`. Shares are of the limit of the
whole solve, by work where a work limit is given, else by time. Constants of a formula or of a number format stay beside the
formula. A value out of its range is refused when it is made.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from solver.params.bounding import (
    BlockParams,
    KnapsackParams,
    PatternAscentParams,
    PatternParams,
    PricingParams,
    RelaxationParams,
    Schedule,
    Steps,
)
from solver.params.engines import (
    BranchingParams,
    DiveParams,
    ExactParams,
    LinearParams,
    NeighbourhoodParams,
    OpeningParams,
    SearchParams,
    Turn,
)
from solver.params.methods import (
    ChainParams,
    DivingParams,
    FacilityParams,
    MatrixParams,
    ModelParams,
    RefillParams,
    RegionParams,
    TreeParams,
    WorkParams,
)
from solver.params.placing import ColumnParams, PlaceParams, ShowingParams

__all__ = [
    "DEFAULTS",
    "BlockParams",
    "BranchingParams",
    "ChainParams",
    "ColumnParams",
    "DiveParams",
    "DivingParams",
    "ExactParams",
    "FacilityParams",
    "KnapsackParams",
    "LinearParams",
    "MatrixParams",
    "ModelParams",
    "NeighbourhoodParams",
    "OpeningParams",
    "PatternAscentParams",
    "PatternParams",
    "PlaceParams",
    "PricingParams",
    "RefillParams",
    "RegionParams",
    "RelaxationParams",
    "Schedule",
    "SearchParams",
    "ShowingParams",
    "SolveParams",
    "Steps",
    "TreeParams",
    "Turn",
    "WorkParams",
]


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

    place: PlaceParams = field(default_factory=PlaceParams)
    showing: ShowingParams = field(default_factory=ShowingParams)
    columns: ColumnParams = field(default_factory=ColumnParams)
    pricing: PricingParams = field(default_factory=PricingParams)
    relaxation: RelaxationParams = field(default_factory=RelaxationParams)
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
    matrix: MatrixParams = field(default_factory=MatrixParams)
    diving: DivingParams = field(default_factory=DivingParams)
    refills: RefillParams = field(default_factory=RefillParams)
    first_grace: float = 30.0
    without: frozenset[str] = frozenset()


#: What a solve uses unless told otherwise.
DEFAULTS = SolveParams()

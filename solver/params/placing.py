"""Parameters of a whole question: column generation, and how the time is shared."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from solver.params.bounding import Schedule
from solver.params.checked import INFINITE, Amount, Checked, Count, Positive, Share, Within


@dataclass(frozen=True)
class ShowingParams(Checked):
    """Plans that are shown on the way.

    Attributes
    ----------
    sparing : int
        Looking at plans takes at most one part in so many of the time.
    room : float
        A look is begun only if so many times its length are left, so that it does not delay the end.
    """

    sparing: Count = 10
    room: Amount = 1.5


@dataclass(frozen=True)
class PlaceParams(Checked):
    """The main road of a large space: how column generation and the engines share the time.

    Attributes
    ----------
    slices : tuple of float
        Shares of the time left that the engines get before the list is enlarged once more.
    enlarging_passes : float
        Enlarging takes about as long as so many pricing passes; with less than that left it is not worth it.
    least_slice : float
        Seconds that the engines need to take up a plan; with less they would return without it.
    last_passes : float
        Time kept back for the last pricing pass, in passes: engines end a little late, and with less than one pass left
        there is none, which gives away a tenth of the proof.
    verify_seconds : float
        Time kept back for the verifier, a shard; measured on a national plan.
    """

    slices: tuple[float, ...] = (0.2, 0.4)
    enlarging_passes: Amount = 8.0
    least_slice: Amount = 0.25
    last_passes: Amount = 1.25
    verify_seconds: Amount = 45e-6

    def __post_init__(self) -> None:
        """Check that slices are shares."""
        super().__post_init__()
        for slice_ in self.slices:
            if not 0.0 < slice_ < 1.0:
                self._refuse("slices", self.slices)


@dataclass(frozen=True)
class ColumnParams(Checked):
    """Column generation: which options of a large space are listed, and how long that goes on.

    A list of cheap options makes units small: a unit goes by how much the options of an item differ, a price by what those
    cost that are not listed yet. So steps of the ascents are large; and warm ascents, whose prices are less exact, come
    further in as many passes. Prices that are nearly right would only be spoilt.

    Attributes
    ----------
    list_all : int
        Spaces of at most this many options are listed whole; -1 for none, not even one without options.
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
    from_nothing, from_prices, from_carried, from_scarcity : Schedule
        How the first list is priced, those after it, and from prices that an earlier solve left; and, first in units of
        `Field.reach`, where room is scarce.
    """

    list_all: Annotated[int, Within(-1, INFINITE)] = 600_000
    first: Count = 16
    further: Count = 6
    free: Count = 4
    close: Amount = 2e-4
    share: Share = 0.5
    rise: Amount = 1e-3
    longer: Positive = 1.1
    engine_lists: Amount = 5
    near: Amount = 1e-2
    rounds: Count = 8
    passes: Count = 40
    growth: Annotated[float, Within(1.0, INFINITE)] = 1.5
    most_passes: Count = 240
    from_nothing: Schedule = field(default=Schedule(0.3, 0.002, 0.8))
    from_prices: Schedule = field(default=Schedule(0.02, 0.006, 0.48))
    from_carried: Schedule = field(default=Schedule(0.02, 0.002, 0.16))
    from_scarcity: Schedule = field(default=Schedule(0.3, 0.002, 0.3, fall=1.0))

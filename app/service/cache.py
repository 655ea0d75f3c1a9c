"""What a process that judges keeps of what it has worked out, so as not to work it out again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

from app.schemas.comparisons import TermDifference
from app.service.posing import Posing
from app.service.standing import Pictures, Standing
from app.service.worlds import Worlds
from app.store.port import Store
from app.store.records import Body
from app.world.question import Question
from solver import Plan
from solver.facts.difference import Change

#: What each goal costs, in money a month.
Costs: TypeAlias = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Compared:
    """What would change from one to the other, in the order of the shards; what each costs, over the same workloads."""

    plan: str
    other: str | None
    terms: tuple[TermDifference, ...]
    figures: Body
    same: int
    costs: Costs
    other_costs: Costs
    counts: Counter[str]
    disturbed: int
    changes: list[Change]


@dataclass(frozen=True, slots=True)
class Cache:
    """A store, and what is kept in memory of what was worked out from it. One thing at a time is done with it.

    Attributes
    ----------
    worlds
        The last picture of everything stored, and of the rows of the allocation.
    posing
        What is in force as it was posed last.
    told
        The plan that was told of last: its question and its answer, by its id. What has been decided never changes, so this
        never goes stale.
    compared
        The last comparisons, by the versions of both sides, for their further pages.
    """

    store: Store
    worlds: Worlds
    posing: Posing
    pictures: Pictures
    told: dict[str, tuple[Question, Plan]] = field(default_factory=dict)
    compared: dict[tuple[str, str], Compared] = field(default_factory=dict)

    @staticmethod
    def of(store: Store, elsewhere: Callable[[date | None], Standing] | None = None) -> Cache:
        """The cache of a process that has just begun; `elsewhere` is where its pictures are made, if not here."""
        worlds, posing = Worlds(store), Posing()
        return Cache(store, worlds, posing, Pictures(store, worlds, posing, elsewhere))


def pictured(cache: Cache, day: date | None) -> Standing:
    """How what is in force stands on a day; see :meth:`app.service.standing.Pictures.of`."""
    return cache.pictures.of(day)

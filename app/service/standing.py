"""How what is in force stands: the placements that run, against the network of now.

A plan is judged when it is applied; after that the world goes on. So nothing that was computed for a plan is shown as how
things are. What is shown is computed here, from the placements in force and from what is stored at this moment, on this day.
:class:`Pictures` says how full everything is and what all of it costs; that is computed when somebody asks, and kept as long
as nothing changes.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from app.clock import today
from app.schemas.figures import GroupUse, UseOut, tightest
from app.service.posing import Posing, terms_in_force
from app.service.rows import broken_by, used
from app.service.summing import use_by_province, use_by_tier
from app.service.worlds import Worlds
from app.store.port import Store
from app.store.records import UsageRow
from app.world.named import costs_of
from app.world.question import Question
from solver import Problem, usage
from solver.rules.goals.disturbed import in_force as disturbances_in_force

#: The parts of the store on which the picture rests. What policies and workloads say of what runs is in the rows of the
#: allocation, which :func:`settle` keeps in line with them.
PARTS = ("allocation", "catalogue", "network")
#: The newest picture of today, and that of the other day that was asked about last: dashboards poll the first.
_TODAY, _OTHER = "today", "another day"


@dataclass(frozen=True, slots=True)
class Standing:
    """How full everything is and what all of it costs, at one version of the store, on one day. It can be pickled.

    `disturbed` counts the shards that are not as promised, by rule; one that breaks two rules counts for both.
    `unlawful` of them are where the law, not the network, says no.
    """

    version: str
    day: date
    uses: tuple[UsageRow, ...] = ()
    use_by_tier: tuple[GroupUse, ...] = ()
    use_by_province: tuple[GroupUse, ...] = ()
    tightest: tuple[UseOut, ...] = ()
    cost_by_goal: Mapping[str, int] = field(default_factory=dict)
    disturbed: Mapping[str, int] = field(default_factory=dict)
    unlawful: int = 0

    @property
    def cost(self) -> int:
        """All goals together, in money a month."""
        return sum(self.cost_by_goal.values())


def day_of(day: date | None) -> date:
    """The day asked about: today where none is said."""
    return day or today()


def version_of(generation: Callable[[str], int], day: date | None = None) -> str:
    """The version of the picture: the newest generation of what it rests on, and the day. `generation` says of a part
    which generation last changed it."""
    return f"{max(generation(part) for part in PARTS)}.{day or today():%Y%m%d}"


def newest_version(store: Store, day: date | None = None) -> str:
    """The version of the picture now, of today or of another day."""
    marks = store.peek()
    if marks is not None:
        return version_of(lambda part: marks.generations.get(part, 0), day)
    with store.reading() as session:
        return version_of(session.generations.of, day)


class Pictures:
    """The pictures of one process, kept while nothing changes. To be used from any thread.

    A picture is made where `elsewhere` has it made, of a day, or else here.
    """

    def __init__(
        self,
        store: Store,
        worlds: Worlds,
        posing: Posing,
        elsewhere: Callable[[date | None], Standing] | None = None,
    ) -> None:
        self._store = store
        self._worlds = worlds
        self._posing = posing
        self._elsewhere = elsewhere
        self._making = threading.Lock()
        self._kept: dict[str, Standing] = {}
        #: The version of what was posed last, and that.
        self._posed: tuple[str, Question | None] | None = None

    def of(self, day: date | None = None) -> Standing:
        """How what is in force stands now, or would stand on another day if nothing were changed until then."""
        with self._making:
            kept = self.at_hand(newest_version(self._store, day))
            if kept is None:
                kept = self._made(day) if self._elsewhere is None else self._elsewhere(day)
                self._kept[_TODAY if day in (None, today()) else _OTHER] = kept
            return kept

    def at_hand(self, version: str) -> Standing | None:
        """The picture of a version, if it is at hand."""
        return next((kept for kept in tuple(self._kept.values()) if kept.version == version), None)

    def costs(self, workloads: Iterable[str]) -> dict[str, int]:
        """What each goal costs of those of `workloads` that are in force, in money a month."""
        _, found = self._in_force(today())
        return {} if found is None else costs_of(found.problem, found.problem.in_force, workloads)

    def _in_force(self, day: date) -> tuple[str, Question | None]:
        """The version of what is in force, and that as a question to the solver, on the network of now and of a day; None
        while nothing is in force."""
        with self._store.reading() as session:
            version = version_of(session.generations.of, day)
            if self._posed is not None and self._posed[0] == version:
                return self._posed
            found = None
            if session.allocation.summary() is not None:
                decisions = [row.decision for row in self._worlds.rows(session)]
                found = self._posing.pose(self._worlds.entities(session), decisions, terms_in_force(session, day))
        self._posed = version, found
        return self._posed

    def _made(self, day: date | None) -> Standing:
        day = day or today()
        version, found = self._in_force(day)
        return Standing(version, day) if found is None else _figures(version, day, found.problem)


def _figures(version: str, day: date, problem: Problem) -> Standing:
    """The figures of what is in force."""
    plan = problem.in_force
    uses = tuple(sorted(used(usage(problem, plan)), key=lambda row: row.place))
    broken = [broken_by(against) for against in disturbances_in_force(problem).values()]
    rules = Counter(rule for against in broken if against is not None for rule in against["rules"])
    return Standing(
        version=version,
        day=day,
        uses=uses,
        use_by_tier=use_by_tier(problem, uses),
        use_by_province=use_by_province(problem, uses),
        tightest=tightest(uses),
        cost_by_goal=costs_of(problem, plan, problem.workload_index),
        disturbed=dict(rules),
        unlawful=sum(against is not None and bool(against["unlawful"]) for against in broken),
    )

"""How what is in force stands: the placements that run, against the network of now.

A plan is judged when it is applied; after that the world goes on. So nothing that was computed for a plan is shown as how
things are. What is shown is computed here, from the placements in force and from what is stored at this moment, on this day.
:func:`picture` says how full everything is and what all of it costs; it is computed when somebody asks, and kept as long as
nothing changes.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol, TypeVar
from weakref import WeakKeyDictionary

from app.clock import today
from app.schemas.figures import GroupUse, UseOut, tightest
from app.service.posing import posed_by, terms_in_force
from app.service.rows import broken_by, used
from app.service.summing import use_by_province, use_by_tier
from app.service.worlds import newest_world
from app.store.port import Store
from app.store.records import UsageRow
from app.world.named import costs_of
from app.world.question import Question
from solver import usage, verify
from solver.rules.goals.disturbed import in_force as disturbances_in_force

#: The parts of the store on which the picture rests. What policies and workloads say of what runs is in the rows of the
#: allocation, which :func:`settle` keeps in line with them.
PARTS = ("allocation", "catalogue", "network")


Answer = TypeVar("Answer")
Shard = tuple[str, int]


class Ask(Protocol):
    """Has a function called with a store, perhaps in another process (:meth:`app.jobs.desk.Desk.call`)."""

    def __call__(self, function: Callable[..., Answer], /, *args: Any) -> Answer: ...


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
        """All goals together, in won a month."""
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


def picture(store: Store, ask: Ask | None = None, day: date | None = None) -> Standing:
    """How what is in force stands now, or would stand on another day if nothing were changed until then.

    It is computed where `ask` has it computed, and kept while nothing changes.
    """
    with _making:
        kept = kept_picture(store, newest_version(store, day))
        if kept is None:
            kept = _made(store, day) if ask is None else ask(picture, None, day)
            of_store = _kept.setdefault(store, {})
            of_store[_TODAY if day in (None, today()) else _OTHER] = kept
        return kept


def kept_picture(store: Store, version: str) -> Standing | None:
    """The picture of a version, if it is at hand."""
    return next((kept for kept in _kept.get(store, {}).values() if kept.version == version), None)


def costs_in_force(store: Store, workloads: Iterable[str]) -> dict[str, int]:
    """What each goal costs of those of `workloads` that are in force, in won a month."""
    found = in_force(store)
    return {} if found is None else costs_of(found.problem, found.problem.in_force, workloads)


def in_force(store: Store, day: date | None = None) -> Question | None:
    """What is in force as a question to the solver, on the network of now and of a day, which is today where none is said;
    None while nothing is in force."""
    day = day or today()
    while True:
        world = newest_world(store)
        with store.reading() as session:
            if session.generations.now() != world.generation:
                continue
            version = version_of(session.generations.of, day)
            posed = _posed.get(store)
            if posed is not None and posed[0] == version:
                return posed[1]
            rows = session.allocation.rows()
            summary = session.allocation.summary()
            terms = terms_in_force(session, day)
        found = None if summary is None else posed_by(world, [row.decision for row in rows], terms)
        _posed[store] = version, found
        return found


def _made(store: Store, day: date | None) -> Standing:
    day = day or today()
    found = in_force(store, day)
    version = _posed[store][0]
    if found is None:
        return Standing(version, day)
    problem = found.problem
    plan = problem.in_force
    uses = tuple(sorted(used(usage(problem, plan)), key=lambda row: (row.rule, row.key, row.resource)))
    broken = [broken_by(against) for against in disturbances_in_force(problem).values()]
    rules = Counter(rule for against in broken if against is not None for rule in against["rules"])
    return Standing(
        version=version,
        day=day,
        uses=uses,
        use_by_tier=use_by_tier(problem, uses),
        use_by_province=use_by_province(problem, uses),
        tightest=tightest(uses),
        cost_by_goal=verify(problem, plan).cost_by_goal,
        disturbed=dict(rules),
        unlawful=sum(against is not None and bool(against["unlawful"]) for against in broken),
    )


_making = threading.Lock()
#: The newest picture of today, and that of the other day that was asked about last: dashboards poll the first.
_TODAY, _OTHER = "today", "another day"
_kept: WeakKeyDictionary[Store, dict[str, Standing]] = WeakKeyDictionary()
#: Store -> the version of what was posed last, and that.
_posed: WeakKeyDictionary[Store, tuple[str, Question | None]] = WeakKeyDictionary()

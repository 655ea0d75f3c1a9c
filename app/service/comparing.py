"""Two plans side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

from app.service.plans import decided
from app.service.uncollected import uncollected
from app.store.port import Session, Store
from app.store.records import Body

#: What is in force, in place of a plan to compare with.
ALLOCATION = "allocation"
#: How many comparisons are kept for their further pages.
KEPT = 2

#: Where a shard runs: node, profile, servers; all None where it runs nowhere.
Place: TypeAlias = tuple[str | None, str | None, int | None]
Shard: TypeAlias = tuple[str, int]
_NOWHERE: Place = (None, None, None)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: what it is called, what it costs, and where it has which shard."""

    plan: str | None
    cost: int
    cost_by_goal: dict[str, int]
    places: dict[Shard, Place]


@dataclass(frozen=True, slots=True)
class Change:
    """What would change for one shard."""

    shard: Shard
    action: str
    before: Place
    after: Place


@dataclass(frozen=True, slots=True)
class Compared:
    """What would change from one to the other, in the order of the shards."""

    plan: str
    other: str | None
    cost: int
    other_cost: int
    cost_by_goal: list[tuple[str, int, int]]
    counts: Counter[str]
    changes: list[Change]


def compare(store: Store, id: str, other: str) -> Compared:
    """What would change if one went from `other`, a plan or the allocation, to the plan `id`.

    Raises
    ------
    NotFound, PlanNotReady
        If there is no such plan, or it has no decisions (yet).
    """
    with uncollected(), store.reading() as session:
        in_force = other == ALLOCATION
        version = str(session.generations.of("allocation")) if in_force else decided(session, other).version
        key = decided(session, id).version, version
        kept = _kept.setdefault(store, {})
        found = kept.get(key)
        if found is None:
            before = _allocation(session) if in_force else _plan(session, other)
            found = compared(_plan(session, id), before, in_force)
            while len(kept) >= KEPT:
                kept.pop(next(iter(kept)), None)
            kept[key] = found
    return found


def compared(after: Side, before: Side, in_force: bool) -> Compared:
    """What would change from `before` to `after`.

    What is `in_force` stays so as long as nothing is decided about its workload: applying a plan ends no others.
    """
    about = {workload for workload, _ in after.places}
    counts: Counter[str] = Counter()
    changes: list[Change] = []
    for shard in sorted(after.places.keys() | before.places.keys()):
        was, now = before.places.get(shard), after.places.get(shard)
        if now is None and (was is None or was[0] is None):
            continue
        stays = in_force and shard[0] not in about
        action = "kept" if stays else _action(was, now)
        counts[action] += 1
        if action != "kept":
            changes.append(Change(shard, action, was or _NOWHERE, now or _NOWHERE))
    goals = dict.fromkeys((*after.cost_by_goal, *before.cost_by_goal))
    return Compared(
        plan=after.plan or "",
        other=before.plan,
        cost=after.cost,
        other_cost=before.cost,
        cost_by_goal=[(goal, after.cost_by_goal.get(goal, 0), before.cost_by_goal.get(goal, 0)) for goal in goals],
        counts=counts,
        changes=changes,
    )


def _action(was: Place | None, now: Place | None) -> str:
    if now is None:
        return "ended"
    if now[0] is None:
        return "kept" if was is not None and was[0] is None else "unplaced"
    if was is None or was[0] is None:
        return "placed"
    if was[0] != now[0]:
        return "moved"
    return "kept" if was == now else "resized"


_kept: WeakKeyDictionary[Store, dict[tuple[str, str], Compared]] = WeakKeyDictionary()

_FIELDS = ("workload", "shard", "node", "profile", "servers")


def _plan(session: Session, id: str) -> Side:
    figures = session.plans.result(id)
    return Side(id, figures["cost"], _goals(figures), _places(session.plans.columns(id, _FIELDS)))


def _allocation(session: Session) -> Side:
    row = session.allocation.summary()
    if row is None:
        return Side(None, 0, {}, {})
    return Side(row.plan_id, row.body["cost_krw_month"], _goals(row.body), _places(session.allocation.columns(_FIELDS)))


def _goals(figures: Body) -> dict[str, int]:
    return {goal["goal"]: goal["krw_month"] for goal in figures["cost_by_goal"]}


def _places(rows: Iterable[Sequence[Any]]) -> dict[Shard, Place]:
    return {(workload, shard): (node, profile, servers) for workload, shard, node, profile, servers in rows}

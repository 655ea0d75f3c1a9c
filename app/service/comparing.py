"""Two plans side by side."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.clock import today
from app.errors import UnknownReference
from app.schemas.comparisons import Comparison, GoalDifference, ShardChange, TermDifference
from app.service.cache import Cache, Compared, Costs
from app.service.gc_paused import gc_paused
from app.service.judging import appraise, told
from app.service.plans import decided, present
from app.service.standing import newest_version
from app.store.port import Session
from app.store.records import Body
from app.world.named import costs_of
from solver.facts.difference import ACTIONS, Change, Shard, difference
from solver.facts.placement import Placement, Slot

#: What is in force, in place of a plan to compare with.
ALLOCATION = "allocation"
#: How many comparisons are kept for their further pages.
KEPT = 2


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: what it is called, on what terms it was made, what all of it costs, and where it has which shard.

    `costs` is None where that has to be asked for. `terms` is None where nobody has noted them. `ends` are workloads that it
    takes shards of out of force: those have no place here, not even none.
    """

    plan: str | None
    terms: Body | None
    costs: Costs | None
    places: Mapping[Shard, Placement | None]
    ends: frozenset[str] = frozenset()

    @property
    def about(self) -> frozenset[str]:
        """The workloads that it speaks of."""
        return frozenset(workload for workload, _ in self.places) | self.ends


def compare(cache: Cache, id: str, other: str) -> Compared:
    """What would change if one went from `other`, a plan or the allocation, to the plan `id`.

    Raises
    ------
    NotFound, PlanNotReady
        If there is no such plan, or it has no decisions (yet).
    """
    store, kept = cache.store, cache.compared
    in_force = other == ALLOCATION
    with gc_paused():
        with store.reading() as session:
            version = newest_version(store) if in_force else decided(session, other).version
            key = decided(session, id).version, version
            found = kept.get(key)
            if found is not None:
                return found
            after, figures = _plan(session, id), session.plans.result(id)
            made_from = present(session, id).generation or 0
            stale = in_force and session.generations.of("allocation") > made_from
            before = _allocation(session) if in_force else _plan(session, other)
            disturbed = sum(status == "disturbed" for (status,) in session.plans.columns(id, ("status",)))
        same = after.about & before.about
        costs = _costs(cache, after, same)
        other_costs = _costs_in_force(cache, before, same) if in_force else _costs(cache, before, same)
        found_by_applying = None
        if stale:
            found_by_applying = applied_changes(cache, id)
        counts, changes = changes_of(after, before, in_force, found_by_applying)
        found = Compared(
            plan=id,
            other=before.plan,
            terms=terms_between(after.terms, before.terms),
            figures=figures,
            same=len(same),
            costs=costs,
            other_costs=other_costs,
            counts=counts,
            disturbed=disturbed,
            changes=changes,
        )
        while len(kept) >= KEPT:
            kept.pop(next(iter(kept)), None)
        kept[key] = found
        return found


def changes_of(
    after: Side, before: Side, in_force: bool, by_applying: list[Change] | None = None
) -> tuple[Counter[str], list[Change]]:
    """How many shards become what, and those for which anything changes.

    What is `in_force` stays so as long as the plan decides nothing about it. `by_applying` are the shards that the plan does
    decide about, where that is known better than by comparing.
    """
    if by_applying is not None:
        found, about = by_applying, {change.shard for change in by_applying}
        stays = sum(here is not None and shard not in about for shard, here in before.places.items())
    else:
        workloads = after.about
        was, stays = before.places, 0
        if in_force:
            was = {shard: here for shard, here in before.places.items() if shard[0] in workloads}
            stays = sum(here is not None for shard, here in before.places.items() if shard[0] not in workloads)
        now = after.places
        if not in_force:
            # Which card a server gets on paper says nothing: only what runs is on one.
            was, now = _without_cards(was), _without_cards(now)
        found = difference(was, now)
    counts = Counter({"kept": stays}) + Counter(change.action for change in found)
    return counts, [change for change in found if change.action != "kept"]


def applied_changes(cache: Cache, id: str) -> list[Change] | None:
    """What applying a plan would make of the shards that it decides about, though something else has been applied since it
    was made: what it was not asked about and does not change is left where it is by now. None where it names what is gone.
    """
    with cache.store.reading() as session:
        plan = present(session, id)
    try:
        return appraise(cache, plan).changes
    except UnknownReference:
        return None


def costs_under(cache: Cache, id: str, workloads: Iterable[str]) -> dict[str, int]:
    """What each goal costs of some workloads under a plan that has its decisions, in the world and on the terms that it was
    made on."""
    posed, plan = told(cache, id)
    return costs_of(posed.problem, plan, workloads)


def terms_between(this: Body | None, other: Body | None) -> tuple[TermDifference, ...]:
    """Where two sets of terms differ, weight by weight; nothing where one of them is not known."""
    if this is None or other is None:
        return ()
    ours, theirs = _flat(this), _flat(other)
    return tuple(
        TermDifference(field=name, this=ours.get(name), other=theirs.get(name))
        for name in dict.fromkeys((*ours, *theirs))
        if ours.get(name) != theirs.get(name)
    )


def compared(cache: Cache, id: str, other: str, after: Shard | None, limit: int) -> tuple[Comparison, Shard | None]:
    """A page of a comparison, and the last shard on it if there are more.

    Raises
    ------
    NotFound, PlanNotReady
        As :func:`compare`.
    """
    found = compare(cache, id, other)
    begin = 0 if after is None else bisect_right(found.changes, after, key=lambda change: change.shard)
    page = found.changes[begin : begin + limit]
    return shown(found, page), page[-1].shard if len(found.changes) > begin + limit else None


def shown(found: Compared, changes: Sequence[Change]) -> Comparison:
    """A page of a comparison on the wire."""
    names = dict.fromkeys((*found.costs, *found.other_costs))
    return Comparison(
        plan=found.plan,
        other=found.other,
        terms=found.terms,
        not_operating=tuple(found.figures.get("not_operating") or ()),
        same_workloads=found.same,
        cost=sum(found.costs.values()),
        other_cost=sum(found.other_costs.values()),
        cost_by_goal=tuple(
            GoalDifference(goal=name, cost_month=found.costs.get(name, 0), other_cost_month=found.other_costs.get(name, 0))
            for name in names
        ),
        request_cost=found.figures.get("request_cost"),
        request_cost_by_goal=found.figures.get("request_cost_by_goal"),
        **{action: found.counts[action] for action in ACTIONS},
        disturbed=found.disturbed,
        items=tuple(_changed(change) for change in changes),
    )


def _changed(change: Change) -> ShardChange:
    was, now = change.before, change.after
    return ShardChange(
        workload=change.shard[0],
        shard=change.shard[1],
        action=change.action,
        from_node=None if was is None else was.node,
        to_node=None if now is None else now.node,
        from_profile=None if was is None else was.profile or None,
        to_profile=None if now is None else now.profile or None,
        from_servers=None if was is None else was.servers or None,
        to_servers=None if now is None else now.servers or None,
    )


def _costs(cache: Cache, side: Side, same: frozenset[str]) -> Costs:
    """What some of the workloads of a plan cost under it."""
    if side.costs is not None and same == side.about:
        return side.costs
    if not same or side.plan is None:
        return {}
    return costs_under(cache, side.plan, same)


def _costs_in_force(cache: Cache, side: Side, same: frozenset[str]) -> Costs:
    """What some of the workloads in force cost, now."""
    if same == side.about:
        return cache.pictures.of().cost_by_goal
    return cache.pictures.costs(same) if same else {}


_FIELDS = ("workload", "shard", "node", "profile", "servers", "cards")


def _plan(session: Session, id: str) -> Side:
    row = present(session, id)
    figures = session.plans.result(id)
    costs = {goal["goal"]: goal["cost_month"] for goal in figures["cost_by_goal"]}
    rows = session.plans.columns(id, (*_FIELDS, "status"))
    ends = frozenset(workload for workload, *_, status in rows if status == "ended")
    stays = [values for *values, status in rows if status != "ended"]
    return Side(id, row.brief["terms"], costs, _places(stays), ends)


def _allocation(session: Session) -> Side:
    """What is in force, on its terms as they hold today: its costs are those of today."""
    row = session.allocation.summary()
    if row is None:
        return Side(None, None, None, {})
    terms = None if row.terms is None else {**row.terms, "horizon": today().isoformat()}
    return Side(row.plan_id, terms, None, _places(session.allocation.columns(_FIELDS)))


def _places(rows: Iterable[Sequence[Any]]) -> dict[Shard, Placement | None]:
    return {
        (workload, shard): None
        if node is None
        else Placement(workload, shard, node, profile or "", servers or 0, tuple(Slot(*slot) for slot in cards))
        for workload, shard, node, profile, servers, cards in rows
    }


def _without_cards(places: Mapping[Shard, Placement | None]) -> dict[Shard, Placement | None]:
    return {shard: None if here is None else replace(here, cards=()) for shard, here in places.items()}


def _flat(terms: Body) -> dict[str, Any]:
    """Terms as they compare: each weight on its own, caps in order."""
    found: dict[str, Any] = {}
    for name, value in terms.items():
        if name == "weights" and value is not None:
            found |= {f"weights.{goal}": weight for goal, weight in value.items()}
        elif name == "share_caps" and value is not None:
            found[name] = sorted(value, key=lambda cap: (cap["of"], cap.get("name") or "", cap["permille"]))
        else:
            found[name] = value
    return found

"""What needs somebody's eye, counted: nodes by state, shards by status, and a plan that the world has left behind."""

from __future__ import annotations

from datetime import date
from typing import get_args

from app.clock import today
from app.schemas.alarms import Alarms, StalePlan, WorldPart
from app.store.port import Session, Store
from solver.facts.network import NodeState

_PARTS: tuple[WorldPart, ...] = get_args(WorldPart)


def version_of(generation: int, day: date | None = None) -> str:
    """The version of the alarms: every change of the world may raise or end one, and so may the next day."""
    return f"{generation}.{day or today():%Y%m%d}"


def raised(store: Store) -> Alarms:
    """The alarms now, from the stored rows alone: each change of the world, and each new day, brings these in line
    (:func:`app.service.settling.settle`), so nothing has to be judged anew for a poll."""
    with store.reading() as session:
        generation = session.generations.now()
        states = session.entities.tally("nodes", "state")
        statuses = session.allocation.counts()
        unlawful = session.allocation.unlawful()
        stale = _stale(session)
    return Alarms(
        generation=generation,
        day=today(),
        failed_nodes=states.get(NodeState.FAILED, 0),
        draining_nodes=states.get(NodeState.DRAINING, 0),
        disturbed_shards=_shards(statuses, "disturbed"),
        unlawful_shards=unlawful,
        refused_shards=_shards(statuses, "unplaced"),
        stale=stale,
    )


def _shards(statuses: dict[str, tuple[int, int]], status: str) -> int:
    shards, _ = statuses.get(status, (0, 0))
    return shards


def _stale(session: Session) -> StalePlan | None:
    """The plan in force, if the world has changed since the picture that it was made from.

    The generation that applied it is no such change: it stores the workloads that its request gave.
    """
    summary = session.allocation.summary()
    if summary is None:
        return None
    stamp = session.plans.stamp(summary.plan_id)
    made_from = summary.generation if stamp is None or stamp.generation is None else stamp.generation
    changed = {part: session.generations.of(part) for part in _PARTS}
    since = {part: when for part, when in changed.items() if when > made_from and when != summary.generation}
    if not since:
        return None
    return StalePlan(plan=summary.plan_id, generation=made_from, changed=tuple(since), newest=max(since.values()))

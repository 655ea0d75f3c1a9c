"""Keeping the rows of the allocation in line with the world.

A plan is judged when it is applied; after that the world goes on. A pool shrinks, a fleet grows, a policy is tightened, a
node fails, a certificate lapses. :func:`settle` brings the rows in line with the world in the transaction that changes it,
so that a status is never older than what it speaks of.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from app.clock import today
from app.errors import Fault, InUse
from app.identity.caller import SERVICE
from app.schemas.requests import Terms
from app.service import lifecycle, recall
from app.service.cache import Cache
from app.service.posing import Posing, terms_in_force
from app.service.rows import decided
from app.store.port import Session, Store
from app.store.records import AllocationChangeRow, AllocationRow, DecisionRow
from app.world.ground import missing_in
from app.world.stored import World
from solver import Verdict
from solver.rules.goals.disturbed import in_force as disturbances_in_force

#: How many workloads a refusal names.
USERS = 10


@dataclass(frozen=True, slots=True)
class Settled:
    """What a change of the world does to the rows of the allocation. `new` are those of shards that were not in force."""

    new: list[AllocationRow] = field(default_factory=list)
    put: list[AllocationRow] = field(default_factory=list)
    gone: list[AllocationRow] = field(default_factory=list)
    changes: list[tuple[DecisionRow, str]] = field(default_factory=list)
    disturbed: list[DecisionRow] = field(default_factory=list)
    restored: list[DecisionRow] = field(default_factory=list)

    @property
    def touched(self) -> bool:
        """Whether any row changes."""
        return bool(self.new or self.put or self.gone)

    def after(self, rows: Iterable[AllocationRow]) -> tuple[AllocationRow, ...]:
        """What rows of the allocation become, in the order of their keys."""
        changed = {row.key: row for row in (*self.new, *self.put)}
        left = changed.keys() | {row.key for row in self.gone}
        stays = [row for row in rows if row.key not in left]
        return tuple(sorted((*stays, *changed.values()), key=lambda row: row.key))

    def keep(self, session: Session, generation: int, first: int = 0) -> None:
        """Write the rows as part of a generation that has begun, and tell of it. `first` is the ordinal of the first
        change that is noted."""
        self._record(session, generation)
        session.allocation.remove([row.key for row in (*self.gone, *self.put)])
        session.allocation.put([*self.new, *self.put])
        session.allocation.note(
            [
                AllocationChangeRow(
                    generation, ordinal, row.workload, row.shard, action, row.node, None if action == "ended" else row.node
                )
                for ordinal, (row, action) in enumerate(self.changes, first)
            ]
        )
        lifecycle.stood(session, generation, self.disturbed, self.restored)

    def _record(self, session: Session, generation: int) -> None:
        """Keep what the generation replaces: what it does not end or add runs on as it did."""
        if not self.gone and not self.new:
            return
        summary = session.allocation.summary()
        replaced = {(row.decision.workload, row.decision.shard): recall.stood_as(row.decision) for row in self.gone}
        replaced |= {(row.decision.workload, row.decision.shard): None for row in self.new}
        counts = {"ended": sum(row.decision.node is not None for row in self.gone), "unplaced": len(self.new)}
        recall.record(session, generation, replaced, counts, terms=None if summary is None else summary.terms)


def anything_in_force(store: Store) -> bool:
    """Whether a change of the world may have something to say about what runs."""
    with store.reading() as session:
        return bool(session.allocation.counts())


def settle(cache: Cache, session: Session, generation: int, documents: Iterable[str]) -> Settled:
    """What a change of documents, which the session has written, does to what is in force.

    Parameters
    ----------
    cache
        What is kept of the store of the session. Outside the session that still shows the world before the change.
    generation
        The one that the change makes.
    documents
        The documents that were changed: only their entities are read.

    Raises
    ------
    InUse
        If something runs on, or over, what is no longer there.
    Invalid
        If the solver does not take what is stored.
    """
    rows = cache.worlds.rows(session)
    if not rows:
        return Settled()
    before, world = cache.worlds.changed(session, documents)
    _check_ground(before, world, [row.decision for row in rows])
    found = settled(cache.posing, world, rows, terms_in_force(session, today()), generation)
    if found.touched:
        cache.worlds.will_be(session, generation, found.after(rows))
    return found


def refresh(cache: Cache) -> bool:
    """Bring the rows of the allocation in line with a world that has changed by itself: a day has passed.

    A certificate lapses, a hall opens. Nothing is written where nothing has changed; answers whether anything was.
    """
    with cache.worlds.writing(SERVICE) as session:
        rows = cache.worlds.rows(session)
        if not rows:
            return False
        generation = session.generations.now() + 1
        world = cache.worlds.entities(session)
        found = settled(cache.posing, world, rows, terms_in_force(session, today()), generation)
        if found.touched:
            lifecycle.advance(session, ["allocation"])
            found.keep(session, generation)
            cache.worlds.will_be(session, generation, found.after(rows))
        return found.touched


def settled(posing: Posing, world: World, rows: Sequence[AllocationRow], terms: Terms, generation: int) -> Settled:
    """What the rows of the allocation become in a world.

    Each row goes on to say what its shard runs on; whom it serves, how fast, and whether that is as promised are worked out
    anew. Shards that are no more end; a shard that is new runs nowhere.
    """
    shards = {workload.id: workload.shards for workload in world.said("workloads")}
    stays = {(row.decision.workload, row.decision.shard): row for row in rows}
    gone = [row for shard, row in stays.items() if shard[1] >= shards.get(shard[0], 0)]
    for ended in gone:
        del stays[ended.decision.workload, ended.decision.shard]
    result = Settled(gone=gone, changes=[(row.decision, "ended") for row in gone])
    if not stays:
        return result
    posed = posing.pose(world, [row.decision for row in stays.values()], terms)
    problem = posed.problem
    nowhere = tuple(
        (w, shard)
        for w, workload in enumerate(problem.workloads)
        for shard in range(workload.shards)
        if not workload.runs_at(shard)
    )
    verdict = Verdict(violations=(), cost_by_goal={}, unplaced=nowhere)
    fresh = {
        (row.workload, row.shard): row
        for row in decided(posed, problem.in_force, verdict, {}, disturbances_in_force(problem))
    }
    plans = {row.decision.workload: row.plan_id for row in rows}
    for shard in sorted(fresh.keys() - stays.keys()):
        new = fresh[shard]
        result.new.append(AllocationRow(_key(new), plans[new.workload], generation, new))
        result.changes.append((new, "unplaced"))
    for shard, old in stays.items():
        was = old.decision
        row = _lost(was)
        if shard in fresh:
            now = fresh[shard]
            row = replace(now, previous_node=was.previous_node, in_request=was.in_request, refusal=was.refusal)
        since = None if row.disturbed is None else old.disturbed_since or generation
        if row != was or since != old.disturbed_since:
            result.put.append(replace(old, decision=row, disturbed_since=since))
        if row.status != was.status:
            result.changes.append((row, "restored" if row.status == "placed" else row.status))
        if worse(was, row):
            result.disturbed.append(row)
        elif better(was, row):
            result.restored.append(row)
    return result


def worse(was: DecisionRow | None, now: DecisionRow) -> bool:
    """Whether a shard that runs is no longer as promised, or no longer lawful, and was before."""
    if now.disturbed is None:
        return False
    return was is None or was.status != "disturbed" or (_unlawful(now) and not _unlawful(was))


def better(was: DecisionRow | None, now: DecisionRow) -> bool:
    """Whether a shard that runs is as promised, and was not before."""
    return was is not None and was.status == "disturbed" and now.status == "placed"


def _unlawful(row: DecisionRow) -> bool:
    return row.disturbed is not None and bool(row.disturbed["unlawful"])


def _lost(row: DecisionRow) -> DecisionRow:
    """The row of a shard of which no more is known than its node."""
    why = f"what {row.workload} runs on at {row.node}, or its way there, is not in the network any more"
    return replace(row, status="disturbed", disturbed={"rules": ["route"], "sentence": why, "unlawful": False})


def _check_ground(before: World, after: World, rows: Sequence[DecisionRow]) -> None:
    """Refuse a change that takes away from something that runs what it stands on, or its way there.

    What is gone with its workload is not missed. What had been lost before is not lost now.
    """
    of_now, of_then = missing_in(after), missing_in(before)
    users: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        if row.node is not None and (gone := of_now(row)) is not None and of_then(row) is None:
            users.setdefault(gone, []).append(row.workload)
    if not users:
        return
    (what, id), of = next(iter(users.items()))
    named = [(one, gone) for gone, ones in users.items() for one in dict.fromkeys(ones)][:USERS]
    raise InUse(
        f"{len(of)} shards that run need {what} {id!r}: move them first, by a plan that is applied.",
        tuple(
            Fault(f"workloads[{one}]", f"what runs of it needs {kind} {name!r}", code="in_use")
            for one, (kind, name) in named
        ),
    )


def _key(row: DecisionRow) -> str:
    """The key of a shard: sorts by workload, then shard."""
    return f"{row.workload}/{row.shard:08d}"

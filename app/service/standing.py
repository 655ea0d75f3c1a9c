"""How what is in force stands: the placements that run, against the network of now.

A plan is judged when it is applied; after that the world goes on. A pool shrinks, a fleet grows, a policy is tightened, a
node fails, a certificate lapses. So nothing that was computed for a plan is shown as how things are. What is shown is
computed here, from the placements in force and from what is stored at this moment, on this day.

Two things come of it. :func:`settle` brings the rows of the allocation in line with the world in the transaction that
changes the world, so that a status is never older than what it speaks of. :func:`picture` says how full everything is and
what all of it costs; it is computed when somebody asks, and kept as long as nothing changes.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Protocol, TypeVar
from weakref import WeakKeyDictionary

from app.clock import today
from app.errors import Fault, InUse, Invalid
from app.schemas.documents import DOCUMENTS, KINDS
from app.schemas.entities import Workload
from app.schemas.figures import GroupUse, UseOut, tightest
from app.schemas.requests import Terms
from app.service import lifecycle, recall
from app.service.rows import broken_by, decided, used
from app.service.summing import use_by_province, use_by_tier
from app.service.worlds import newest_world, read_world
from app.store.port import Session, Store
from app.store.records import AllocationChangeRow, AllocationRow, DecisionRow, UsageRow
from app.world.named import costs_of
from app.world.question import Question
from app.world.running import Running, RunningShard
from app.world.running import in_force as placements_in_force
from app.world.stored import World
from solver import Problem, Verdict, usage, verify
from solver.facts.problem import ProblemError
from solver.rules.goals.disturbed import in_force as disturbances_in_force

#: The parts of the store on which the picture rests. What policies and workloads say of what runs is in the rows of the
#: allocation, which :func:`settle` keeps in line with them.
PARTS = ("allocation", "catalogue", "network")
#: How many workloads a refusal names.
USERS = 10

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
            terms = _terms(session, day)
        found = None if summary is None else _question(world, [row.decision for row in rows], terms)
        _posed[store] = version, found
        return found


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


def settle(store: Store, session: Session, generation: int, documents: Iterable[str]) -> Settled:
    """What a change of documents, which the session has written, does to what is in force.

    Parameters
    ----------
    store
        The one of the session. Outside the session it still shows the world before the change.
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
    rows = session.allocation.rows()
    if not rows:
        return Settled()
    before = newest_world(store)
    after: dict[str, Any] = {name: getattr(before, name) for name in World.model_fields}
    for kind in (kind for document in documents for kind in DOCUMENTS[document]):
        after[kind] = tuple(KINDS[kind].model_validate(body) for body in session.entities.bodies(kind))
    world = World.model_construct(**after)
    _check_ground(before, world, [row.decision for row in rows])
    return settled(world, rows, _terms(session, today()), generation)


def refresh(store: Store) -> bool:
    """Bring the rows of the allocation in line with a world that has changed by itself: a day has passed.

    A certificate lapses, a hall opens. Nothing is written where nothing has changed; answers whether anything was.
    """
    with store.writing() as session:
        rows = session.allocation.rows()
        if not rows:
            return False
        generation = session.generations.now() + 1
        found = settled(read_world(session), rows, _terms(session, today()), generation)
        if found.touched:
            lifecycle.advance(session, ["allocation"])
            found.keep(session, generation)
        return found.touched


def settled(world: World, rows: Sequence[AllocationRow], terms: Terms, generation: int) -> Settled:
    """What the rows of the allocation become in a world.

    Each row goes on to say what its shard runs on; whom it serves, how fast, and whether that is as promised are worked out
    anew. Shards that are no more end; a shard that is new runs nowhere.
    """
    shards = {workload.id: workload.solver().shards for workload in world.workloads}
    stays = {(row.decision.workload, row.decision.shard): row for row in rows}
    gone = [row for shard, row in stays.items() if shard[1] >= shards.get(shard[0], 0)]
    for ended in gone:
        del stays[ended.decision.workload, ended.decision.shard]
    result = Settled(gone=gone, changes=[(row.decision, "ended") for row in gone])
    if not stays:
        return result
    posed = _question(world, [row.decision for row in stays.values()], terms)
    problem = posed.problem
    nowhere = tuple(
        (w, shard)
        for w, workload in enumerate(problem.workloads)
        for shard in range(workload.shards)
        if not workload.runs_at(shard)
    )
    verdict = Verdict(violations=(), cost_by_goal={}, unplaced=nowhere)
    fresh = {(row.workload, row.shard): row for row in decided(posed, problem.in_force, verdict, {})}
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


def _terms(session: Session, day: date) -> Terms:
    """The terms in force, as of a day: those of the plan applied last."""
    summary = session.allocation.summary()
    stored = {} if summary is None or summary.terms is None else dict(summary.terms)
    return Terms.model_validate({**stored, "horizon": day}).effective()


def _question(world: World, rows: Sequence[DecisionRow], terms: Terms) -> Question:
    """What the rows of the allocation say, as a question to the solver: every workload, with what it runs on.

    Raises
    ------
    Invalid
        If the solver does not take what is stored.
    """
    wanted = {row.workload for row in rows}
    entities = [workload for workload in world.workloads if workload.id in wanted]
    runs = _runs(world, entities, rows)
    workloads = []
    for entity in entities:
        workload, here = entity.solver(), runs.get(entity.id, {})
        current = tuple(here.get(shard) for shard in range(workload.shards)) if here else ()
        workloads.append(replace(workload, current=current))
    try:
        problem = Problem(
            network=world.network,
            catalogue=world.catalogue,
            policies=tuple(policy.solver() for policy in world.policies),
            workloads=tuple(workloads),
            terms=terms.solver(terms),
        )
    except ProblemError as error:
        raise Invalid("What runs could not be judged any more.", (Fault(error.field, error.why),)) from error
    return Question(problem, world.generation, frozenset(), terms)


def _runs(world: World, workloads: Iterable[Workload], rows: Iterable[DecisionRow]) -> Running:
    """What the rows of the allocation say runs, as placements on the network of a world."""
    entry = {access.id: access.node for access in world.accesses}
    entries = {workload.id: entry[workload.access] for workload in workloads if workload.access in entry}
    running = (
        RunningShard(
            workload=row.workload, shard=row.shard, node=row.node, role=row.role, profile=row.profile, servers=row.servers,
            cards=tuple((card, eighth) for card, eighth in row.cards), route=tuple(row.route), batch_limit=row.batch_limit,
        )
        for row in rows
        if row.node is not None
    )  # fmt: skip
    return placements_in_force(running, world.network, world.catalogue, entries)


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


class Ground(Protocol):
    """What says where a shard runs, and over which links: a row, or a placement."""

    @property
    def workload(self) -> str: ...
    @property
    def node(self) -> str | None: ...
    @property
    def profile(self) -> str | None: ...
    @property
    def route(self) -> Sequence[str]: ...


def missing_in(world: World) -> Callable[[Ground], tuple[str, str] | None]:
    """Answers for a row what of its ground is not there in a world, as (what, id); None where all is, or where the shard
    itself is no more."""
    nodes, profiles = {node.id for node in world.nodes}, {profile.id for profile in world.profiles}
    ends = {link.id: (link.source, link.target) for link in world.links}
    entry = {access.id: access.node for access in world.accesses}
    first = {workload.id: entry.get(workload.access) for workload in world.workloads}

    def missing(row: Ground) -> tuple[str, str] | None:
        if row.workload not in first:
            return None
        if row.node not in nodes:
            return "node", row.node or ""
        if row.profile not in profiles:
            return "profile", row.profile or ""
        here = first[row.workload]
        for link in row.route:
            if link not in ends:
                return "link", link
            one, other = ends[link]
            here = other if here == one else one if here == other else None
        return None if here == row.node else ("the way to node", row.node or "")

    return missing


def _key(row: DecisionRow) -> str:
    """The key of a shard: sorts by workload, then shard."""
    return f"{row.workload}/{row.shard:08d}"


_making = threading.Lock()
#: The newest picture of today, and that of the other day that was asked about last: dashboards poll the first.
_TODAY, _OTHER = "today", "another day"
_kept: WeakKeyDictionary[Store, dict[str, Standing]] = WeakKeyDictionary()
#: Store -> the version of what was posed last, and that.
_posed: WeakKeyDictionary[Store, tuple[str, Question | None]] = WeakKeyDictionary()

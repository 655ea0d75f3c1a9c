"""The sections of a session of the store: what the service asks of each kind of thing that is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, Protocol

from app.store.records import (
    AllocationChangeRow,
    AllocationRow,
    AnswerRow,
    Body,
    ChangeRow,
    Claim,
    DecisionRow,
    EntityRow,
    EventRow,
    Lease,
    PageQuery,
    PlacedDecision,
    PlanRow,
    PlanStamp,
    PlanStatus,
    ProgressRow,
    RecordRow,
    RunningRow,
    StatusRow,
    SummaryRow,
    UsageRow,
)


class Generations(Protocol):
    """The one counter, and the generation that last changed each document."""

    def now(self) -> int:
        """The newest generation."""

    def of(self, part: str) -> int:
        """The generation that last changed `part` (a document, or `allocation`)."""

    def advance(self, parts: Iterable[str]) -> int:
        """Begin the next generation as one that changes `parts`, and return it."""


class Entities(Protocol):
    """Entities and who names whom."""

    def get(self, kind: str, id: str) -> EntityRow | None:
        """One entity, or None."""

    def page(self, kind: str, cut: PageQuery) -> list[EntityRow]:
        """A page of entities of one kind."""

    def bodies(self, kind: str, ids: Sequence[str] | None = None) -> list[Body]:
        """The documents of a kind (all of them, or those with the given ids), in the order of their ids."""

    def revisions(self, kind: str, ids: Sequence[str]) -> dict[str, int]:
        """The revisions of these entities of a kind, of those that exist."""

    def count(self, kind: str) -> int:
        """How many entities of a kind there are."""

    def tally(self, kind: str, field: str) -> dict[str, int]:
        """How many entities of a kind there are for each word in a field."""

    def existing(self, kind: str, ids: Iterable[str]) -> set[str]:
        """Those of `ids` that exist. The kind `models` asks for models that some profile runs."""

    def named_by(self, kind: str, id: str, limit: int) -> list[tuple[str, str]]:
        """Up to `limit` (kind, id) of entities that name this one."""

    def dangling(self, limit: int) -> list[tuple[str, str, str, str]]:
        """Up to `limit` references (kind, id, target kind, target) that lead nowhere."""

    def put_all(self, rows: Sequence[EntityRow], names: Sequence[tuple[str, str, str, str]]) -> None:
        """Store many new entities with their references (kind, id, target kind, target)."""

    def delete(self, kind: str, id: str) -> None:
        """Forget an entity and what it names."""

    def discard(self, kind: str, ids: Sequence[str]) -> None:
        """Forget these entities of a kind, and what they name."""


class Changes(Protocol):
    """History of what was changed."""

    def note(self, rows: Iterable[ChangeRow]) -> None:
        """Add to the history."""

    def page(
        self, since: int, kind: str | None, id: str | None, after: tuple[int, int] | None, limit: int
    ) -> list[ChangeRow]:
        """Changes newer than generation `since`, oldest first, after the (generation, ordinal) `after`."""


class Plans(Protocol):
    """Requests for plans, and what became of them."""

    def add(self, row: PlanRow, request: Body) -> None:
        """Keep a new request."""

    def get(self, id: str) -> PlanRow | None:
        """One plan, or None."""

    def request(self, id: str) -> Body:
        """What was asked, in full, of a plan that is there."""

    def stamp(self, id: str) -> PlanStamp | None:
        """How far one plan has come, or None; cheap, whatever its size."""

    def result(self, id: str) -> Body:
        """The figures of a plan that has its decisions."""

    def last_result(self) -> Body | None:
        """The figures of the plan with decisions that ended last, of those that were searched for."""

    def page(self, cut: PageQuery) -> list[PlanRow]:
        """Plans, newest first, after the (submission, id) in `cut.after`."""

    def counts(self) -> dict[str, int]:
        """How many plans there are of each status."""

    def started(self, id: str, at_ms: int, generation: int) -> None:
        """A solve has begun on the picture of `generation`."""

    def note_terms(self, id: str, terms: Body) -> None:
        """The terms on which a plan is being solved, for the lists."""

    def requeued(self, id: str) -> None:
        """The solve was lost; the plan waits for another one."""

    def ended(
        self, id: str, status: PlanStatus, at_ms: int, result: Body | None = None, failure: Body | None = None
    ) -> None:
        """A plan has reached its last status. Its draft is forgotten."""

    def keep_draft(self, id: str, generation: int, body: bytes) -> None:
        """Keep the newest verified plan of a solve, made from `generation`, in place of the one before."""

    def draft(self, id: str) -> bytes | None:
        """The draft that is kept for a plan that has not ended, if there is one."""

    def made_from(self, id: str, generation: int) -> None:
        """What is kept of this plan was made from `generation`, not from the one that its newest solve began with."""

    def applied(self, id: str, generation: int, outcome: Body) -> None:
        """A plan became the allocation in `generation`, with this outcome."""

    def delete(self, id: str) -> None:
        """Forget a plan and everything kept for it; what is much of that is removed later (:class:`Upkeep`)."""

    def add_progress(self, id: str, row: ProgressRow) -> None:
        """Add a point to the series of a plan."""

    def name(self, id: str) -> str | None:
        """What the request of a plan calls it, if anything."""

    def progress(self, id: str, limit: int) -> list[ProgressRow]:
        """The last `limit` points of the newest attempt, oldest first."""

    def put_decisions(self, id: str, rows: Sequence[DecisionRow]) -> None:
        """Keep what a plan decides, in order."""

    def decisions(self, id: str, equal: tuple[tuple[str, str], ...], after: int, limit: int | None) -> list[PlacedDecision]:
        """Decisions at positions after `after` whose fields have the given values."""

    def columns(self, id: str, fields: Sequence[str]) -> Sequence[tuple[Any, ...]]:
        """These fields of all decisions, by workload and shard."""

    def put_usage(self, id: str, rows: Sequence[UsageRow]) -> None:
        """Keep how much a plan uses."""

    def usage(
        self, id: str, rule: str | None, parts: Mapping[str, str], after: tuple[str, str, str] | None, limit: int | None
    ) -> list[UsageRow]:
        """Uses of a rule whose subjects have these parts, in the order of their places, after one."""

    def keep_snapshot(self, generation: int, body: bytes) -> None:
        """Keep the picture of a generation, unless it is kept already."""

    def keep_memory(self, id: str, body: bytes) -> None:
        """Keep what a plan leaves to the next solve, in place of what was kept before."""

    def memory(self) -> tuple[str, bytes] | None:
        """The plan that left something to the next solve, and what, if one did."""

    def has_snapshot(self, generation: int) -> bool:
        """Whether the picture of a generation is kept."""

    def snapshot(self, generation: int) -> bytes | None:
        """The picture of a generation, if it is kept."""


class Jobs(Protocol):
    """Leases on solves.

    A claim carries an attempt number that only ever grows; whatever is written for a solve first shows that its
    claim is still the newest. Whoever holds it lets a counter grow as a sign of life. No clock is written down: who
    wants to know whether a holder is gone watches the counter by a clock of its own.
    """

    def add(self, id: str, at_ms: int, priority: int = 1) -> None:
        """A new solve waits to be taken up."""

    def queued(self) -> int:
        """How many solves wait."""

    def claim(self, owner: str) -> Claim | None:
        """Take up the oldest solve of the highest priority that waits."""

    def waiting(self) -> bool:
        """Whether a claim might find something."""

    def leases(self) -> list[Lease]:
        """All solves that somebody is said to be at."""

    def lease(self, claim: Claim) -> Lease | None:
        """The lease as it is now, or None when the claim is void."""

    def renew(self, claim: Claim) -> bool | None:
        """Give a sign of life; answers whether a stop is wanted, or None when the claim is void."""

    def stop_wanted(self, claim: Claim) -> bool:
        """Whether a stop is wanted; False when the claim is void."""

    def finish(self, claim: Claim) -> bool:
        """End the solve; False when the claim is void."""

    def give_back(self, claim: Claim, failure: str | None, attempts: int) -> Literal["queued", "spent", "void"]:
        """Let go of a solve that did not end.

        It waits again, unless it has now been lost `attempts` times. Without a `failure` the attempt is as if never made.
        """

    def end(self, id: str) -> None:
        """End a solve whoever holds it."""

    def ask_stop(self, id: str) -> str | None:
        """Ask for a stop; answers the state the solve is in, or None when there is none."""


class Allocation(Protocol):
    """The plan in force."""

    def rows(self, workload: str | None = None) -> list[AllocationRow]:
        """Everything in force (for one workload, or at all), in the order of the keys."""

    def running(self) -> list[RunningRow]:
        """The placement of everything that runs, by workload and shard."""

    def displaced(self) -> list[tuple[str, int]]:
        """(workload, shard) of what is in force without a place, by workload and shard."""

    def page(self, cut: PageQuery) -> list[AllocationRow]:
        """A page of what is in force."""

    def columns(self, names: Sequence[str]) -> Sequence[tuple[Any, ...]]:
        """These fields of everything in force, by workload and shard."""

    def counts(self) -> dict[str, tuple[int, int]]:
        """Status -> (shards, devices)."""

    def unlawful(self) -> int:
        """How many shards run where a rule of law says no."""

    def held_by(self, plan: str) -> int:
        """How many shards are in force as this plan placed them."""

    def runs_on(self, node: str) -> int:
        """How many shards run on a node."""

    def nodes(self) -> set[str]:
        """Nodes on which something runs."""

    def by_plan(self, plan: str) -> int:
        """How many shards are in force as a plan decided."""

    def remove(self, keys: Sequence[str]) -> None:
        """Take rows out of force."""

    def put(self, rows: Sequence[AllocationRow]) -> None:
        """Put new rows in force."""

    def put_statuses(self, rows: Sequence[StatusRow]) -> None:
        """Say what has become of rows that stay where they are."""

    def put_cards(self, rows: Sequence[tuple[str, list[list[int]]]]) -> None:
        """Say, by key, on which cards rows are that did not say it."""

    def note(self, rows: Sequence[AllocationChangeRow]) -> None:
        """Add to the history of the allocation."""

    def changes(self, since: int, after: tuple[int, int] | None, limit: int) -> list[AllocationChangeRow]:
        """Changes newer than generation `since`, oldest first."""

    def record(self, row: RecordRow, replaced: bytes) -> None:
        """Keep what a generation replaced of what ran."""

    def records(self, before: int | None, limit: int) -> list[RecordRow]:
        """Generations that changed what runs, newest first; those before a generation, if it is given."""

    def replaced(self, since: int) -> list[tuple[int, bytes | None]]:
        """(generation, what it replaced) for the generations from `since` on that changed what runs, newest first; None
        where that is not kept."""

    def put_summary(self, row: SummaryRow) -> None:
        """Replace the summary."""

    def clear_summary(self) -> None:
        """Say that no plan is in force."""

    def summary(self) -> SummaryRow | None:
        """The summary of what is in force, if anything is."""


class Events(Protocol):
    """What happened lately. Only so many are kept: adding one forgets those before.

    Ids only ever grow, and in the order of the commits, because writers take turns: whoever has read up to an id never
    misses one below it. An id is never given twice.
    """

    def add(self, row: EventRow) -> None:
        """Tell of something; the id of `row` is given here."""

    def page(self, after: int, types: Sequence[str], plan: str | None, limit: int) -> list[EventRow]:
        """Events after the id `after`, oldest first: of these types (of any, if there are none), of one plan."""

    def newest(self, types: Sequence[str], plan: str | None, limit: int, before: int | None = None) -> list[EventRow]:
        """The last `limit` of such events, oldest first; of those before the id `before`, if it is given."""

    def span(self) -> tuple[int, int]:
        """The ids of the oldest event that is kept and of the newest; (1, 0) when nothing has happened yet."""


class Answers(Protocol):
    """What was answered to requests that carried a key. A key is its tenant's: others may choose the same."""

    def get(self, tenant: str, key: str) -> AnswerRow | None:
        """The answer to the first request of a tenant with a key, or None."""

    def add(self, row: AnswerRow) -> None:
        """Keep the answer to the first request of the caller's tenant with a key."""

    def change(self, key: str, status: int, body: bytes) -> None:
        """Keep another answer in the place of the one that is kept for the caller's tenant, if one is."""

    def forget(self, before_ms: int) -> None:
        """Forget the answers from before a moment."""


class Upkeep(Protocol):
    """Removing what is kept no longer. Each call is a step of at most so many rows and answers how many it removed; 0 when
    nothing is left to be removed."""

    def unneeded_plans(self, kept: int, before_ms: int, limit: int) -> list[str]:
        """Up to `limit` ended plans, the oldest, that neither what is in force nor the next solve needs: of those, the ones
        not among the newest `kept`, or ended before `before_ms`."""

    def remove_leavings(self, rows: int) -> int:
        """Remove what is left of plans that were forgotten."""

    def thin_progress(self, points: int, rows: int) -> int:
        """Have no ended plan keep more than so many points of progress: the newest attempt's, evenly, the last always."""

    def forget_history(self, kept: int, before_ms: int, rows: int) -> int:
        """Forget changes that are not among the newest `kept`, or were made before `before_ms`."""

    def remove_snapshots(self) -> int:
        """Remove pictures of generations that no plan with decisions, or still to be solved, was made from."""

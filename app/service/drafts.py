"""All that is kept of a plan when it ends, made ready beforehand, so that it can be kept by others too."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, fields, replace
from operator import attrgetter
from typing import Self

import structlog
from pydantic_core import from_json, to_json

from app.clock import today
from app.identity.caller import SERVICE
from app.schemas.accounts import fields_of
from app.schemas.figures import goals
from app.schemas.money import Money
from app.schemas.plans import PlanResult, Price, gap_of, warnings_of
from app.service import lifecycle
from app.service.rows import decided, used
from app.service.summing import summed
from app.store.former import result_structured
from app.store.port import Session, Store
from app.store.records import Body, Claim, DecisionRow, PlanStatus, ProgressRow, UsageRow
from app.world.named import changes, costs_of, not_operating
from app.world.question import Question
from solver import Result, ShadowPrice, Verdict, usage
from solver.facts.difference import Shard
from solver.rules.account import Account, subject_of
from solver.rules.former import account_of

log = structlog.get_logger(__name__)

#: How many of the scarcest things a plan prices, and how many kinds of cards: a thousandth of a card is cheap beside a whole
#: place, and would be left out behind it.
PRICED, PRICED_CARDS = 50, 200

#: What the bytes that a draft becomes begin with: their format, and the generation that it was made from.
#: The former one names accounts by keys.
_HEAD, _FORMAT, _FORMER = struct.Struct("<4sq"), b"EPd2", b"EPd1"
_DECISION = tuple(field.name for field in fields(DecisionRow))


@dataclass(frozen=True, slots=True)
class Draft:
    """What a verified plan decides and uses, the figures of the solve, and the generation that it was made from."""

    generation: int
    decisions: Sequence[DecisionRow]
    uses: Sequence[UsageRow]
    result: PlanResult

    def to_bytes(self) -> bytes:
        """The draft in a form that outlives the process: for :meth:`from_bytes`."""
        body = {
            "decisions": (_DECISION, list(map(attrgetter(*_DECISION), self.decisions))),
            "uses": [(*_named(use.account), use.used, use.capacity) for use in self.uses],
            "result": self.result.model_dump(mode="json"),
        }
        return _HEAD.pack(_FORMAT, self.generation) + zlib.compress(to_json(body), level=1)

    @classmethod
    def from_bytes(cls, record: bytes | memoryview) -> Self:
        """A draft that was put by.

        Raises
        ------
        ValueError
            If this is not one, or one of another version.
        """
        try:
            generation = generation_of(record)
            body = from_json(zlib.decompress(memoryview(record)[_HEAD.size :]))
            names, rows = body["decisions"]
            decisions = [DecisionRow(**dict(zip(names, row, strict=True))) for row in rows]
            if _format(record) == _FORMER:
                names, rows = body["uses"]
                uses = [_former_use(**dict(zip(names, row, strict=True))) for row in rows]
                return cls(generation, decisions, uses, PlanResult.model_validate(result_structured(body["result"])))
            uses = [
                UsageRow(Account(rule, resource, unit, subject_of(parts)), used, capacity)
                for rule, resource, unit, parts, used, capacity in body["uses"]
            ]
            return cls(generation, decisions, uses, PlanResult.model_validate(body["result"]))
        except (zlib.error, KeyError, TypeError) as error:
            raise ValueError(f"not a draft: {error}") from error


def generation_of(record: bytes | memoryview) -> int:
    """The generation that a draft was made from; cheap.

    Raises
    ------
    ValueError
        If the record is no draft, or one of another version.
    """
    if len(record) < _HEAD.size:
        raise ValueError("not a draft: too short")
    format, generation = _HEAD.unpack_from(record)
    if format not in (_FORMAT, _FORMER):
        raise ValueError(f"not a draft of this version: {format!r}")
    return int(generation)


def _format(record: bytes | memoryview) -> bytes:
    return bytes(record[: len(_FORMAT)])


def _named(account: Account) -> tuple[str, str, str, dict[str, str]]:
    return account.rule, account.resource, account.unit, dict(account.subject)


def _former_use(rule: str, key: str, resource: str, unit: str, used: int, capacity: int) -> UsageRow:
    return UsageRow(account_of(rule, key, resource, unit), used, capacity)


def read_draft(id: str, record: bytes | memoryview | None) -> Draft | None:
    """The draft of a plan that a record holds; None if there is no record, or it cannot be read."""
    if record is None:
        return None
    try:
        return Draft.from_bytes(record)
    except ValueError as error:
        # Another version wrote it. The solve can be made again.
        log.warning("draft.unreadable", plan=id, error=str(error))
        return None


def draft_of(
    posed: Question,
    result: Result,
    verdict: Verdict,
    refusals: Mapping[str, Body],
    started_from: str | None,
    withdrawn: Set[Shard] = frozenset(),
) -> Draft:
    """Write a verified plan up; `refusals` are the reasons known by workload, `started_from` is where a warm start began.

    The shards `withdrawn` are taken out of force by it, and not asked for any more.
    """
    whole = decided(posed, result.plan, verdict, dict(refusals))
    whole = [replace(row, status="ended") if (row.workload, row.shard) in withdrawn else row for row in whole]
    rows = [row for row in whole if row.status != "ended"]
    changed = changes(posed, result.plan)
    request_cost = costs_of(posed.problem, result.plan, posed.requested)
    uses = used(usage(posed.problem, result.plan))
    body = PlanResult(
        status=result.status,
        money=Money.of(posed.problem.network.money),
        cost=verdict.cost,
        bound=result.bound,
        gap=result.gap,
        bounded=result.bounded,
        cost_by_goal=goals(verdict.cost_by_goal),
        request_cost=sum(request_cost.values()),
        request_cost_by_goal=goals(request_cost),
        placed_shards=len(result.plan),
        unplaced_shards=sum(row.node is None for row in rows),
        disturbed_shards=sum(row.status == "disturbed" for row in rows),
        moved_shards=sum(change.moves for change in changed),
        not_operating=not_operating(posed.problem, changed, today()),
        effective_terms=posed.terms,
        seconds=result.seconds,
        first_seconds=result.first_seconds,
        bound_seconds=result.bound_seconds,
        prices=tuple(Price(**fields_of(price.account), price=price.price) for price in _priced(result.prices)),
        summary=summed(posed.problem, verdict, rows, uses),
        started_from=started_from,
    )
    return Draft(posed.generation, whole, uses, body)


def _priced(prices: Sequence[ShadowPrice]) -> list[ShadowPrice]:
    """The prices that a plan tells, dearest unit first."""
    cards = [price for price in prices if (price.account.rule, price.account.resource) == ("node_capacity", "accelerators")]
    told = {id(price) for price in (*prices[:PRICED], *cards[:PRICED_CARDS])}
    return [price for price in prices if id(price) in told]


def keep(store: Store, claim: Claim, draft: Draft, status: PlanStatus, memory: bytes | None = None) -> bool:
    """End the claimed plan with what a draft says; False, and nothing is stored, if the claim is void.

    `memory` is for the next solve.
    """
    with store.writing(SERVICE) as session:
        return keep_within(session, claim, draft, status, memory=memory)


def keep_within(
    session: Session,
    claim: Claim,
    draft: Draft,
    status: PlanStatus,
    *,
    cut_off: str | None = None,
    reported: tuple[int, int] | None = None,
    memory: bytes | None = None,
) -> bool:
    """The same within a transaction.

    `cut_off` says why the solve was ended before it handed the plan in, if it was; `reported` are then the least cost and
    the highest bound that it had reached. A bound holds for every plan, so the draft gets that one.
    """
    if not session.jobs.finish(claim):
        log.warning("solve.void", plan=claim.id, attempt=claim.attempt)
        return False
    last = [point for point in session.plans.progress(claim.id, 1) if point.attempt == claim.attempt]
    figures = draft.result
    if cut_off is not None:
        stamp = session.plans.stamp(claim.id)
        same = stamp is not None and stamp.generation == draft.generation
        told = [(point.cost, point.bound) for point in last] if same else []
        figures = _cut(figures, cut_off, [*told, *([reported] if reported is not None and same else [])])
        if not same:
            session.plans.made_from(claim.id, draft.generation)
    figures = figures.model_copy(update={"warnings": warnings_of(figures)})
    session.plans.put_decisions(claim.id, draft.decisions)
    session.plans.put_usage(claim.id, draft.uses)
    if memory is not None:
        session.plans.keep_memory(claim.id, memory)
    session.plans.add_progress(claim.id, _end_of(claim, figures, last))
    lifecycle.ended(session, claim.id, status, result=figures.model_dump(mode="json"))
    log.info(
        "solve.ended",
        plan=claim.id,
        status=status,
        cost=figures.cost,
        gap=round(figures.gap, 6),
        unplaced=figures.unplaced_shards,
        seconds=round(figures.seconds, 3),
        cut_off=cut_off,
    )
    return True


def _end_of(claim: Claim, figures: PlanResult, last: Sequence[ProgressRow]) -> ProgressRow:
    """The last point of a series."""
    return ProgressRow(
        claim.attempt,
        max((point.ordinal + 1 for point in last), default=0),
        max([figures.seconds, *(point.seconds for point in last)]),
        figures.cost,
        figures.bound,
        figures.unplaced_shards,
        "end",
    )


def _cut(figures: PlanResult, why: str, told: Sequence[tuple[int, int]]) -> PlanResult:
    """The figures of a draft that is all there is, with what is known beside it: costs and bounds that were reached."""
    bound = min(figures.cost, max([figures.bound, *(bound for _, bound in told)]))
    better = min((cost for cost, _ in told), default=figures.cost)
    return figures.model_copy(
        update={
            "cut_off": why,
            "bound": bound,
            "bounded": figures.bounded or bound > figures.bound,
            "gap": gap_of(figures.cost, bound),
            "status": "optimal" if bound == figures.cost else "feasible",
            "reported_cost": better if better < figures.cost else None,
        }
    )

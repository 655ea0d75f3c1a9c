"""All that is kept of a plan when it ends, made ready beforehand, so that it can be kept by others too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from app.clock import today
from app.schemas.columns import changes, costs_of, decided, goals, not_operating, used
from app.schemas.plans import PlanResult, Price
from app.schemas.question import Question
from app.schemas.summing import summed
from app.service import lifecycle
from app.store.port import Store
from app.store.records import Body, Claim, DecisionRow, PlanStatus, ProgressRow, UsageRow
from solver import Result, Verdict, usage

log = structlog.get_logger(__name__)

#: How many of the scarcest things a plan prices.
PRICED = 50


@dataclass(frozen=True, slots=True)
class Draft:
    """What a verified plan decides and uses, and the figures of the solve. It can be pickled."""

    decisions: Sequence[DecisionRow]
    uses: Sequence[UsageRow]
    result: PlanResult


def draft_of(
    posed: Question, result: Result, verdict: Verdict, refusals: Mapping[str, Body], started_from: str | None
) -> Draft:
    """Write a verified plan up; `refusals` are the reasons known by workload, `started_from` is where a warm start began."""
    rows = decided(posed, result.plan, verdict, dict(refusals))
    changed = changes(posed, result.plan)
    request_cost = costs_of(posed.problem, result.plan, posed.requested)
    uses = used(usage(posed.problem, result.plan))
    body = PlanResult(
        status=result.status,
        cost=verdict.cost,
        bound=result.bound,
        gap=result.gap,
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
        prices=tuple(
            Price(rule=p.rule, key=p.key, resource=p.resource, unit=p.unit, price_krw=p.price_krw)
            for p in result.prices[:PRICED]
        ),
        summary=summed(posed.problem, verdict, rows, uses),
        started_from=started_from,
    )
    return Draft(rows, uses, body)


def keep(
    store: Store, claim: Claim, draft: Draft, status: PlanStatus, cut_off: str | None = None, memory: bytes | None = None
) -> bool:
    """End the claimed plan with what a draft says; False, and nothing is stored, if the claim is void.

    `cut_off` says why the solve was ended before it handed the plan in, if it was. `memory` is for the next solve.
    """
    figures = draft.result.model_copy(update={"cut_off": cut_off})
    with store.writing() as session:
        if not session.jobs.finish(claim):
            log.warning("solve.void", plan=claim.id, attempt=claim.attempt)
            return False
        before = [point for point in session.plans.progress(claim.id, 1) if point.attempt == claim.attempt]
        end = ProgressRow(
            claim.attempt,
            max((point.ordinal + 1 for point in before), default=0),
            max([figures.seconds, *(point.seconds for point in before)]),
            figures.cost,
            figures.bound,
            figures.unplaced_shards,
            "end",
        )
        session.plans.put_decisions(claim.id, draft.decisions)
        session.plans.put_usage(claim.id, draft.uses)
        if memory is not None:
            session.plans.keep_memory(claim.id, memory)
        session.plans.add_progress(claim.id, end)
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

"""What takes the solver's words but no search: checking a request, judging a plan, explaining one.

These hold the interpreter for as long as they count, so the service runs them in a process beside itself
(:mod:`app.jobs.desk`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from app.errors import NotFound, PlanNotReady
from app.schemas.columns import decided, judged, numbered, used
from app.schemas.figures import Summary
from app.schemas.question import Question, World, question
from app.schemas.requests import Placement, PlanRequest, VerifyRequest
from app.schemas.stories import story_of
from app.schemas.summing import summed
from app.schemas.verdicts import ExplanationOut, VerdictOut
from app.service.worlds import newest_world, world_at
from app.store.port import Store
from app.store.records import Body, DecisionRow, PlanRow, UsageRow
from solver import Plan, explain, usage, verify


@dataclass(frozen=True, slots=True)
class Appraisal:
    """A stored plan, judged again: the verdict, and its decisions, accounts and figures on that generation."""

    verdict: VerdictOut
    decisions: list[DecisionRow]
    uses: list[UsageRow]
    summary: Summary


def check_request(store: Store, asked: PlanRequest) -> int:
    """Refuse a request that makes no sense now; answers the generation it was checked on.

    Raises
    ------
    Invalid, UnknownReference
        As :func:`app.schemas.question.question` does.
    """
    return question(newest_world(store), asked).generation


def judge(store: Store, asked: VerifyRequest) -> VerdictOut:
    """What the verifier says of a plan that nobody here made, on the newest generation."""
    world = newest_world(store)
    posed = question(world, asked)
    named = {placement.workload for placement in asked.placements}
    placements = [*asked.placements, *_in_force(store, posed, world, named)]
    plan = numbered(posed.problem, placements)
    verdict = verify(posed.problem, plan)
    uses = used(usage(posed.problem, plan)) if verdict.cost_by_goal else []
    return judged(posed, verdict, uses)


def appraise(store: Store, plan: PlanRow) -> Appraisal:
    """Judge a stored plan on the newest generation.

    Raises
    ------
    UnknownReference
        If it names what does not exist any more.
    """
    with store.reading() as session:
        asked = PlanRequest.model_validate(session.plans.request(plan.id))
    world = newest_world(store)
    posed = question(world, asked)
    rows = _decisions(store, plan.id)
    placed = [row for row in rows if row.node is not None and row.workload in posed.problem.workload_index]
    known = {row.workload for row in rows}
    numbers = numbered(posed.problem, [*placed, *_in_force(store, posed, world, known)])
    verdict = verify(posed.problem, numbers)
    refusals: dict[str, Body] = {row.workload: row.refusal for row in rows if row.refusal is not None}
    well_formed = bool(verdict.cost_by_goal)
    uses = used(usage(posed.problem, numbers)) if well_formed else []
    decisions = decided(posed, numbers, verdict, refusals) if well_formed else []
    return Appraisal(judged(posed, verdict, uses), decisions, uses, summed(posed.problem, verdict, decisions, uses))


def explain_workload(store: Store, plan_id: str, workload: str, listed: int) -> ExplanationOut:
    """Why a workload runs where it does under a plan, or why it runs nowhere.

    Raises
    ------
    NotFound
        If there is no such plan, or it is not about this workload.
    PlanNotReady
        If the plan has no decisions (yet).
    """
    posed, plan = _told.get(store, {}).get(plan_id) or _tell(store, plan_id)
    if workload not in posed.problem.workload_index:
        raise NotFound(f"Plan {plan_id!r} is not about a workload {workload!r}.")
    return story_of(plan_id, posed.generation, explain(posed.problem, plan, workload), listed)


def _tell(store: Store, plan_id: str) -> tuple[Question, Plan]:
    """The question of a plan and its answer, as of its generation; kept until another plan is explained."""
    with store.reading() as session:
        row = session.plans.get(plan_id)
        if row is None:
            raise NotFound(f"There is no plan {plan_id!r}.")
        asked = session.plans.request(plan_id)
    world = None if row.generation is None or row.result is None else world_at(store, row.generation)
    if world is None:
        raise PlanNotReady(f"Plan {plan_id!r} is {row.status} and has no decisions.")
    posed = question(world, PlanRequest.model_validate(asked))
    plan = numbered(posed.problem, [d for d in _decisions(store, plan_id) if d.node is not None])
    _told[store] = {plan_id: (posed, plan)}
    return posed, plan


#: Store -> the plan that was explained last. What has been decided never changes, so this never goes stale.
_told: WeakKeyDictionary[Store, dict[str, tuple[Question, Plan]]] = WeakKeyDictionary()


def _decisions(store: Store, plan_id: str) -> list[DecisionRow]:
    with store.reading() as session:
        return [row.decision for row in session.plans.decisions(plan_id, (), -1, None)]


def _in_force(store: Store, posed: Question, world: World, named: set[str]) -> Sequence[Placement]:
    """Where that which runs and is not named has its place."""
    if not world.running:
        return ()
    with store.reading() as session:
        rows = [row.decision for row in session.allocation.rows()]
    return [
        Placement(
            workload=row.workload,
            shard=row.shard,
            node=row.node,
            profile=row.profile or "",
            servers=row.servers or 1,
            route=tuple(row.route),
        )
        for row in rows
        if row.node is not None
        and row.workload not in named
        and row.workload not in posed.requested
        and row.workload in posed.problem.workload_index
    ]

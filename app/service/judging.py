"""What takes the solver's words but no search: checking a request, judging a plan, explaining one.

These hold the interpreter for as long as they count, so the service runs them in a process beside itself
(:mod:`app.jobs.judge_pool`).
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace

from app.clock import today
from app.errors import NotFound, PlanNotReady
from app.schemas.entities import Workload
from app.schemas.figures import Summary
from app.schemas.requests import PlanRequest, Terms, VerifyRequest
from app.schemas.stories import story_of
from app.schemas.verdicts import ExplanationOut, VerdictOut, judged
from app.service import plans
from app.service.cache import Cache
from app.service.rows import decided, used
from app.service.summing import summed
from app.store.port import Store
from app.store.records import Body, DecisionRow, PlanRow, UsageRow
from app.world.named import not_operating, numbered
from app.world.question import Question, question
from app.world.running import placement_of, with_cards
from solver import Plan, Problem, explain, usage, verify
from solver.facts.difference import Change, Shard, action_of, difference
from solver.facts.placement import Placement
from solver.rules.goals.disturbed import disturbances


@dataclass(frozen=True, slots=True)
class Appraisal:
    """A stored plan, judged again on the newest generation.

    `decisions` are of everything that would be in force, with their status today. `changes` are what applying the plan makes
    of what comes from it: of the shards of its request, and of the others that it changes; `vanished` are shards that it
    takes out of force: those without a place that the workloads of the request do not have any more, and those that the plan
    says have `ended`. `terms` would be in force then. `not_operating` are nodes that the changes use and that do not operate
    today. `given` are the workloads that the request gave in full.
    """

    verdict: VerdictOut
    terms: Terms
    decisions: list[DecisionRow]
    changes: list[Change]
    vanished: frozenset[Shard]
    not_operating: tuple[str, ...]
    uses: list[UsageRow]
    summary: Summary
    given: tuple[Workload, ...]


def check_request(cache: Cache, asked: PlanRequest) -> int:
    """Refuse a request that makes no sense now; answers the generation it was checked on.

    Raises
    ------
    Invalid, UnknownReference
        As :func:`app.world.question.question` does.
    """
    return question(cache.worlds.newest(), asked).generation


def judge(cache: Cache, asked: VerifyRequest) -> VerdictOut:
    """What the verifier says of a plan that nobody here made, on the newest generation."""
    posed = question(cache.worlds.newest(), asked)
    named = {(placement.workload, placement.shard) for placement in asked.placements}
    stays = [
        here
        for here in posed.problem.placements(posed.problem.in_force)
        if (here.workload, here.shard) not in named and (here.workload not in posed.requested or not _free(posed, here))
    ]
    plan = numbered(posed.problem, [*asked.placements, *stays])
    verdict = verify(posed.problem, plan)
    uses = used(usage(posed.problem, plan)) if verdict.cost_by_goal else []
    return judged(posed.problem, posed.generation, verdict, uses)


def appraise(cache: Cache, plan: PlanRow) -> Appraisal:
    """Judge a stored plan on the newest generation.

    Only what the plan was asked about and what it changes is taken from the plan. Everything else is where it is by now.
    What it puts somewhere else gets other cards if the world has changed since: those that it had may be taken.

    Raises
    ------
    UnknownReference
        If it names what does not exist any more.
    """
    with cache.store.reading() as session:
        asked = PlanRequest.model_validate(session.plans.request(plan.id))
    world = cache.worlds.newest()
    rows = {(row.workload, row.shard): row for row in _decisions(cache.store, plan.id)}
    changed = _changed(cache, plan, asked, rows)
    posed = question(world, asked)
    about = {row.workload for row in rows.values() if row.in_request}
    ours = _ours(posed.problem, asked, about, changed)
    posed = replace(posed, problem=deciding(posed.problem, about, ours), requested=frozenset(about))
    problem = posed.problem
    before = {(here.workload, here.shard): here for workload in problem.workloads for here in workload.current if here}
    stale = plan.generation != world.generation
    after = {
        shard: _by_now(placement_of(rows[shard]), before.get(shard), stale)
        for shard in sorted(ours)
        if shard in rows and rows[shard].node is not None
    }
    stays = [here for shard, here in before.items() if shard not in ours and here.whole]
    placed = list(with_cards([*stays, *after.values()], {profile.id: profile for profile in problem.profiles}))
    after = {(here.workload, here.shard): here for here in placed[len(stays) :]}
    numbers = numbered(problem, placed)
    verdict = verify(problem, numbers)
    uses = used(usage(problem, numbers)) if verdict.cost_by_goal else []
    says = judged(problem, posed.generation, verdict, uses)
    if not verdict.cost_by_goal:
        return Appraisal(
            says, posed.terms, [], [], frozenset(), (), [], summed(problem, verdict, [], []), asked.workloads
        )  # fmt: skip
    day = today()
    refusals: dict[str, Body] = {row.workload: row.refusal for row in rows.values() if row.refusal is not None}
    now = replace(problem, terms=replace(problem.terms, horizon=day))
    decisions = decided(posed, numbers, verdict, refusals, disturbances(now, numbers))
    known: dict[Shard, Placement | None] = {shard: None for shard in world.displaced if shard[0] in about}
    known |= {shard: here for shard, here in before.items() if shard in ours}
    known |= {(here.workload, here.shard): here for here in posed.left_out if here.workload in about}
    shards = {workload.id: workload.shards for workload in problem.workloads}
    vanished = frozenset(shard for shard in world.displaced if shard[0] in about and shard[1] >= shards.get(shard[0], 0))
    changes = difference(known, {shard: after.get(shard) for shard in ours})
    ended = frozenset(shard for shard in ours if shard in rows and rows[shard].status == "ended")
    if ended:
        vanished |= ended
        decisions = [row for row in decisions if (row.workload, row.shard) not in ended]
        changes = [change for change in changes if change.before is not None or change.shard not in ended]
    return Appraisal(
        says, posed.terms, decisions, changes, vanished, not_operating(problem, changes, day),
        uses, summed(problem, verdict, decisions, uses), asked.workloads,
    )  # fmt: skip


def _by_now(says: Placement, runs: Placement | None, stale: bool) -> Placement:
    """What a plan says of a shard that runs as `runs` by now, with the cards that it has, or has to be given anew."""
    if runs is not None and action_of(runs, says) == "kept":
        return replace(says, cards=runs.cards)
    return replace(says, cards=()) if stale else says


def _changed(cache: Cache, plan: PlanRow, asked: PlanRequest, rows: Mapping[Shard, DecisionRow]) -> set[Shard]:
    """The shards that a plan changes against what ran in the world that it was made in."""
    then = None if plan.generation is None else cache.worlds.at(plan.generation)
    if then is None:
        ran = {shard: Placement(*shard, row.previous_node) for shard, row in rows.items() if row.previous_node is not None}
    else:
        given = {workload.id: workload for workload in asked.workloads}
        ran = {(name, shard): here for name, shards in then.in_force(given).items() for shard, here in shards.items()}
    found = set()
    for shard, row in rows.items():
        was, now = ran.get(shard), None if row.node is None else placement_of(row)
        rebatched = row.in_request and was is not None and now is not None and was.batch_limit != now.batch_limit
        if action_of(was, now) != "kept" or rebatched:
            found.add(shard)
    return found


def _ours(problem: Problem, asked: PlanRequest, about: Set[str], changed: Set[Shard]) -> set[Shard]:
    """The shards that a plan decides about now.

    Of the request those that the scope left alone are not among them; of what else runs, those that the plan changes and
    that still run.
    """
    leaves_alone = asked.scope.running == "repair"
    found = set()
    for workload in problem.workloads:
        for number in range(workload.shards):
            shard, runs = (workload.id, number), bool(workload.runs_at(number))
            if (shard in changed and (runs or workload.id in about)) or (
                workload.id in about and not (leaves_alone and runs)
            ):
                found.add(shard)
    return found


def deciding(problem: Problem, about: Set[str], ours: Set[Shard]) -> Problem:
    """The problem of deciding about the shards `ours`, of which the workloads `about` are asked."""
    free: dict[str, set[int]] = {}
    for name, number in ours:
        free.setdefault(name, set()).add(number)
    workloads = tuple(
        replace(workload, asked=workload.id in about, free=frozenset(free.get(workload.id, ())))
        for workload in problem.workloads
    )
    return replace(problem, workloads=workloads)


def _free(posed: Question, here: Placement) -> bool:
    """Whether the question is about the shard of a placement."""
    return posed.problem.workloads[posed.problem.workload_index[here.workload]].is_free(here.shard)


def explain_workload(cache: Cache, plan_id: str, workload: str, listed: int) -> ExplanationOut:
    """Why a workload runs where it does under a plan, or why it runs nowhere.

    Raises
    ------
    NotFound
        If there is no such plan, or it is not about this workload.
    PlanNotReady
        If the plan has no decisions (yet).
    """
    posed, plan = told(cache, plan_id)
    if workload not in posed.problem.workload_index:
        raise NotFound(f"Plan {plan_id!r} is not about a workload {workload!r}.")
    return story_of(plan_id, posed.generation, explain(posed.problem, plan, workload), listed, posed.problem)


def told(cache: Cache, plan_id: str) -> tuple[Question, Plan]:
    """The question of a plan and its answer, as of its generation; kept until another plan is told of.

    Raises
    ------
    NotFound, PlanNotReady
        If there is no such plan, or it has no decisions (yet).
    """
    store = cache.store
    with store.reading() as session:
        # One that was told of before may have been forgotten since.
        stamp = plans.decided(session, plan_id)
        kept = cache.told.get(plan_id)
        if kept is not None:
            return kept
        asked = session.plans.request(plan_id)
    world = None if stamp.generation is None else cache.worlds.at(stamp.generation)
    if world is None:
        raise PlanNotReady(f"What plan {plan_id!r} was made from is not kept any more.")
    posed = question(world, PlanRequest.model_validate(asked))
    plan = numbered(posed.problem, [d for d in _decisions(store, plan_id) if d.node is not None])
    cache.told.clear()
    cache.told[plan_id] = posed, plan
    return posed, plan


def _decisions(store: Store, plan_id: str) -> list[DecisionRow]:
    with store.reading() as session:
        return [row.decision for row in session.plans.decisions(plan_id, (), -1, None)]

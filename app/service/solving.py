"""One solve, from the claim to the stored plan. Runs in a process of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Literal, TypeAlias

import structlog

from app.errors import AppError
from app.identity.caller import SERVICE
from app.schemas.plans import gap_of
from app.schemas.requests import PlanRequest, Terms
from app.schemas.stories import refusal_of
from app.service import lifecycle
from app.service.drafts import Draft, draft_of, keep, read_draft
from app.service.ending import fail, insisted
from app.service.recording import Recorder
from app.service.worlds import pack, read_world
from app.store.port import Store
from app.store.records import Body, Claim
from app.world.question import Question, question
from app.world.stored import World
from solver import Limits, Memory, Progress, Result, UnverifiedPlan, Verdict, place, verify
from solver.judging.explain import Explainer

log = structlog.get_logger(__name__)

#: How many times as long as the search was given its reasons may take.
_REASONS = 3

#: Where a solve has got to.
Phase: TypeAlias = Literal["searching", "searched"]


def solve(
    store: Store,
    claim: Claim,
    *,
    workers: int,
    memory_mib: int | None,
    explain_seconds: float,
    should_stop: Callable[[], bool],
    on_phase: Callable[[Phase], None] = lambda phase: None,
    on_draft: Callable[[bytes, Draft], None] = lambda record, draft: None,
    on_found: Callable[[int, int], None] = lambda cost, bound: None,
) -> None:
    """Solve the claimed plan on the newest generation and store the verified result.

    `on_phase` is told when the search begins, which is when the time of the request begins to run, and when it has
    ended with a verified plan. `on_draft` is given what could be stored by then, as bytes and as it is, now and then during
    the search, in a thread of its own, and at its end; none is dearer than the one before it. `on_found` is told the least
    cost and the highest bound that are known, whenever one of them is new. `explain_seconds` are the most that are spent on
    reasons after the search, and no more than `_REASONS` times what the search was given.

    A request that the world no longer bears ends as failed; so does a plan that the verifier refuses, which is a
    fault of ours and logged as one. Nothing is stored under a claim that has become void. While the search is on nothing
    waits for the store; before and after it, a store that cannot be written is waited for.

    Longer than a screen: it is the order in which a solve is begun, searched, verified, explained and stored.
    """
    with store.reading() as session:
        plan = session.plans.get(claim.id)
        if plan is None:
            return
        asked = session.plans.request(claim.id)
        world = read_world(session)
        left = session.plans.memory()
        stored = session.plans.draft(claim.id)
    name = plan.brief["name"]
    request = PlanRequest.model_validate(asked)
    terms = request.terms.effective(world.terms_in_force)
    if not _begun(store, claim, name, world, terms):
        return
    posed = _question(store, claim, world, request)
    if posed is None:
        return
    limits = Limits(
        seconds=request.limits.seconds or 1.0,
        workers=workers,
        seed=request.limits.seed,
        memory_mib=memory_mib,
    )
    started_from, before = _before(left) if request.limits.start == "warm" else (None, None)
    earlier = read_draft(claim.id, stored)
    if earlier is not None and earlier.generation != world.generation:
        earlier = None
    recorder = Recorder(store, claim, name, world.generation, earlier)

    def put_by(draft: Draft) -> None:
        record = draft.to_bytes()
        on_draft(record, draft)
        recorder.put_by(record, draft)

    best = _Best(put_by, earlier)
    reached = _Reached(recorder, on_found)
    with recorder:
        on_phase("searching")
        searched = _verified(
            store,
            claim,
            posed,
            lambda: place(
                posed.problem,
                limits,
                on_progress=reached.add,
                should_stop=should_stop,
                before=before,
                on_plan=lambda found: best.offer(draft_of(posed, found, found.verdict, {}, started_from)),
            ),
        )
        if searched is None:
            return
        result, verdict = searched
        # From here on nothing that may happen costs the plan.
        best.offer(draft_of(posed, result, verdict, {}, started_from))
        on_phase("searched")
        stopped = should_stop()
        # Whoever cancels does not wait for reasons, and whoever is in a hurry not for long; the others are given on request.
        patience = 0.0 if stopped else min(explain_seconds, _REASONS * limits.seconds)
        refusals = _refusals(posed, result, _concerned(posed, verdict), patience)
        draft = best.over(draft_of(posed, result, verdict, refusals, started_from))
        # A what-if speaks of another world; what it leaves would lead the next solve astray.
        memory = None if plan.what_if or result.memory is None else result.memory.to_bytes()
        insisted(lambda: keep(store, claim, draft, "cancelled" if stopped else "finished", memory=memory))


def _begun(store: Store, claim: Claim, name: str | None, world: World, terms: Terms) -> bool:
    """Say that the solve has begun, and keep the world that it begins from; False where the claim is void."""
    snapshot = pack(world)

    def begin() -> bool:
        with store.writing(SERVICE) as session:
            if session.jobs.renew(claim) is None:
                return False
            lifecycle.started(session, claim.id, name, world.generation)
            session.plans.note_terms(claim.id, terms.model_dump(mode="json"))
            session.plans.keep_snapshot(world.generation, snapshot)
            return True

    return insisted(begin)


def _question(store: Store, claim: Claim, world: World, request: PlanRequest) -> Question | None:
    """The question of a request; None where the world no longer bears it, which ends the plan."""
    try:
        return question(world, request)
    except AppError as error:
        first = error.faults[0].message if error.faults else error.detail
        code, reason = error.code, f"{error.detail} {first}"
        insisted(lambda: fail(store, claim, code, reason))
        return None


def _verified(store: Store, claim: Claim, posed: Question, search: Callable[[], Result]) -> tuple[Result, Verdict] | None:
    """What a search finds and the verifier says of it; None where that is refused, which ends the plan."""
    try:
        result = search()
    except UnverifiedPlan as error:
        _refused(store, claim, str(error))
        return None
    verdict = verify(posed.problem, result.plan)
    if not verdict.ok:
        _refused(store, claim, verdict.violations[0].sentence)
        return None
    return result, verdict


def _refused(store: Store, claim: Claim, sentence: str) -> None:
    """End a plan that the verifier refuses."""
    log.error("plan.unverified", plan=claim.id, bug=True, verdict=sentence)
    insisted(lambda: fail(store, claim, "solver.unverified", sentence))


def _concerned(posed: Question, verdict: Verdict) -> set[int]:
    """The workloads of which something runs nowhere or stays disturbed."""
    index = posed.problem.workload_index
    return {w for w, _ in verdict.unplaced} | {index[broken.workload] for broken in verdict.disturbed if broken.workload}


def _before(left: tuple[str, bytes] | None) -> tuple[str | None, Memory | None]:
    """What an earlier plan left, and which plan that was."""
    if left is None:
        return None, None
    id, body = left
    try:
        return id, Memory.from_bytes(body)
    except ValueError as error:
        # Written by another version, say. It only saves time.
        log.warning("memory.unreadable", plan=id, error=str(error))
        return None, None


class _Best:
    """The cheapest verified plan that was written up; nothing dearer is passed on after it.

    `earlier` is one that an earlier attempt on the same world has left.
    """

    def __init__(self, tell: Callable[[Draft], None], earlier: Draft | None) -> None:
        self._tell = tell
        self._lock = threading.Lock()
        self._draft = self._earlier = earlier

    def offer(self, draft: Draft) -> None:
        """Take a draft, and pass it on if it is no dearer than what was passed on before."""
        with self._lock:
            if self._draft is None or draft.result.cost <= self._draft.result.cost:
                self._draft = draft
                self._tell(draft)

    def over(self, last: Draft) -> Draft:
        """What to keep at the end: the last draft, unless a cheaper one was passed on; that one with the last bound then."""
        with self._lock:
            best = self._draft
        if best is None or last.result.cost <= best.result.cost:
            return last
        cost, bound = best.result.cost, min(best.result.cost, max(best.result.bound, last.result.bound))
        log.warning("plan.worse", bug=best is not self._earlier, cost=last.result.cost, shown=cost)
        later = {name: getattr(last.result, name) for name in ("seconds", "bound_seconds", "prices", "bounded")}
        figures = {**later, "bound": bound, "gap": gap_of(cost, bound), "status": "optimal" if bound == cost else "feasible"}
        return replace(best, result=best.result.model_copy(update=figures))


class _Reached:
    """Passes progress on: each point to the recorder, the best cost and bound to whoever keeps the time."""

    def __init__(self, recorder: Recorder, on_found: Callable[[int, int], None]) -> None:
        self._recorder = recorder
        self._on_found = on_found
        self._best: tuple[int, int] | None = None

    def add(self, point: Progress) -> None:
        """Take a point."""
        cost, bound = self._best or (point.cost, point.bound)
        best = min(cost, point.cost), max(bound, point.bound)
        if best != self._best:
            self._best = best
            self._on_found(*best)
        self._recorder.add(point)


def _refusals(posed: Question, result: Result, concerned: set[int], seconds: float) -> dict[str, Body]:
    """Why workloads run nowhere or stay disturbed, for as many as `seconds` suffice; the others are told on request."""
    until = time.monotonic() + seconds
    found: dict[str, Body] = {}
    explainer = Explainer(posed.problem, result.plan, result.status == "optimal", result.gap)
    for w in sorted(w for w in concerned if posed.problem.workloads[w].free != frozenset()):
        if time.monotonic() > until:
            break
        name = posed.problem.workloads[w].id
        refusal = refusal_of(explainer.explain(name), posed.problem)
        if refusal is not None:
            found[name] = refusal.model_dump(mode="json")
    return found

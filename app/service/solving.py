"""One solve, from the claim to the stored plan. Runs in a process of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Literal, TypeAlias

import structlog

from app.clock import now_ms
from app.errors import AppError, StoreBusy
from app.schemas.plans import gap_of
from app.schemas.question import Question, question
from app.schemas.requests import PlanRequest
from app.schemas.stories import refusal_of
from app.service import lifecycle
from app.service.drafts import Draft, draft_of, keep
from app.service.worlds import pack, read_world
from app.store.port import Store
from app.store.records import Body, Claim, PlanStatus, ProgressRow
from solver import Limits, Memory, Progress, Result, UnverifiedPlan, place, verify
from solver.explain import Explainer

log = structlog.get_logger(__name__)

#: Least time between two stored points of progress.
PROGRESS_SECONDS = 0.25
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
    on_draft: Callable[[Draft], None] | None = None,
    on_found: Callable[[int], None] = lambda cost: None,
) -> None:
    """Solve the claimed plan on the newest generation and store the verified result.

    `on_phase` is told when the search begins, which is when the time of the request begins to run, and when it has
    ended with a verified plan. `on_draft` is given what could be stored by then, now and then during the search, in
    a thread of its own; none is dearer than the one before it. `on_found` is told the cost of each better plan that the
    search has.

    A request that the world no longer bears ends as failed; so does a plan that the verifier refuses, which is a
    fault of ours and logged as one. Nothing is stored under a claim that has become void.
    """
    with store.reading() as session:
        plan = session.plans.get(claim.id)
        if plan is None:
            return
        asked = session.plans.request(claim.id)
        world = read_world(session)
        left = session.plans.memory()
    name = plan.brief["name"]
    request = PlanRequest.model_validate(asked)
    terms = request.terms.effective(world.terms_in_force)
    snapshot = pack(world)
    with store.writing() as session:
        if session.jobs.renew(claim, now_ms() + 60_000) is None:
            return
        lifecycle.started(session, claim.id, name, world.generation)
        session.plans.note_terms(claim.id, terms.model_dump(mode="json"))
        session.plans.keep_snapshot(world.generation, snapshot)
    try:
        posed = question(world, request)
    except AppError as error:
        first = error.faults[0].message if error.faults else error.detail
        fail(store, claim, error.code, f"{error.detail} {first}")
        return
    limits = Limits(
        seconds=request.limits.seconds or 1.0,
        workers=workers,
        seed=request.limits.seed,
        memory_mib=memory_mib,
    )
    series = _Series(store, claim, name, world.generation, on_found)

    started_from, before = _before(left) if request.limits.start == "warm" else (None, None)

    best = _Best(on_draft)

    def write_up(found: Result) -> None:
        best.offer(draft_of(posed, found, found.verdict, {}, started_from))

    on_phase("searching")
    try:
        result = place(
            posed.problem,
            limits,
            on_progress=series.add,
            should_stop=should_stop,
            before=before,
            on_plan=None if on_draft is None else write_up,
        )
    except UnverifiedPlan as error:
        log.error("plan.unverified", plan=claim.id, bug=True, verdict=str(error))
        fail(store, claim, "solver.unverified", str(error))
        return
    on_phase("searched")
    verdict = verify(posed.problem, result.plan)
    if not verdict.ok:
        log.error("plan.unverified", plan=claim.id, bug=True, verdict=verdict.violations[0].sentence)
        fail(store, claim, "solver.unverified", verdict.violations[0].sentence)
        return
    # Whoever cancels does not wait for reasons; they are given on request.
    patience = 0.0 if should_stop() else explain_seconds
    concerned = {w for w, _ in verdict.unplaced}
    concerned |= {posed.problem.workload_index[broken.workload] for broken in verdict.disturbed if broken.workload}
    refusals = _refusals(posed, result, concerned, patience)
    draft = best.over(draft_of(posed, result, verdict, refusals, started_from))
    # A what-if speaks of another world; what it leaves would lead the next solve astray.
    memory = None if plan.what_if or result.memory is None else result.memory.to_bytes()
    keep(store, claim, draft, "cancelled" if should_stop() else "finished", memory=memory)


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


def fail(store: Store, claim: Claim, code: str, reason: str, status: PlanStatus = "failed") -> None:
    """End the claimed plan without decisions, unless the claim is void."""
    with store.writing() as session:
        if session.jobs.finish(claim):
            lifecycle.ended(session, claim.id, status, failure={"code": code, "reason": reason})


def lose(store: Store, claim: Claim, reason: str | None, attempts: int) -> None:
    """Let the claimed plan wait for another solve, or end it as failed when it has been lost too often.

    Without a `reason` the attempt is as if never made.
    """
    with store.writing() as session:
        became = session.jobs.give_back(claim, reason, attempts)
        if became == "queued":
            lifecycle.requeued(session, claim.id, reason)
        elif became == "spent":
            lifecycle.ended(
                session,
                claim.id,
                "failed",
                failure={
                    "code": "solve.lost",
                    "reason": f"The solve was lost {attempts} times; the last time: {reason}",
                },
            )


class _Best:
    """The cheapest verified plan that was written up; nothing dearer is passed on after it."""

    def __init__(self, tell: Callable[[Draft], None] | None) -> None:
        self._tell = tell
        self._lock = threading.Lock()
        self._draft: Draft | None = None

    def offer(self, draft: Draft) -> None:
        """Take a draft, and pass it on if it is no dearer than what was passed on before."""
        with self._lock:
            if self._draft is None or draft.result.cost <= self._draft.result.cost:
                self._draft = draft
                if self._tell is not None:
                    self._tell(draft)

    def over(self, last: Draft) -> Draft:
        """What to keep at the end: the last draft, unless a cheaper one was passed on; that one with the last bound then."""
        with self._lock:
            best = self._draft
        if best is None or last.result.cost <= best.result.cost:
            return last
        cost, bound = best.result.cost, min(best.result.cost, last.result.bound)
        log.error("plan.worse", bug=True, cost=last.result.cost, shown=cost)
        later = {name: getattr(last.result, name) for name in ("seconds", "bound_seconds", "prices")}
        figures = {**later, "bound": bound, "gap": gap_of(cost, bound), "status": "optimal" if bound == cost else "feasible"}
        return replace(best, result=best.result.model_copy(update=figures))


class _Series:
    """Stores points of progress, not more often than is of use."""

    def __init__(
        self, store: Store, claim: Claim, name: str | None, generation: int, on_found: Callable[[int], None]
    ) -> None:
        self._store = store
        self._on_found = on_found
        self._best: int | None = None
        self._claim = claim
        self._name = name
        self._generation = generation
        self._last = float("-inf")
        self.next = 0

    def add(self, point: Progress) -> None:
        if self._best is None or point.cost < self._best:
            self._best = point.cost
            self._on_found(point.cost)
        if time.monotonic() - self._last < PROGRESS_SECONDS:
            return
        row = ProgressRow(
            self._claim.attempt,
            self.next,
            point.seconds,
            point.cost,
            point.bound,
            point.unplaced,
            point.phase,
        )
        try:
            with self._store.writing() as session:
                lifecycle.improved(session, self._claim.id, self._name, self._generation, row)
        except StoreBusy:
            log.warning("progress.skipped", plan=self._claim.id)
        else:
            self.next += 1
        self._last = time.monotonic()


def _refusals(posed: Question, result: Result, concerned: set[int], seconds: float) -> dict[str, Body]:
    """Why workloads run nowhere or stay disturbed, for as many as `seconds` suffice; the others are told on request."""
    until = time.monotonic() + seconds
    found: dict[str, Body] = {}
    explainer = Explainer(posed.problem, result.plan, result.status == "optimal", result.gap)
    for w in sorted(w for w in concerned if posed.problem.workloads[w].free != frozenset()):
        if time.monotonic() > until:
            break
        name = posed.problem.workloads[w].id
        refusal = refusal_of(explainer.explain(name))
        if refusal is not None:
            found[name] = refusal.model_dump(mode="json")
    return found

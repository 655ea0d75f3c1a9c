"""One solve, from the claim to the stored plan. Runs in a process of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import structlog

from app.errors import AppError
from app.identity.caller import SERVICE
from app.schemas.plans import gap_of
from app.schemas.requests import PlanRequest
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
from solver import Limits, Progress, Result, UnverifiedPlan, Verdict, WarmStart, place
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
    given = _given(store, claim)
    posed = None if given is None else _posed(store, claim, given)
    if given is None or posed is None:
        return
    asked = given.request.limits
    limits = Limits(seconds=asked.seconds or 1.0, workers=workers, seed=asked.seed, memory_mib=memory_mib)
    started_from, before = _before(given.left) if asked.start == "warm" else (None, None)
    recorder = Recorder(store, claim, given.name, given.world.generation, given.earlier)

    def drafted(found: Result, refusals: Mapping[str, Body]) -> Draft:
        # Verified by `place`, on this very question, and so not again until it is applied, on the network of then.
        return draft_of(posed, found, found.verdict, refusals, started_from)

    best = _Best((on_draft, recorder.put_by), given.earlier)
    with recorder:
        on_phase("searching")
        try:
            result = place(
                posed.problem,
                limits,
                on_progress=_Reached(recorder, on_found).add,
                should_stop=should_stop,
                before=before,
                on_plan=lambda found: best.offer(drafted(found, {})),
            )
        except UnverifiedPlan as error:
            _refused(store, claim, str(error))
            return
        best.offer(drafted(result, {}))  # from here on nothing that may happen costs the plan
        on_phase("searched")
        stopped = should_stop()
        patience = 0.0 if stopped else min(explain_seconds, _REASONS * limits.seconds)
        draft = best.over(drafted(result, _refusals(posed, result, patience)))
        # A what-if speaks of another world; what it leaves would lead the next solve astray.
        memory = None if given.what_if or result.memory is None else result.memory.to_bytes()
        insisted(lambda: keep(store, claim, draft, "cancelled" if stopped else "finished", memory=memory))


@dataclass(frozen=True, slots=True)
class _Given:
    """What a solve begins from: the name of the plan, what is asked, the world; what the newest plan left for the next
    solve, and the draft that an earlier attempt on the same world has put by."""

    name: str | None
    what_if: bool
    request: PlanRequest
    world: World
    left: tuple[str, bytes] | None
    earlier: Draft | None


def _given(store: Store, claim: Claim) -> _Given | None:
    """What is stored for the claimed plan, in one picture; None where it has been forgotten."""
    with store.reading() as session:
        plan = session.plans.get(claim.id)
        if plan is None:
            return None
        asked = session.plans.request(claim.id)
        world = read_world(session)
        left = session.plans.memory()
        stored = session.plans.draft(claim.id)
    earlier = read_draft(claim.id, stored)
    if earlier is not None and earlier.generation != world.generation:
        earlier = None
    return _Given(plan.brief["name"], plan.what_if, PlanRequest.model_validate(asked), world, left, earlier)


def _posed(store: Store, claim: Claim, given: _Given) -> Question | None:
    """Say that the solve has begun, and keep the world that it begins from; then the question that it is about.

    None where the claim is void, or where the world no longer bears the request, which ends the plan.
    """
    world, snapshot = given.world, pack(given.world)
    terms = given.request.terms.effective(world.terms_in_force)

    def begin() -> bool:
        with store.writing(SERVICE) as session:
            if session.jobs.renew(claim) is None:
                return False
            lifecycle.started(session, claim.id, given.name, world.generation)
            session.plans.note_terms(claim.id, terms.model_dump(mode="json"))
            session.plans.keep_snapshot(world.generation, snapshot)
            return True

    if not insisted(begin):
        return None
    try:
        return question(world, given.request)
    except AppError as error:
        first = error.faults[0].message if error.faults else error.detail
        code, reason = error.code, f"{error.detail} {first}"
        insisted(lambda: fail(store, claim, code, reason))
        return None


def _refused(store: Store, claim: Claim, sentence: str) -> None:
    """End a plan that the verifier refuses."""
    log.error("plan.unverified", plan=claim.id, bug=True, verdict=sentence)
    insisted(lambda: fail(store, claim, "solver.unverified", sentence))


def _concerned(posed: Question, verdict: Verdict) -> set[int]:
    """The workloads of which something runs nowhere or stays disturbed."""
    index = posed.problem.workload_index
    return {w for w, _ in verdict.unplaced} | {index[broken.workload] for broken in verdict.disturbed if broken.workload}


def _before(left: tuple[str, bytes] | None) -> tuple[str | None, WarmStart | None]:
    """What an earlier plan left, and which plan that was."""
    if left is None:
        return None, None
    id, body = left
    try:
        return id, WarmStart.from_bytes(body)
    except ValueError as error:
        # Written by another version, say. It only saves time.
        log.warning("memory.unreadable", plan=id, error=str(error))
        return None, None


class _Best:
    """The cheapest verified plan that was written up; nothing dearer is passed on after it.

    `earlier` is one that an earlier attempt on the same world has left.
    """

    def __init__(self, tell: Sequence[Callable[[bytes, Draft], None]], earlier: Draft | None) -> None:
        self._tell = tell
        self._lock = threading.Lock()
        self._draft = self._earlier = earlier

    def offer(self, draft: Draft) -> None:
        """Take a draft, and pass it on if it is no dearer than what was passed on before."""
        with self._lock:
            if self._draft is None or draft.result.cost <= self._draft.result.cost:
                self._draft = draft
                record = draft.to_bytes()
                for tell in self._tell:
                    tell(record, draft)

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


def _refusals(posed: Question, result: Result, seconds: float) -> dict[str, Body]:
    """Why workloads run nowhere or stay disturbed, for as many as `seconds` suffice; the others are told on request.

    Whoever cancels does not wait for reasons, and whoever is in a hurry not for long.
    """
    until = time.monotonic() + seconds
    found: dict[str, Body] = {}
    explainer = Explainer(posed.problem, result.plan, result.status == "optimal", result.gap)
    for w in sorted(w for w in _concerned(posed, result.verdict) if posed.problem.workloads[w].free != frozenset()):
        if time.monotonic() > until:
            break
        name = posed.problem.workloads[w].id
        refusal = refusal_of(explainer.explain(name), posed.problem)
        if refusal is not None:
            found[name] = refusal.model_dump(mode="json")
    return found

"""For planners: ask for plans, follow them, understand them, apply them; judge plans that others made."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from functools import partial
from typing import Annotated
from uuid import uuid4

import anyio
from fastapi import APIRouter, Body, Header, Query, Request, Response, status
from pydantic import Field

from app.api.access import AppContext, CallerDep, ContextDep, PlanId, StoreDep, path_id
from app.api.answers import answered
from app.api.bodies import Sent, SentWhole, Taking
from app.api.examples import THERE
from app.api.keys import KEY_REFUSALS, Asking, IdempotencyKey, again
from app.api.lanes import lane
from app.api.paging import cut, decode, encode, page
from app.api.problems import refusals
from app.api.queries import NUMERIC, ComparisonQuery, DecisionQuery, PlanQuery, UnplacedQuery, UseQuery
from app.errors import (
    IllegalNow,
    InUse,
    NotFound,
    NotOperating,
    PlanEnded,
    PlanInForce,
    PlanNotReady,
    QueueFull,
    StaleGeneration,
    Unavailable,
    UnknownReference,
    WhatIfPlan,
)
from app.identity.caller import Caller
from app.schemas.comparisons import Comparison
from app.schemas.costing import CardSavings, SiteCosts
from app.schemas.figures import UseOut
from app.schemas.plans import Applied, Decision, PlanOut, ProgressPoint, ProgressSeries, Unplaced
from app.schemas.requests import ApplyRequest, PlanRequest, VerifyRequest
from app.schemas.verdicts import ExplanationOut, VerdictOut
from app.schemas.wire import LATEST, Page, Paging
from app.service import plans, sent
from app.service.comparing import compared
from app.service.costing import card_savings, site_costs
from app.service.judging import explain_workload
from app.service.plans import ENDED, PlanProgress
from app.service.promises import Promise, amend
from app.service.response_cache import encoded
from app.store.records import AnswerRow

router = APIRouter(route_class=Taking, tags=["planners"])

Prefer = Annotated[
    str | None,
    Header(
        description="`wait=N` waits up to N seconds for the plan to end, and answers 200 with it if it does.",
        examples=["wait=30"],
    ),
    Field(max_length=200),
]

#: Longest pause between two looks at a plan that is waited for.
LOOK_SECONDS = 0.5


def _out(seen: PlanProgress) -> PlanOut:
    return PlanOut.of(seen.row, seen.best)


@router.post(
    "/v1/plans",
    status_code=status.HTTP_202_ACCEPTED,
    response_model=PlanOut,
    responses={
        200: {
            "model": PlanOut,
            "description": "The plan, which ended while it was waited for (`Prefer: wait=N`).",
        },
        **refusals(UnknownReference, Unavailable, QueueFull, *KEY_REFUSALS, body=True),
    },
    summary="Ask for a plan",
)
async def submit_plan(
    context: ContextDep,
    caller: CallerDep,
    body: Annotated[SentWhole[PlanRequest], Body()],
    prefer: Prefer = None,
    key: IdempotencyKey = None,
) -> Response:
    """Accepted requests are not lost: each is solved, or ends as failed with its reason.

    The plan at `Location` shows the best so far while it is solved. What runs already and is not named stays exactly as it
    is, unless `scope` says otherwise. Leaving a workload unplaced is always allowed, at its value; what is unplaced
    comes with reasons.

    As many plans as the service takes on may wait to be solved (`EDGEPLAN_QUEUE_LENGTH`), those of the highest `priority`
    first; beyond that 503 `queue.full`.
    """
    with context.keys.under_way(caller, key):
        promise, first = await _promised(context, caller, key, body.data)
        if first is not None:
            return again(first)
        return await _submitted(context, caller, body.data, min(_wait(prefer), context.settings.max_wait_seconds), promise)


async def _promised(
    context: AppContext, caller: Caller, key: str | None, data: bytes
) -> tuple[Promise | None, AnswerRow | None]:
    """What is promised to a request with a key, and the answer to the first with that key."""
    if key is None:
        return None, None
    asking = Asking(caller, "POST /v1/plans", key, data)
    # Both take time: one that grows with the body, and one that the store takes.
    promise = await context.lanes.reading.call(asking.promise, context.settings.key_hours)
    return promise, await context.lanes.reading.call(promise.earlier, context.store)


async def _submitted(context: AppContext, caller: Caller, data: bytes, wait: float, promise: Promise | None) -> Response:
    told = context.settings
    # The id is given here, so that a request that has been carried out is not accepted a second time if its answer is lost.
    how = told.default_seconds, told.max_seconds, told.queue_length, promise
    seen = await context.lanes.judging.call(partial(context.judge_pool.call, sent.submit, caller, data, str(uuid4()), *how))
    if context.supervisor is not None:
        context.supervisor.wake()
    headers = {"Location": f"/v1/plans/{seen.row.id}"}
    if wait > 0:
        headers["Preference-Applied"] = f"wait={wait:g}"
        seen = await _awaited(context, seen, wait)
    ended = seen.row.status in ENDED
    text = _out(seen).model_dump_json().encode()
    if ended and promise is not None:
        # If there is no time for this now, whoever asks again is told that it was accepted, and where it is.
        with suppress(Unavailable):
            await context.lanes.writing.call(amend, context.store, promise, status.HTTP_200_OK, text)
    code = status.HTTP_200_OK if ended else status.HTTP_202_ACCEPTED
    return Response(text, code, headers, media_type="application/json")


async def _awaited(context: AppContext, seen: PlanProgress, seconds: float) -> PlanProgress:
    """The plan when it has ended, or as it is when the time is over or the service stops."""
    until, pause = time.monotonic() + seconds, 0.02
    while seen.row.status not in ENDED and time.monotonic() < until and not context.lanes.closed:
        await anyio.sleep(pause)
        pause = min(LOOK_SECONDS, pause * 1.5)
        # It was accepted: that the store has no time for a look now is no reason to refuse it.
        with suppress(Unavailable):
            seen = await context.lanes.reading.call(plans.see, context.store, seen.row.id)
    return seen


def _wait(prefer: str | None) -> float:
    found = re.search(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,6})", prefer or "")
    return float(found[1]) if found else 0.0


@router.get("/v1/plans", responses=refusals(), summary="List plans")
def list_plans(store: StoreDep, query: Annotated[PlanQuery, Query()]) -> Page[PlanOut]:
    """The newest first."""
    asked = cut(query, "-submitted_ms", NUMERIC)
    shown, more = page(plans.listed(store, asked), query.limit)
    following = encode(shown[-1].row.submitted_ms, shown[-1].row.id) if more else None
    return Page[PlanOut](items=tuple(_out(seen) for seen in shown), next=following)


@router.get("/v1/plans/{id}", responses=refusals(NotFound), summary="Read a plan")
def read_plan(store: StoreDep, id: PlanId) -> PlanOut:
    """The best so far while it is solved; figures, cost by goal, bound and gap when it has ended."""
    return _out(plans.see(store, id))


@router.get(
    "/v1/plans/{id}/request", response_model=PlanRequest, responses=refusals(NotFound), summary="Read what was asked"
)
def read_request(request: Request, context: ContextDep, id: PlanId) -> Response:
    """The request, in the form that `POST /v1/plans` takes."""
    return answered(request, context.judge_pool.read(encoded, plans.asked, id))


@router.get("/v1/plans/{id}/progress", responses=refusals(NotFound), summary="Follow a solve")
def read_progress(
    store: StoreDep,
    id: PlanId,
    limit: Annotated[int, Query(ge=1, le=10_000, description="The last so many points.")] = 1000,
) -> ProgressSeries:
    """Cost, bound and gap over time."""
    row, points = plans.progress(store, id, limit)
    return ProgressSeries(plan=id, status=row.status, points=tuple(ProgressPoint.of(point) for point in points))


@router.get("/v1/plans/{id}/decisions", responses=refusals(NotFound, PlanNotReady), summary="List decisions")
def list_decisions(store: StoreDep, id: PlanId, query: Annotated[DecisionQuery, Query()]) -> Page[Decision]:
    """For each shard of each workload where it runs, on what, over which links, and where its time goes."""
    rows = plans.decisions(store, id, _equal(query), _position(query), query.limit + 1)
    shown, more = page(rows, query.limit)
    following = encode(shown[-1].position) if more else None
    return Page[Decision](items=tuple(Decision.of(row.decision) for row in shown), next=following)


@router.get("/v1/plans/{id}/unplaced", responses=refusals(NotFound, PlanNotReady), summary="List what is unplaced")
def list_unplaced(store: StoreDep, id: PlanId, query: Annotated[UnplacedQuery, Query()]) -> Page[Unplaced]:
    """Shards that run nowhere, each with how many nodes each rule refuses, and what relaxing one rule would open."""
    equal = (*_equal(query), ("status", "unplaced"))
    rows = plans.decisions(store, id, equal, _position(query), query.limit + 1)
    shown, more = page(rows, query.limit)
    following = encode(shown[-1].position) if more else None
    return Page[Unplaced](items=tuple(Unplaced.of(row.decision) for row in shown), next=following)


def _equal(query: DecisionQuery | UnplacedQuery) -> tuple[tuple[str, str], ...]:
    given = query.model_dump(exclude={"limit", "cursor"}, exclude_none=True)
    return tuple((name, str(value)) for name, value in given.items())


def _position(query: Paging) -> int:
    after = decode(query.cursor, int)
    return -1 if after is None else int(after[0])


@router.get("/v1/plans/{id}/usage", responses=refusals(NotFound, PlanNotReady), summary="How full everything is")
def list_usage(store: StoreDep, id: PlanId, query: Annotated[UseQuery, Query()]) -> Page[UseOut]:
    """Every limited thing under the plan, or those whose subject has the parts asked for: used, and capacity."""
    after = decode(query.cursor, str, str, str)
    rows = plans.uses(
        store,
        id,
        query.rule,
        query.parts(),
        None if after is None else (after[0], after[1], after[2]),
        query.limit + 1,
    )
    shown, more = page(rows, query.limit)
    following = encode(*shown[-1].place) if more else None
    return Page[UseOut](items=tuple(UseOut.of(row) for row in shown), next=following)


@router.get(
    "/v1/plans/{id}/sites", responses=refusals(NotFound, PlanNotReady, Unavailable), summary="What a plan costs by site"
)
@lane("judging")
def read_site_costs(context: ContextDep, id: PlanId) -> SiteCosts:
    """What the workloads of each site cost under the plan, those that run already and were not asked about among them.

    What is unplaced is told apart: it is the value of what runs nowhere. The sites and what is common to them add up to the
    plan's cost.
    """
    return context.judge_pool.call(site_costs, id)


@router.get(
    "/v1/plans/{id}/card-savings",
    responses=refusals(NotFound, PlanNotReady, Unavailable),
    summary="Where one more card would pay",
)
@lane("judging")
def read_card_savings(context: ContextDep, id: PlanId) -> CardSavings:
    """For the cards that the plan has a price for, what one more would save a month, before and after it is paid for.

    These are the prices behind the plan's bound, and of nodes as they are now: an estimate for the next card, and no promise
    for the one after it. Ask for a what-if with more cards in `pools` to see what so many would save.
    """
    return context.judge_pool.call(card_savings, id)


@router.get(
    "/v1/plans/{id}/explanations/{workload}",
    responses=refusals(NotFound, PlanNotReady, Unavailable),
    summary="Explain a workload",
)
@lane("judging")
def explain_plan(
    context: ContextDep,
    id: PlanId,
    workload: Annotated[str, path_id(THERE["workloads"])],
    candidates: Annotated[int, Query(ge=0, le=1000, description="How many candidate nodes to list.")] = 30,
) -> ExplanationOut:
    """Where its time and its cost go, and the next-best node; or, for each node, the rules that say no, with numbers."""
    return context.judge_pool.call(explain_workload, id, workload, candidates)


@router.get(
    "/v1/plans/{id}/comparison", responses=refusals(NotFound, PlanNotReady, Unavailable), summary="Compare two plans"
)
@lane("judging")
def compare_plans(context: ContextDep, id: PlanId, query: Annotated[ComparisonQuery, Query()]) -> Comparison:
    """Where the terms differ; what each costs over the workloads that both are about, goal by goal; and what would change if
    one went from the other to this one, shard by shard.

    With `allocation`, that is what applying this plan would do, against what is in force now.
    """
    after = decode(query.cursor, str, int)
    place = None if after is None else (after[0], after[1])
    other = plans.newest(context.store) if query.with_ == LATEST else query.with_
    found, last = context.judge_pool.call(compared, id, other, place, query.limit)
    return found if last is None else found.model_copy(update={"next": encode(*last)})


@router.post("/v1/plans/{id}/cancel", responses=refusals(NotFound, PlanEnded), summary="Stop a solve")
def cancel_plan(context: ContextDep, caller: CallerDep, id: PlanId) -> PlanOut:
    """What waits ends at once. What runs ends soon after, as `cancelled`, with the best verified plan so far."""
    seen = plans.cancel(context.store, caller, id)
    if context.supervisor is not None:
        context.supervisor.wake()
    return _out(seen)


@router.post(
    "/v1/plans/{id}/apply",
    response_model=Applied,
    responses=refusals(
        NotFound,
        PlanNotReady,
        WhatIfPlan,
        StaleGeneration,
        NotOperating,
        IllegalNow,
        UnknownReference,
        Unavailable,
        body=True,
    ),
    summary="Apply a plan",
)
@lane("judging")
def apply(
    context: ContextDep, caller: CallerDep, id: PlanId, body: Annotated[Sent[ApplyRequest] | None, Body()] = None
) -> Response:
    """Makes the plan the allocation: all of it or, on any refusal, nothing. Asking again answers what was done.

    The plan is judged by the verifier once more. If the world has changed since it was made it is refused (409
    `generation.stale`), unless `on_stale` asks to judge it against the world as it is now. What it puts on nodes that do not
    operate today is refused (409 `plan.not_operating`), unless `allow_not_operating` insists.

    What the plan is not about and does not change stays exactly as it is.
    """
    return _json(context.judge_pool.call(sent.apply, caller, id, b"" if body is None else body.data))


@router.delete(
    "/v1/plans/{id}",
    status_code=status.HTTP_204_NO_CONTENT,
    response_class=Response,
    responses=refusals(NotFound, PlanInForce, InUse),
    summary="Forget a plan",
)
def delete_plan(store: StoreDep, caller: CallerDep, id: PlanId) -> Response:
    """Refused for the plan in force, for one of which something still runs, and for one that has not ended."""
    plans.delete(store, caller, id)
    return Response(status_code=status.HTTP_204_NO_CONTENT)


@router.post(
    "/v1/verify",
    response_model=VerdictOut,
    responses=refusals(UnknownReference, Unavailable, body=True),
    summary="Judge a plan",
)
@lane("judging")
def verify_plan(context: ContextDep, body: Annotated[SentWhole[VerifyRequest], Body()]) -> Response:
    """What the verifier says of a plan that nobody here made: every broken rule with needed and available, and the cost.

    What runs already and is not part of the request keeps its place and counts. A plan that breaks rules is an answer
    (200, `ok` false), not an error.
    """
    return _json(context.judge_pool.call(sent.verify, body.data))


def _json(body: bytes) -> Response:
    return Response(body, media_type="application/json")

"""What ran before, and going back to it."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import uuid4

from fastapi import APIRouter, Body, Path, Query, Response, status
from fastapi.openapi.models import Example

from app.api.access import CallerDep, ContextDep, StoreDep
from app.api.bodies import Sent, Taking
from app.api.keys import KEY_REFUSALS, Asking, IdempotencyKey, again
from app.api.lanes import lane
from app.api.paging import decode, encode, page
from app.api.problems import refusals
from app.errors import AsNow, IllegalNow, NotFound, NotKept, RowsLost, Unavailable
from app.schemas.allocations import AllocationRecord
from app.schemas.plans import PlanOut
from app.schemas.requests import RestoreRequest
from app.schemas.wire import LATEST, Page, Paging
from app.service import allocations, sent

router = APIRouter(route_class=Taking, prefix="/v1/allocations/history", tags=["planners"])

Generation = Annotated[
    Literal["latest"] | Annotated[int, Path(ge=1, le=2**62)],
    Path(
        description=f"The generation of a record; `{LATEST}` is that of the plan that was applied last.",
        openapi_examples={LATEST: {"value": LATEST}},
    ),
]


EXAMPLES: dict[str, Example] = {"undo": {"value": {"moment": "before", "leave_out": True}}}


@router.get("", responses=refusals(), summary="What ran before")
def list_allocation_history(store: StoreDep, query: Annotated[Paging, Query()]) -> Page[AllocationRecord]:
    """Each generation that changed what runs, the newest first: which plan was applied, or that something that ran was ended
    by a change of what is stored; what it changed, and whether it can be gone back to.

    It is kept as long as the history of changes (`EDGEPLAN_CHANGES_KEPT`, `EDGEPLAN_HISTORY_DAYS`).
    """
    after = decode(query.cursor, int)
    rows = allocations.history(store, None if after is None else after[0], query.limit + 1)
    shown, more = page(rows, query.limit)
    return Page[AllocationRecord](items=tuple(shown), next=encode(shown[-1].generation) if more else None)


@router.post(
    "/{generation}/restore",
    response_model=PlanOut,
    status_code=status.HTTP_201_CREATED,
    responses=refusals(NotFound, NotKept, AsNow, RowsLost, IllegalNow, Unavailable, *KEY_REFUSALS, body=True),
    summary="Go back to what ran",
)
@lane("judging")
def restore_allocation(
    context: ContextDep,
    caller: CallerDep,
    generation: Generation,
    body: Annotated[Sent[RestoreRequest] | None, Body(openapi_examples=EXAMPLES)] = None,
    key: IdempotencyKey = None,
) -> Response:
    """Makes a plan of what ran just after that generation, or just before it (`moment`), on the terms that were in force.
    It is not searched for, has ended at once, and is in force once it is applied: `POST /v1/plans/{id}/apply`.

    The verifier judges it on the network of now. What cannot run any more as it did (its node failed, its workload was
    deleted or changed, others have its place) is refused by name: 409 `history.rows_lost`, and no plan is made, unless
    `leave_out` makes one without it. What was started since stays as it is, unless `end_later` ends it.

    On `latest` with `moment` `before` it undoes what was applied last: what that placed ends, what it moved goes back, what
    it ended returns.
    """
    data = b"" if body is None else body.data
    with context.keys.under_way(caller, key):
        path = f"POST /v1/allocations/history/{generation}/restore"
        promise = None if key is None else Asking(caller, path, key, data).promise(context.settings.key_hours)
        first = None if promise is None else promise.earlier(context.store)
        if first is not None:
            return again(first)
        # The id is given here: if the answer is lost the second try finds the plan that the first one made.
        seen = context.judge_pool.call(sent.restore, caller, generation, data, str(uuid4()), promise)
        told = PlanOut.of(seen.row, seen.best).model_dump_json().encode()
        headers = {"Location": f"/v1/plans/{seen.row.id}"}
        return Response(told, status.HTTP_201_CREATED, headers, media_type="application/json")

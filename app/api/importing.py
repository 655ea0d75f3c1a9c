"""For operators: a whole world at once."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Response

from app.api.access import CallerDep, ContextDep, written
from app.api.answers import JSON
from app.api.bodies import SentWhole, Taking
from app.api.examples import DOCUMENT_EXAMPLES
from app.api.problems import refusals
from app.errors import InUse, StaleEntity, UnknownReference, WouldEnd
from app.schemas.importing import Imported, ImportRequest
from app.service import sent

_EXAMPLE = {"summary": "One document of the four", "value": {"workloads": DOCUMENT_EXAMPLES["workloads"]}}

router = APIRouter(route_class=Taking, tags=["operators"])


@router.post(
    "/v1/import",
    response_model=Imported,
    responses=refusals(UnknownReference, InUse, WouldEnd, StaleEntity, body=True),
    summary="Import documents together",
)
def import_documents(
    context: ContextDep,
    caller: CallerDep,
    body: Annotated[SentWhole[ImportRequest], Body(openapi_examples={"workloads": _EXAMPLE})],
) -> Response:
    """Puts up to four documents in the place of what is stored, in one generation: all of them, or none.

    They are judged together, before anything is written. What is stored already is left alone; an import that changes
    nothing makes no generation. Where it leaves out workloads that run it is refused, unless they `may_end`.
    Before anything is changed a backup is kept beside the store, the newest five of them.
    With `fresh` nothing of what was stored stays, and all that is in force ends: for another network.
    """
    return Response(written(context, sent.import_world, caller, body.data), media_type=JSON)

"""For operators: the network as it is, whole and piece by piece, and the history of its changes."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Response
from pydantic import Field

from app.api.access import AppContext, CallerDep, ContextDep, StoreDep, path_id, written
from app.api.bodies import Sent, SentWhole, Taking
from app.api.collections import collection, stored
from app.api.conditions import IfMatch
from app.api.examples import CHANGES, DOCUMENT_EXAMPLES, EXAMPLES, THERE
from app.api.paging import decode, encode, page
from app.api.problems import refusals
from app.api.queries import (
    AcceleratorQuery,
    AccessQuery,
    ChangeQuery,
    LinkQuery,
    NodeQuery,
    PolicyQuery,
    ProfileQuery,
    SiteQuery,
    WorkloadQuery,
)
from app.api.tags import Matching, tag
from app.errors import InUse, NotFound, StaleEntity, UnknownReference
from app.identity.caller import Caller
from app.schemas.allocations import Change, ChangePage
from app.schemas.documents import (
    CatalogueDocument,
    NetworkDocument,
    PoliciesDocument,
    WorkloadsDocument,
)
from app.schemas.entities import Node
from app.schemas.requests import StateChange
from app.schemas.silences import Silence
from app.schemas.wire import Wire
from app.service import history, sent
from solver.facts.network import NodeState

OPERATORS = ["operators"]
PLANNERS = ["planners"]

router = APIRouter(route_class=Taking, tags=["operators"])


class Replaced(Wire):
    """A document was put in the place of another, and this generation made."""

    generation: int
    warnings: tuple[Silence, ...] = Field(default=(), description="What the document does not say and is taken for zero.")


_REPLACE = refusals(UnknownReference, InUse, StaleEntity, body=True)


def _document(name: str) -> Any:
    """The body of an import, with a small document for the documentation."""
    before = {"network": " Put empty workloads first", "policies": " Put empty workloads first"}.get(name, "")
    summary = f"It takes the place of all that is stored.{before}{'.' if before else ''}"
    return Body(openapi_examples={"small": {"summary": summary, "value": DOCUMENT_EXAMPLES[name]}})


#: The node that the documentation drains, fails and activates.
NodeId = Annotated[str, path_id(THERE["nodes"])]


def _replace(
    context: AppContext, caller: Caller, name: str, body: SentWhole[Any], if_match: str | None, response: Response
) -> Replaced:
    generation, unsaid = context.judge_pool.write(sent.replace, caller, name, body.data, Matching(if_match))
    response.headers["ETag"] = tag(generation)
    return Replaced(generation=generation, warnings=unsaid)


@router.put("/v1/network", responses=_REPLACE, summary="Import a network")
def replace_network(
    context: ContextDep,
    caller: CallerDep,
    body: Annotated[SentWhole[NetworkDocument], _document("network")],
    response: Response,
    if_match: IfMatch = None,
) -> Replaced:
    """Takes the place of the whole stored network, in one generation.

    Refused while something runs on a node or over a link that it leaves out, or a workload uses an access that it leaves
    out. What else it changes under what runs is allowed; what is no longer as promised counts as disturbed.
    """
    return _replace(context, caller, "network", body, if_match, response)


@router.put("/v1/catalogue", responses=_REPLACE, summary="Import a catalogue")
def replace_catalogue(
    context: ContextDep,
    caller: CallerDep,
    body: Annotated[SentWhole[CatalogueDocument], _document("catalogue")],
    response: Response,
    if_match: IfMatch = None,
) -> Replaced:
    """Takes the place of all accelerators and profiles, in one generation. Refused while something runs by a profile that it
    leaves out."""
    return _replace(context, caller, "catalogue", body, if_match, response)


@router.put("/v1/policies", responses=_REPLACE, summary="Import policies")
def replace_policies(
    context: ContextDep,
    caller: CallerDep,
    body: Annotated[SentWhole[PoliciesDocument], _document("policies")],
    response: Response,
    if_match: IfMatch = None,
) -> Replaced:
    """Takes the place of all policies, in one generation. What runs against the new ones counts as disturbed."""
    return _replace(context, caller, "policies", body, if_match, response)


@router.put("/v1/workloads", tags=["planners"], responses=_REPLACE, summary="Import workloads")
def replace_workloads(
    context: ContextDep,
    caller: CallerDep,
    body: Annotated[SentWhole[WorkloadsDocument], _document("workloads")],
    response: Response,
    if_match: IfMatch = None,
) -> Replaced:
    """Takes the place of all stored workloads, in one generation. What ran for those left out is ended."""
    return _replace(context, caller, "workloads", body, if_match, response)


def _set_state(
    context: AppContext, caller: Caller, id: str, state: NodeState, body: Sent[StateChange] | None, if_match: str | None
) -> Response:
    data = b"" if body is None else body.data
    return stored(written(context, sent.set_state, caller, id, state, data, Matching(if_match)))


_STATE = refusals(NotFound, StaleEntity, UnknownReference, body=True)
Reason = Annotated[
    Sent[StateChange] | None, Body(openapi_examples={"reason": {"value": {"reason": "cooling fault in hall 2"}}})
]


@router.post("/v1/nodes/{id}/drain", response_model=Node, responses=_STATE, summary="Drain a node")
def drain_node(
    context: ContextDep, caller: CallerDep, id: NodeId, body: Reason = None, if_match: IfMatch = None
) -> Response:
    """It takes no new work, and the next plan moves what may be moved. What runs there counts as disturbed."""
    return _set_state(context, caller, id, NodeState.DRAINING, body, if_match)


@router.post("/v1/nodes/{id}/fail", response_model=Node, responses=_STATE, summary="Declare a node failed")
def fail_node(context: ContextDep, caller: CallerDep, id: NodeId, body: Reason = None, if_match: IfMatch = None) -> Response:
    """It runs nothing any more. What the allocation has there counts as disturbed."""
    return _set_state(context, caller, id, NodeState.FAILED, body, if_match)


@router.post("/v1/nodes/{id}/activate", response_model=Node, responses=_STATE, summary="Activate a node")
def activate_node(
    context: ContextDep, caller: CallerDep, id: NodeId, body: Reason = None, if_match: IfMatch = None
) -> Response:
    """It takes work again. What the allocation has there is no longer disturbed, unless it breaks another rule."""
    return _set_state(context, caller, id, NodeState.ACTIVE, body, if_match)


@router.get("/v1/changes", responses=refusals(), summary="History")
def list_changes(store: StoreDep, query: Annotated[ChangeQuery, Query()]) -> ChangePage:
    """What was changed since a generation, oldest first, with what was before and after."""
    after = decode(query.cursor, int, int)
    generation, rows = history.changes(
        store,
        query.since,
        query.kind,
        query.id,
        None if after is None else (after[0], after[1]),
        query.limit + 1,
    )
    shown, more = page(rows, query.limit)
    following = encode(shown[-1].generation, shown[-1].ordinal) if more else None
    return ChangePage(items=tuple(Change.of(row) for row in shown), next=following, generation=generation)


for _kind, _one, _query, _tags in (
    ("nodes", "node", NodeQuery, OPERATORS),
    ("links", "link", LinkQuery, OPERATORS),
    ("sites", "site", SiteQuery, OPERATORS),
    ("accesses", "access", AccessQuery, OPERATORS),
    ("accelerators", "accelerator", AcceleratorQuery, OPERATORS),
    ("profiles", "profile", ProfileQuery, OPERATORS),
    ("policies", "policy", PolicyQuery, OPERATORS),
    ("workloads", "workload", WorkloadQuery, PLANNERS),
):
    router.include_router(collection(_kind, _one, _query, EXAMPLES[_kind], CHANGES[_kind], _tags))

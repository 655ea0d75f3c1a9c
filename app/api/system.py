"""For whoever runs the service: is it alive, is it ready, how is it doing, what are its rules."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import Field

from app.api.access import ContextDep, StoreDep
from app.api.lanes import Admitted
from app.api.metrics import Metrics
from app.api.problems import ProblemKind, all_kinds, refusals
from app.errors import NotReady
from app.schemas.documents import DOCUMENTS
from app.schemas.money import Money
from app.schemas.wire import Wire
from app.service.allocations import generation_of
from app.service.money import money_of
from app.version import VERSION
from solver import GOALS, LIMITS, name_of

router = APIRouter(route_class=Admitted, tags=["system"])


class Health(Wire):
    """The service answers."""

    status: Literal["ok"] = "ok"


class Readiness(Wire):
    """The service can do its work."""

    status: Literal["ready"] = "ready"
    generation: int
    solves_here: bool


class Generations(Wire):
    """The newest generation, and the one that last changed each part."""

    generation: int
    network: int
    catalogue: int
    policies: int
    workloads: int
    allocation: int


class System(Wire):
    """Facts about the service."""

    version: str
    money: Money = Field(description="What all prices, values and costs are counted in.")


class Rule(Wire):
    """A rule of the solver: what it means, in its own words."""

    name: str
    kind: Literal["limit", "goal"]
    meaning: str


@router.get("/healthz", summary="Alive")
async def read_health() -> Health:
    """Answers as long as the process does, whatever else is busy: it waits for nothing."""
    return Health()


@router.get("/readyz", responses=refusals(NotReady), summary="Ready")
async def read_readiness(context: ContextDep) -> Readiness:
    """Answers 503 (507 while it is full) while the store cannot be read and written, or does not answer within two seconds
    (`EDGEPLAN_READY_SECONDS`), or solves should run here and do not."""
    generation = await context.readiness.generation()
    if context.supervisor is not None and not context.supervisor.alive:
        raise NotReady("Solves should run here, but nothing starts them.")
    return Readiness(generation=generation, solves_here=context.supervisor is not None)


@router.get(
    "/metrics",
    response_class=Response,
    responses={
        200: {"description": "Prometheus text.", "content": {"text/plain": {"schema": {"type": "string"}}}},
        **refusals(),
    },
    summary="Metrics",
)
async def read_metrics(context: ContextDep) -> Response:
    """In Prometheus' text form."""
    metrics: Metrics = context.metrics
    # The judge pool may have to make the picture first. Nobody holds a thread, or a place among those who read, for that
    # long.
    stands = await context.response_cache.call(context.cache.pictures.of)
    text = await context.lanes.reading.call(metrics.render, context.store, stands)
    return Response(text, media_type=CONTENT_TYPE_LATEST)


@router.get("/v1/generation", responses=refusals(), summary="The newest generation")
def read_generation(store: StoreDep) -> Generations:
    """Every change of anything stored makes the next one."""
    parts = {part: generation_of(store, part) for part in (*DOCUMENTS, "allocation")}
    return Generations(generation=generation_of(store, "all"), **parts)


@router.get("/v1/system", responses=refusals(), summary="Facts about the service")
def read_system(store: StoreDep) -> System:
    """Its version, and what its network counts money in."""
    with store.reading() as session:
        return System(version=VERSION, money=money_of(session))


@router.get("/v1/rules", summary="The rules")
async def list_rules() -> list[Rule]:
    """What limits a plan, and what it costs."""
    return [
        Rule(name=name_of(rule), kind=kind, meaning=(rule.__doc__ or "").strip())
        for kind, rules in (("limit", LIMITS), ("goal", GOALS))
        for rule in rules
    ]


@router.get("/v1/problems", summary="The ways to be refused")
async def list_problems() -> list[ProblemKind]:
    """Every code that a refusal can carry."""
    return all_kinds()

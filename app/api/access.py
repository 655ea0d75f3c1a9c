"""What routers are handed: the store, the judge pool, the supervisor and the settings of their application."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Concatenate, ParamSpec, TypeVar

from fastapi import Depends, Path, Request
from fastapi.openapi.models import Example
from pydantic import StringConstraints

from app.api.keys import Keys
from app.api.lanes import Lanes, beside
from app.api.metrics import Metrics
from app.api.readiness import Readiness
from app.identity.caller import LOCAL, Caller
from app.jobs.judge_pool import JudgePool
from app.jobs.supervisor import Supervisor
from app.schemas.wire import ID_PATTERN, LATEST, PLAN_PATTERN
from app.service import plans
from app.service.broadcast import Broadcast
from app.service.cache import Cache
from app.service.response_cache import ResponseCache
from app.service.settling import anything_in_force
from app.settings import Settings
from app.store.port import Store

#: Larger bodies are read in another process.
HERE_BYTES = 64 * 2**10

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


class LastLook:
    """When a dashboard last looked at how what is in force stands. To be used from one event loop."""

    def __init__(self) -> None:
        self._at: float | None = None

    def note(self) -> None:
        """One looks now."""
        self._at = time.monotonic()

    def within(self, seconds: float) -> bool:
        """Whether one has looked in the last so many seconds."""
        return self._at is not None and time.monotonic() - self._at <= seconds


@dataclass(frozen=True, slots=True)
class AppContext:
    """What :func:`app.main.create_app` has put together."""

    settings: Settings
    store: Store
    judge_pool: JudgePool
    cache: Cache
    supervisor: Supervisor | None
    metrics: Metrics
    response_cache: ResponseCache
    broadcast: Broadcast
    lanes: Lanes
    readiness: Readiness
    keys: Keys
    last_look: LastLook


# Coroutines, though they wait for nothing: what is not one is called in a thread.
async def _context(request: Request) -> AppContext:
    context: AppContext = request.app.state.context
    return context


async def _store(request: Request) -> Store:
    return (await _context(request)).store


def written(
    context: AppContext,
    write: Callable[Concatenate[Cache, Asked], Answer],
    *args: Asked.args,
    **kwargs: Asked.kwargs,
) -> Answer:
    """What a use case answers that changes the world.

    The judge carries it out where that holds the interpreter: while something is in force, since then all that runs is
    judged, too, and where it is given the bytes of a large body. Else it is done here.
    """
    given = max((len(one) for one in args if isinstance(one, bytes)), default=0)
    if given > HERE_BYTES or anything_in_force(context.store):
        return context.judge_pool.write(write, *args, **kwargs)
    return write(context.cache, *args, **kwargs)


async def _caller() -> Caller:
    """Who asks. Nobody is asked for a name, so all are one."""
    return LOCAL


ContextDep = Annotated[AppContext, Depends(_context)]
StoreDep = Annotated[Store, Depends(_store)]
#: For whom an endpoint does what it does. The one place where that is decided.
CallerDep = Annotated[Caller, Depends(_caller)]

#: An id in a path.
PathId = Annotated[str, Path(pattern=ID_PATTERN, max_length=128, description="Id.")]


def path_id(example: str) -> Any:
    """What `PathId` says of an id in a path, with an id for the documentation."""
    shown: dict[str, Example] = {"example": {"value": example}}
    return Path(pattern=ID_PATTERN, max_length=128, description="Id.", openapi_examples=shown)


PlanName = StringConstraints(pattern=PLAN_PATTERN)


async def named_plan(context: AppContext, name: str) -> str:
    """The id of the plan that a caller names: by its id, or as the one that was asked for last. For endpoints in no lane.

    Raises
    ------
    NotFound
        If it is the last one, and there is none.
    """
    return await context.lanes.reading.call(plans.newest, context.store) if name == LATEST else name


async def _plan_in_path(
    store: StoreDep,
    id: Annotated[
        str,
        PlanName,
        Path(
            description=f"Id of the plan; `{LATEST}` is the one asked for last.",
            openapi_examples={LATEST: {"value": LATEST}},
        ),
    ],
) -> str:
    return await beside(plans.newest, store) if id == LATEST else id


#: The id of a plan in a path; nobody behind it sees `latest`.
PlanId = Annotated[str, Depends(_plan_in_path)]

"""What routers are handed: the store, the desk, the supervisor and the settings of their application."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Concatenate, ParamSpec, TypeVar

from fastapi import Depends, Path, Request

from app.api.metrics import Metrics
from app.jobs.desk import Desk
from app.jobs.supervisor import Supervisor
from app.schemas.wire import ID_PATTERN
from app.service.broadcast import Broadcast
from app.service.shelf import Shelf
from app.service.standing import anything_in_force
from app.settings import Settings
from app.store.port import Store

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Parts:
    """What :func:`app.main.create_app` has put together."""

    settings: Settings
    store: Store
    desk: Desk
    supervisor: Supervisor | None
    metrics: Metrics
    shelf: Shelf
    broadcast: Broadcast


def _parts(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


def _store(request: Request) -> Store:
    return _parts(request).store


def written(
    parts: Parts,
    write: Callable[Concatenate[Store, Asked], Answer],
    *args: Asked.args,
    **kwargs: Asked.kwargs,
) -> Answer:
    """What a use case answers that changes the world.

    While something is in force it also judges all that runs, which holds the interpreter: then the desk carries it out.
    """
    if anything_in_force(parts.store):
        return parts.desk.call(write, *args, **kwargs)
    return write(parts.store, *args, **kwargs)


PartsDep = Annotated[Parts, Depends(_parts)]
StoreDep = Annotated[Store, Depends(_store)]

#: An id in a path.
PathId = Annotated[str, Path(pattern=ID_PATTERN, max_length=128, description="Id.")]
PlanId = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$", description="Id of the plan.")]

"""Bodies of requests: taken as bytes, up to the limit of their route, and never looked into on the event loop.

An endpoint that takes a :class:`Sent` gets the bytes of its body; what they say is read where it is carried out
(:mod:`app.service.sent`): in the process that judges where there are many of them or all that runs is judged, else in the
thread of the endpoint. The OpenAPI document describes such a body as the model that it stands for.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, ClassVar, Generic, TypeVar, get_args

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema
from starlette.requests import ClientDisconnect

from app.errors import TooLarge, Unreadable
from app.settings import Settings

Kind = TypeVar("Kind", bound=BaseModel)


class Sent(Generic[Kind]):
    """The body of a request that says a value of a kind, not yet read. It is small: one entity, say."""

    large: ClassVar[bool] = False

    def __init__(self, data: bytes) -> None:
        self.data = data

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        # Described as what it says, and taken as it came.
        [kind] = get_args(source)
        return core_schema.no_info_wrap_validator_function(lambda value, _: cls(_json(value)), handler(kind))


class SentWhole(Sent[Kind]):
    """The body of a request that may be a whole document, or be about everything."""

    large = True


class _Json(bytes):
    """A body that is said to be JSON."""


class _Unread(Request):
    """A request of which the body is handed on as it came."""

    def __init__(self, request: Request, data: bytes) -> None:
        super().__init__(request.scope, request.receive)
        self._data = data

    async def body(self) -> bytes:
        """The bytes of the body."""
        return self._data

    async def json(self) -> Any:
        """The bytes of the body; nothing for one that says nothing."""
        return None if len(self._data) < _NOTHING and self._data.strip() == b"null" else _Json(self._data)


#: A longer body is not looked at for whether it says `null`.
_NOTHING = 100


class Taking(APIRoute):
    """A route that takes no more of a body than it may have, all of it before anything else is done."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        if self.body_field is None:
            return handle
        large = _is_large(self.body_field.field_info.annotation)

        async def take(request: Request) -> Response:
            settings: Settings = request.app.state.parts.settings
            return await handle(_Unread(request, await _taken(request, limit(settings, large))))

        return take


def limit(settings: Settings, large: bool) -> int:
    """How many bytes a body may have."""
    return settings.max_body_bytes if large else min(settings.max_body_bytes, settings.max_small_body_bytes)


def _is_large(annotation: Any) -> bool:
    """Whether a parameter takes a whole document; it may be optional."""
    return any(getattr(kind, "large", False) for kind in (annotation, *get_args(annotation)))


async def _taken(request: Request, most: int) -> bytes:
    """The bytes of a body.

    Raises
    ------
    TooLarge
        As soon as it is known to have more than `most`.
    Unreadable
        If the caller leaves before the end of it.
    """
    too_large = TooLarge(f"At most {most} bytes are taken here.")
    said = request.headers.get("content-length", "")
    if said.isdigit() and int(said) > most:
        raise too_large
    taken, parts = 0, []
    try:
        async for part in request.stream():
            taken += len(part)
            if taken > most:
                raise too_large
            parts.append(part)
    except ClientDisconnect as error:
        raise Unreadable("The connection ended before the body did.") from error
    return b"".join(parts)


def _json(value: Any) -> bytes:
    """A body that is JSON by its content type: what a page may send without being asked is none."""
    if not isinstance(value, _Json):
        raise PydanticCustomError("json_type", "The body is not said to be JSON", {"content_type": "application/json"})
    return bytes(value)

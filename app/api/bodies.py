"""Bodies of requests: taken as bytes, up to the limit of their route, and never looked into on the event loop.

An endpoint that takes a :class:`Sent` gets the bytes of its body; what they say is read where it is carried out
(:mod:`app.service.sent`): in the process that judges where there are many of them or all that runs is judged, else in the
thread of the endpoint. The OpenAPI document describes such a body as the model that it stands for.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, ClassVar, Generic, TypeVar, get_args

from fastapi import Request, Response
from pydantic import BaseModel, GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema
from starlette.requests import ClientDisconnect

from app.api.access import HERE_BYTES
from app.api.lanes import Admitted
from app.errors import TooLarge, Unavailable, Unreadable
from app.settings import Settings

Kind = TypeVar("Kind", bound=BaseModel)

#: Large bodies that are held at a time, from their first bytes until they have been carried out.
LARGE_AT_ONCE = 4
#: How long the next one waits for a place.
ROOM_SECONDS = 15.0


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


class Taking(Admitted):
    """A route that takes no more of a body than it may have, all of it before anything else is done."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        if self.body_field is None:
            return handle
        large = _is_large(self.body_field.field_info.annotation)

        async def take(request: Request) -> Response:
            settings: Settings = request.app.state.context.settings
            async with AsyncExitStack() as held:
                return await handle(_Unread(request, await _taken(request, limit(settings, large), held)))

        return take


class Room:
    """Holds so many large bodies of one application at a time; what more of them comes waits in the network."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(LARGE_AT_ONCE)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """While the block runs a place is taken.

        Raises
        ------
        Unavailable
            If none becomes free for too long.
        """
        try:
            async with asyncio.timeout(ROOM_SECONDS):
                await self._places.acquire()
        except TimeoutError:
            raise Unavailable(f"{LARGE_AT_ONCE} large bodies are being taken or carried out. Nothing was changed.") from None
        try:
            yield
        finally:
            self._places.release()


def limit(settings: Settings, large: bool) -> int:
    """How many bytes a body may have."""
    return settings.max_body_bytes if large else min(settings.max_body_bytes, settings.max_small_body_bytes)


def _is_large(annotation: Any) -> bool:
    """Whether a parameter takes a whole document; it may be optional."""
    return any(getattr(kind, "large", False) for kind in (annotation, *get_args(annotation)))


async def _taken(request: Request, most: int, held: AsyncExitStack) -> bytes:
    """The bytes of a body, with a place that is `held` for it where there are many of them.

    Raises
    ------
    TooLarge
        As soon as it is known to have more than `most`.
    Unreadable
        If the caller leaves before the end of it.
    Unavailable
        If there is no place for a large one.
    """
    too_large = TooLarge(f"At most {most} bytes are taken here.")
    said = request.headers.get("content-length", "")
    if said.isdecimal() and int(said) > most:
        raise too_large
    taken, parts, placed = 0, [], False
    try:
        async for part in request.stream():
            taken += len(part)
            if taken > most:
                raise too_large
            if taken > HERE_BYTES and not placed:
                placed = True
                await held.enter_async_context(request.app.state.room.place())
            parts.append(part)
    except ClientDisconnect as error:
        raise Unreadable("The connection ended before the body did.") from error
    return b"".join(parts)


def _json(value: Any) -> bytes:
    """A body that is JSON by its content type: what a page may send without being asked is none."""
    if not isinstance(value, _Json):
        raise PydanticCustomError("json_type", "The body is not said to be JSON", {"content_type": "application/json"})
    return bytes(value)

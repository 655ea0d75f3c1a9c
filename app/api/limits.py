"""What is asked of callers: bodies within the limit, whether they say their length or not, and streams that are read."""

from __future__ import annotations

from collections.abc import Collection

import anyio
import structlog
from fastapi import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import answer
from app.errors import TooLarge

log = structlog.get_logger(__name__)


class Limited:
    """Middleware that takes no more than so many bytes of a body."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        said = dict(scope["headers"]).get(b"content-length", b"")
        if said.isdigit() and int(said) > self._most:
            refusal = answer(TooLarge(f"At most {self._most} bytes are taken."), scope["path"])
            await refusal(scope, receive, send)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._most:
                raise HTTPException(413)
            return message

        await self._app(scope, counted, send)


class Patient:
    """Middleware that ends an answer of these paths when its reader takes nothing for so long.

    What is written to a connection that nobody reads waits, and would wait for ever. The connection is closed.
    """

    def __init__(self, app: ASGIApp, paths: Collection[str], seconds: float) -> None:
        self._app = app
        self._paths = frozenset(paths)
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in self._paths:
            await self._app(scope, receive, send)
            return
        with anyio.CancelScope() as whole:

            async def sent(message: Message) -> None:
                with anyio.move_on_after(self._seconds) as patience:
                    await send(message)
                if patience.cancelled_caught:
                    log.warning("stream.stalled", path=scope["path"], seconds=self._seconds)
                    whole.cancel()
                    await anyio.lowlevel.checkpoint()

            await self._app(scope, receive, sent)

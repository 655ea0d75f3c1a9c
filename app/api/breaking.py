"""Requests that the end of the service breaks off are told so, as long as no answer has been begun."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import answer
from app.errors import NotReady


class BrokenOff:
    """Answers what is cancelled: the server does that with what is not done some time after it was told to stop, and says by
    itself that something broke."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except asyncio.CancelledError:
            if scope["type"] != "http" or begun:
                raise
            await answer(NotReady("The service is stopping."), scope["path"])(scope, receive, send)

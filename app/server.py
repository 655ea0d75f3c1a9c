"""The web server, which ends streams when it is told to stop, so that stopping does not wait for them."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from app.settings import Settings
from app.targets import TargetNamesHost

#: How long a stop waits for answers that are being made.
GRACE_SECONDS = 5


class Server(uvicorn.Server):
    """Serves one application."""

    def __init__(self, app: FastAPI, settings: Settings) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=settings.host,
                port=settings.port,
                http=TargetNamesHost,
                log_config=None,
                access_log=False,
                # Nothing here asks for the client's address or speaks of the server's software.
                proxy_headers=False,
                server_header=False,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )
        self._app = app

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to whoever started this; see :class:`app.stopping.Stopping`."""
        yield

    def stop(self) -> None:
        """Begin to end, from whichever thread."""
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams and the solves, then finish as any server does: answers may take what is left of the time."""
        parts = self._app.state.parts
        parts.broadcast.close()
        if parts.supervisor is not None:
            await asyncio.to_thread(parts.supervisor.stop)
        await super().shutdown(sockets)

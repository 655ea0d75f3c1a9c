"""The web server, which ends streams when it is told to stop, so that stopping does not wait for them."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from app.connections import Connections, room_for
from app.protocol import Config
from app.settings import Settings

#: How long a stop waits for answers that are being made.
GRACE_SECONDS = 5
#: Connections are looked over once in so many ticks of a tenth of a second.
LOOK_TICKS = 5


class Server(uvicorn.Server):
    """Serves one application."""

    def __init__(self, app: FastAPI, settings: Settings) -> None:
        connections = Connections(settings, room_for(settings.max_connections))
        super().__init__(
            Config(
                app,
                connections,
                host=settings.host,
                port=settings.port,
                log_config=None,
                # No route speaks it, and what has been upgraded is beyond the limits.
                ws="none",
                timeout_keep_alive=settings.idle_seconds,
                access_log=False,
                # Nothing here asks for the client's address or speaks of the server's software.
                proxy_headers=False,
                server_header=False,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )
        self._app = app
        self.connections = connections
        app.state.metrics.count_connections(connections)

    async def on_tick(self, counter: int) -> bool:
        """Look over the connections, now and then."""
        if counter % LOOK_TICKS == 0:
            self.connections.look(asyncio.get_running_loop().time())
        return await super().on_tick(counter)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to whoever started this; see :class:`app.stopping.Stopping`."""
        yield

    def stop(self) -> None:
        """Begin to end, from whichever thread."""
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, what waits its turn and the solves, then finish as any server does: answers may take what is left
        of the time."""
        parts = self._app.state.context
        parts.lanes.close()
        parts.broadcast.close()
        if parts.supervisor is not None:
            await asyncio.to_thread(parts.supervisor.stop)
        await super().shutdown(sockets)

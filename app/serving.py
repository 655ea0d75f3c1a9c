"""The service in this process, until it is stopped: the store, the first start, the banner, and HTTP."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Callable

from app.banner import FirstStart, greet
from app.logs import configure_logs
from app.main import create_app
from app.scratch import scratch_folder
from app.server import Server
from app.settings import Settings
from app.stopping import Stopping
from app.store.opening import CannotOpen, open_own
from app.store.port import Store

#: Connections that may wait to be taken.
_BACKLOG = 2048


class CannotStart(Exception):
    """The service cannot be started here; says why."""


def serve(settings: Settings) -> None:
    """Serve until stopped.

    Raises
    ------
    CannotStart
        If the store cannot be opened, or the address is taken.
    """
    configure_logs(settings.log_level, settings.log_format)
    with scratch_folder() as folder:
        stopping = Stopping(lambda: shutil.rmtree(folder, ignore_errors=True))
        stopping.listen()
        store = _store(settings)
        try:
            taken = _listening(settings)
            _serve(settings, store, taken, stopping)
        finally:
            store.close()


def _serve(settings: Settings, store: Store, taken: socket.socket, stopping: Stopping) -> None:
    app = create_app(settings)
    server = Server(app, settings)
    base = f"http://{settings.host}:{taken.getsockname()[1]}"
    stopping.then(server.stop)
    if stopping.told:
        return
    print(f"Edgeplan is starting at {base}/ ...", flush=True)
    first = FirstStart(store, settings) if settings.seed_reference else None
    beside = Beside(lambda: greet(store, base, first, lambda: server.started and not server.should_exit), server)
    beside.start()
    server.run(sockets=[taken])
    if beside.broke is not None:
        raise beside.broke


class Beside(threading.Thread):
    """What is done and said while the service serves already. If it breaks the service stops, and says why."""

    def __init__(self, work: Callable[[], None], server: Server) -> None:
        super().__init__(name="banner", daemon=True)
        self.broke: Exception | None = None
        self._work, self._server = work, server

    def run(self) -> None:
        """Work to the end."""
        try:
            self._work()
        except Exception as error:
            self.broke = error
            self._server.should_exit = True


def _store(settings: Settings) -> Store:
    try:
        return open_own(settings)
    except CannotOpen as error:
        raise CannotStart(str(error)) from error


def _listening(settings: Settings) -> socket.socket:
    """The socket that is listened on: taken before anything is begun, and known by its port where any would do."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise CannotStart(
            f"Port {settings.port} of {settings.host} cannot be listened on: {error.strerror or error}."
        ) from error

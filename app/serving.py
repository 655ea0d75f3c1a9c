"""The service in this process, until it is stopped: the store, the first start, the greeting, and HTTP."""

from __future__ import annotations

import shutil
import socket

from sqlalchemy.exc import SQLAlchemyError

from app.greeting import greet_beside
from app.logs import configure_logs
from app.main import create_app
from app.scratch import scratch_folder
from app.seed import load_reference
from app.server import Server
from app.settings import Settings
from app.stopping import Stopping
from app.store.port import Store
from app.store.sql import open_store

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
    plan = None
    if settings.seed_reference:
        loaded = load_reference(store, settings.reference_dir, settings.default_seconds)
        if loaded is not None:
            plan = loaded.plan
            counts = ", ".join(f"{count} {kind}" for kind, count in loaded.counts.items())
            print(f"Loaded the reference network: {counts}.", flush=True)
    stopping.then(server.stop)
    if stopping.told:
        return
    greet_beside(store, base, plan, lambda: server.started and not server.should_exit)
    server.run(sockets=[taken])


def _store(settings: Settings) -> Store:
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        return open_store(settings.store_url, settings.events_kept)
    except OSError as error:
        raise CannotStart(f"The folder {settings.data_dir} cannot be used: {error.strerror}.") from error
    except SQLAlchemyError as error:
        raise CannotStart(f"The store cannot be opened: {str(error).splitlines()[0]}") from error


def _listening(settings: Settings) -> socket.socket:
    """The socket that is listened on: taken before anything is begun, and known by its port where any would do."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise CannotStart(
            f"Port {settings.port} of {settings.host} cannot be listened on: {error.strerror or error}."
        ) from error

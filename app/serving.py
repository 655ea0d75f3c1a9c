"""The service in this process, until it is stopped: the store, the first start, the greeting, and HTTP."""

from __future__ import annotations

from app.greeting import greet_beside
from app.logs import configure_logs
from app.main import create_app
from app.seed import load_reference
from app.server import Server
from app.settings import Settings
from app.store.sql import open_store


def serve(settings: Settings) -> None:
    """Serve until stopped."""
    configure_logs(settings.log_level, settings.log_format)
    app = create_app(settings)
    base = f"http://{settings.host}:{settings.port}"
    server = Server(app, settings)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    store = open_store(settings.store_url, settings.events_kept)
    plan = None
    if settings.seed_reference:
        loaded = load_reference(store, settings.reference_dir, settings.default_seconds)
        if loaded is not None:
            plan = loaded.plan
            counts = ", ".join(f"{count} {kind}" for kind, count in loaded.counts.items())
            print(f"Loaded the reference network: {counts}.", flush=True)
    greet_beside(store, base, plan, lambda: server.started and not server.should_exit)
    try:
        server.run()
    finally:
        store.close()

"""`python -m app`: run the service."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from app.greeting import greet_beside
from app.logs import configure_logs
from app.main import create_app
from app.seed import load_reference
from app.server import Server
from app.settings import Settings
from app.store.sql import open_store


def main() -> None:
    """Read the command line and serve until stopped."""
    parser = argparse.ArgumentParser(
        prog="python -m app",
        description="Run the Edgeplan service. Everything can also be set by EDGEPLAN_* (see app/settings.py).",
    )
    parser.add_argument("--host", help="address to listen on (default 127.0.0.1: this machine alone)")
    parser.add_argument("--port", type=int, help="port to listen on (default 8000)")
    parser.add_argument("--data-dir", type=Path, help="where the embedded store keeps its file")
    parser.add_argument(
        "--seed-reference",
        action="store_true",
        default=None,
        help="load the reference network into an empty store and plan its request once",
    )
    given: dict[str, Any] = {name: value for name, value in vars(parser.parse_args()).items() if value is not None}
    serve(Settings(**given))


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


if __name__ == "__main__":
    main()

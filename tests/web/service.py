"""A service in a process of its own, with the built dashboard: what `python -m app` runs, in a fork that has it loaded."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import socket
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing import forkserver
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]
BUNDLE = ROOT / "app" / "web" / "dist" / "index.html"

#: Search time of a plan for which nobody asks another.
SECONDS = 3
#: How long anything may take that has no reason to take long.
PATIENCE = 120

#: What services and their children are forked from has this loaded; to load it takes longer than several tests.
_LOADED = ["app.cli.main", "app.serving", "app.jobs.preloaded"]

#: Asks services. Patient, since the machine may be busy; no connection is kept, since services come and go.
ask = httpx.Client(timeout=PATIENCE, limits=httpx.Limits(max_keepalive_connections=0))


def chromium() -> str:
    """Where Chromium is."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        raise RuntimeError("The dashboard's tests need Debian's chromium: apt-get install chromium fonts-noto-cjk")
    return found


@contextmanager
def serving(
    folder: Path, store: Path | None = None, *, seeded: bool = True, port: int | None = None, seconds: int = SECONDS
) -> Iterator[str]:
    """Run a service whose store is in `folder`, until the block ends; yields its base URL.

    It begins with a copy of the store in the folder `store`, if one is said. `port` is a free one unless it is said, as for
    a service that comes back; `seconds` is how long plans are searched for if nothing is said.
    """
    if not BUNDLE.is_file():
        raise RuntimeError("The dashboard is not built: make web")
    if store is not None:
        shutil.copytree(store, folder, dirs_exist_ok=True)
    port = port or _free_port()
    base = f"http://127.0.0.1:{port}"
    command = ["serve", "--port", str(port), "--data-dir", str(folder), *(["--seed-reference"] if seeded else [])]
    # A plan that is cut off, as on a busy machine, comes without its reasons; these have to end by themselves.
    told = {"EDGEPLAN_DEFAULT_SECONDS": str(seconds), "EDGEPLAN_CUT_SECONDS": "60", "EDGEPLAN_LOG_LEVEL": "warning"}
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_LOADED)
    process = context.Process(target=_serve, args=(command, {**os.environ, **told}, folder / "service.log"))
    process.start()
    try:
        _wait_for(process, base, folder)
        yield base
    finally:
        process.terminate()
        process.join(PATIENCE)
        late = process.is_alive()
        process.kill()
        process.join()
        assert not late, f"The service did not stop:\n{(folder / 'service.log').read_text()}"


def _serve(command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
    """Be a service: in a child, whose output goes to `log`."""
    with log.open("w") as to:
        os.dup2(to.fileno(), 1)
        os.dup2(to.fileno(), 2)
    sys.stdout, sys.stderr = (os.fdopen(descriptor, "w", buffering=1, closefd=False) for descriptor in (1, 2))
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(environment)
    # Its own children come from where it comes from: left to itself it starts a server anew, and has that load everything.
    forkserver._forkserver.ensure_running = lambda: None  # type: ignore[attr-defined]
    from app.cli.main import run  # who asks services needs none of it

    run(command)


def ended(base: str) -> str:
    """The id of the newest plan, once it has ended. A service answers before the first one is asked for."""
    end = time.monotonic() + PATIENCE
    plans: list[dict[str, Any]] = []
    while not plans or plans[0]["status"] in ("queued", "running"):
        assert time.monotonic() < end, plans
        time.sleep(0.2)
        plans = ask.get(f"{base}/v1/plans?limit=1").json()["items"]
    assert plans[0]["status"] == "finished", plans[0]["failure"]
    found: str = plans[0]["id"]
    return found


def _wait_for(process: BaseProcess, base: str, folder: Path) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            if ask.get(f"{base}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass  # it has not begun to listen
        if not process.is_alive() or time.monotonic() > end:
            raise RuntimeError(f"The service did not start:\n{(folder / 'service.log').read_text()}")
        time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port

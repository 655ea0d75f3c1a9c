"""A service as people start it, in a process of its own, with the built dashboard."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]
BUNDLE = ROOT / "app" / "web" / "dist" / "index.html"

#: Search time of the reference plan.
SECONDS = 3
#: How long anything may take that has no reason to take long.
PATIENCE = 120

#: Asks services. Patient, since the machine may be busy; no connection is kept, since services come and go.
ask = httpx.Client(timeout=PATIENCE, limits=httpx.Limits(max_keepalive_connections=0))


def chromium() -> str:
    """Where Chromium is."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        raise RuntimeError("The dashboard's tests need Debian's chromium: apt-get install chromium fonts-noto-cjk")
    return found


@contextmanager
def serving(folder: Path, store: Path | None = None, *, seeded: bool = True, port: int | None = None) -> Iterator[str]:
    """Run a service whose store is in `folder`, until the block ends; yields its base URL.

    It begins with a copy of the store in the folder `store`, if one is said. `port` is a free one unless it is said, as for
    a service that comes back.
    """
    if not BUNDLE.is_file():
        raise RuntimeError("The dashboard is not built: make web")
    if store is not None:
        shutil.copytree(store, folder, dirs_exist_ok=True)
    port = port or _free_port()
    base = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "app", "--port", str(port), "--data-dir", str(folder)]
    # A plan that is cut off, as on a busy machine, comes without its reasons; these have to end by themselves.
    told = {"EDGEPLAN_DEFAULT_SECONDS": str(SECONDS), "EDGEPLAN_CUT_SECONDS": "60", "EDGEPLAN_LOG_LEVEL": "warning"}
    with (
        (folder / "service.log").open("w") as log,
        subprocess.Popen(
            [*command, "--seed-reference"] if seeded else command,
            cwd=ROOT, env={**os.environ, **told}, stdout=log, stderr=subprocess.STDOUT,
        ) as process,
    ):  # fmt: skip
        try:
            _wait_for(process, base, folder)
            yield base
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)


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


def _wait_for(process: subprocess.Popen[bytes], base: str, folder: Path) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            if ask.get(f"{base}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            pass  # it has not begun to listen
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"The service did not start:\n{(folder / 'service.log').read_text()}")
        time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port

"""A service in a process of its own, with the built dashboard."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.forked import PATIENCE, ROOT, forked

__all__ = ["PATIENCE", "ROOT", "ask", "chromium", "ended", "serving"]

BUNDLE = ROOT / "app" / "web" / "dist" / "index.html"

#: Search time of a plan for which nobody asks another.
SECONDS = 3

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
    # A plan that is cut off, as on a busy machine, comes without its reasons; these have to end by themselves.
    told = {"EDGEPLAN_DEFAULT_SECONDS": str(seconds), "EDGEPLAN_CUT_SECONDS": "60", "EDGEPLAN_LOG_LEVEL": "warning"}
    with forked(folder, *(["--seed-reference"] if seeded else []), port=port, **told) as service:
        yield service.base


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

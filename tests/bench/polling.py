"""What polling dashboards cost: `python -m tests.bench.polling`.

Starts a service of its own on the reference network, with a plan in force, and two hundred dashboards on this machine:
each asks once a second, over one connection that it keeps, whether the allocation has changed, which it has not. With
`--paths` each asks for several, one after the other. Says as JSON which share of one core the service uses meanwhile, and
which it uses when nobody asks.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil

#: What each dashboard asks for unless told otherwise.
PATHS = ("/v1/map/allocation",)
#: Longest wait for the service, and for its first plan.
PATIENCE_SECONDS = 180.0


@dataclass
class Tally:
    """What the dashboards have seen."""

    statuses: Counter[int] = field(default_factory=Counter)
    milliseconds: list[float] = field(default_factory=list)


def main() -> None:
    """Run, and print the figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.polling", description=__doc__)
    parser.add_argument("--dashboards", type=int, default=200, help="how many (200)")
    parser.add_argument("--seconds", type=float, default=20.0, help="how long to poll (20)")
    parser.add_argument("--hertz", type=float, default=1.0, help="how often each asks (1)")
    parser.add_argument("--paths", nargs="+", default=PATHS, metavar="PATH", help=f"what each asks for ({' '.join(PATHS)})")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), given.dashboards, given.seconds, given.hertz, given.paths)
    print(json.dumps(figures, indent=2))


def measure(folder: Path, dashboards: int, seconds: float, hertz: float, paths: Sequence[str]) -> dict[str, Any]:
    """Start a service, poll it, and stop it."""
    port = free_port()
    command = [sys.executable, "-m", "app", "--port", str(port), "--data-dir", str(folder), "--seed-reference"]
    told = {"EDGEPLAN_DEFAULT_SECONDS": "3", "EDGEPLAN_LOG_FORMAT": "json"}
    with (folder / "log").open("w") as log:
        service = subprocess.Popen(command, env={**os.environ, **told}, stdout=log, stderr=log)
    try:
        base = f"http://127.0.0.1:{port}"
        tags = prepare(service, base, paths)
        process = psutil.Process(service.pid)
        tally = Tally()
        asyncio.run(poll(port, tags, dashboards, 2.0, hertz, Tally()))
        idle = core_share(process, lambda: time.sleep(seconds / 2))
        begun = time.monotonic()
        used = core_share(process, lambda: asyncio.run(poll(port, tags, dashboards, seconds, hertz, tally)))
        took = time.monotonic() - begun
    finally:
        service.terminate()
        service.wait(PATIENCE_SECONDS)
    requests = sum(tally.statuses.values())
    return {
        "dashboards": dashboards,
        "hertz": hertz,
        "paths": list(paths),
        "seconds": round(took, 2),
        "requests": requests,
        "unchanged": tally.statuses[304],
        "core_share": round(used, 4),
        "core_share_idle": round(idle, 4),
        "microseconds_a_request": round((used - idle) * took / max(1, requests) * 1e6),
        "median_ms": round(statistics.median(tally.milliseconds), 2),
        "p99_ms": round(statistics.quantiles(tally.milliseconds, n=100)[98], 2),
    }


def core_share(process: psutil.Process, work: Callable[[], None]) -> float:
    """Which share of one core a process uses while something else is done."""
    before, begun = process.cpu_times(), time.monotonic()
    work()
    after, took = process.cpu_times(), time.monotonic() - begun
    return (after.user + after.system - before.user - before.system) / took


def prepare(service: subprocess.Popen[bytes], base: str, paths: Sequence[str]) -> dict[str, str]:
    """Wait for the service and for its first plan, put that in force, and read what there is to poll for."""
    until = time.monotonic() + PATIENCE_SECONDS
    with httpx.Client(base_url=base, timeout=PATIENCE_SECONDS) as client:
        while True:
            if service.poll() is not None or time.monotonic() > until:
                raise SystemExit("The service did not come to its first plan.")
            try:
                [plan] = client.get("/v1/plans").json()["items"]
                if plan["status"] == "finished":
                    break
            except httpx.TransportError:
                # It is not listening yet.
                pass
            time.sleep(0.2)
        client.post(f"/v1/plans/{plan['id']}/apply").raise_for_status()
        return {path: client.get(path).raise_for_status().headers["etag"] for path in paths}


async def poll(port: int, tags: dict[str, str], dashboards: int, seconds: float, hertz: float, tally: Tally) -> None:
    """All dashboards, spread evenly over their period."""
    period = 1 / hertz
    await asyncio.gather(
        *(dashboard(port, tags, period * number / dashboards, period, seconds, tally) for number in range(dashboards))
    )


async def dashboard(port: int, tags: dict[str, str], delay: float, period: float, seconds: float, tally: Tally) -> None:
    """One dashboard. It speaks just enough HTTP to cost little itself: the cores are shared with the service."""
    clock = asyncio.get_running_loop().time
    begin = clock() + delay
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    turn = 0
    while turn * period < seconds:
        await asyncio.sleep(max(0.0, begin + turn * period - clock()))
        turn += 1
        for path, tag in tags.items():
            asked = clock()
            request = f"GET {path} HTTP/1.1\r\nHost: here\r\nAccept-Encoding: gzip\r\nIf-None-Match: {tag}\r\n\r\n"
            writer.write(request.encode())
            head = await reader.readuntil(b"\r\n\r\n")
            tally.statuses[int(head[9:12])] += 1
            tally.milliseconds.append((clock() - asked) * 1000)
            if not head.startswith(b"HTTP/1.1 304"):
                raise SystemExit(f"Something has changed, or broke: {head.decode()}")
    writer.close()
    await writer.wait_closed()


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


if __name__ == "__main__":
    main()

"""Services and commands in processes of their own: what `edgeplan` runs, in a fork of a process that has it loaded.

For tests that are not about how one starts: loading it takes longer than most tests.
"""

from __future__ import annotations

import multiprocessing
import os
import socket
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[1]

#: How long anything may take that has no reason to take long.
PATIENCE = 120

#: What services and their children are forked from has this loaded.
_LOADED = ["app.cli.main", "app.serving", "app.jobs.preloaded"]


@dataclass(frozen=True)
class Forked:
    """A service that answers at `base`, and writes what it has to say to `log`."""

    base: str
    process: BaseProcess
    log: Path


@contextmanager
def forked(folder: Path, *arguments: str, port: int | None = None, **told: str) -> Iterator[Forked]:
    """Run a service whose store is in `folder`, from when it is ready until the block ends.

    `port` is a free one unless it is said, as for a service that comes back; `told` are variables of its environment.
    """
    port = port or free_port()
    base, log = f"http://127.0.0.1:{port}", folder / "service.log"
    command = ["serve", "--port", str(port), "--data-dir", str(folder), *arguments]
    process = _context().Process(target=_serve, args=(command, {**os.environ, **told}, log))
    process.start()
    try:
        _wait_for(process, base, log)
        yield Forked(base, process, log)
    finally:
        process.terminate()
        process.join(PATIENCE)
        late = process.is_alive()
        process.kill()
        process.join()
        assert not late, f"The service did not stop:\n{log.read_text()}"


def typed(terminal: str, environment: Mapping[str, str], *arguments: str) -> BaseProcess:
    """A command that runs in the terminal of this name, which it has taken."""
    context = _context()
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_type, args=(terminal, environment, arguments, theirs))
    process.start()
    theirs.close()
    with ours:
        ours.recv()
    return process


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_LOADED)
    return context


def _serve(command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
    """Be a service: in a child, whose output goes to `log`."""
    with log.open("w") as to:
        for descriptor in (1, 2):
            os.dup2(to.fileno(), descriptor)
    os.chdir(ROOT)
    _run(command, environment)


def _type(terminal: str, environment: Mapping[str, str], command: Sequence[str], taken: Connection) -> None:
    """Be a command that somebody types: in a child, which gets a terminal of its own."""
    os.setsid()
    line = os.open(terminal, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(line, descriptor)
    os.close(line)
    taken.send(True)
    taken.close()
    sys.stdin = os.fdopen(0, closefd=False)
    _run(command, environment)


def _run(command: Sequence[str], environment: Mapping[str, str]) -> None:
    sys.stdout, sys.stderr = (os.fdopen(descriptor, "w", buffering=1, closefd=False) for descriptor in (1, 2))
    os.environ.clear()
    os.environ.update(environment)
    # Its own children come from where it comes from: left to itself it starts a server anew, and has that load everything.
    forkserver._forkserver.ensure_running = lambda: None  # type: ignore[attr-defined]
    from app.cli.main import run  # who asks services needs none of it

    run(command)


def _wait_for(process: BaseProcess, base: str, log: Path) -> None:
    end = time.monotonic() + PATIENCE
    with httpx.Client(timeout=PATIENCE) as ask:
        while True:
            try:
                if ask.get(f"{base}/readyz").status_code == 200:
                    return
            except httpx.TransportError:
                pass  # it has not begun to listen
            if not process.is_alive() or time.monotonic() > end:
                raise RuntimeError(f"The service did not start:\n{log.read_text() if log.exists() else ''}")
            time.sleep(0.1)

"""Real services and workers, each a process of its own with the store in a temporary folder, on a port of loopback."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import IO, Any, Literal, TypeAlias

import psutil

ROOT = Path(__file__).parents[2]
INSIDE = Path(__file__).parent / "inside"
#: How long anything may take that has no reason to take long, on a busy machine.
PATIENCE = 300.0

#: Who can be killed. A judge is any other child of a service that is neither a solve nor what starts them.
Role: TypeAlias = Literal["service", "worker", "solve", "forkserver", "judge"]

#: Settings of all services: a lost solve is noticed soon, everything that happened is kept.
SETTINGS = {
    "EDGEPLAN_LEASE_SECONDS": "4",
    "EDGEPLAN_HEARTBEAT_SECONDS": "0.5",
    "EDGEPLAN_EXPLAIN_SECONDS": "1",
    "EDGEPLAN_EVENTS_KEPT": "10000000",
    "EDGEPLAN_CHANGES_KEPT": "10000000",
    "EDGEPLAN_PLANS_KEPT": "10000000",
    "EDGEPLAN_PROGRESS_KEPT": "10000000",
    "EDGEPLAN_LOG_FORMAT": "json",
    "EDGEPLAN_SOLVE_WORKERS": "1",
}


class Process:
    """A service or a worker, which can be killed and started again on the same store and the same port."""

    def __init__(
        self, folder: Path, *, worker: bool = False, name: str | None = None, descriptors: int | None = None, **settings: str
    ) -> None:
        self.folder = folder
        self.role: Role = "worker" if worker else "service"
        self.name = name or self.role
        self.port = 0 if worker else free_port()
        self._settings = {_variable(name): value for name, value in settings.items()}
        self._descriptors = descriptors
        self._log = folder / f"{self.name}.log"
        self._read = 0
        self._solves: set[int] = set()
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it. Nobody waits for it."""
        command = [sys.executable, "-m", "app.cli", "worker"]
        if self.role == "service":
            command = [sys.executable, "-m", "app.cli", "serve", "--port", str(self.port)]
        if self._descriptors is not None:
            command = ["sh", "-c", f'ulimit -n {self._descriptors}; exec "$@"', "sh", *command]
        told = {"EDGEPLAN_DATA_DIR": str(self.folder), "PYTHONPATH": f"{INSIDE}:{ROOT}"}
        environment = {**os.environ, **SETTINGS, **told, **self._settings}
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        threading.Thread(target=_keep, args=(self.process.stdout, self._log), daemon=True).start()

    def until_ready(self, path: str = "/readyz") -> None:
        """Wait until it answers that it is ready."""
        until(lambda: self._answers(path), f"{self.name} did not start:\n{self.said()[-3000:]}")

    def _answers(self, path: str) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended with {self.process.returncode}:\n{self.said()[-3000:]}")
        try:
            return self.get(path)[0] == 200
        except OSError:
            return False

    def get(self, path: str, timeout: float = PATIENCE) -> tuple[int, Any]:
        """One request on a connection of its own: status, and the answer if it is JSON."""
        return self.ask("GET", path, timeout=timeout)

    def ask(self, method: str, path: str, body: Any = None, timeout: float = PATIENCE) -> tuple[int, Any]:
        """One request with a JSON body on a connection of its own: status, and the answer if it is JSON."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            sent = None if body is None else json.dumps(body).encode()
            connection.request(method, path, body=sent, headers={"Content-Type": "application/json"} if sent else {})
            answer = connection.getresponse()
            said = answer.read()
            form = answer.getheader("content-type", "")
            return answer.status, json.loads(said) if said and "json" in form else said
        finally:
            connection.close()

    def said(self) -> str:
        """What it has written so far."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.poll() is None

    def pids(self, role: Role) -> list[int]:
        """The processes of a role that it has now."""
        if self.process is None or not self.alive:
            return []
        if role == self.role:
            return [self.process.pid]
        try:
            children = psutil.Process(self.process.pid).children()
            starters = [child for child in children if "forkserver" in " ".join(child.cmdline())]
            if role == "forkserver":
                return [child.pid for child in starters]
            begun = [child.pid for starter in starters for child in starter.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []
        self._hear_of_solves()
        if role == "solve":
            return [pid for pid in begun if pid in self._solves]
        return [pid for pid in begun if pid not in self._solves] if role == "judge" else []

    def limit_files(self, size: int | None) -> None:
        """No process of it may write beyond so many bytes of any file, as on a full disk; without a size it may again."""
        assert self.process is not None
        for one in (psutil.Process(self.process.pid), *psutil.Process(self.process.pid).children(recursive=True)):
            try:
                resource.prlimit(one.pid, resource.RLIMIT_FSIZE, (size or resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            except ProcessLookupError:
                continue

    def _hear_of_solves(self) -> None:
        if not self._log.exists():
            return
        with self._log.open("rb") as log:
            log.seek(self._read)
            for line in log:
                if not line.endswith(b"\n"):
                    break
                self._read += len(line)
                if b'"solve.began"' in line:
                    self._solves.add(int(json.loads(line)["pid"]))

    def again(self, **settings: str | None) -> None:
        """Kill it, and start it with other settings; None takes one back. Until it listens."""
        self.kill()
        for name, value in settings.items():
            if value is None:
                self._settings.pop(_variable(name), None)
            else:
                self._settings[_variable(name)] = value
        self.start()
        if self.role == "service":
            self.until_ready("/healthz")

    def kill(self) -> None:
        """Kill it at once."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(PATIENCE)

    def stop(self) -> int:
        """Stop it in good order; its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


def _keep(said: IO[bytes], log: Path) -> None:
    """Keep what a process says. It does not write the file itself, since it may have no room to."""
    with said, log.open("ab", buffering=0) as kept:
        for line in said:
            kept.write(line)


def _variable(name: str) -> str:
    """The environment variable of a setting; what is written in capitals is one already."""
    return f"EDGEPLAN_{name.upper()}" if name.islower() else name


@contextmanager
def running(*processes: Process) -> Iterator[None]:
    """Start them, wait for the services, and leave nothing of them behind."""
    try:
        for process in processes:
            process.start()
        for process in processes:
            if process.role == "service":
                process.until_ready()
        yield
    finally:
        for process in processes:
            leave_nothing(process)


def leave_nothing(process: Process) -> None:
    """End a process and all that it has begun."""
    if process.process is None:
        return
    try:
        family = psutil.Process(process.process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        family = []
    if process.alive:
        process.kill()
    for child in family:
        try:
            child.kill()
        except psutil.NoSuchProcess:
            continue


def until(met: Any, why: str, patience: float = PATIENCE) -> Any:
    """What `met` answers once it is true."""
    end = time.monotonic() + patience
    while True:
        found = met()
        if found:
            return found
        assert time.monotonic() < end, why
        time.sleep(0.1)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port

"""What a service and a worker leave behind: nothing, whether they are told to stop or killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil
import pytest

from app.jobs.processes import context
from app.scratch import scratch_folder
from tests.app import world
from tests.app.conftest import load
from tests.app.serving import until
from tests.forked import free_port

#: Longest wait for the end of a process that was told to end.
PATIENCE = 500


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose path is short enough for sockets in it."""
    with tempfile.TemporaryDirectory(prefix="stop-", dir="/tmp") as made:
        yield Path(made)


@contextmanager
def running(folder: Path, *arguments: str, **told: str) -> Iterator[subprocess.Popen[str]]:
    """A command of ours with all it stores and all that is temporary in a folder."""
    temporary = folder / "tmp"
    temporary.mkdir(exist_ok=True)
    environment = {
        **os.environ,
        "TMPDIR": str(temporary),
        "EDGEPLAN_DATA_DIR": str(folder / "data"),
        "EDGEPLAN_LOG_LEVEL": "warning",
        **told,
    }
    process = subprocess.Popen([sys.executable, "-m", *arguments], env=environment, stdout=subprocess.DEVNULL, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def serving(folder: Path, **told: str) -> Iterator[tuple[subprocess.Popen[str], httpx.Client]]:
    """A service in a process of its own, ready."""
    port = free_port()
    with (
        running(folder, "app", "--port", str(port), **told) as process,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client,
    ):

        def ready() -> bool:
            try:
                return client.get("/readyz").status_code == 200
            except httpx.TransportError:
                return False

        until(ready, PATIENCE)
        yield process, client


def family(process: subprocess.Popen[str]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


def gone(processes: list[psutil.Process]) -> bool:
    return not psutil.wait_procs(processes, timeout=0)[1]


def left(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in (folder / "tmp").rglob("*"))


def semaphores() -> set[str]:
    return {path.name for path in Path("/dev/shm").glob("sem.edgeplan-run-*")}


def asked_for_long(client: httpx.Client) -> str:
    """A plan that is being solved and whose process hangs once it has a verified plan: the reference request."""
    reference = Path(__file__).parents[2] / "data" / "reference"
    for name in ("catalogue", "network", "policies"):
        body = json.loads((reference / f"{name}.json").read_text())
        assert client.put(f"/v1/{name}", json=body).status_code == 200
    body = json.loads((reference / "request.json").read_text())
    request = {"workloads": body["workloads"], "terms": body["terms"], "limits": {"seconds": 600}}
    id: str = client.post("/v1/plans", json=request).json()["id"]
    until(lambda: client.get(f"/v1/plans/{id}").json()["best"], PATIENCE)
    return id


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_service_that_is_told_to_stop_leaves_nothing_behind(folder: Path, number: signal.Signals) -> None:
    before = semaphores()
    with serving(folder) as (process, client):
        load(client)  # type: ignore[arg-type]
        body = {"workloads": [world.CAMERAS], "terms": world.TERMS, "placements": []}
        assert client.post("/v1/verify", json=body).status_code == 200
        children = family(process)
        assert children
        process.send_signal(number)
        assert process.wait(PATIENCE) == 0
        until(lambda: gone(children), PATIENCE)
    assert left(folder) == []
    until(lambda: semaphores() <= before, PATIENCE)


@pytest.mark.slow
def test_a_whole_group_told_to_stop_gives_its_solve_back_with_what_it_had(folder: Path) -> None:
    with serving(folder) as (process, client):
        id = asked_for_long(client)
        children = family(process)
        for child in children:
            child.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        until(lambda: gone(children), PATIENCE)
    assert left(folder) == []
    with serving(folder, EDGEPLAN_RUN_JOBS="false") as (process, client):
        assert client.get(f"/v1/plans/{id}").json()["status"] == "queued"


@pytest.mark.slow
def test_a_second_signal_ends_at_once(folder: Path) -> None:
    with serving(folder) as (process, client):
        load(client)  # type: ignore[arg-type]
        children = family(process)
        for child in children:
            child.suspend()
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) in (128 + signal.SIGINT, 128 + signal.SIGTERM, 0)
        for child in children:
            if child.is_running():
                child.resume()
        until(lambda: gone(children), PATIENCE)
    assert left(folder) == []


@pytest.mark.slow
def test_what_a_killed_service_leaves_is_gone_after_the_next_start(folder: Path) -> None:
    before = semaphores()
    with serving(folder) as (process, client):
        load(client)  # type: ignore[arg-type]
        children = family(process)
        for child in [psutil.Process(process.pid), *children]:
            child.kill()
        process.wait()
        until(lambda: gone(children), PATIENCE)
    assert left(folder) != []
    with serving(folder) as (process, client):
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    assert left(folder) == []
    until(lambda: semaphores() <= before, PATIENCE)


#: A process that ends in good order, or hangs when it is told to, as its argument says; it says when it hears signals.
SCRIPT = """
import shutil, sys, threading
from app import stopping
from app.scratch import scratch_folder

told, never = threading.Event(), threading.Event()
if sys.argv[1] == "late":
    stopping.STOP_SECONDS = 0.1
with scratch_folder() as folder:
    heard = stopping.Stopping(lambda: shutil.rmtree(folder, ignore_errors=True))
    heard.listen()
    heard.then(told.set)
    print("listening", flush=True)
    told.wait()
    print("told", flush=True)
    if sys.argv[1] != "orderly":
        never.wait()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("how", ["orderly", "late", "again"])
def test_a_process_ends_when_told_and_leaves_no_folder(folder: Path, how: str, number: signal.Signals) -> None:
    command = [sys.executable, "-c", SCRIPT, how]
    environment = {**os.environ, "TMPDIR": str(folder), "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "listening\n"
        assert len(list(folder.iterdir())) == 1
        process.send_signal(number)
        if how == "again":
            assert process.stdout.readline() == "told\n"
            process.send_signal(number)
        assert process.wait(PATIENCE) == (128 + number if how == "again" else 0)
    assert list(folder.iterdir()) == []


def test_only_what_nobody_holds_is_removed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    left_over = folder / "edgeplan-run-crashed"
    left_over.mkdir()
    (left_over / "lock").touch()
    semaphore = Path("/dev/shm/sem.edgeplan-run-crashed-1")
    semaphore.touch()
    foreign = folder / "something-else"
    foreign.mkdir()
    with scratch_folder() as first:
        assert not left_over.exists()
        assert not semaphore.exists()
        monkeypatch.setattr(tempfile, "tempdir", str(folder))
        with scratch_folder() as second:
            assert first.exists()
            assert second.exists()
            assert tempfile.gettempdir() == os.environ["TMPDIR"] == str(second)
        assert first.exists()
        assert not second.exists()
    assert [path.name for path in folder.iterdir()] == ["something-else"]


def test_semaphores_are_named_after_the_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    with scratch_folder() as made:
        lock = context().Lock()
        assert list(Path("/dev/shm").glob(f"sem.{made.name}-*"))
        del lock
        assert not list(Path("/dev/shm").glob(f"sem.{made.name}-*"))


def test_a_folder_too_far_down_for_sockets_is_not_used(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    far_down = folder / ("x" * 60)
    far_down.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(far_down))
    with scratch_folder() as made:
        assert made.parent == Path("/tmp")
    assert not made.exists()

"""A first start says where it will be and what it is doing from its first second, and answers while it loads."""

from __future__ import annotations

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import httpx
import pytest

from app.banner import FirstStart, greet
from app.settings import Settings
from app.store.sql import open_store
from tests.app.serving import served, until
from tests.app.test_start import said_until, start
from tests.forked import free_port

ROOT = Path(__file__).parents[2]

#: Targets that use the Makefile's words about a command.
SLOW = """
include Makefile
slow:
\t@$(call step,Doing something slow) sleep 3 && echo done
broken:
\t@$(call step,Doing something that breaks) false
"""


def make(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    told = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        ["make", "-s", *arguments], cwd=ROOT, env={**told, **environment}, capture_output=True, text=True, timeout=300
    )


def test_make_run_begins_with_the_address() -> None:
    plan = make("-n", "run").stdout.splitlines()
    assert "Edgeplan will be at http://" in plan[0]
    assert make("welcome", EDGEPLAN_PORT="8123").stdout.startswith("Edgeplan will be at http://127.0.0.1:8123/")


def test_make_says_that_a_slow_step_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "Makefile"
    file.write_text(SLOW)
    said = make("-f", str(file), "TICK=1", "slow").stdout.splitlines()
    assert said[0] == "Doing something slow ..."
    assert said[-1] == "done"
    assert any("still at it after" in line for line in said)
    broken = make("-f", str(file), "broken")
    assert broken.returncode == 2


@pytest.mark.slow
def test_the_service_answers_before_the_first_plan_is_made(tmp_path: Path) -> None:
    port = free_port()
    with start(tmp_path, port) as first:
        try:
            said = said_until(first, "Loading the reference network")
            assert said.splitlines()[0] == "Starting Edgeplan ..."
            assert f"http://127.0.0.1:{port}/" in said
            assert httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=60).status_code == 200
            assert f"The dashboard is at http://127.0.0.1:{port}/" in said_until(first, "Solving the reference request")
        finally:
            first.kill()


def test_a_first_start_that_breaks_is_told_and_ends(tmp_path: Path) -> None:
    nowhere = tmp_path / "nothing"
    command = [sys.executable, "-m", "app", "--port", "0", "--data-dir", str(tmp_path), "--seed-reference"]
    told = {**os.environ, "EDGEPLAN_REFERENCE_DIR": str(nowhere), "EDGEPLAN_LOG_LEVEL": "error"}
    ended = subprocess.run(command, env=told, capture_output=True, text=True, timeout=300)
    assert ended.returncode != 0
    assert "nothing" in ended.stderr


def test_what_is_loaded_is_said_while_the_service_serves(settings: Settings) -> None:
    idle = settings.model_copy(update={"run_jobs": False})
    said = StringIO()
    with served(idle) as service:
        store = open_store(idle.store_url)
        looks = iter([True, True, False])
        greet(store, service.base, FirstStart(store, idle), lambda: next(looks, False), said)
        store.close()
        until(lambda: service.client.get("/v1/nodes", params={"limit": 1}).json()["items"])
    assert "Loaded the reference network: " in said.getvalue()
    assert service.base in said.getvalue()

"""The command line against a real service, in a process and on a port of its own, which knows the tiny world."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner, Result

from app.cli.main import app
from tests.app import world
from tests.forked import forked

#: Longest wait for anything that is sure to come.
PATIENCE = 120.0

#: Runs a command line; the service it asks is in the environment.
Edgeplan = Callable[..., Result]


@contextmanager
def served(folder: Path, **settings: str) -> Iterator[httpx.Client]:
    """A service that keeps its store in `folder`, until the block ends; a client of it."""
    with (
        forked(folder, **{"EDGEPLAN_LOG_LEVEL": "error", **settings}) as service,
        httpx.Client(base_url=service.base, timeout=PATIENCE) as client,
    ):
        yield client


@pytest.fixture(scope="package")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A service that solves."""
    with served(tmp_path_factory.mktemp("store")) as client:
        yield client


@pytest.fixture(scope="package")
def idle_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A service that solves nothing: what is asked of it stays queued."""
    with served(tmp_path_factory.mktemp("idle"), EDGEPLAN_RUN_JOBS="false") as client:
        yield client


@pytest.fixture
def idle(idle_service: httpx.Client) -> httpx.Client:
    """The service that solves nothing, told the tiny world anew; nothing is in force, and there is no plan."""
    tell_the_tiny_world(idle_service)
    return idle_service


@pytest.fixture
def tiny(service: httpx.Client) -> httpx.Client:
    """The service, told the tiny world with its workloads anew; nothing is in force, and there is no plan."""
    tell_the_tiny_world(service)
    return service


def tell_the_tiny_world(client: httpx.Client) -> None:
    """Put the tiny world in the place of whatever is stored, and forget all plans."""
    documents = {"network": world.NETWORK, "catalogue": world.CATALOGUE, "policies": {"policies": world.POLICIES},
                 "workloads": {"workloads": world.WORKLOADS}}  # fmt: skip
    assert client.post("/v1/import", json={**documents, "fresh": True}).status_code == 200
    for plan in client.get("/v1/plans?limit=1000").json()["items"]:
        path = f"/v1/plans/{plan['id']}"
        if plan["status"] in ("queued", "running"):
            # It may have ended since it was listed.
            assert client.post(f"{path}/cancel").status_code in (200, 202, 409)
            while client.get(path).json()["status"] in ("queued", "running"):
                time.sleep(0.05)
        assert client.delete(path).status_code == 204


def asking(client: httpx.Client | str) -> Edgeplan:
    """Runs command lines that ask this service."""
    base = client if isinstance(client, str) else str(client.base_url)

    def run(*arguments: str | Path, columns: int = 200, given: str | None = None) -> Result:
        environment = {"EDGEPLAN_SERVER": base, "COLUMNS": str(columns), "NO_COLOR": None, "FORCE_COLOR": None}
        return CliRunner(env=environment).invoke(app, [str(one) for one in arguments], input=given, catch_exceptions=False)

    return run


@pytest.fixture
def edgeplan(tiny: httpx.Client) -> Edgeplan:
    """Runs command lines that ask the service that knows the tiny world."""
    return asking(tiny)


def told(result: Result) -> str:
    """What a command that did its work said."""
    assert result.exit_code == 0, result.output
    return result.stdout


def document(result: Result) -> Any:
    """The one JSON document that a command that did its work printed."""
    return json.loads(told(result))


def failed(result: Result, exit_code: int, *words: str) -> str:
    """The error that a command ended with, for people or for machines."""
    assert result.exit_code == exit_code, result.output
    assert "error" in result.stderr or json.loads(result.stderr)["exit_code"] == exit_code
    for word in words:
        assert word in result.stderr, result.stderr
    return result.stderr

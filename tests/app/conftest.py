"""A service of its own for each test, on a store of its own."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.errors import StaleGeneration
from app.identity.caller import LOCAL
from app.main import create_app
from app.service.applying import apply_plan
from app.service.cache import Cache
from app.settings import Settings
from app.store.sql import open_store
from tests.app import world


@pytest.fixture(scope="session")
def bare_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a store that has its tables and knows nothing, to be copied: to make its tables takes long."""
    file = tmp_path_factory.mktemp("bare") / "edgeplan.db"
    open_store(f"sqlite:///{file}").close()
    return file


@pytest.fixture
def store_url(bare_store: Path, tmp_path: Path) -> str:
    """The URL of a store in the test's folder, where a service looks for it, that knows nothing."""
    return f"sqlite:///{shutil.copy(bare_store, tmp_path / bare_store.name)}"


@pytest.fixture
def settings(store_url: str, tmp_path: Path) -> Settings:
    """Settings of a service that keeps its store in the test's folder."""
    told = Settings(data_dir=tmp_path, lease_seconds=4, heartbeat_seconds=0.5, log_level="warning")
    assert told.store_url == store_url
    return told


@pytest.fixture
def empty(settings: Settings) -> Iterator[TestClient]:
    """A service that knows nothing."""
    with TestClient(create_app(settings)) as client:
        yield client


@pytest.fixture
def client(empty: TestClient) -> TestClient:
    """A service that knows the tiny world."""
    load(empty)
    return empty


def load(client: TestClient) -> None:
    """Tell a service the tiny world."""
    for path, body in (
        ("/v1/catalogue", world.CATALOGUE),
        ("/v1/network", world.NETWORK),
        ("/v1/policies", {"policies": world.POLICIES}),
    ):
        assert client.put(path, json=body).status_code == 200


def planned(client: TestClient, *workloads: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Ask for a plan and wait for its end."""
    body = world.request(*workloads, seconds=20, **more)
    answer = client.post("/v1/plans", json=body, headers={"Prefer": "wait=60"})
    assert answer.status_code == 200, answer.text
    plan: dict[str, Any] = answer.json()
    assert plan["status"] == "finished", plan["failure"]
    return plan


def refused(answer: Any, status: int, code: str) -> dict[str, Any]:
    """Check that a request was refused as it should be, and return the problem document."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["code"] == code
    assert problem["status"] == status
    assert problem["detail"]
    return problem


def raced(settings: Settings, plans: Iterable[str]) -> list[str]:
    """What comes of applying plans at the same moment, each from a process of its own as far as the store can tell."""
    ids = list(plans)
    outcomes: list[str] = []
    start = threading.Barrier(len(ids))

    def apply(plan: str) -> None:
        with closing(open_store(settings.store_url)) as store:
            start.wait()
            try:
                apply_plan(Cache.of(store), LOCAL, plan, "refuse")
                outcomes.append("applied")
            except StaleGeneration as error:
                outcomes.append(error.code)

    threads = [threading.Thread(target=apply, args=(plan,)) for plan in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)

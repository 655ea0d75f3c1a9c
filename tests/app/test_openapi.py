"""The published API: complete in words, and true under whatever is sent to it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import CHECKS
from schemathesis.generation import GenerationMode
from schemathesis.schemas import BaseSchema
from starlette.types import ASGIApp, Receive, Scope, Send

from app.main import create_app
from app.settings import Settings
from tests.app import world
from tests.app.conftest import load
from tests.app.published import openapi_document

#: Examples for each operation and kind of data.
EXAMPLES = 8


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """A service that knows the tiny world, has a plan in force, and solves nothing more."""
    folder: Path = tmp_path_factory.mktemp("openapi")
    with TestClient(create_app(Settings(data_dir=folder, log_level="error"))) as client:
        load(client)
        answer = client.post("/v1/plans", json=world.request(*world.WORKLOADS, seconds=20), headers={"Prefer": "wait=60"})
        assert client.post(f"/v1/plans/{answer.json()['id']}/apply").status_code == 200
    told = Settings(data_dir=folder, log_level="error", run_jobs=False, max_wait_seconds=0)
    app = create_app(told)
    with TestClient(app):
        # Streams of events have no end, and none of them is waited for: each ends with what it opens with.
        app.state.context.broadcast.close()
        yield app


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, operation) for path, methods in document["paths"].items() for method, operation in methods.items()
    ]


def test_every_operation_is_described() -> None:
    for method, path, operation in operations(openapi_document()):
        where = f"{method} {path}"
        assert operation["summary"], where
        assert operation["description"], where
        assert operation["tags"], where
        for parameter in operation.get("parameters", []):
            assert parameter["name"] in ("id",) or "schema" in parameter, where
        if "requestBody" in operation:
            assert {"400", "413", "422"} <= set(operation["responses"]), where
            [content] = operation["requestBody"]["content"].values()
            schema = content["schema"]
            named = schema.get("$ref", "").rpartition("/")[2]
            model = openapi_document()["components"]["schemas"].get(named, {})
            assert "examples" in content or "examples" in model or path.endswith("/apply"), where
        if path.startswith("/v1/") and path not in ("/v1/rules", "/v1/problems"):
            assert {"422", "503"} <= set(operation["responses"]), where
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                assert set(response["content"]) == {"application/problem+json"}, (where, status)
    ids = [operation["operationId"] for _, _, operation in operations(openapi_document())]
    assert len(ids) == len(set(ids))


def existing(app: FastAPI) -> dict[str, dict[str, str]]:
    """Path parameters that lead somewhere, by collection."""
    client = TestClient(app)
    plan = client.get("/v1/plans").json()["items"]
    return {
        "nodes": {"id": "hub"},
        "links": {"id": "hub-centre"},
        "sites": {"id": "plant"},
        "accesses": {"id": "plant-wired"},
        "accelerators": {"id": "card"},
        "profiles": {"id": "detector-card"},
        "policies": {"id": "open"},
        "workloads": {"id": "cameras"},
        "plans": {"id": plan[-1]["id"], "workload": "cameras"} if plan else {},
    }


def started(app: FastAPI) -> ASGIApp:
    """A service that runs already, and is not to be started anew for each test."""

    async def asked(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await app(scope, receive, send)
            return
        for moment in ("startup", "shutdown"):
            assert (await receive())["type"] == f"lifespan.{moment}"
            await send({"type": f"lifespan.{moment}.complete"})

    return asked


@pytest.fixture(scope="module")
def schema(served: FastAPI) -> BaseSchema:
    """What the service says of itself, as what is drawn is made from it."""
    return schemathesis.openapi.from_asgi("/openapi.json", started(served))


def conforms(schema: BaseSchema, app: FastAPI, method: str, path: str, mode: GenerationMode) -> None:
    operation = schema[path][method.upper()]
    real = existing(app)
    strategy = operation.as_strategy(generation_mode=mode)
    checks = [
        CHECKS.get_one(name)
        for name in (
            "not_a_server_error",
            "status_code_conformance",
            "content_type_conformance",
            "response_schema_conformance",
        )
    ]

    @seed(20_261_122)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def run(data: st.DataObject) -> None:
        case = data.draw(strategy)
        kind = path.split("/")[2] if path.count("/") > 1 else ""
        if kind in real and "{id}" in path and data.draw(st.booleans()):
            case.path_parameters = {**case.path_parameters, **real[kind]}
        case.call_and_validate(checks=checks)

    run()


def _all() -> list[tuple[str, str, GenerationMode]]:
    """Each operation with valid data, and with invalid data where it takes any."""
    return [
        (method, path, mode)
        for method, path, operation in operations(openapi_document())
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
        if mode is GenerationMode.POSITIVE or "parameters" in operation or "requestBody" in operation
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("method", "path", "mode"), _all(), ids=lambda value: getattr(value, "value", value))
def test_no_operation_breaks_or_answers_what_is_not_documented(
    schema: BaseSchema, served: FastAPI, method: str, path: str, mode: GenerationMode
) -> None:
    conforms(schema, served, method, path, mode)


def test_the_printed_document_is_json_and_nothing_else(tmp_path: Path) -> None:
    nowhere = {**os.environ, "EDGEPLAN_WEB_DIR": str(tmp_path / "not-built")}
    command = [sys.executable, "-m", "app.openapi"]
    printed = subprocess.run(command, env=nowhere, capture_output=True, check=True, timeout=300)
    assert json.loads(printed.stdout)["info"]["title"] == "Edgeplan"

"""What the documentation prints can be done as it stands, on the network that the first start loads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from app.identity.caller import LOCAL
from app.main import create_app
from app.seed import load_reference
from app.service import plans
from app.settings import Settings
from app.store.sql import open_store
from tests.app.making import made

REFERENCE = Path(__file__).parents[2] / "data" / "reference"
WORKLOAD = "hmc-ulsan-visual-inspection"

#: What may be answered beside success, since an example cannot know what has been done before: the plan has ended, or is in
#: force; a what-if is not applied.
ALLOWED = {("post", "/v1/plans/{id}/cancel"): "plan.ended", ("delete", "/v1/plans/{id}"): "plan.in_force"}
#: Imports take the place of a whole document; in this order each is free to.
IMPORTS = ("/v1/workloads", "/v1/network", "/v1/catalogue", "/v1/policies")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A service that knows the reference network, with a plan that has its decisions."""
    folder = tmp_path_factory.mktemp("examples")
    settings = Settings(data_dir=folder, log_level="error", run_jobs=False)
    store = open_store(settings.store_url)
    loaded = load_reference(store, REFERENCE, 1.0)
    assert loaded is not None
    assert loaded.plan is not None
    plans.cancel(store, LOCAL, loaded.plan)
    made(store, {"workload_ids": [WORKLOAD], "terms": {"horizon": "2026-12-01"}})
    store.close()
    with TestClient(create_app(settings)) as client:
        # A stream of events has no end; this one ends with what it opens with.
        client.app.state.context.broadcast.close()  # type: ignore[attr-defined]
        yield client


def values_of(parameter: dict[str, Any]) -> list[Any]:
    """The examples of a parameter."""
    shown = [one["value"] for one in parameter.get("examples", {}).values()]
    schemas = [parameter["schema"], *parameter["schema"].get("anyOf", ())]
    return shown + [value for schema in schemas for value in schema.get("examples", ())]


def bodies_of(document: dict[str, Any], operation: dict[str, Any]) -> list[Any]:
    """The examples of a body; an operation that needs none is also called without."""
    if "requestBody" not in operation:
        return [None]
    content = operation["requestBody"]["content"]["application/json"]
    found = [one["value"] for one in content.get("examples", {}).values()]
    refs = [content["schema"], *content["schema"].get("anyOf", ())]
    for name in (one["$ref"].rpartition("/")[2] for one in refs if "$ref" in one):
        found += document["components"]["schemas"][name].get("examples", [])
    return found or [None]


def rank(call: tuple[str, str]) -> tuple[int, int]:
    """Reading, then creating and changing, then deleting, then what takes the place of everything.

    The plan is applied before another is asked for, which would be the latest, and before the world is changed.
    """
    method, path = call
    if path.endswith("/apply"):
        return 0, 1
    if path == "/v1/import":
        return 4, -1
    order = ["get", "post", "patch", "delete", "put"].index(method)
    return order, IMPORTS.index(path) if path in IMPORTS else 0


def test_every_example_runs_as_printed(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    calls = sorted(((method, path) for path, methods in document["paths"].items() for method in methods), key=rank)
    for method, path in calls:
        operation = document["paths"][path][method]
        parameters = operation.get("parameters", [])
        url = path
        for parameter in (one for one in parameters if one["in"] == "path"):
            assert values_of(parameter), f"{method} {path}: no example of {parameter['name']}"
            url = url.replace(f"{{{parameter['name']}}}", quote(values_of(parameter)[0], safe=""))
        queries: list[dict[str, Any]] = [{}]
        queries += [{one["name"]: value} for one in parameters if one["in"] == "query" for value in values_of(one)]
        for query in queries:
            for body in bodies_of(document, operation):
                where = f"{method} {url} {query} {body}"
                answer = client.request(method, url, params=query, json=body)
                if answer.is_success:
                    continue
                assert answer.json()["code"] == ALLOWED.get((method, path)), f"{where}: {answer.text}"
                assert answer.status_code == 409


def test_the_verdict_of_the_example_is_that_it_is_legal(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, log_level="error", run_jobs=False)
    store = open_store(settings.store_url)
    load_reference(store, REFERENCE, 1.0)
    store.close()
    with TestClient(create_app(settings)) as client:
        [example] = client.get("/openapi.json").json()["components"]["schemas"]["VerifyRequest"]["examples"]
        verdict = client.post("/v1/verify", json=example).json()
        assert verdict["ok"], verdict["violations"]

"""Formats: what each writes and reads, and that one file and one entry of the tuple make a format."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app import exchange
from app.exchange import json_documents
from app.main import create_app
from app.schemas.documents import NetworkDocument
from app.settings import Settings
from app.world.examining import examine
from tests.app import world
from tests.app.cli.test_completion import completed
from tests.app.conftest import load
from tests.app.exchange import counts
from tests.app.serving import Served, served

#: What the format of the tests writes of the tiny world.
COUNTED = "nodes 2\nlinks 1\nsites 1\naccesses 1\n"


@pytest.fixture
def more(monkeypatch: pytest.MonkeyPatch) -> None:
    """One more entry in the tuple of formats, and nothing else."""
    monkeypatch.setattr(exchange, "FORMATS", (*exchange.FORMATS, counts.FORMAT))


@pytest.fixture
def serving(more: None, tmp_path: Path) -> Iterator[Served]:
    """A service that has the format of the tests, and knows the tiny world."""
    with served(Settings(data_dir=tmp_path, log_level="error", run_jobs=False)) as found:
        load(found.client)  # type: ignore[arg-type]
        yield found


def ran(base: str, *arguments: str, leaves_with: int = 0) -> str:
    """What a command line in a process of its own says of the service at an address."""
    environment = {**os.environ, "EDGEPLAN_SERVER": base, "COLUMNS": "200"}
    ended = subprocess.run([sys.executable, "-m", "app.cli", *arguments], env=environment, capture_output=True, text=True)
    assert ended.returncode == leaves_with, ended.stderr
    return ended.stderr if leaves_with else ended.stdout


def test_one_file_and_one_entry_are_exported_documented_and_offered(serving: Served) -> None:
    answer = serving.client.get("/v1/network/counts")
    assert (answer.status_code, answer.text) == (200, COUNTED)
    assert answer.headers["content-type"].startswith("text/plain")
    assert serving.client.get("/v1/network/counts", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304

    described = serving.client.get("/openapi.json").json()["paths"]["/v1/network/counts"]["get"]
    assert described["summary"] == "Export as Counts"
    assert described["description"] == counts.FORMAT.use
    assert set(described["responses"]["200"]["content"]) == {"text/plain"}

    listed = json.loads(ran(serving.base, "network", "formats", "--json"))["items"]
    assert {one["name"]: one["export"] for one in listed} == {
        "json": "/v1/network",
        "graphml": "/v1/network/graphml",
        "geojson": "/v1/network/geojson",
        "counts": "/v1/network/counts",
    }
    assert counts.FORMAT.use in ran(serving.base, "network", "formats")
    assert ran(serving.base, "network", "formats", "--csv").splitlines()[-1].startswith("counts,Counts,")
    assert ran(serving.base, "network", "export", "--format", "counts") == COUNTED
    assert "json, graphml, geojson, counts" in ran(serving.base, "network", "export", "--format", "shapefile", leaves_with=2)
    assert completed(serving.base, "network", "export", "--format", "co").split() == ["counts"]


def test_every_format_has_a_name_of_its_own() -> None:
    for field in ("name", "title", "suffix"):
        found = [getattr(one, field) for one in exchange.FORMATS]
        assert len(set(found)) == len(found)
    for one in exchange.FORMATS:
        assert one.name.isalnum()
        assert one.name == one.name.lower()
        assert one.suffix.startswith(".")
        assert one.write is not None or one.read is not None


@pytest.mark.parametrize("one", [one for one in exchange.FORMATS if one.read and one.write], ids=lambda one: one.name)
def test_what_a_format_writes_it_reads(one: Any) -> None:
    network = NetworkDocument.model_validate(world.NETWORK)
    reading = one.read(one.write(network))
    assert reading.faults == ()
    examined = examine(reading.documents, {"accelerators": ["card"]})
    assert examined.faults == ()
    assert examined.entities == {kind: getattr(network, kind) for kind in ("nodes", "links", "sites", "accesses")}


def test_a_file_of_several_documents_is_taken_apart() -> None:
    body = {"format": "edgeplan/1", "policies": world.POLICIES, "workloads": world.WORKLOADS, "terms": world.TERMS}
    reading = json_documents.read(json.dumps(body).encode())
    assert reading.documents == {
        "policies": {"format": "edgeplan/1", "policies": world.POLICIES},
        "workloads": {"format": "edgeplan/1", "workloads": world.WORKLOADS},
    }


@pytest.mark.parametrize(("data", "words"), [(b"[1]", "no JSON object"), (b"{", "line 1"), (b'{"a": 1, "a": 2}', "twice")])
def test_what_is_no_document_is_a_fault(data: bytes, words: str) -> None:
    reading = json_documents.read(data)
    assert reading.documents == {}
    assert words in reading.faults[0].message


def test_a_format_that_is_read_only_is_listed_and_not_exported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        exchange, "FORMATS", (*exchange.FORMATS, replace(counts.FORMAT, write=None, read=json_documents.read))
    )
    with TestClient(create_app(Settings(run_jobs=False))) as client:
        assert client.get("/v1/network/counts").status_code == 404
        listed = client.get("/v1/formats").json()[-1]
        assert (listed["name"], listed["export"], listed["reads"]) == ("counts", None, True)

"""A store of the version before is opened, and nobody who asks of it is told anything else than before.

`edition_one.json` is what that version wrote, row by row (`tables`), for a world in which two plans were applied, a site was
created with an `Idempotency-Key`, and a node drains; and what its API said of it (`said`, by path; `tags`; `keyed`).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, text

from app.clock import now_ms
from app.former import FORMER
from app.main import create_app
from app.settings import Settings
from app.store.migrations import configuration
from solver.rules.former import UNITS, account_of
from tests.app import world

WRITTEN: dict[str, Any] = json.loads((Path(__file__).parent / "edition_one.json").read_text())
SITE = {**world.SITES[0], "id": "another"}


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A service on the store that the version before has left. What tests change is not what others look at."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("old"), run_jobs=False, log_level="error")
    fill(settings.store_url)
    with TestClient(create_app(settings), base_url="http://localhost") as client:
        yield client


def fill(url: str) -> None:
    """Make the tables of the version before, and write its rows into them."""
    engine = create_engine(url)
    with engine.begin() as connection:
        config = configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, "0008")
        for table, rows in WRITTEN["tables"].items():
            connection.execute(text(f"DELETE FROM {table}"))
            for row in rows:
                names = ", ".join(f'"{name}"' for name in row)
                values = ", ".join(f":{name}" for name in row)
                connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), bound(row))
        # An answer is kept for a day.
        connection.execute(text("UPDATE answered SET at_ms = :now"), {"now": now_ms()})
    engine.dispose()


def bound(row: dict[str, Any]) -> dict[str, Any]:
    """A row as the driver takes it."""
    return {name: base64.b64decode(value["base64"]) if isinstance(value, dict) else value for name, value in row.items()}


def as_now(said: Any) -> Any:
    """What was said, with the names of money and the accounts of now."""
    if isinstance(said, list):
        return [as_now(one) for one in said]
    if not isinstance(said, dict):
        return said
    now = {FORMER.get(name, name): as_now(value) for name, value in said.items()}
    if now.keys() >= {"rule", "key", "resource", "unit"}:
        account = account_of(now["rule"], now.pop("key"), now["resource"], now["unit"])
        now |= {"resource": account.resource, "unit": account.unit, "subject": dict(account.subject)}
    elif "resource" in now and "unit" in now:
        now["unit"] = UNITS.get(now["unit"], now["unit"])
    return now


def in_order(said: Any) -> Any:
    """What is said, with accounts in an order that does not depend on how their subjects are written."""
    if isinstance(said, dict):
        return {name: in_order(value) for name, value in said.items()}
    if isinstance(said, list):
        ordered = [in_order(one) for one in said]
        accounts = ordered and all(isinstance(one, dict) and "subject" in one for one in ordered)
        return sorted(ordered, key=lambda one: json.dumps([one["subject"], one["resource"]])) if accounts else ordered
    return said


def shared(said: Any, other: Any) -> Any:
    """What is said, without the fields that the other does not have."""
    if isinstance(said, dict) and isinstance(other, dict):
        return {name: shared(said[name], other[name]) for name in said.keys() & other.keys()}
    if isinstance(said, list) and isinstance(other, list) and len(said) == len(other):
        return [shared(*both) for both in zip(said, other, strict=True)]
    return said


def test_every_table_had_something_in_it() -> None:
    assert [table for table, rows in WRITTEN["tables"].items() if not rows] == []


@pytest.mark.parametrize("path", WRITTEN["said"])
def test_it_is_told_as_before(old: TestClient, path: str) -> None:
    was, now = as_now(WRITTEN["said"][path]), old.get(path).json()
    was, now = in_order(was), in_order(now)
    assert shared(now, was) == shared(was, now)


def test_the_history_says_that_the_operator_did_it_here(old: TestClient) -> None:
    for path in ("/v1/changes?since=0", "/v1/plans", "/v1/allocations/history", "/v1/allocations/changes?since=0"):
        rows = old.get(path).json()["items"]
        assert rows
        assert {(row["tenant"], row["actor"]) for row in rows} == {("operator", "local")}
    revisions = {(row["id"], row["action"]): row["revision"] for row in old.get("/v1/changes?since=0").json()["items"]}
    assert revisions["centre", "draining"] == int(WRITTEN["tags"]["/v1/nodes/centre"].strip('"'))
    assert revisions["*", "replaced"] is None


def test_what_was_asked_with_a_key_is_answered_as_the_first_time(old: TestClient) -> None:
    before = old.get("/v1/generation").json()
    again = old.post("/v1/sites", json=SITE, headers={"Idempotency-Key": "first-site"})
    first = WRITTEN["keyed"]
    assert (again.status_code, again.json(), again.headers["etag"]) == (first["status"], first["body"], first["etag"])
    assert old.get("/v1/generation").json() == before
    other = old.post("/v1/sites", json={**SITE, "id": "other"}, headers={"Idempotency-Key": "first-site"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key.reused")


def test_what_ran_before_can_be_gone_back_to(old: TestClient) -> None:
    back = old.post("/v1/allocations/history/latest/restore", json={"moment": "before"})
    assert back.status_code == 201, back.text
    comparison = old.get(f"/v1/plans/{back.json()['id']}/comparison").json()
    assert (comparison["ended"], comparison["kept"]) == (1, 1)
    assert old.delete(f"/v1/plans/{back.json()['id']}").status_code == 204


def test_tags_that_clients_hold_are_accepted(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, run_jobs=False, log_level="error")
    fill(settings.store_url)
    with TestClient(create_app(settings), base_url="http://localhost") as client:
        for path, tag in WRITTEN["tags"].items():
            assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
        for path, tag in WRITTEN["tags"].items():
            changed = client.patch(path, json={"note": "since"}, headers={"If-Match": tag})
            assert changed.status_code == 200, (path, changed.text)
            assert changed.headers["etag"] == f'"{int(tag.strip(chr(34))) + 1}"'
            assert client.patch(path, json={"note": "late"}, headers={"If-Match": tag}).status_code == 412

"""What was written while fields of money were named after the won is still read: bodies, files, and stores."""

from __future__ import annotations

import json
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.errors import Unreadable
from app.former import FORMER, MARK, renewed, renewed_within
from app.main import create_app
from app.schemas.reading import parsed
from app.settings import Settings
from tests.app import world
from tests.app.conftest import refused
from tests.app.test_keeping import edgeplan

FILES = Path(__file__).parent / "former"
#: A workload under the names of then.
OF_THEN = {"value_krw_month" if name == "value_month" else name: value for name, value in world.CAMERAS.items()}
CAMERAS = {**OF_THEN, "value_krw_month": 5, "move_cost_krw": 7}
#: A text of the store of then that looks like a field.
SAID = 'by hand, as "value_krw_month": 1 is'
#: What was asked with the key that the store of then has.
ONCE = {**OF_THEN, "move_cost_krw": 70_000}
JSON = {"Content-Type": "application/json"}
EURO = {"currency": "EUR", "per_unit": 100}


def test_a_network_of_then_is_answered_under_the_names_of_now(empty: TestClient) -> None:
    assert empty.put("/v1/catalogue", json=world.CATALOGUE).status_code == 200
    assert empty.put("/v1/network", content=(FILES / "network.json").read_bytes(), headers=JSON).status_code == 200
    answered = empty.get("/v1/network").json()
    assert MARK not in json.dumps(answered).replace("not price_krw_month", "")
    node, link = next(one for one in answered["nodes"] if one["id"] == "hub"), answered["links"][0]
    assert (node["vcpu_price_month"], node["memory_price_gib_month"], node["power_price_kwh"]) == (8_000, 1_200, 182)
    assert node["pools"][0]["price_month"] == 900_000
    assert node["provenance"][0]["fields"] == ["pools.price_month", "power_price_kwh"]
    assert (link["price_gbps_month"], link["price_back_gbps_month"]) == (60_000, 30_000)
    assert answered["money"] == {"currency": "KRW", "per_unit": 1}


def test_every_body_may_have_the_names_of_then(client: TestClient) -> None:
    made = client.post("/v1/workloads", json=CAMERAS).json()
    assert (made["value_month"], made["move_cost"]) == (5, 7)
    changed = client.patch("/v1/workloads/cameras", json={"value_krw_month": 6}).json()
    assert changed["value_month"] == 6
    assert client.get("/v1/workloads", params={"sort": "-value_krw_month"}).json()["items"][0]["id"] == "cameras"
    pools = [{"accelerator": "card", "count": 1, "price_krw_month": 3}]
    asked = {
        **world.request({**CAMERAS, "id": "given"}),
        "what_if": {"nodes": [{"id": "hub", "power_price_krw_kwh": 9, "pools": pools}]},
    }
    assert client.post("/v1/plans", json=asked).status_code == 202
    workloads = {"workloads": {"workloads": [CAMERAS]}}
    assert client.post("/v1/import", json=workloads).status_code == 200
    assert client.get("/v1/workloads/cameras").json()["value_month"] == 5


def test_one_field_under_both_names_is_refused(client: TestClient) -> None:
    both = {"workloads": [{**CAMERAS, "value_month": 5}]}
    problem = refused(client.put("/v1/workloads", json=both), 400, "body.unreadable")
    [fault] = problem["errors"]
    assert fault["field"] == "workloads[0].value_month"
    assert fault["message"] == "an object says 'value_month' twice, once by its former name 'value_krw_month'"
    for twice in ('{"move_cost": 1, "move_cost_krw": 1}', '{"cost_krw_month": 1, "krw_month": 1}'):
        with pytest.raises(Unreadable):
            parsed(twice.encode())


def test_names_that_speak_of_won_are_refused_where_money_is_another(client: TestClient) -> None:
    assert client.put("/v1/network", json={**world.NETWORK, "money": EURO}).status_code == 200
    for answer in (
        client.post("/v1/workloads", json=CAMERAS),
        client.patch("/v1/nodes/hub", json={"vcpu_price_krw_month": 1}),
        client.put("/v1/network", content=(FILES / "network.json").read_bytes(), headers=JSON),
        client.post("/v1/import", json={"workloads": {"workloads": [CAMERAS]}}),
        client.post("/v1/plans", json=world.request(CAMERAS)),
    ):
        problem = refused(answer, 422, "invalid")
        assert problem["detail"] == "Amounts in won are not taken: the network counts in EUR/100."
        assert all(fault["field"] in FORMER for fault in problem["errors"])
    assert client.post("/v1/workloads", json=world.CAMERAS).status_code == 201
    said = {
        "catalogue": world.CATALOGUE,
        "network": {**json.loads((FILES / "network.json").read_text()), "money": EURO},
        "fresh": True,
    }
    refused(client.post("/v1/import", json=said), 422, "invalid")


def test_a_store_of_the_version_before_is_read(settings: Settings) -> None:
    file = Path(settings.store_url.removeprefix("sqlite:///"))
    file.unlink()
    with closing(sqlite3.connect(file)) as db:
        db.executescript((FILES / "store-0008.sql").read_text())
    with TestClient(create_app(settings)) as client:
        hub, centre = client.get("/v1/nodes/hub").json(), client.get("/v1/nodes/centre").json()
        assert (hub["power_price_kwh"], hub["pools"][0]["price_month"], centre["vcpu_price_month"]) == (182, 900_000, 8_000)
        assert hub["provenance"][0] == {
            "fields": ["pools.price_month", "power_price_kwh"], "basis": "estimated", "source": SAID,
        }  # fmt: skip
        changed = client.get("/v1/changes", params={"kind": "nodes"}).json()["items"][-1]
        assert [changed[at]["vcpu_price_month"] for at in ("before", "after")] == [0, 8_000]
        what_if, plan = client.get("/v1/plans").json()["items"]
        for one in (what_if, plan):
            read = client.get(f"/v1/plans/{one['id']}").json()["result"]
            assert read["money"] == {"currency": "KRW", "per_unit": 1}
            assert sum(goal["cost_month"] for goal in read["cost_by_goal"]) == read["cost"] == read["summary"]["cost_month"]
        asked = client.get(f"/v1/plans/{what_if['id']}/request").json()
        assert asked["what_if"]["nodes"][0]["pools"][0]["price_month"] == 5
        assert asked["workloads"][0]["value_month"] == 50_000_000
        told = client.get(f"/v1/plans/{plan['id']}/explanations/cameras").json()
        assert told["placed"][0]["cost_by_goal"][0]["cost_month"] > 0
        assert client.get("/v1/allocations/summary").json()["standing"]["cost_month"] == plan["result"]["cost"]
        again = client.post("/v1/workloads", json=ONCE, headers={"Idempotency-Key": "once"})
        assert (again.status_code, again.json()["move_cost"]) == (201, 70_000)
    with closing(sqlite3.connect(file)) as db:
        texts = [text for text in db.iterdump() if MARK in text.replace(json.dumps(SAID), "")]
        assert texts == []
        assert all(
            MARK not in zlib.decompress(body).decode().replace(json.dumps(SAID), "")
            for (body,) in db.execute("SELECT body FROM snapshot")
        )


def test_files_of_then_are_judged_by_the_command_line(tmp_path: Path) -> None:
    for name, body in (("catalogue", world.CATALOGUE), ("policies", {"policies": world.POLICIES})):
        (tmp_path / f"{name}.json").write_text(json.dumps(body))
    (tmp_path / "network.json").write_text((FILES / "network.json").read_text())
    assert ": valid." in edgeplan("network", "check", tmp_path).output
    network: dict[str, Any] = json.loads((FILES / "network.json").read_text())
    (tmp_path / "network.json").write_text(json.dumps({**network, "money": EURO}))
    said = edgeplan("network", "check", tmp_path)
    assert said.exit_code == 1
    assert "speaks of won, and the network counts in EUR/100" in said.stderr


@pytest.mark.parametrize(
    ("text", "now"),
    [
        ('{"value_krw_month": 1, "krw_month":2}', '{"value_month": 1, "cost_month":2}'),
        (r'{"note": "say \"krw_month\": 1", "name": "krw_month"}', r'{"note": "say \"krw_month\": 1", "name": "krw_month"}'),
        ('{"fields": ["pools.price_krw_month", "id"]}', '{"fields": ["pools.price_month", "id"]}'),
        ('{"my_value_krw_month": 1}', '{"my_value_krw_month": 1}'),
    ],
)
def test_only_names_of_fields_are_renewed(text: str, now: str) -> None:
    assert renewed(text) == now
    assert renewed(now) == now


def test_what_a_file_says_is_renewed_within() -> None:
    used: set[str] = set()
    said = {"nodes": [{"pools": [{"price_krw_month": 1}]}], "krw_month": 1, "cost_month": 2}
    assert renewed_within(said, used) == {"nodes": [{"pools": [{"price_month": 1}]}], "krw_month": 1, "cost_month": 2}
    assert used == {"price_krw_month"}

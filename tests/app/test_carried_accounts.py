"""A store whose accounts are named by keys, as the version before wrote it, is read as structured accounts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from alembic import command
from fastapi.testclient import TestClient
from sqlalchemy import Connection, create_engine, text

from app.main import create_app
from app.settings import Settings
from app.store.migrations import configuration
from app.store.migrations.carry import accounts
from tests.app import world
from tests.app.conftest import load, planned

UNITS = {
    "card_milli": "thousandths of a card", "vcpu_milli": "thousandths of a vCPU", "cell_milli": "thousandths of a cell",
    "mib": "MiB", "w": "W", "kbps": "kbit/s",
}  # fmt: skip
WORDS = {"node": ("node", "node"), "site": ("site", "place"), "metro": ("metro", "metro area")}
#: A group whose name reads like a key.
GROUP = "A in metro B"


@contextmanager
def at_0008(settings: Settings) -> Iterator[Connection]:
    """The database of a service that has stopped, brought to the schema of the version before."""
    engine = create_engine(settings.store_url)
    with engine.begin() as connection:
        config = configuration()
        config.attributes["connection"] = connection
        command.downgrade(config, "0008")
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def worded(use: dict[str, Any]) -> dict[str, Any]:
    """A use or a price as the version before named it."""
    subject, resource = use["subject"], use["resource"]
    key = "/".join(subject.values())
    if use["rule"] == "link_capacity":
        key = f"{subject['link']}>{subject['direction']}"
    elif use["rule"] == "anti_affinity":
        domain = next(name for name in subject if name != "group")
        word, resource = WORDS[domain]
        key = f"{subject['group']} in {word} {subject[domain]}"
    elif use["rule"] == "share_cap":
        [(party, name)] = subject.items()
        key, resource = f"{party} {name}", f"{resource.replace('_', ' ')} of {party}s"
    rest = {name: value for name, value in use.items() if name not in ("rule", "resource", "unit", "subject")}
    return {"rule": use["rule"], "key": key, "resource": resource, "unit": UNITS.get(use["unit"], use["unit"]), **rest}


def former_result(result: dict[str, Any]) -> dict[str, Any]:
    """The result of a plan in the words of the version before."""
    summary = dict(result["summary"])
    for name in ("use_by_tier", "use_by_province"):
        summary[name] = [{**use, "unit": UNITS.get(use["unit"], use["unit"])} for use in summary[name]]
    summary["tightest"] = [worded(use) for use in summary["tightest"]]
    return {**result, "prices": [worded(price) for price in result["prices"]], "summary": summary}


@pytest.fixture
def told(settings: Settings) -> dict[str, Any]:
    """What a service says of a plan that it has applied, before its store is brought to the form of the version before."""
    cap = {"of": "owner", "permille": 1000}
    with TestClient(create_app(settings)) as client:
        load(client)
        apart = [world.workload(f"fleet-{n}", spread_group=GROUP, spread_over="metro") for n in range(2)]
        more = [world.workload(f"more-{n}", value_month=10_000_000 + n) for n in range(8)]
        plan = planned(client, *apart, *more, terms={**world.TERMS, "share_caps": [cap]})
        assert client.post(f"/v1/plans/{plan['id']}/apply").status_code == 200
        said = read(client, plan["id"])
    assert {use["rule"] for use in said["uses"]} == {
        "access_capacity", "anti_affinity", "link_capacity", "node_capacity", "share_cap",
    }  # fmt: skip
    assert said["plan"]["result"]["prices"]
    with at_0008(settings) as connection:
        insert = (
            "INSERT INTO usage (plan_id, rule, key, resource, unit, used, capacity) "
            "VALUES (:plan, :rule, :key, :resource, :unit, :used, :capacity)"
        )
        for use in said["uses"]:
            former = {name: value for name, value in worded(use).items() if name != "used_permille"}
            connection.execute(text(insert), {"plan": plan["id"], **former})
        for table, column in (("plan", "result"), ("summary", "body")):
            body = json.loads(connection.execute(text(f"SELECT {column} FROM {table}")).scalar_one())
            former = former_result(body) if column == "result" else former_result({"prices": [], "summary": body})["summary"]
            connection.execute(text(f"UPDATE {table} SET {column} = :body"), {"body": json.dumps(former)})
            assert "card_milli" not in json.dumps(former)
    return said


def read(client: TestClient, plan: str) -> dict[str, Any]:
    """What a service says of a plan and of what is in force."""
    return {
        "plan": client.get(f"/v1/plans/{plan}").json(),
        "uses": client.get(f"/v1/plans/{plan}/usage", params={"limit": 1000}).json()["items"],
        "capacity": client.get("/v1/capacity", params={"plan": plan}).json(),
        "standing": client.get("/v1/capacity").json(),
        "cards": client.get(f"/v1/plans/{plan}/card-savings").json(),
        "summary": client.get("/v1/allocations/summary").json(),
    }


def test_what_the_version_before_stored_is_told_as_it_was(
    settings: Settings, told: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "_AT_ONCE", 3)
    plan = told["plan"]["id"]
    with TestClient(create_app(settings)) as client:
        again = read(client, plan)
        groups = client.get(f"/v1/plans/{plan}/usage", params={"group": GROUP}).json()["items"]
        link = client.get("/v1/allocations/usage", params={"link": "hub-centre"}).json()["items"]
    for part, before in told.items():
        assert again[part] == before, part
    assert {use["subject"]["metro"] for use in groups} <= {"busan", "sejong"}
    assert {use["subject"]["group"] for use in groups} == {GROUP}
    assert [use["subject"]["direction"] for use in link] == ["centre", "hub"]

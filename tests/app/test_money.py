"""What the network counts money in: said by it, carried with it, changed only with all that is counted."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from app.cli.views.parts.words import a_month, counting, currency, difference, money
from solver.facts.money import Money
from tests.app import world
from tests.app.conftest import refused

WON, EURO = {"currency": "KRW", "per_unit": 1}, {"currency": "EUR", "per_unit": 100}
NETWORK = {**world.NETWORK, "money": EURO}


def test_a_network_counts_in_won_until_it_says_otherwise(client: TestClient) -> None:
    assert client.get("/v1/system").json()["money"] == client.get("/v1/network").json()["money"] == WON
    assert client.put("/v1/network", json=NETWORK).json()["generation"] == 4
    assert client.get("/v1/system").json()["money"] == client.get("/v1/network").json()["money"] == EURO
    [changed] = [one for one in client.get("/v1/changes").json()["items"] if one["id"] == "money"]
    assert (changed["before"], changed["after"]) == (WON, EURO)
    # What it says itself it takes back unchanged; who says nothing of it changes nothing.
    for again in (client.get("/v1/network").json(), world.NETWORK):
        assert client.put("/v1/network", json=again).json()["generation"] == 4
    assert client.get("/v1/system").json()["money"] == EURO
    told = client.get("/metrics").text
    assert re.search(r'^edgeplan_allocation_cost_month\{currency="EUR"\} 0\.0$', told, re.MULTILINE)


def test_it_is_not_changed_under_what_was_counted_before(client: TestClient) -> None:
    assert client.post("/v1/workloads", json=world.CAMERAS).status_code == 201
    problem = refused(client.put("/v1/network", json=NETWORK), 409, "in_use")
    assert problem["errors"][0]["field"] == "network.money"
    assert client.get("/v1/system").json()["money"] == WON
    both = {"network": NETWORK, "workloads": {"workloads": [world.CAMERAS]}}
    assert client.post("/v1/import", json=both).status_code == 200
    assert client.get("/v1/system").json()["money"] == EURO
    everything = {"catalogue": world.CATALOGUE, "network": world.NETWORK, "fresh": True}
    assert client.post("/v1/import", json=everything).status_code == 200
    assert client.get("/v1/system").json()["money"] == WON


@pytest.mark.parametrize("money", [{"currency": "euro"}, {"currency": "EUR", "per_unit": 0}, {"unit": "EUR"}])
def test_no_other_unit_is_one(client: TestClient, money: object) -> None:
    refused(client.put("/v1/network", json={**world.NETWORK, "money": money}), 422, "invalid")


def test_amounts_are_said_in_it() -> None:
    assert (Money().said(1_234_567), Money("EUR", 100).said(1_234_567)) == ("1,234,567 won", "12,345.67 EUR")
    assert (a_month(1_234_567), difference(-1_000), difference(0)) == ("1,234,567 won a month", "-1,000", "0")
    asked: list[int] = []

    def ask() -> object:
        asked.append(1)
        return EURO

    with counting(ask):  # type: ignore[arg-type]
        assert (currency(), money(None), difference(100)) == ("EUR", "", "+1.00")
        assert a_month(1_234_567) == "12,345.67 EUR a month"
    assert (currency(), asked) == ("won", [1])

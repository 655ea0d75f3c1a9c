"""Stores of the version before, and money in another currency, as the command line shows them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.app import world
from tests.app.cli.conftest import asking, document, served, told

STORE = Path(__file__).parents[1] / "former" / "store-0008.sql"


def test_a_store_of_the_version_before_is_shown(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "edgeplan.db")) as db:
        db.executescript(STORE.read_text())
    with served(tmp_path, EDGEPLAN_RUN_JOBS="false") as client:
        ask = asking(client)
        plan = client.get("/v1/plans").json()["items"][-1]["id"]
        assert "1,548,343 won a month" in told(ask("plan", "show", plan))
        result = document(ask("plan", "show", plan, "--json"))["result"]
        assert sum(goal["cost_month"] for goal in result["cost_by_goal"]) == 1_548_343
        assert "won a month" in told(ask("allocation", "show"))


def test_amounts_are_shown_in_what_the_network_counts_in(tmp_path: Path) -> None:
    network = {**world.NETWORK, "money": {"currency": "EUR", "per_unit": 100}}
    with served(tmp_path, EDGEPLAN_RUN_JOBS="false") as client:
        fresh = {"network": network, "catalogue": world.CATALOGUE, "policies": {"policies": world.POLICIES}, "fresh": True}
        assert client.post("/v1/import", json=fresh).status_code == 200
        assert client.post("/v1/plans", json=world.request(world.CAMERAS)).status_code == 202
        shown = told(asking(client)("plan", "list"))
        assert "cost, EUR a month" in shown
        exported = tmp_path / "exported"
        told(asking(client)("network", "export", "--out", exported))
        assert '"currency":"EUR"' in exported.read_text().replace(": ", ":")

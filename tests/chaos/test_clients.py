"""What clients ask the verifier is what applying a plan would do, also when others have changed the world since."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.app import world
from tests.chaos.asking import Asker, Notes
from tests.chaos.clients import judge_as_applied
from tests.chaos.history import Body
from tests.chaos.services import Process, running, until


class Office:
    """One planner at a service with two nodes and three fleets that want one card each."""

    def __init__(self, asker: Asker) -> None:
        self.ask = asker.ask
        told = {
            "catalogue": world.CATALOGUE,
            "network": world.NETWORK,
            "policies": {"policies": world.POLICIES},
            "workloads": {"workloads": [world.workload(name) for name in ("first", "second", "third")]},
        }
        assert asker.ask("POST", "/v1/import", {**told, "fresh": True}).done

    def cards(self, **counts: int) -> None:
        """So many cards at each node."""
        for node, count in counts.items():
            pools = [{"accelerator": "card", "count": count, "price_month": 600_000}]
            assert self.ask("PATCH", f"/v1/nodes/{node}", {"pools": pools}).done

    def plan(self, *names: str, running: str) -> tuple[str, Body]:
        """The plan of a request, once it has ended, and the request."""
        body: Body = {
            "workload_ids": list(names), "terms": world.TERMS, "limits": {"seconds": 20}, "scope": {"running": running}
        }  # fmt: skip
        id = self.ask("POST", "/v1/plans", body).answer["id"]
        until(lambda: self.ask("GET", f"/v1/plans/{id}").answer["finished_at"], f"plan {id} does not end")
        return id, body

    def apply(self, id: str) -> Any:
        """The status of applying a plan to whatever the world is by now."""
        return self.ask("POST", f"/v1/plans/{id}/apply", {"on_stale": "reverify"}).status

    def where(self) -> dict[str, str]:
        """The node of each fleet that runs."""
        rows = self.ask("GET", "/v1/allocations?limit=1000").answer["items"]
        return {row["workload"]: row["node"] for row in rows if row["node"] is not None}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """A service that each test tells its own world."""
    service = Process(tmp_path_factory.mktemp("clients"))
    with running(service):
        yield service


@pytest.mark.slow
@pytest.mark.parametrize(("asked", "scope"), [(("first", "second"), "repair"), (("second",), "move")])
def test_what_a_plan_left_alone_is_judged_where_it_is_by_now(service: Process, asked: tuple[str, ...], scope: str) -> None:
    """The plan puts the second fleet on one node and leaves the first on the other, whose only card the third has by now."""
    notes = Notes()
    with closing(Asker("planner", service.port, notes)) as asker:
        office = Office(asker)
        office.cards(hub=1, centre=0)
        assert office.apply(office.plan("first", running="keep")[0]) == 200
        office.cards(centre=1)
        stale, body = office.plan(*asked, running=scope)
        office.cards(hub=0)
        assert office.apply(office.plan("first", running="keep")[0]) == 200
        office.cards(hub=1)
        assert office.apply(office.plan("third", running="keep")[0]) == 200
        office.cards(centre=2)
        judge_as_applied(asker, f"/v1/plans/{stale}", stale, body)
        assert notes.calls[-1].answer["ok"], notes.calls[-1].answer["violations"]
        assert office.apply(stale) == 200
        assert office.where() == {"first": "centre", "second": "centre", "third": "hub"}

"""The picture of everything stored, of which only what has changed is read anew."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.identity.caller import LOCAL
from app.service.cache import Cache
from app.service.entities import change, set_state
from app.service.worlds import Worlds, read_world
from app.store.port import Store
from app.store.sql_allocation import SqlAllocation
from app.store.sql_entities import SqlEntities
from solver import Problem
from solver.facts.network import NodeState
from tests.app import world
from tests.app.conftest import planned


@pytest.fixture
def store(client: TestClient) -> Store:
    """The store of the service, which knows the tiny world."""
    kept: Store = client.app.state.context.store  # type: ignore[attr-defined]
    return kept


def test_the_picture_is_what_is_stored_after_every_change(client: TestClient, store: Store) -> None:
    worlds = Worlds(store)

    def changed(answer: Any) -> None:
        assert answer.status_code < 300, answer.text
        with store.reading() as session:
            whole = read_world(session)
            assert worlds.entities(session).generation == whole.generation
        assert worlds.newest() == whole
        assert worlds.newest().network == whole.network
        assert worlds.newest().catalogue == whole.catalogue

    def apply(*workloads: dict[str, Any], **more: Any) -> None:
        changed(client.post(f"/v1/plans/{planned(client, *workloads, **more)['id']}/apply"))

    apply(*world.WORKLOADS)
    changed(client.post("/v1/nodes/hub/fail"))
    changed(client.post("/v1/nodes/hub/activate"))
    changed(client.put("/v1/policies", json={"policies": [*world.POLICIES, {"id": "strict", "name": "Strict"}]}))
    changed(client.patch("/v1/links/hub-centre", json={"latency_us": 900}))
    changed(client.patch("/v1/workloads/cameras", json={"rate_mhz": 900}))
    changed(client.patch("/v1/accelerators/card", json={"note": "newer"}))
    changed(client.patch("/v1/sites/plant", json={"note": "older"}))
    changed(client.post("/v1/sites", json={**world.NETWORK["sites"][0], "id": "another"}))
    changed(client.delete("/v1/sites/another"))
    changed(client.post("/v1/sites", json={**world.NETWORK["sites"][0], "id": "another", "note": "again"}))
    apply(*world.WORKLOADS)
    changed(client.post("/v1/import", json={"workloads": {"workloads": []}, "may_end": True}))
    assert not worlds.newest().running


def test_what_has_not_changed_is_not_read_again(client: TestClient, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    # Of as few nodes as these a quarter is less than one.
    monkeypatch.setattr("app.service.worlds._MOST_CHANGED", 1.0)
    worlds = Worlds(store)
    before = worlds.newest()
    nodes = before.network.nodes
    client.post("/v1/nodes/hub/drain").raise_for_status()
    read: list[tuple[str, list[str]]] = []
    bodies = SqlEntities.bodies

    def noted(self: SqlEntities, kind: str, ids: Any) -> Any:
        read.append((kind, ids))
        return bodies(self, kind, ids)

    monkeypatch.setattr(SqlEntities, "bodies", noted)
    monkeypatch.setattr(SqlEntities, "page", lambda *given: pytest.fail("read whole"))
    after = worlds.newest()
    assert {node.id: node.state for node in after.nodes}["hub"] == "draining"
    assert read == [("nodes", ["hub"])]
    assert after.links is before.links
    same = [one is other for one, other in zip(nodes, after.network.nodes, strict=True)]
    assert same == [node.id != "hub" for node in after.nodes]


@pytest.fixture
def cache(store: Store, client: TestClient) -> Cache:
    """A cache of the store, in which something runs."""
    client.post(f"/v1/plans/{planned(client, *world.WORKLOADS)['id']}/apply").raise_for_status()
    return Cache.of(store)


def whatever(revision: int) -> bool:
    return True


def test_what_a_change_makes_of_the_rows_is_kept_once_it_is_committed(
    cache: Cache, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = SqlAllocation.rows

    def check() -> None:
        with store.reading() as session, monkeypatch.context() as quiet:
            there = stored(session.allocation)  # type: ignore[arg-type]
            quiet.setattr(SqlAllocation, "rows", lambda *given: pytest.fail("read again"))
            assert list(cache.worlds.rows(session)) == there
        fresh = Cache.of(store)
        assert cache.pictures.of() == fresh.pictures.of()

    with store.reading() as session:
        before = cache.worlds.rows(session)
    node = next(row.decision.node for row in before if row.decision.workload == "cameras")
    assert node is not None
    set_state(cache, LOCAL, node, NodeState.FAILED, None, whatever)
    check()
    with store.reading() as session:
        assert cache.worlds.rows(session) != before
    set_state(cache, LOCAL, node, NodeState.ACTIVE, None, whatever)
    check()
    change(cache, LOCAL, "workloads", "cameras", {"devices": 9}, whatever)
    check()
    change(cache, LOCAL, "links", "hub-centre", {"latency_us": 900_000}, whatever)
    check()


def test_a_change_that_is_taken_back_leaves_no_trace(cache: Cache, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    before = cache.pictures.of()
    with store.reading() as session:
        node = cache.worlds.rows(session)[0].decision.node
    assert node is not None
    with monkeypatch.context() as broken:
        broken.setattr("app.service.entities.tell_states", lambda *given: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            set_state(cache, LOCAL, node, NodeState.FAILED, None, whatever)
    with store.reading() as session:
        assert list(cache.worlds.rows(session)) == session.allocation.rows()
    assert cache.pictures.of() is before
    # Another change makes the generation that the first one would have made.
    set_state(cache, LOCAL, node, NodeState.DRAINING, None, whatever)
    with store.reading() as session:
        assert list(cache.worlds.rows(session)) == session.allocation.rows()
    assert cache.pictures.of() == Cache.of(store).pictures.of()


def test_what_is_equal_is_posed_once(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settling a change poses what is in force; its picture is made from that."""
    posed: list[Problem] = []

    def counted(**given: Any) -> Problem:
        posed.append(Problem(**given))
        return posed[-1]

    monkeypatch.setattr("app.service.posing.Problem", counted)
    cache.pictures.of()
    assert len(posed) == 1
    node = posed[0].workloads[0].runs_at(0)
    set_state(cache, LOCAL, node, NodeState.DRAINING, None, whatever)
    cache.pictures.of()
    assert len(posed) == 2
    assert posed[0].workloads is posed[1].workloads

"""What ran before can be gone back to, exactly or with what is lost named; nobody else is touched."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from app.service import recall
from app.service.recall import Stood, Waiting
from app.service.retention import RetentionLimits, sweep
from app.settings import Settings
from solver.facts.difference import Shard
from solver.facts.placement import Placement, Slot
from tests.app import world
from tests.app.conftest import planned, raced, refused

HISTORY = "/v1/allocations/history"


def applied(client: TestClient, *workloads: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Ask for a plan, and put it in force."""
    plan = planned(client, *workloads, **more)
    return put(client, plan["id"])


def put(client: TestClient, plan: str, **how: Any) -> dict[str, Any]:
    answer = client.post(f"/v1/plans/{plan}/apply", json=how)
    assert answer.status_code == 200, answer.text
    done: dict[str, Any] = answer.json()
    return done


def restored(client: TestClient, generation: int | str = "latest", **how: Any) -> dict[str, Any]:
    """A plan of what ran."""
    answer = client.post(f"{HISTORY}/{generation}/restore", json=how)
    assert answer.status_code == 201, answer.text
    plan: dict[str, Any] = answer.json()
    assert answer.headers["Location"] == f"/v1/plans/{plan['id']}"
    assert (plan["status"], plan["what_if"]) == ("finished", False)
    return plan


def runs(client: TestClient) -> dict[tuple[str, int], tuple[Any, ...]]:
    """All that is in force, shard by shard, as it is in force."""
    names = ("status", "node", "profile", "servers", "cards", "route", "batch_limit", "policy")
    items = client.get("/v1/allocations").json()["items"]
    return {(row["workload"], row["shard"]): tuple(map(str, (row[name] for name in names))) for row in items}


def records(client: TestClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(HISTORY).json()["items"]
    return found


def test_undoing_the_last_apply_puts_back_exactly_what_ran(client: TestClient) -> None:
    """It placed two (one of them in vain) and moved one: each is as it was, and what it was not about stays."""
    applied(client, world.CAMERAS, world.NIGHT_CAMERAS, world.workload("third"))
    before = runs(client)
    assert client.post("/v1/nodes/centre/drain").status_code == 200
    away = planned(client, world.CAMERAS, world.workload("fourth"), world.STOP_BUTTON)
    assert client.post("/v1/nodes/centre/activate").status_code == 200
    plan = put(client, away["id"], on_stale="reverify")
    assert (plan["placed"], plan["moved"], plan["unplaced"]) == (1, 1, 1)
    middle = runs(client)
    assert middle != before
    back = restored(client, moment="before")
    assert back["result"]["restored"]["moment"] == "before"
    assert back["result"]["restored"]["generation"] == plan["generation"]
    assert (back["result"]["restored"]["left_out_shards"], back["result"]["restored"]["stays_shards"]) == (0, 0)
    assert runs(client) == middle, "a plan changes nothing until it is applied"
    told = client.get(f"/v1/plans/{back['id']}/comparison").json()
    assert (told["ended"], told["moved"], told["placed"], told["kept"]) == (1, 1, 0, 2)
    done = put(client, back["id"])
    assert (done["ended"], done["moved"], done["placed"], done["reverified"]) == (1, 1, 0, False)
    assert runs(client) == before
    # Undoing that does what was undone once more.
    put(client, restored(client, moment="before")["id"])
    assert runs(client) == middle


def test_a_plan_that_takes_shards_out_of_force_is_read_everywhere(client: TestClient) -> None:
    applied(client, world.CAMERAS)
    applied(client, world.workload("third"))
    back = restored(client, moment="before")
    of_plan = f"/v1/plans/{back['id']}"
    assert [row["status"] for row in client.get(f"{of_plan}/decisions").json()["items"]].count("ended") == 1
    drawn = client.get(f"/v1/map/plans/{back['id']}").json()
    assert [drawn["statuses"][one] for one in drawn["shards"]["status"]].count("ended") == 1
    parts = ("usage", "unplaced", "comparison", "sites", "card-savings", "progress", "explanations/third")
    for path in (of_plan, *(f"{of_plan}/{part}" for part in parts), f"/v1/capacity?plan={back['id']}"):
        answer = client.get(path)
        assert answer.status_code in (200, 404, 409), (path, answer.text)


def test_what_an_apply_ended_returns(client: TestClient) -> None:
    applied(client, world.CAMERAS, world.workload("cheap", value_month=3_000_000))
    before = runs(client)
    rich = [world.workload(f"rich-{n}", tiers=["regional"], value_month=90_000_000) for n in range(4)]
    client.patch("/v1/nodes/hub", json={"pools": []})
    ended = applied(client, *rich, scope={"running": "preempt"})
    assert ended["ended"] >= 1
    assert client.get("/v1/allocations", params={"status": "unplaced"}).json()["items"]
    back = restored(client, moment="before")
    assert put(client, back["id"])["placed"] == ended["ended"]
    assert runs(client) == before


def test_the_first_apply_is_undone_and_nothing_is_left_to_repair(client: TestClient) -> None:
    applied(client, world.CAMERAS, world.STOP_BUTTON)
    done = put(client, restored(client, moment="before")["id"])
    assert done["ended"] == 1
    assert runs(client) == {}
    repair = planned(client, scope={"running": "repair"})
    assert repair["result"]["placed_shards"] == 0


def test_going_back_leaves_alone_what_was_started_since_unless_that_is_to_end(client: TestClient) -> None:
    first = applied(client, world.CAMERAS)
    before = runs(client)
    client.post("/v1/nodes/centre/drain")
    applied(client, world.CAMERAS)
    client.post("/v1/nodes/centre/activate")
    applied(client, world.NIGHT_CAMERAS)
    back = restored(client, first["generation"])
    assert back["result"]["restored"]["stays"] == ["night-cameras"]
    [warning] = [one for one in back["result"]["warnings"] if one["code"] == "restored.stays"]
    assert warning["message"] == "1 shard started since then stays as it is, of night-cameras."
    assert put(client, back["id"])["ended"] == 0
    assert set(runs(client)) == {("cameras", 0), ("night-cameras", 0)}
    # By now night-cameras are on its card, and theirs is not taken from them.
    assert runs(client)["cameras", 0][:4] == before["cameras", 0][:4]
    whole = restored(client, first["generation"], end_later=True)
    assert put(client, whole["id"])["ended"] == 1
    assert runs(client) == before


def test_undoing_an_apply_before_the_last_ends_what_it_placed_and_not_what_came_later(client: TestClient) -> None:
    applied(client, world.CAMERAS)
    second = applied(client, world.NIGHT_CAMERAS)
    applied(client, world.workload("third"))
    put(client, restored(client, second["generation"], moment="before")["id"])
    assert set(runs(client)) == {("cameras", 0), ("third", 0)}


def test_what_cannot_run_as_it_did_is_refused_by_name_or_left_out(client: TestClient) -> None:
    """The node that one of two ran on has failed since, and its workload is not to go back there."""
    first = applied(client, world.workload("near", tiers=["mec"]), world.workload("far", tiers=["regional"]))
    ended = {"workloads": [world.workload("near", tiers=["mec", "regional"]), world.workload("far", tiers=["mec"])]}
    applied(client, *ended["workloads"])
    client.post("/v1/nodes/centre/fail")
    problem = refused(client.post(f"{HISTORY}/{first['generation']}/restore"), 409, "history.rows_lost")
    fields = {fault["field"]: fault["message"] for fault in problem["errors"]}
    assert set(fields) == {"workloads[far].shards[0]"}
    assert "centre" in fields["workloads[far].shards[0]"]
    assert "1 shard that ran then cannot run" in problem["detail"]


def test_with_what_is_left_out_the_rest_is_put_back(client: TestClient) -> None:
    first = applied(client, world.CAMERAS, world.NIGHT_CAMERAS)
    before = runs(client)
    applied(client, *(world.workload(name, tiers=["mec"]) for name in ("cameras", "night-cameras")))
    for name in ("cameras", "night-cameras"):
        client.patch(f"/v1/workloads/{name}", json={"tiers": ["mec", "regional"]})
    client.patch("/v1/workloads/cameras", json={"tiers": ["mec"]})
    back = restored(client, first["generation"], leave_out=True)
    told = back["result"]["restored"]
    assert [(row["workload"], row["shard"], row["node"]) for row in told["left_out"]] == [("cameras", 0, "centre")]
    [warning] = [one for one in back["result"]["warnings"] if one["code"] == "restored.left_out"]
    assert warning["message"] == "1 shard cannot run as then and is left out: cameras (shard 1)."
    assert put(client, back["id"])["moved"] == 1
    now = runs(client)
    assert now["night-cameras", 0] == before["night-cameras", 0]
    assert now["cameras", 0][1] == "hub"


def test_a_workload_that_was_deleted_is_named(client: TestClient) -> None:
    applied(client, world.CAMERAS, world.NIGHT_CAMERAS)
    assert client.delete("/v1/workloads/cameras").status_code == 204
    newest = records(client)[0]
    assert (newest["plan"], newest["ended"], newest["can_restore"]) == (None, 1, False)
    problem = refused(client.post(f"{HISTORY}/{newest['generation'] - 1}/restore"), 409, "history.rows_lost")
    assert problem["errors"][0]["message"] == "there is no workload 'cameras' any more"
    # Put in again it can run as it did.
    assert client.post("/v1/workloads", json=world.CAMERAS).status_code == 201
    back = restored(client, newest["generation"] - 1)
    assert put(client, back["id"])["placed"] == 1


def test_where_others_have_the_place_the_least_valuable_is_named(client: TestClient) -> None:
    """Two of three fit beside what has come: the cheapest does not go back."""
    fleets = [world.workload(f"fleet-{n}", tiers=["regional"], value_month=50_000_000 + n) for n in range(3)]
    first = applied(client, *fleets)
    for fleet in fleets:
        assert client.delete(f"/v1/workloads/{fleet['id']}").status_code == 204
    applied(client, *(world.workload(f"new-{n}", tiers=["regional"]) for n in range(2)))
    for fleet in fleets:
        assert client.post("/v1/workloads", json=fleet).status_code == 201
    problem = refused(client.post(f"{HISTORY}/{first['generation']}/restore"), 409, "history.rows_lost")
    [fault] = problem["errors"]
    assert fault["field"] == "workloads[fleet-0].shards[0]"
    assert fault["message"] == "centre/card (accelerators) has no room for it any more"
    back = restored(client, first["generation"], leave_out=True)
    assert put(client, back["id"])["placed"] == 2
    assert {name for name, _ in runs(client)} == {"fleet-1", "fleet-2", "new-0", "new-1"}


def test_a_plan_of_what_ran_is_refused_when_the_world_has_changed_since(client: TestClient) -> None:
    applied(client, world.CAMERAS)
    applied(client, world.NIGHT_CAMERAS)
    one, other = restored(client, moment="before"), restored(client, moment="before")
    put(client, one["id"])
    refused(client.post(f"/v1/plans/{other['id']}/apply"), 409, "generation.stale")
    assert set(runs(client)) == {("cameras", 0)}
    # Judged anew it has nothing left to do.
    assert put(client, other["id"], on_stale="reverify")["ended"] == 0
    assert set(runs(client)) == {("cameras", 0)}


def test_of_two_that_apply_what_ran_one_is_told_that_the_world_has_changed(client: TestClient, settings: Settings) -> None:
    """Both undo the same; together they do it once, and it is on record once."""
    applied(client, world.CAMERAS)
    applied(client, world.NIGHT_CAMERAS)
    plans = [restored(client, moment="before")["id"] for _ in range(2)]
    assert raced(settings, plans) == ["applied", "generation.stale"]
    assert set(runs(client)) == {("cameras", 0)}
    assert len(records(client)) == 3


def test_what_is_as_it_was_and_what_is_not_recorded_is_refused(client: TestClient) -> None:
    refused(client.post(f"{HISTORY}/latest/restore"), 404, "not_found")
    done = applied(client, world.CAMERAS)
    refused(client.post(f"{HISTORY}/{done['generation']}/restore"), 409, "history.as_now")
    refused(client.post(f"{HISTORY}/{done['generation'] - 1}/restore"), 404, "not_found")
    refused(client.post(f"{HISTORY}/0/restore"), 422, "invalid")
    refused(client.post(f"{HISTORY}/latest/restore", json={"moment": "never"}), 422, "invalid")


def test_asked_again_with_its_key_it_answers_the_plan_that_it_made(client: TestClient) -> None:
    applied(client, world.CAMERAS)
    headers, before = {"Idempotency-Key": str(uuid4())}, len(client.get("/v1/plans").json()["items"])
    one, other = (client.post(f"{HISTORY}/latest/restore", json={"moment": "before"}, headers=headers) for _ in range(2))
    assert one.status_code == other.status_code == 201
    assert one.json() == other.json()
    assert len(client.get("/v1/plans").json()["items"]) == before + 1
    again = client.post(f"{HISTORY}/latest/restore", json={"moment": "after"}, headers=headers)
    refused(again, 422, "idempotency_key.reused")


def test_the_history_tells_what_changed_what_runs_newest_first_in_pages(client: TestClient) -> None:
    first = applied(client, world.CAMERAS, name="first")
    applied(client, world.NIGHT_CAMERAS, world.STOP_BUTTON, name="second")
    client.post("/v1/nodes/hub/drain")  # changes nothing that runs
    client.delete("/v1/workloads/cameras")
    found = records(client)
    told = [(row["name"], row["placed"], row["ended"], row["unplaced"], row["in_force"]) for row in found]
    assert told == [(None, 0, 1, 0, False), ("second", 1, 0, 1, True), ("first", 1, 0, 0, False)]
    assert [row["why_not"] for row in found] == ["history.as_now", None, None]
    assert all(row["can_undo"] and row["at"] for row in found)
    page = client.get(HISTORY, params={"limit": 2}).json()
    assert page["items"] == found[:2]
    rest = client.get(HISTORY, params={"limit": 2, "cursor": page["next"]}).json()
    assert (rest["items"], rest["next"]) == (found[2:], None)
    assert found[2]["generation"] == first["generation"]


def test_an_import_from_scratch_can_be_gone_back_to_as_far_as_it_is_still_there(client: TestClient) -> None:
    done = applied(client, world.CAMERAS, world.NIGHT_CAMERAS)
    before = runs(client)
    whole = {
        "fresh": True, "network": world.NETWORK, "catalogue": world.CATALOGUE,
        "policies": {"policies": world.POLICIES}, "workloads": {"workloads": [world.CAMERAS, world.NIGHT_CAMERAS]},
    }  # fmt: skip
    answer = client.post("/v1/import", json=whole)
    assert answer.status_code == 200, answer.text
    assert runs(client) == {}
    assert records(client)[0]["ended"] == 2
    put(client, restored(client, done["generation"])["id"])
    assert runs(client) == before


def test_records_are_kept_as_long_as_the_changes_that_they_tell_of(client: TestClient) -> None:
    store = client.app.state.context.store  # type: ignore[attr-defined]
    for name in ("a", "b", "c"):
        applied(client, world.workload(name))
    assert len(records(client)) == 3
    sweep(store, RetentionLimits(plans=1000, plan_days=1000.0, changes=1, history_days=1000.0, points=1000))
    assert len(records(client)) == 2
    sweep(store, RetentionLimits(plans=1000, plan_days=1000.0, changes=1000, history_days=1e-9, points=1000))
    assert records(client) == []


def test_what_was_replaced_is_read_as_it_was_written() -> None:
    slots = (Slot(0, 0), Slot(1, 4))
    replaced: dict[Shard, Stood] = {
        ("a", 0): Placement("a", 0, "n", "p", 2, slots, ("x", "y"), 3),
        ("a", 1): None,
        ("b", 0): Waiting(),
        ("c", 7): Placement("c", 7, "n"),
    }
    terms = {"horizon": "2026-12-01"}
    assert recall.unpack(recall.pack(replaced, terms)) == (terms, replaced)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_what_an_older_version_applied_is_listed_and_not_gone_back_to(client: TestClient, moment: str) -> None:
    done = applied(client, world.CAMERAS)
    applied(client, world.NIGHT_CAMERAS)
    store = client.app.state.context.store  # type: ignore[attr-defined]
    with store._engine.begin() as connection:
        connection.execute(text(f"UPDATE allocation_record SET replaced = NULL WHERE generation = {done['generation']}"))
    old = records(client)[1]
    assert (old["can_restore"], old["can_undo"], old["why_not"]) == (False, False, "history.not_kept")
    refused(client.post(f"{HISTORY}/{done['generation']}/restore", json={"moment": moment}), 409, "history.not_kept")

"""`edgeplan plan`: what planners type."""

from __future__ import annotations

import json
import re
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.app import world
from tests.app.cli.conftest import Edgeplan, asking, document, failed, told


@pytest.fixture
def request_file(tmp_path: Path) -> Path:
    """A request for the three workloads of the tiny world."""
    file = tmp_path / "request.json"
    file.write_text(json.dumps(world.request(*world.WORKLOADS, seconds=20, name="from a file")))
    return file


def test_a_plan_is_asked_for_watched_understood_and_applied(
    edgeplan: Edgeplan, tiny: httpx.Client, request_file: Path
) -> None:
    said = told(edgeplan("plan", "submit", request_file, "--watch"))
    assert "is finished." in said
    assert "proven optimal" in said
    assert "1 shard of 1 workload" in said
    shown = told(edgeplan("plan", "show"))
    for part in ("from a file", "Cost by goal", "accelerators", "Unplaced: 1 shard", "stop-button", "deadline 2"):
        assert part in shown
    assert "Shards: 2 newly placed, 1 unplaced" in told(edgeplan("plan", "compare", "latest"))
    refused = edgeplan("plan", "apply", "latest")
    failed(refused, 2, "nobody to ask", "--yes")
    assert "cameras" in refused.stdout
    assert tiny.get("/v1/allocations").json()["items"] == []
    applied = told(edgeplan("plan", "apply", "latest", "--yes"))
    assert "2 newly placed, 0 moved, 0 resized, 0 kept, 1 unplaced, 0 ended" in applied
    listed = told(edgeplan("plan", "list", "--limit", "1"))
    assert "finished in force" in listed
    assert len(listed.splitlines()) == 3


def test_machines_get_json_and_nothing_else(edgeplan: Edgeplan, request_file: Path) -> None:
    submitted = document(edgeplan("plan", "submit", request_file, "--json"))
    assert submitted["status"] in ("queued", "running", "finished")
    id = submitted["id"]
    steps = [json.loads(line) for line in told(edgeplan("--json", "plan", "watch", id)).splitlines()]
    assert {step["id"] for step in steps} == {id}
    assert steps[-1]["status"] == "finished"
    assert steps[-1]["result"]["unplaced_shards"] == 1
    shown = document(edgeplan("plan", "show", id, "--json"))
    assert [one["workload"] for one in shown["unplaced"]] == ["stop-button"]
    compared = document(edgeplan("plan", "compare", id, "--json"))
    assert {item["action"] for item in compared["items"]} == {"placed", "unplaced"}
    listed = document(edgeplan("plan", "list", "--json", "--limit", "2"))
    assert listed["items"][0]["id"] == id
    assert document(edgeplan("plan", "apply", id, "--yes", "--json"))["placed"] == 2
    again = document(edgeplan("plan", "submit", request_file, "--json"))
    assert told(edgeplan("plan", "watch", again["id"], "--json"))
    assert document(edgeplan("plan", "delete", again["id"], "--yes", "--json")) == {"deleted": again["id"]}


def test_submitting_can_go_all_the_way(edgeplan: Edgeplan) -> None:
    said = edgeplan("plan", "submit", "--all", "--seconds", "20", "--name", "all the way", "--apply", "--yes")
    assert "is in force since generation" in told(said)
    lines = told(edgeplan("plan", "submit", "--all", "--apply", "--yes", "--json")).splitlines()
    last = json.loads(lines[-1])
    assert last["applied_generation"] is not None
    assert "Shards: 3 kept" in told(edgeplan("plan", "compare", "latest", last["id"]))


def test_options_go_before_the_file(edgeplan: Edgeplan, tiny: httpx.Client, request_file: Path, tmp_path: Path) -> None:
    what_if = tmp_path / "what-if.json"
    what_if.write_text(json.dumps({"nodes": [{"id": "centre", "state": "failed"}]}))
    asked = document(
        edgeplan(
            "plan", "submit", request_file, "--seconds", "7", "--seed", "3", "--cold", "--horizon", "2027-01-02",
            "--name", "other", "--commitment", "announced", "--scope", "move", "--from-node", "hub", "--from-site", "plant",
            "--what-if", what_if, "--json",
        )
    )  # fmt: skip
    body = tiny.get(f"/v1/plans/{asked['id']}/request").json()
    assert body["name"] == "other"
    assert body["limits"] == {"seconds": 7.0, "seed": 3, "start": "cold"}
    assert (body["terms"]["horizon"], body["terms"]["lowest_commitment"]) == ("2027-01-02", "announced")
    assert body["scope"] == {"running": "move", "may_end": [], "from_nodes": ["hub"], "from_sites": ["plant"]}
    assert body["what_if"]["nodes"][0]["id"] == "centre"
    assert [workload["id"] for workload in body["workloads"]] == ["cameras", "night-cameras", "stop-button"]
    assert told(edgeplan("plan", "watch", asked["id"], "--json"))
    failed(edgeplan("plan", "apply", asked["id"], "--yes"), 3, "plan.what_if", "without --what-if")


def asked_of(tiny: httpx.Client, edgeplan: Edgeplan, *options: str) -> dict[str, Any]:
    """The request that the service keeps of a plan that is asked for with these options."""
    asked = document(edgeplan("plan", "submit", *options, "--seconds", "1", "--json"))
    body: dict[str, Any] = tiny.get(f"/v1/plans/{asked['id']}/request").json()
    return body


def test_a_repair_needs_no_workload_named(edgeplan: Edgeplan, tiny: httpx.Client) -> None:
    told(edgeplan("plan", "submit", "--workloads", "cameras", "--apply", "--yes"))
    body = asked_of(tiny, edgeplan, "--scope", "repair")
    assert (body["workloads"], body["workload_ids"], body["scope"]["running"]) == ([], [], "repair")
    assert asked_of(tiny, edgeplan, "--scope", "repair", "--workloads", "cameras")["workload_ids"] == ["cameras"]
    failed(edgeplan("plan", "submit", "--scope", "move"), 2, "Say what to plan", "--scope repair")


def test_a_repair_moves_what_is_disturbed_and_nothing_else(edgeplan: Edgeplan, tiny: httpx.Client) -> None:
    told(edgeplan("plan", "submit", "--all", "--apply", "--yes"))
    told(edgeplan("node", "fail", "centre", "--yes"))
    told(edgeplan("plan", "submit", "--scope", "repair", "--watch"))
    assert "2 moved" in told(edgeplan("plan", "compare", "latest"))
    assert "0 newly placed, 2 moved, 0 resized, 0 kept" in told(edgeplan("plan", "apply", "latest", "--yes"))
    assert {row["node"] for row in tiny.get("/v1/allocations?status=placed").json()["items"]} == {"hub"}


def test_who_may_be_ended_or_preempted_is_named(edgeplan: Edgeplan, tiny: httpx.Client) -> None:
    body = asked_of(tiny, edgeplan, "--workloads", "cameras", "--may-end", "stop-button", "--may-end", "night-cameras")
    assert body["scope"]["may_end"] == ["stop-button", "night-cameras"]
    assert body["scope"]["running"] == "keep"
    body = asked_of(tiny, edgeplan, "--workloads", "cameras", "--scope", "preempt")
    assert body["scope"]["running"] == "preempt"


def test_terms_that_are_not_given_are_not_sent(edgeplan: Edgeplan, tiny: httpx.Client) -> None:
    terms = asked_of(tiny, edgeplan, "--all")["terms"]
    assert [terms.get(name) for name in ("lowest_commitment", "weights", "share_caps")] == [None, None, None]
    caps = ("--cap", "owner=300", "--cap", "owner:A = B=5", "--cap", "vendor=1000")
    assert asked_of(tiny, edgeplan, "--all", *caps)["terms"]["share_caps"] == [
        {"of": "owner", "permille": 300, "name": None},
        {"of": "owner", "permille": 5, "name": "A = B"},
        {"of": "vendor", "permille": 1000, "name": None},
    ]
    assert asked_of(tiny, edgeplan, "--all", "--no-caps")["terms"]["share_caps"] == []


@pytest.mark.parametrize("cap", ["owner", "owner=1001", "country=3", "owner:=3", "owner=-1", "owner=0.3"])
def test_a_cap_that_is_not_one_is_told(edgeplan: Edgeplan, cap: str) -> None:
    failed(edgeplan("plan", "submit", "--all", "--cap", cap), 2, cap, "owner=300")
    failed(edgeplan("plan", "submit", "--all", "--cap", "owner=300", "--no-caps"), 2, "--no-caps")


def test_the_day_is_that_of_the_place_where_the_command_is_typed(
    edgeplan: Edgeplan, tiny: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = []
    try:
        # Between these two it is never the same day: they are 26 hours apart.
        for zone in ("Etc/GMT+12", "Etc/GMT-14"):
            monkeypatch.setenv("TZ", zone)
            time.tzset()
            days.append(date.fromisoformat(asked_of(tiny, edgeplan, "--workloads", "cameras")["terms"]["horizon"]))
    finally:
        monkeypatch.undo()
        time.tzset()
    assert timedelta(days=1) <= days[1] - days[0] <= timedelta(days=2)


def test_a_plan_on_nodes_that_do_not_operate_yet_needs_to_be_insisted_on(edgeplan: Edgeplan, tiny: httpx.Client) -> None:
    for node in ("hub", "centre"):
        assert tiny.patch(f"/v1/nodes/{node}", json={"available_from": "2101-01-01"}).status_code == 200
    told(edgeplan("plan", "submit", "--workloads", "cameras", "--horizon", "2101-02-03", "--watch"))
    for shown in (told(edgeplan("plan", "show")), edgeplan("plan", "apply", "latest").stdout):
        assert "Not operating today: 1 node" in shown
        assert "2101-02-03 (a plan for another day" in shown
    failed(edgeplan("plan", "apply", "latest", "--yes"), 3, "plan.not_operating", "--allow-not-operating")
    assert tiny.get("/v1/allocations").json()["items"] == []
    assert "1 newly placed" in told(edgeplan("plan", "apply", "latest", "--yes", "--allow-not-operating"))


def test_other_terms_and_what_stays_disturbed_come_before_what_moves(edgeplan: Edgeplan, tiny: httpx.Client) -> None:
    told(edgeplan("plan", "submit", "--all", "--no-caps", "--apply", "--yes"))
    for node in ("hub", "centre"):
        told(edgeplan("node", "drain", node, "--yes"))
    told(edgeplan("plan", "submit", "--scope", "repair", "--cap", "vendor=1000", "--watch"))
    shown = edgeplan("plan", "apply", "latest").stdout
    order = [
        shown.index(words)
        for words in ("Other terms", "vendor=1000", "Stays disturbed: 2 shards", "Shards: ", "this request")
    ]
    assert order == sorted(order)
    shown = told(edgeplan("plan", "show"))
    assert shown.index("Stays disturbed: 2 shards") < shown.index("this request") < shown.index("won a month, ")
    assert "2 shards are still disturbed" in told(edgeplan("plan", "apply", "latest", "--yes"))


def test_costs_are_compared_over_the_same_workloads(edgeplan: Edgeplan) -> None:
    told(edgeplan("plan", "submit", "--all", "--apply", "--yes"))
    told(edgeplan("plan", "submit", "--workloads", "cameras", "--watch"))
    shown = told(edgeplan("plan", "compare", "latest"))
    assert "this request  600,000 won a month" in shown
    assert "as before, over the" in shown
    assert "less than before" not in shown


def test_a_plan_for_machines_says_how_to_run_what_it_places(edgeplan: Edgeplan, request_file: Path) -> None:
    told(edgeplan("plan", "submit", request_file, "--watch"))
    placed = document(edgeplan("plan", "show", "--json"))["placements"]
    assert [(one["workload"], len(one["cards"]), one["batch_limit"]) for one in placed] == [
        ("cameras", 1, 1), ("night-cameras", 1, 1),
    ]  # fmt: skip


def test_stored_workloads_are_named(edgeplan: Edgeplan, tiny: httpx.Client) -> None:
    asked = document(edgeplan("plan", "submit", "--workloads", "cameras,night-cameras", "--json"))
    assert tiny.get(f"/v1/plans/{asked['id']}/request").json()["workload_ids"] == ["cameras", "night-cameras"]
    asked = document(edgeplan("plan", "submit", "--all", "--json"))
    assert asked["workloads"] == 3
    request = json.dumps(world.request(world.CAMERAS))
    assert document(edgeplan("plan", "submit", "-", "--json", given=request))["workloads"] == 1


def test_strict_minds_what_is_unplaced(edgeplan: Edgeplan, request_file: Path) -> None:
    failed(edgeplan("plan", "submit", request_file, "--strict"), 1, "1 shard unplaced", "plan show")
    assert edgeplan("plan", "watch", "latest", "--strict").exit_code == 1
    assert edgeplan("plan", "show", "latest", "--strict").exit_code == 1
    assert edgeplan("plan", "submit", "--workloads", "cameras", "--strict").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Say what to plan"),
        (["FILE", "--all"], "Say what to plan, once"),
        (["absent.json"], "cannot be read"),
        (["FILE", "--seconds", "0"], "--seconds"),
        (["FILE", "--what-if", "absent.json"], "cannot be read"),
    ],
)
def test_what_is_not_said_well_is_told(edgeplan: Edgeplan, request_file: Path, arguments: list[str], words: str) -> None:
    given = [str(request_file) if one == "FILE" else one for one in arguments]
    failed(edgeplan("plan", "submit", *given), 2, words)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b'{"a": ', "line 1"), (b"[1]", "no JSON object"), (b"\xff\xfe", "UTF-8"), (b'{"terms": 3}', "terms")],
)
def test_a_broken_file_is_told(edgeplan: Edgeplan, tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "broken.json"
    file.write_bytes(content)
    failed(edgeplan("plan", "submit", file), 2, words, str(file) if words != "terms" else "object")


def test_a_refused_request_names_the_field(edgeplan: Edgeplan, tmp_path: Path) -> None:
    file = tmp_path / "request.json"
    file.write_text(json.dumps(world.request({**world.CAMERAS, "devices": 0})))
    failed(edgeplan("plan", "submit", file), 3, "error (invalid)", "workloads[0].devices")
    failed(edgeplan("plan", "submit", "--workloads", "nobody"), 3, "reference.unknown", "nobody")


def test_a_stale_plan_is_refused_and_can_be_judged_anew(edgeplan: Edgeplan, tiny: httpx.Client) -> None:
    told(edgeplan("plan", "submit", "--workloads", "cameras", "--watch"))
    assert tiny.patch("/v1/nodes/hub", json={"vcpu": 65}).status_code == 200
    failed(edgeplan("plan", "apply", "latest", "--yes"), 3, "generation.stale", "--on-stale reverify")
    assert "verified again" in told(edgeplan("plan", "apply", "latest", "--yes", "--on-stale", "reverify"))


def test_what_cannot_be_done_with_a_plan(edgeplan: Edgeplan) -> None:
    told(edgeplan("plan", "submit", "--workloads", "cameras", "--apply", "--yes"))
    failed(edgeplan("plan", "cancel", "latest"), 3, "plan.ended", "edgeplan plan show")
    failed(edgeplan("plan", "delete", "latest", "--yes"), 3, "plan.in_force")
    failed(edgeplan("plan", "delete", "latest"), 2, "nobody to ask")


def test_plans_are_named_by_their_beginnings(edgeplan: Edgeplan) -> None:
    id = document(edgeplan("plan", "submit", "--workloads", "cameras", "--json"))["id"]
    assert document(edgeplan("plan", "show", id[:8].upper(), "--json"))["id"] == id
    assert document(edgeplan("plan", "show", "latest", "--json"))["id"] == id
    failed(edgeplan("plan", "show", id[:3]), 2, "too short")
    failed(edgeplan("plan", "show", "zzzz"), 3, "not_found", "edgeplan plan list")
    failed(edgeplan("plan", "show", "z" * 36), 3, "error (")


def test_a_beginning_of_several_names_none(edgeplan: Edgeplan, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.cli.common import naming

    first, second = (document(edgeplan("plan", "submit", "--workloads", "cameras", "--json"))["id"] for _ in range(2))
    # No two random ids begin alike; so let one letter be enough, and name what all of sixteen and one must share.
    monkeypatch.setattr(naming, "_LEAST", 0)
    said = failed(edgeplan("plan", "show", ""), 2, "is the beginning of")
    assert first in said or second in said


def test_exactly_one_plan_is_in_force(edgeplan: Edgeplan) -> None:
    for workload in ("cameras", "night-cameras"):
        applied = edgeplan("plan", "submit", "--workloads", workload, "--name", workload, "--apply", "--yes")
        assert "is in force since" in told(applied)
        assert "To go back: edgeplan allocation undo" in applied.stderr
    told(edgeplan("plan", "submit", "--workloads", "cameras", "--name", "third", "--watch"))
    third, newest, first = told(edgeplan("plan", "list")).splitlines()[2:]
    assert "third" in third
    assert "force" not in third
    assert "applied" not in third
    assert "finished in force" in newest
    assert re.search(r"finished applied \d+ s ago +cameras", first)
    ids = [plan["id"] for plan in document(edgeplan("plan", "list", "--json"))["items"]]
    assert "in force since generation" in told(edgeplan("plan", "show", ids[1]))
    assert "no longer in force" in told(edgeplan("plan", "show", ids[2]))
    assert "in force" not in told(edgeplan("plan", "show", ids[0]))


def test_without_plans_there_is_no_latest(idle: httpx.Client) -> None:
    edgeplan = asking(idle)
    if idle.get("/v1/plans").json()["items"]:
        pytest.skip("another test was here first")
    failed(edgeplan("plan", "show"), 3, "not_found", "edgeplan plan submit")
    assert "plan submit" in edgeplan("plan", "list").stderr


def test_a_plan_that_is_stopped_before_it_began_is_a_no(idle: httpx.Client) -> None:
    edgeplan = asking(idle)
    said = told(edgeplan("plan", "submit", "--all"))
    assert "is queued" in said
    assert "queued" in told(edgeplan("plan", "list", "--status", "queued"))
    assert "is cancelled" in told(edgeplan("plan", "cancel", "latest"))
    failed(edgeplan("plan", "watch", "latest", "--json"), 1, '"code": "plan.cancelled"')
    failed(edgeplan("plan", "show", "latest", "--json"), 1, "plan.cancelled")
    assert document(edgeplan("plan", "list", "--status", "running", "--json")) == {"items": []}
    again = document(edgeplan("plan", "submit", "--all", "--json"))
    assert document(edgeplan("plan", "cancel", again["id"], "--json"))["status"] == "cancelled"
    assert "is forgotten" in told(edgeplan("plan", "delete", again["id"], "--yes"))

"""`edgeplan plan`: what planners type."""

from __future__ import annotations

import json
from pathlib import Path

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
    for part in ("from a file", "Cost by goal", "accelerators", "Fits nowhere: 1 shard", "stop-button", "deadline 2"):
        assert part in shown
    assert "Shards: 2 newly placed, 1 unplaced" in told(edgeplan("plan", "compare", "latest"))
    refused = edgeplan("plan", "apply", "latest")
    failed(refused, 2, "nobody to ask", "--yes")
    assert "cameras" in refused.stdout
    assert tiny.get("/v1/allocations").json()["items"] == []
    applied = told(edgeplan("plan", "apply", "latest", "--yes"))
    assert "2 newly placed, 0 moved, 0 kept, 1 unplaced, 0 ended" in applied
    listed = told(edgeplan("plan", "list", "--limit", "1"))
    assert "finished applied" in listed
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
    assert body["scope"] == {"running": "move", "from_nodes": ["hub"], "from_sites": ["plant"]}
    assert body["what_if"]["nodes"][0]["id"] == "centre"
    assert [workload["id"] for workload in body["workloads"]] == ["cameras", "night-cameras", "stop-button"]
    assert told(edgeplan("plan", "watch", asked["id"], "--json"))
    failed(edgeplan("plan", "apply", asked["id"], "--yes"), 3, "plan.what_if", "without --what-if")


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
    assert "judged anew" in told(edgeplan("plan", "apply", "latest", "--yes", "--on-stale", "reverify"))


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
    from app.cli import naming

    first, second = (document(edgeplan("plan", "submit", "--workloads", "cameras", "--json"))["id"] for _ in range(2))
    # No two random ids begin alike; so let one letter be enough, and name what all of sixteen and one must share.
    monkeypatch.setattr(naming, "_LEAST", 0)
    said = failed(edgeplan("plan", "show", ""), 2, "is the beginning of")
    assert first in said or second in said


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
    failed(edgeplan("plan", "watch", "latest", "--json"), 1, "error (plan.cancelled)")
    failed(edgeplan("plan", "show", "latest", "--json"), 1, "plan.cancelled")
    assert document(edgeplan("plan", "list", "--status", "running", "--json")) == {"items": []}
    again = document(edgeplan("plan", "submit", "--all", "--json"))
    assert document(edgeplan("plan", "cancel", again["id"], "--json"))["status"] == "cancelled"
    assert "is forgotten" in told(edgeplan("plan", "delete", again["id"], "--yes"))

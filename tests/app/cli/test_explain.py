"""`edgeplan explain`, `allocation` and `events`: what happened, what is so, and why."""

from __future__ import annotations

import json

import httpx

from tests.app.cli.conftest import Edgeplan, asking, document, failed, told


def test_a_placed_workload_is_explained(edgeplan: Edgeplan) -> None:
    told(edgeplan("plan", "submit", "--all", "--watch"))
    story = told(edgeplan("explain", "cameras"))
    assert "Shard 1 of 1 runs on centre" in story
    assert "site      Plant (plant)" in story
    assert "600,000 won a month" in story
    assert "next best    hub" in story
    assert "cards        0" in story
    assert "a batch at most" in story
    assert "of 60.0 ms" in story
    # The budget as a bar: without colours the parts are told apart by letters, each as long as its share.
    [bar] = [line for line in story.splitlines() if line and set(line) <= set("atnsw.")]
    assert len(bar) == 72
    assert bar.count("s") == 6
    assert "s service 5.0 ms" in story


def test_a_refused_workload_is_explained(edgeplan: Edgeplan) -> None:
    told(edgeplan("plan", "submit", "--all", "--watch"))
    story = told(edgeplan("explain", "stop-button", "--candidates", "2"))
    for words in ("Why it is unplaced", "deadline", "What would make it fit", "300 us", "The 2 nearest candidate nodes"):
        assert words in story
    facts = document(edgeplan("explain", "stop-button", "--plan", "latest", "--json", "--candidates", "1"))
    assert facts["unplaced"] == [0]
    assert len(facts["candidates"]) == 1
    failed(edgeplan("explain", "nobody"), 3, "not_found")


def test_an_explanation_says_on_which_cards_and_at_which_batch_limit(edgeplan: Edgeplan) -> None:
    told(edgeplan("plan", "submit", "--all", "--watch"))
    facts = document(edgeplan("explain", "cameras", "--plan", "latest", "--json"))
    assert facts["placed"][0]["batch_limit"] == 1
    assert [(one["shard"], len(one["cards"]), one["batch_limit"]) for one in facts["decisions"]] == [(0, 1, 1)]


def test_a_workload_is_explained_as_it_is_in_force(edgeplan: Edgeplan, tiny: httpx.Client) -> None:
    told(edgeplan("plan", "submit", "--workloads", "cameras", "--apply", "--yes"))
    in_force = tiny.get("/v1/allocations/summary").json()["plan"]
    told(edgeplan("plan", "submit", "--workloads", "night-cameras", "--watch"))
    assert document(edgeplan("explain", "cameras", "--json"))["plan"] == in_force


def test_before_a_plan_is_applied_there_is_nothing_to_show(idle: httpx.Client) -> None:
    nothing = asking(idle)("allocation", "show")
    assert told(nothing) == ""
    assert "edgeplan plan apply latest" in nothing.stderr
    assert document(asking(idle)("allocation", "show", "--json"))["plan"] is None


def test_the_allocation_is_shown(edgeplan: Edgeplan) -> None:
    told(edgeplan("plan", "submit", "--all", "--apply", "--yes"))
    shown = told(edgeplan("allocation", "show"))
    for words in ("placed 2 shards (20 devices)", "unplaced 1 shard", "Use by tier", "regional", "50 %", "1,200,000"):
        assert words in shown
    assert "Use by accelerator" in told(edgeplan("allocation", "show", "--by", "accelerator"))
    facts = document(edgeplan("allocation", "show", "--by", "province", "--json"))
    assert {group["by"] for group in facts["groups"]} == {"province"}
    assert facts["plan"] is not None


def test_the_allocation_is_shown_as_it_is_now(edgeplan: Edgeplan, tiny: httpx.Client) -> None:
    told(edgeplan("plan", "submit", "--all", "--apply", "--yes"))
    told(edgeplan("node", "fail", "centre", "--yes"))
    since = tiny.get("/v1/generation").json()["generation"]
    shown = told(edgeplan("allocation", "show", "--by", "accelerator"))
    for words in ("disturbed 2 shards (20 devices)", "node state by 2 shards", "Disturbed: 2 shards", f" {since}", "centre"):
        assert words in shown
    assert "as it was applied" not in shown
    told(edgeplan("node", "activate", "centre"))
    told(edgeplan("plan", "submit", "--workloads", "cameras", "--apply", "--yes"))
    assert tiny.patch("/v1/nodes/centre", json={"pools": [{"accelerator": "card", "count": 1}]}).status_code == 200
    shown = told(edgeplan("allocation", "show"))
    assert "node capacity by 1 shard" in shown
    assert "200 %" in shown
    assert "node capacity" in told(edgeplan("allocation", "list"))
    assert "violates" in told(edgeplan("allocation", "list", "--status", "disturbed"))
    assert document(edgeplan("allocation", "show", "--json"))["disturbed"][0]["disturbed"]["rules"] == ["node_capacity"]


def test_shards_in_force_are_listed(edgeplan: Edgeplan) -> None:
    assert "no such shard" in edgeplan("allocation", "list").stderr
    told(edgeplan("plan", "submit", "--all", "--apply", "--yes"))
    assert len(told(edgeplan("allocation", "list")).splitlines()) == 5
    first = edgeplan("allocation", "list", "--limit", "1")
    assert "--limit 0" in first.stderr
    assert "cameras" in told(first)
    assert "stop-button" in told(edgeplan("allocation", "list", "--status", "unplaced"))
    rows = document(edgeplan("allocation", "list", "--node", "centre", "--workload", "night-cameras", "--json"))["items"]
    assert [row["workload"] for row in rows] == ["night-cameras"]
    assert (
        document(edgeplan("allocation", "list", "--site", "plant", "--policy", "open", "--json"))["items"][2]["shard"] == 0
    )


def test_what_happened_is_told(edgeplan: Edgeplan) -> None:
    since = json.loads(told(edgeplan("events", "--last", "1", "--logged", "--json")))["id"]
    told(edgeplan("plan", "submit", "--all", "--name", "all of it", "--apply", "--yes"))
    told(edgeplan("node", "fail", "centre", "--reason", "power lost", "--yes"))
    said = told(edgeplan("events", "--since", str(since), "--logged"))
    for words in ("plan.queued", "all of it", "plan.finished", "gap 0.00 %", "2 placed", "node.failed", "centre: 2 shards"):
        assert words in said
    lines = told(edgeplan("events", "--since", str(since), "--logged", "--json", "--types", "node,plan.applied"))
    assert [json.loads(line)["type"] for line in lines.splitlines()] == ["plan.applied", "node.failed"]
    lines = told(edgeplan("events", "--plan", "latest", "--last", "1", "--logged", "--json"))
    assert json.loads(lines)["type"] == "plan.applied"
    failed(edgeplan("events", "--types", "weather", "--logged"), 3, "invalid", "weather")

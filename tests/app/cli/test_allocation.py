"""`edgeplan allocation history`, `undo` and `restore`: what ran before, and back to it."""

from __future__ import annotations

import httpx

from tests.app.cli.conftest import Edgeplan, document, failed, told

RUN = ("--seconds", "20", "--apply", "--yes")


def running(client: httpx.Client) -> dict[str, str]:
    items = client.get("/v1/allocations").json()["items"]
    return {row["workload"]: row["node"] for row in items}


def test_the_last_apply_is_undone_after_it_has_been_shown(edgeplan: Edgeplan, tiny: httpx.Client) -> None:
    told(edgeplan("plan", "submit", "--workloads", "cameras", "--name", "first", *RUN))
    before = running(tiny)
    told(edgeplan("plan", "submit", "--workloads", "night-cameras", "--name", "second", *RUN))
    refused = edgeplan("allocation", "undo")
    failed(refused, 2, "nobody to ask", "edgeplan plan apply")
    assert "Shards: 1 ended, 1 kept" in refused.stdout
    assert set(running(tiny)) == {"cameras", "night-cameras"}
    said = told(edgeplan("allocation", "undo", "--yes"))
    assert "0 newly placed, 0 moved, 0 resized, 1 kept, 0 unplaced, 1 ended" in said
    assert running(tiny) == before
    shown = told(edgeplan("plan", "show"))
    assert "what ran just before generation" in shown
    assert "not searched for" in shown


def test_the_history_names_what_can_be_gone_back_to(edgeplan: Edgeplan, tiny: httpx.Client) -> None:
    told(edgeplan("plan", "submit", "--workloads", "cameras", "--name", "first", *RUN))
    first = tiny.get("/v1/generation").json()["generation"]
    told(edgeplan("plan", "submit", "--workloads", "night-cameras", "--name", "second", *RUN))
    lines = told(edgeplan("allocation", "history", "--limit", "2")).splitlines()
    assert len(lines) == 4
    assert "second in force" in lines[2]
    assert lines[2].rstrip().endswith("as it is now")
    assert lines[3].rstrip().endswith("yes")
    items = document(edgeplan("allocation", "history", "--limit", "2", "--json"))["items"]
    assert [(one["name"], one["generation"] == first) for one in items] == [("second", False), ("first", True)]
    said = told(edgeplan("allocation", "restore", str(first), "--end-later", "--yes"))
    assert "1 ended" in said
    assert set(running(tiny)) == {"cameras"}


def test_what_cannot_be_put_back_is_named(edgeplan: Edgeplan, tiny: httpx.Client) -> None:
    told(edgeplan("plan", "submit", "--workloads", "cameras,night-cameras", *RUN))
    first = tiny.get("/v1/generation").json()["generation"]
    assert tiny.delete("/v1/workloads/cameras").status_code == 204
    assert tiny.delete("/v1/workloads/night-cameras").status_code == 204
    why = failed(edgeplan("allocation", "restore", str(first), "--yes"), 3, "history.rows_lost")
    assert "workloads[cameras].shards[0]" in why
    failed(edgeplan("allocation", "restore", "999999", "--yes"), 3, "not_found")

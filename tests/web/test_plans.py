"""Asking for plans, following, comparing, applying and forgetting them, as a planner does in the dashboard."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.web.axe import accessible
from tests.web.conftest import Pages
from tests.web.service import PATIENCE, ROOT, ask, ended, serving

REFERENCE = ROOT / "data" / "reference" / "request.json"
LONG_MS = PATIENCE * 1000


@pytest.fixture(scope="module")
def base(planned: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service of these tests' own: they change what is in force."""
    with serving(tmp_path_factory.mktemp("plans"), planned) as url:
        ended(url)
        yield url


def request_of(count: int | None = None, **more: Any) -> dict[str, Any]:
    """A request for the first `count` reference workloads by id, or for all."""
    document = json.loads(REFERENCE.read_text())
    ids = [workload["id"] for workload in document["workloads"][:count]]
    return {"workload_ids": ids, "terms": document["terms"], **more}


def today() -> str:
    """The day where the pages are looked at."""
    return datetime.now(ZoneInfo("Asia/Seoul")).date().isoformat()


def plan_of(base: str, name: str, count: int, **more: Any) -> str:
    """A plan that has ended."""
    body = request_of(count, name=name, limits={"seconds": 1}, **more)
    answer = ask.post(f"{base}/v1/plans", json=body, headers={"Prefer": "wait=60"}, timeout=90)
    assert answer.status_code == 200, answer.text
    assert answer.json()["status"] == "finished"
    found: str = answer.json()["id"]
    return found


def in_force(base: str) -> str | None:
    found: str | None = ask.get(f"{base}/v1/allocations/summary").json()["plan"]
    return found


def something_in_force(base: str) -> str:
    """The id of the plan in force; the reference plan is applied where there is none yet."""
    found = in_force(base)
    if found is None:
        [found] = [plan["id"] for plan in ask.get(f"{base}/v1/plans").json()["items"] if plan["name"] == "reference"]
        ask.post(f"{base}/v1/plans/{found}/apply").raise_for_status()
    assert found is not None
    return found


def badge(page: Page) -> Locator:
    return page.locator(".plans-badges .badge").first


def test_a_file_becomes_a_plan_that_is_applied(pages: Pages, base: str, tmp_path: Path) -> None:
    file = tmp_path / "request.json"
    # On a busy machine a shorter search finds no bound, and the plan is said to be unproven.
    file.write_text(json.dumps(json.loads(REFERENCE.read_text()) | {"name": "from-a-file", "limits": {"seconds": 6}}))
    before = in_force(base)
    page = pages.open()
    page.goto("/?view=plans")
    page.get_by_role("link", name="Ask for a plan").click()
    page.get_by_label("Drop a request here").set_input_files(file)
    expect(page.locator(".plans-facts")).to_contain_text("718")
    page.get_by_role("region", name="From a file").get_by_role("button", name="Submit").click()

    expect(page).to_have_url(re.compile(r"plan=[0-9a-f-]{36}"))
    id = page.url.split("plan=")[1]
    expect(badge(page)).to_have_text("Finished", timeout=LONG_MS)
    page.get_by_role("figure", name="Cost and lower bound").get_by_role("button", name="As a table").click()
    expect(page).to_have_url(re.compile("tables=progress"))
    points = page.locator(".chart-table tr[data-id]")
    progress = ask.get(f"{base}/v1/plans/{id}/progress").json()["points"]
    expect(points).to_have_count(len(progress))
    result = ask.get(f"{base}/v1/plans/{id}").json()["result"]
    expect(page.locator(".plans-figures")).to_contain_text(f"₩{result['cost']:,}")
    page.get_by_label("Log scale").check()
    expect(page).to_have_url(re.compile("scale=log"))

    put = page.get_by_role("button", name="Apply", exact=True)
    dialog = page.get_by_role("dialog")
    put.click()
    expect(dialog).to_contain_text("becomes the allocation in force")
    expect(dialog.get_by_role("listitem").first).to_contain_text("Placed")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(put).to_be_focused()
    page.keyboard.press("Enter")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    expect(put).to_be_focused()
    assert in_force(base) == before
    put.click()
    accessible(page)
    dialog.get_by_role("button", name="Apply").click()
    expect(page.locator(".notice.good")).to_contain_text("In force since generation", timeout=LONG_MS)
    expect(page.locator(".plans-badges")).to_contain_text("in force")
    expect(page.get_by_role("heading", name="from-a-file")).to_be_focused()
    expect(put).to_be_hidden()
    assert in_force(base) == id
    page.get_by_role("link", name="Events").click()
    expect(page.locator("li[data-id]", has_text="Plan applied").first).to_contain_text("from-a-file")


def test_all_stored_workloads_are_asked_for_watched_and_stopped(pages: Pages, base: str) -> None:
    page = pages.open()
    page.goto("/?view=plans&new=1")
    form = page.get_by_role("region", name="Stored workloads")
    form.get_by_label("Name").fill("to-be-stopped")
    form.get_by_label("Search time").fill("600")
    form.get_by_role("radio", name="Move").check()
    form.get_by_role("button", name="Submit").click()
    expect(page).to_have_url(re.compile(r"plan=[0-9a-f-]{36}"))
    expect(badge(page)).to_have_text("Running", timeout=LONG_MS)
    asked = ask.get(f"{base}/v1/plans/{page.url.split('plan=')[1]}/request").json()
    assert (len(asked["workload_ids"]), asked["scope"]["running"], asked["limits"]["seconds"]) == (718, "move", 600)
    expect(page.locator(".figures")).to_contain_text(re.compile(r"Best cost₩[\d,]+"), timeout=LONG_MS)
    page.get_by_role("button", name="As a table").click()
    # Its points come as they are found: more than one of them while it is being solved.
    expect(page.locator(".chart-table tr[data-id]").nth(1)).to_contain_text("₩", timeout=LONG_MS)
    expect(badge(page)).to_have_text("Running")
    page.get_by_role("button", name="Stop the solve").click()
    expect(badge(page)).to_have_text("Cancelled", timeout=LONG_MS)
    expect(page.locator(".notice").filter(has_text="stopped")).to_contain_text("best plan that it had found")
    page.get_by_role("link", name="All plans").click()
    page.get_by_label("Cancelled").check()
    expect(page).to_have_url(re.compile("status=cancelled"))
    listed = page.get_by_role("table", name="Plans, newest first").locator("tr[data-id]")
    expect(listed).to_have_count(1)
    expect(listed).to_contain_text("to-be-stopped")


def test_a_repair_names_no_workload_and_leaves_the_terms_in_force_alone(pages: Pages, base: str) -> None:
    [cap] = ask.get(f"{base}/v1/plans/{something_in_force(base)}").json()["terms"]["share_caps"]
    page = pages.open()
    page.goto("/?view=plans&new=1")
    form = page.get_by_role("region", name="Stored workloads")
    expect(form.get_by_label("At most, in thousandths")).to_have_value(str(cap["permille"]))
    expect(form.get_by_label("Whose share")).to_have_value(cap["of"])
    expect(form.get_by_text("These are in force, and stay so.")).to_be_visible()
    expect(form.get_by_label("Horizon")).to_have_value(today())
    for name, means in {"Repair": "disturbed", "Keep": "named here", "Move": "to make room", "Preempt": "ended"}.items():
        expect(form.locator(".plans-scope", has=page.get_by_role("radio", name=name))).to_contain_text(means)
    form.get_by_role("radio", name="Repair").check()
    form.get_by_label("Name", exact=True).fill("mended")
    form.get_by_label("Search time").fill("1")
    accessible(page)
    form.get_by_role("button", name="Submit").click()
    expect(page).to_have_url(re.compile(r"plan=[0-9a-f-]{36}"))
    asked = ask.get(f"{base}/v1/plans/{page.url.split('plan=')[1]}/request").json()
    assert (asked["workload_ids"], asked["scope"]["running"]) == ([], "repair")
    assert asked["terms"] == {"horizon": today(), "lowest_commitment": None, "weights": None, "share_caps": None}
    expect(badge(page)).to_have_text("Finished", timeout=LONG_MS)
    expect(page.locator("[data-part=price]")).to_contain_text("This request costs")


def test_caps_and_what_may_end_are_asked_for_by_name(pages: Pages, base: str) -> None:
    something_in_force(base)
    page = pages.open()
    page.goto("/?view=plans&new=1")
    form = page.get_by_role("region", name="Stored workloads")
    [first, second] = request_of(2)["workload_ids"]
    form.get_by_label("Workloads").fill(f"{first}\n{second}")
    form.get_by_label("May be ended").fill(f"{second}, {second}")
    expect(form.get_by_label("At most, in thousandths")).to_have_count(1)
    form.get_by_role("button", name="Add a cap").click()
    form.get_by_label("Whose share").nth(1).select_option("vendor")
    form.get_by_label("Name; empty").nth(1).fill("NVIDIA")
    form.get_by_label("At most, in thousandths").nth(1).fill("990")
    form.get_by_role("button", name="Remove this cap").first.click()
    expect(form.get_by_text("These take the place of what is in force.")).to_be_visible()
    form.get_by_label("Search time").fill("1")
    form.get_by_role("button", name="Submit").click()
    expect(page).to_have_url(re.compile(r"plan=[0-9a-f-]{36}"))
    asked = ask.get(f"{base}/v1/plans/{page.url.split('plan=')[1]}/request").json()
    assert (asked["workload_ids"], asked["scope"]["may_end"]) == ([first, second], [second])
    assert asked["terms"]["share_caps"] == [{"of": "vendor", "permille": 990, "name": "NVIDIA"}]
    expect(badge(page)).to_have_text("Finished", timeout=LONG_MS)


def test_what_applying_changes_is_said_in_the_order_in_which_it_matters(pages: Pages, base: str) -> None:
    something_in_force(base)
    placed = ask.get(f"{base}/v1/allocations?status=placed&limit=1").json()["items"][0]["workload"]
    terms = {"horizon": today(), "weights": {"unplaced": 0}}
    id = plan_of(base, "ending", 0, workload_ids=[placed], terms=terms, scope={"running": "keep", "may_end": [placed]})
    told = ask.get(f"{base}/v1/plans/{id}/comparison").json()
    assert told["ended"] > 0
    page = pages.open()
    page.goto(f"/?view=plans&plan={id}")
    page.get_by_role("button", name="Apply", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("[data-part=terms]")).to_contain_text("Weight: Left unplaced")
    expect(dialog.locator("[data-action=ended]")).to_have_class("bad")
    expect(dialog.locator("[data-part=ended]")).to_contain_text(placed)
    price = dialog.locator("[data-part=price]")
    expect(price.locator("[data-line=request]")).to_contain_text(f"₩{told['request_cost']:,}")
    expect(price.locator("[data-line=here]")).to_contain_text(f"{told['same_workloads']} workloads")
    sign = "+" if told["cost"] > told["other_cost"] else "−"
    expect(price.locator("[data-line=difference]")).to_contain_text(f"{sign}₩{abs(told['cost'] - told['other_cost']):,}")
    parts = [part.get_attribute("data-part") for part in dialog.locator("[data-part]").all()]
    assert parts == [part for part in ("terms", "disturbed", "closed", "ended", "price") if part in parts]
    accessible(page)
    dialog.get_by_role("button", name="Cancel").click()
    assert in_force(base) != id


def test_a_stale_plan_is_judged_again_or_made_again(pages: Pages, base: str) -> None:
    pages.allowed += ["409"]
    something_in_force(base)
    [row] = ask.get(f"{base}/v1/allocations", params={"status": "placed", "limit": 1}).json()["items"]
    ask.post(f"{base}/v1/nodes/{row['node']}/fail").raise_for_status()
    id = plan_of(base, "older", 0, workload_ids=[row["workload"]])
    moved = ask.get(f"{base}/v1/plans/{id}/comparison").json()["items"]
    there = next(one["to_node"] for one in moved if one["action"] == "moved")
    ask.post(f"{base}/v1/nodes/{there}/fail").raise_for_status()
    page = pages.open()
    page.goto(f"/?view=plans&plan={id}")
    dialog = page.get_by_role("dialog")

    def apply(way: str) -> None:
        page.get_by_role("button", name="Apply", exact=True).click()
        dialog.get_by_role("button", name="Apply").click()
        expect(dialog).to_contain_text("The plan is stale", timeout=LONG_MS)
        dialog.get_by_role("button", name=way).click()
        expect(dialog).to_have_count(0)

    apply("Cancel")
    apply("Re-verify and apply")
    fault = page.get_by_role("alert")
    expect(fault).to_contain_text("The plan violates a rule", timeout=LONG_MS)
    expect(fault.get_by_role("listitem").first).to_contain_text(there)
    assert in_force(base) != id
    for node in (there, row["node"]):
        ask.post(f"{base}/v1/nodes/{node}/activate").raise_for_status()
    apply("Plan again")
    expect(page).not_to_have_url(re.compile(id))
    expect(page.get_by_role("heading", name="older")).to_be_visible()
    page.go_back()
    apply("Re-verify and apply")
    expect(page.locator(".notice.good")).to_contain_text("Judged again and found legal", timeout=LONG_MS)
    assert in_force(base) == id


def test_two_plans_are_compared(pages: Pages, base: str) -> None:
    [here] = [plan["id"] for plan in ask.get(f"{base}/v1/plans").json()["items"] if plan["name"] == "reference"]
    nodes = {row["node"] for row in ask.get(f"{base}/v1/plans/{here}/decisions?limit=60").json()["items"] if row["node"]}
    failed = [{"id": node, "state": "failed"} for node in sorted(nodes)[:3]]
    there = plan_of(base, "with-failures", 60, scope={"running": "move"}, what_if={"nodes": failed})
    told = ask.get(f"{base}/v1/plans/{here}/comparison", params={"with": there, "limit": 1000}).json()
    assert told["moved"] > 0
    page = pages.open()
    page.goto(f"/?view=plans&plan={here}&with={there}")
    figures = page.locator(".plans-figures-table")
    expect(figures).to_contain_text(f"₩{told['cost']:,}")
    expect(figures).to_contain_text(f"₩{told['other_cost']:,}")
    sign = "+" if told["cost"] > told["other_cost"] else "−"
    expect(figures).to_contain_text(f"{sign}₩{abs(told['cost'] - told['other_cost']):,}")
    between = page.get_by_role("region", name="What changes between them").first
    expect(between.locator("dl.plans-tally")).to_contain_text(f"Moved{told['moved']}")
    expect(between.locator(".table-foot")).to_contain_text(f"{len(told['items'])} rows")
    moves = page.get_by_role("figure", name="Moves between nodes")
    expect(moves.locator("canvas").first).to_be_visible()
    accessible(page)
    moves.get_by_role("button", name="As a table").click()
    expect(page).to_have_url(re.compile("tables=moves"))
    ways = {(row["from_node"], row["to_node"]) for row in told["items"] if row["action"] == "moved"}
    expect(moves.locator(".table-foot")).to_have_text(f"{len(ways)} rows")
    page.get_by_role("link", name="Swap").click()
    expect(page).to_have_url(re.compile(f"plan={there}&with={here}"))
    expect(page.get_by_label("From")).to_have_value(here)
    page.get_by_label("To", exact=True).select_option(here)
    expect(page.get_by_text("Nothing would change.")).to_be_visible()


def test_nodes_that_do_not_operate_have_to_be_insisted_on(pages: Pages, base: str) -> None:
    something_in_force(base)
    refused = ask.get(f"{base}/v1/allocations?status=unplaced&limit=100").json()["items"]
    terms = {"horizon": "2031-03-01", "lowest_commitment": "mou"}
    id = plan_of(base, "for-later", 0, workload_ids=sorted({row["workload"] for row in refused}), terms=terms)
    closed = ask.get(f"{base}/v1/plans/{id}/comparison").json()["not_operating"]
    assert closed
    page = pages.open()
    page.goto(f"/?view=map&plan={id}")
    expect(page.locator(".map-notice")).to_contain_text("This plan is for 1 Mar 2031, not for today.")
    page.goto(f"/?view=plans&plan={id}")
    expect(page.locator("[data-part=day]")).to_contain_text("This plan is for 1 Mar 2031")
    expect(page.locator("[data-part=closed] a")).to_have_count(len(closed))
    page.get_by_role("button", name="Apply", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("[data-part=closed]")).to_contain_text("does not operate today")
    expect(dialog.get_by_role("button", name="Apply")).to_be_disabled()
    dialog.get_by_role("checkbox").check()
    accessible(page)
    dialog.get_by_role("button", name="Apply").click()
    expect(page.locator(".notice.good")).to_contain_text("In force since generation", timeout=LONG_MS)
    assert in_force(base) == id


def test_a_bad_file_is_refused_where_it_is_wrong(pages: Pages, tmp_path: Path) -> None:
    pages.allowed += ["422"]
    document = json.loads(REFERENCE.read_text())
    document["workloads"][3]["devices"] = "many"
    bad, broken = tmp_path / "bad.json", tmp_path / "broken.json"
    bad.write_text(json.dumps(document))
    broken.write_text('{"workloads": [')
    page = pages.open()
    page.goto("/?view=plans&new=1")
    page.get_by_label("Drop a request here").set_input_files(broken)
    expect(page.get_by_role("alert")).to_contain_text("This file is not JSON.")
    page.get_by_label("Drop a request here").set_input_files(bad)
    page.get_by_role("region", name="From a file").get_by_role("button", name="Submit").click()
    fault = page.get_by_role("alert")
    expect(fault).to_contain_text("The request is not valid")
    expect(fault.get_by_role("listitem").first).to_contain_text("workloads[3].devices")
    expect(fault.get_by_role("listitem").first).to_contain_text('Given: "many"')
    accessible(page)


def test_a_file_is_dropped(pages: Pages) -> None:
    page = pages.open()
    page.goto("/?view=plans&new=1")
    page.locator(".plans-drop").evaluate(
        """(zone, text) => {
          const dropped = new DataTransfer();
          dropped.items.add(new File([text], "dropped.json", { type: "application/json" }));
          zone.dispatchEvent(new DragEvent("drop", { dataTransfer: dropped, bubbles: true, cancelable: true }));
        }""",
        json.dumps(request_of(5, name="dropped")),
    )
    expect(page.locator(".plans-file")).to_contain_text("dropped.json")
    expect(page.locator(".plans-facts")).to_contain_text("Workloads5")


def test_decisions_are_downloaded_and_a_plan_is_forgotten(pages: Pages, base: str, tmp_path: Path) -> None:
    id = plan_of(base, "passing", 30)
    wanted: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        params = {"limit": 1000} | ({"cursor": cursor} if cursor else {})
        answer = ask.get(f"{base}/v1/plans/{id}/decisions", params=params).json()
        wanted, cursor = wanted + answer["items"], answer["next"]
    page = pages.open()
    page.goto(f"/?view=plans&plan={id}")
    with page.expect_download() as saving:
        page.get_by_role("button", name="Decisions as JSON").click()
    assert saving.value.suggested_filename == "plan-passing.json"
    saving.value.save_as(tmp_path / "saved.json")
    assert json.loads((tmp_path / "saved.json").read_text()) == wanted
    with page.expect_download() as saving:
        page.get_by_role("button", name="Decisions as CSV").click()
    saving.value.save_as(tmp_path / "saved.csv")
    with (tmp_path / "saved.csv").open(newline="", encoding="utf-8-sig") as lines:
        rows = list(csv.DictReader(lines))
    assert [(row["workload"], row["node"]) for row in rows] == [(row["workload"], row["node"] or "") for row in wanted]

    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Delete")).to_be_focused()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page).not_to_have_url(re.compile(id))
    expect(page.locator("tr[data-id]").first).to_be_visible()
    expect(page.locator("tr[data-id]", has_text="passing")).to_have_count(0)
    assert ask.get(f"{base}/v1/plans/{id}").status_code == 404


@pytest.mark.parametrize(("language", "theme", "width"), [("ko", "dark", 360), ("ko", "light", 1280), ("en", "dark", 1280)])
def test_the_pages_fit_and_are_accessible(pages: Pages, base: str, language: str, theme: str, width: int) -> None:
    plans = [plan["id"] for plan in ask.get(f"{base}/v1/plans?limit=50").json()["items"] if plan["result"]]
    page = pages.open(language=language, theme=theme, width=width)
    links = {
        "/?view=plans&new=1": ".plans-drop",
        f"/?view=plans&plan={plans[-1]}": ".plans-figures",
        f"/?view=plans&plan={plans[-1]}&with={plans[0]}": ".plans-figures-table",
    }
    for link, shown in links.items():
        page.goto(link)
        expect(page.locator(shown)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        accessible(page)

"""Who was refused, by which rules, and what would make it fit."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.web.axe import accessible
from tests.web.conftest import Pages
from tests.web.service import ask

RULES = {"deadline": "Deadline", "tier": "Tier", "node_capacity": "Capacity of the node"}


def refused(base: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ask.get(f"{base}/v1/allocations?status=unplaced&limit=1000").json()["items"]
    return found


def test_refusals_are_counted_and_filtered(pages: Pages, base: str) -> None:
    wanted = refused(base)
    page = pages.open()
    page.goto("/?view=refusals&table=1")
    expect(page.get_by_text(f"{len(wanted)} shards of {len({row['workload'] for row in wanted})} workloads")).to_be_visible()
    counts = page.locator("figure tr[data-id]")
    expect(counts.first).to_be_visible()
    for rule, name in RULES.items():
        by = sum(any(reason["rule"] == rule for reason in row["refusal"]["reasons"]) for row in wanted)
        alone = sum(any(repair["rule"] == rule for repair in row["refusal"]["repairs"]) for row in wanted)
        row = page.locator(f'figure tr[data-id="{rule}"] td')
        expect(row).to_have_text([name, str(by), str(alone), re.compile(r"[\d,]+")])

    listed = page.locator(".refusals-stack .card:not(figure) tr[data-id]")
    page.get_by_label("Rule", exact=True).select_option("deadline")
    late = {row["workload"] for row in wanted if any(reason["rule"] == "deadline" for reason in row["refusal"]["reasons"])}
    expect(listed).to_have_count(len(late))
    page.get_by_label("Only where one rule alone").check()
    alone_late = {row["workload"] for row in wanted if any(one["rule"] == "deadline" for one in row["refusal"]["repairs"])}
    expect(listed).to_have_count(len(alone_late))
    assert len(alone_late) < len(late) < len(wanted)
    expect(page).to_have_url(re.compile(r"rule=deadline&alone=1"))
    page.reload()
    expect(listed).to_have_count(len(alone_late))
    page.get_by_label("Rule", exact=True).select_option("")
    page.get_by_label("Only where one rule alone").uncheck()
    page.get_by_label("Policy", exact=True).select_option(wanted[0]["policy"])
    expect(listed).to_have_count(sum(row["policy"] == wanted[0]["policy"] for row in wanted))


def test_one_is_explained_node_by_node(pages: Pages, base: str) -> None:
    one = next(row for row in refused(base) if [r["rule"] for r in row["refusal"]["repairs"]] == ["deadline"])
    told = ask.get(f"{base}/v1/plans/{one['plan']}/explanations/{one['workload']}?candidates=1000").json()
    page = pages.open()
    page.goto("/?view=refusals")
    page.get_by_role("link", name=one["workload"]).click()
    detail = page.get_by_role("region", name="Explanation of the workload")
    expect(detail).to_be_focused()
    expect(detail).to_contain_text(f"None of the {told['candidate_count']} nodes is feasible.", timeout=60_000)
    opened = told["refusal"]["repairs"][0]["nodes"]
    expect(detail.locator(".refusals-repairs")).to_contain_text(f"Deadline: nodes that would then take it: {opened}.")
    expect(detail.locator("[data-rule=deadline]")).to_contain_text(told["refusal"]["repairs"][0]["sentence"])
    expect(detail.locator("[data-rule=deadline] code")).to_contain_text(f"workloads/{one['workload']} deadline_us = ")
    nearest = told["candidates"][0]["refusals"][0]
    first = detail.locator("tr[data-id]").first
    expect(first).to_contain_text(nearest["sentence"])
    expect(first).to_contain_text(f"{nearest['available'] / 1000:g} ms")
    expect(first).to_contain_text(f"{round(100 * nearest['available'] / nearest['needed'])}%")
    expect(page).to_have_url(re.compile(f"workload={one['workload']}"))
    accessible(page)
    detail.get_by_role("link", name=f"List {told['candidate_count']} nodes").click()
    lines = sum(max(1, len(candidate["refusals"])) for candidate in told["candidates"])
    expect(detail.locator(".table-foot")).to_have_text(f"{lines} rows", timeout=60_000)
    page.reload()
    expect(detail.locator(".table-foot")).to_have_text(f"{lines} rows", timeout=60_000)
    detail.get_by_role("link", name="Close").click()
    expect(detail).to_be_hidden()
    expect(page).not_to_have_url(re.compile("workload="))


def test_what_would_make_room_is_tried_by_a_form_that_is_filled_in(pages: Pages, base: str) -> None:
    """Nothing is asked for yet: the person sees what it would be, and submits it."""
    plans = ask.get(f"{base}/v1/plans?limit=1000").json()["items"]
    page = pages.open()
    page.goto("/?view=refusals")
    attempt = page.get_by_role("link", name="Try this").first
    for one in refused(base):
        told = ask.get(f"{base}/v1/plans/{one['plan']}/explanations/{one['workload']}").json()["refusal"]["repairs"]
        if any(change["kind"] in ("scope", "terms") for repair in told for change in repair["change"]):
            break
    page.goto(f"/?view=refusals&workload={one['workload']}")
    attempt.click()
    form = page.get_by_role("region", name="Stored workloads")
    expect(form.get_by_label("Workloads")).to_have_value(one["workload"])
    expect(form.get_by_role("button", name="Submit")).to_be_enabled()
    assert ask.get(f"{base}/v1/plans?limit=1000").json()["items"] == plans


def test_the_refusals_of_a_plan_are_chosen(pages: Pages, base: str) -> None:
    plan = ask.get(f"{base}/v1/plans?limit=1").json()["items"][0]
    page = pages.open()
    page.goto("/?view=refusals")
    page.get_by_label("Refusals of").select_option(plan["id"])
    expect(page).to_have_url(re.compile(f"plan={plan['id']}"))
    expect(page.locator("tr[data-id]").first).to_be_visible()
    page.get_by_role("link", name="The plan", exact=True).click()
    expect(page.get_by_role("heading", name=plan["name"])).to_be_visible()


@pytest.mark.parametrize(("language", "theme", "width"), [("ko", "dark", 360), ("en", "dark", 1280)])
def test_an_explanation_fits_and_is_accessible(pages: Pages, base: str, language: str, theme: str, width: int) -> None:
    page = pages.open(language=language, theme=theme, width=width)
    page.goto(f"/?view=refusals&workload={refused(base)[0]['workload']}")
    expect(page.locator(".refusals-detail tr[data-id]").first).to_be_visible(timeout=60_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    accessible(page)

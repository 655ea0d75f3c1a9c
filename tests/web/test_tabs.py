"""Two tabs on one service: what is done in one is seen in the other, which loses nothing that a person has begun there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.web.axe import accessible
from tests.web.conftest import Pages
from tests.web.service import ask, ended, serving
from tests.web.test_map import drawn
from tests.web.test_plans import plan_of

NODE = "mec-usn"


@pytest.fixture(scope="module")
def base(planned: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service of these tests' own: they change what is in force."""
    with serving(tmp_path_factory.mktemp("tabs"), planned) as url:
        ask.post(f"{url}/v1/plans/{ended(url)}/apply").raise_for_status()
        yield url


def at(pages: Pages, query: str, seen: str) -> Page:
    """A tab that shows something, and hears what happens."""
    page = pages.open()
    page.goto(query)
    expect(page.locator(seen).first).to_be_visible()
    expect(page.locator("main [aria-busy]")).to_have_count(0)
    expect(page.locator(".connection")).to_have_text("Live")
    return page


def test_what_one_tab_applies_the_others_show_and_keep_what_is_being_typed(pages: Pages, base: str) -> None:
    plan = plan_of(base, "from-the-other-tab", 12)
    asking = at(pages, "/?view=plans&new=1", ".plans-form")
    listed = at(pages, "/?view=plans", "tr[data-id]")
    searched = at(pages, "/?table=1&rows=allocations", "tr[data-id]")
    about = at(pages, f"/?view=plans&plan={plan}", ".plans-figures")
    form = asking.get_by_role("region", name="Stored workloads")
    form.get_by_label("Name", exact=True).fill("half")
    form.get_by_label("At most, in thousandths").fill("123")
    form.get_by_label("Workloads").press_sequentially("amr-")
    find = searched.get_by_label("Find in the table")
    find.press_sequentially("busan")
    expect(searched.locator(".table-search [role=status]")).to_contain_text("of")

    ask.post(f"{base}/v1/plans/{plan}/apply").raise_for_status()
    total = len(ask.get(f"{base}/v1/map/allocation").json()["shards"]["workload"])
    expect(about.locator(".plans-badges")).to_contain_text("in force")
    expect(about.get_by_role("button", name="Apply", exact=True)).to_be_hidden()
    mine = listed.get_by_role("table", name="Plans, newest first").locator(
        "tr[data-id]", has=listed.get_by_text("in force", exact=True)
    )
    expect(mine).to_have_count(1)
    expect(mine).to_have_attribute("data-id", plan)
    expect(searched.locator(".table-foot")).to_have_text(f"{total:,} rows")
    expect(find).to_have_value("busan")
    expect(find).to_be_focused()
    expect(searched.locator(".table-search [role=status]")).to_contain_text(f"of {total:,} rows")
    searched.keyboard.type(" port")
    expect(find).to_have_value("busan port")
    expect(form.get_by_label("Name", exact=True)).to_have_value("half")
    expect(form.get_by_label("At most, in thousandths")).to_have_value("123")
    expect(form.get_by_label("Workloads")).to_be_focused()
    asking.keyboard.type("1")
    expect(form.get_by_label("Workloads")).to_have_value("amr-1")


#: Where a plan is shown, and what is there of it.
SHOWN = {
    "view=plans&plan={plan}": ".plans-figures",
    "view=plans&plan={plan}&report=1": ".plans-report h2",
    "view=plans&plan={plan}&with={other}": ".plans-figures-table",
    "view=capacity&plan={plan}": "tr[data-group]",
    "view=refusals&plan={plan}": ".state-title",
}


def test_a_plan_that_is_deleted_while_it_is_shown_stays_in_sight_and_is_said_to_be_gone(pages: Pages, base: str) -> None:
    """Nothing of it is asked for any more, whatever happens: that would be a failure on the console."""
    plan, other = plan_of(base, "passing", 3), ended(base)
    tabs = [(at(pages, "/?" + query.format(plan=plan, other=other), shown), shown) for query, shown in SHOWN.items()]
    one = tabs[0][0]
    one.get_by_role("button", name="Delete").focus()
    ask.delete(f"{base}/v1/plans/{plan}").raise_for_status()
    for tab, shown in tabs:
        expect(tab.locator(".gone")).to_contain_text("Plan passing has been deleted.")
        expect(tab.locator(shown).first).to_be_visible()
    expect(one.get_by_role("heading", name="passing")).to_be_focused()
    for name in ("Apply", "Plan again", "Delete"):
        expect(one.get_by_role("button", name=name, exact=True)).to_be_hidden()
    ask.post(f"{base}/v1/nodes/{NODE}/fail").raise_for_status()
    for tab, shown in tabs:
        expect(tab.locator('[data-alarm="failed"]')).to_be_visible()
        expect(tab.locator(".gone")).to_contain_text("Plan passing has been deleted.")
        expect(tab.locator(shown).first).to_be_visible()
        expect(tab.locator(".state-failed")).to_have_count(0)
    for tab, _ in tabs[3:]:
        tab.get_by_role("link", name="Show what is in force").click()
        expect(tab.locator(".gone")).to_be_empty()
        expect(tab).not_to_have_url(re.compile("plan="))
    accessible(one)
    ask.post(f"{base}/v1/nodes/{NODE}/activate").raise_for_status()


def test_a_plan_that_is_deleted_while_the_map_draws_it_leaves_the_way_to_what_is_in_force(pages: Pages, base: str) -> None:
    pages.allowed.append("404")
    plan = plan_of(base, "passing", 3)
    page = at(pages, f"/?plan={plan}", ".chart-canvas canvas")
    ask.delete(f"{base}/v1/plans/{plan}").raise_for_status()
    expect(page.get_by_role("alert")).to_contain_text(f"There is no plan '{plan}'.")
    page.get_by_role("link", name="Show what is in force").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(drawn(page)).not_to_contain_text(" 0 shards")

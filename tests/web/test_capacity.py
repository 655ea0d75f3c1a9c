"""The capacity: its figures are those of the service, for any day, firmness and province that the URL says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.web.axe import accessible
from tests.web.conftest import Pages
from tests.web.service import ask, ended, serving

#: The day where the pages are looked at: what is in force is shown as of today.
TODAY = datetime.now(ZoneInfo("Asia/Seoul")).date().isoformat()
LADDER = ("operational", "under_construction", "contracted", "announced", "mou", "aspiration")


def opened(pages: Pages, query: str = "", **look: Any) -> Page:
    page = pages.open(**look)
    page.goto(f"/?view=capacity{query}")
    expect(page.locator(".capacity-timeline canvas, .capacity-timeline tr[data-id]").first).to_be_visible()
    return page


def asks(page: Page, name: str, value: str) -> None:
    """The URL says so, or soon does."""
    expect(page).to_have_url(re.compile(rf"[?&]{name}={value}(&|$)"))


def counting(base: str, day: str, lowest: str) -> dict[str, dict[str, Any]]:
    """The nodes that the service's commitment rule would admit, by id."""
    nodes = ask.get(f"{base}/v1/nodes?limit=1000").json()["items"]
    firm = LADDER[: LADDER.index(lowest) + 1]
    return {
        node["id"]: node
        for node in nodes
        if node["commitment"] in firm
        and (node["available_from"] <= day if node["available_from"] else node["commitment"] == "operational")
    }


def cards_of(nodes: dict[str, dict[str, Any]]) -> int:
    return sum(pool["count"] for node in nodes.values() for pool in node["pools"])


def figures(page: Page) -> Locator:
    return page.locator(".asof-said")


def test_the_shares_are_those_of_the_accounts(pages: Pages) -> None:
    page = opened(pages)
    there = counting(pages.base, TODAY, "operational")
    uses = ask.get(f"{pages.base}/v1/allocations/usage?rule=node_capacity&limit=1000").json()["items"]
    for tier in ("onsite", "mec", "metro", "regional", "core"):
        mine = [
            use
            for use in uses
            if use["resource"] == "accelerators" and there.get(use["subject"]["node"], {}).get("tier") == tier
        ]
        used, capacity = (sum(use[name] for use in mine) for name in ("used", "capacity"))
        cell = page.locator(f'tr[data-group="{tier}"] td.use').first
        share = re.sub(r"\.0$", "", f"{100 * used / capacity:.1f}")
        expect(cell.locator(".use-share")).to_have_text(f"{share}%")
    expect(figures(page)).to_contain_text(f"{len(there)} of 149 nodes count")
    expect(figures(page)).to_contain_text(f"{cards_of(there):,} cards")


def test_what_is_full_stands_in_its_columns_whatever_was_looked_at_before(pages: Pages) -> None:
    page = pages.open()
    page.goto("/")
    for view in ("Map", "Plans", "Capacity"):
        page.get_by_role("link", name=view, exact=True).click()
        expect(page.locator("main canvas, main table").first).to_be_visible()
    row = page.locator('tr[data-group="mec"]')
    expect(row.locator("td.use")).to_have_count(4)
    expect(page.locator("main [aria-busy]")).to_have_count(0)
    # All of it at one moment: what comes later may move it.
    tops, lefts, headings = page.locator(".use-table").evaluate(
        """(table) => {
          const at = (all, side) => [...table.querySelectorAll(all)].map((one) => one.getBoundingClientRect()[side]);
          const cells = 'tr[data-group="mec"] td.use';
          return [at(cells, "top"), at(cells, "left"), at("thead th", "left").slice(2)];
        }"""
    )
    assert len(set(tops)) == 1
    assert lefts == headings


def test_the_day_is_moved_by_keyboard_and_the_url_holds_it(pages: Pages) -> None:
    page = opened(pages, "&commitment=mou&day=2026-12-01")
    slider = page.get_by_role("slider", name="As of")
    expect(slider).to_have_attribute("aria-valuetext", "1 Dec 2026")
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "1 Jan 2027")
    page.keyboard.press("PageUp")
    expect(slider).to_have_attribute("aria-valuetext", "1 Jan 2028")
    expect(slider).to_be_focused()
    asks(page, "day", "2028-01-01")
    there = counting(pages.base, "2028-01-01", "mou")
    expect(figures(page)).to_contain_text(f"{len(there)} of 149 nodes count")
    page.get_by_role("button", name="Next change").press("Enter")
    later = min(
        node["available_from"]
        for node in ask.get(f"{pages.base}/v1/nodes?limit=1000").json()["items"]
        if (node["available_from"] or "") > "2028-01-01"
    )
    expect(page.get_by_label("As of").first).to_have_value(later)
    page.reload()
    expect(figures(page)).to_contain_text(f"{cards_of(counting(pages.base, later, 'mou')):,} cards")
    door = page.get_by_role("link", name="Plan as of")
    expect(door).to_have_attribute("href", re.compile(f"horizon={later}"))
    href = parse_qs(urlsplit(door.get_attribute("href") or "").query)
    assert (href["view"], href["horizon"], href["commitment"]) == (["plans"], [later], ["mou"])


def test_what_only_memoranda_promise_is_said(pages: Pages) -> None:
    page = opened(pages)
    nodes = ask.get(f"{pages.base}/v1/nodes?limit=1000").json()["items"]
    loose = {node["id"]: node for node in nodes if node["commitment"] in ("mou", "aspiration")}
    said = page.locator(".promise")
    expect(said).to_contain_text(f"promise {cards_of(loose):,} cards of")
    expect(said).to_contain_text(f"nodes: {len(loose)}")
    expect(page.locator('tr[data-commitment="mou"]')).to_contain_text("not counted")
    page.get_by_label("Lowest commitment").select_option("mou")
    expect(page.locator('tr[data-commitment="mou"]')).not_to_contain_text("not counted")
    asks(page, "commitment", "mou")
    page.get_by_label("What is drawn").select_option("power")
    expect(said).to_contain_text("kW")


def test_a_province_is_looked_at_alone(pages: Pages) -> None:
    page = opened(pages, "&by=province")
    province = page.locator('path[data-province="KR-26"]')
    rows = page.locator(".capacity-fullest tr[data-id]")
    expect(rows.first).to_be_visible()
    expect(page.locator("main [aria-busy]")).to_have_count(0)
    before = rows.count()
    province.click()
    expect(province).to_have_attribute("aria-pressed", "true")
    asks(page, "province", "KR-26")
    there = {key: node for key, node in counting(pages.base, TODAY, "operational").items() if node["province"] == "KR-26"}
    expect(figures(page)).to_contain_text(f"{len(there)} of")
    expect(rows.filter(has_not_text="Busan")).to_have_count(0)
    expect(rows.first).to_be_visible()
    assert rows.count() < before
    province.focus()
    page.keyboard.press("Enter")
    expect(rows).to_have_count(before)
    page.get_by_role("button", name="Busan", exact=True).click()
    expect(page.get_by_role("combobox", name="Province")).to_have_value("KR-26")
    page.go_back()
    expect(rows).to_have_count(before)


def test_nodes_lead_to_the_map_and_charts_have_tables(pages: Pages) -> None:
    page = opened(pages, "&by=accelerator&resource=power&tables=nodes,timeline")
    expect(page.locator("canvas")).to_have_count(0)
    expect(page.locator(".capacity-timeline tr[data-id]").first).to_be_visible()
    accessible(page)
    page.get_by_role("button", name="As a chart").last.click()
    expect(page.locator(".capacity-timeline canvas").first).to_be_visible()
    asks(page, "tables", "nodes")
    first = page.locator(".capacity-fullest tr[data-id]").first
    node = first.get_attribute("data-id")
    expect(first.get_by_role("link")).to_have_attribute("href", f"/?node={node}")


def test_the_dearest_limit_stands_first_in_its_unit(pages: Pages) -> None:
    # Which limits a plan of a few seconds has prices for is not certain: here each of cards has one, by thousandths.
    found = ask.get(f"{pages.base}/v1/capacity").json()
    cards = [use for use in found["tightest"] if use["resource"] == "accelerators"]
    for use in found["tightest"]:
        use["price"] = 10.5 + cards.index(use) if use in cards else None
    page = pages.open()
    page.route("**/v1/capacity", lambda route: route.fulfill(json=found))
    page.goto("/?view=capacity")
    first = page.locator(".capacity-limits tr[data-id]").first
    expect(first).to_contain_text(f"would save ₩{round(1000 * cards[-1]['price']):,} a month.")
    expect(first).to_contain_text("One more card for")
    page.locator(".capacity-limits").get_by_role("button", name="Share").click()
    asks(page, "sort", "share")
    page.reload()
    expect(page.locator(".capacity-limits").get_by_role("columnheader", name="Share")).to_have_attribute(
        "aria-sort", "descending"
    )


def test_cards_that_pay_and_nodes_that_are_promised_are_listed(pages: Pages) -> None:
    """Those of whoever has most of the nodes at first; nothing hangs on a promise before a plan for a later day is made."""
    plan = ask.get(f"{pages.base}/v1/capacity").json()["plan"]
    told = ask.get(f"{pages.base}/v1/plans/{plan}/card-savings").json()["items"]
    page = opened(pages, "&claim=koacc-haenam")
    cards = page.locator(".capacity-cards tr[data-id]")
    for owner, chosen in (("Reference operator", None), ("*", "any")):
        if chosen is not None:
            page.locator(".capacity-cards").get_by_label("Owner").select_option(owner)
        mine = [f"{card['node']}/{card['accelerator']}" for card in told if owner in ("*", card["owner"])]
        expect(cards).to_have_count(len(mine))
        for row, id in enumerate(mine):
            expect(cards.nth(row)).to_have_attribute("data-id", id)
    hanging = page.locator("[data-part=hanging]")
    expect(hanging).to_contain_text("In force now: 0 shards")
    door = hanging.locator("[data-part=ahead]").get_by_role("link")
    expect(door).to_have_attribute("href", re.compile("new=1.*horizon=2028-12-31.*commitment=under_construction"))
    accessible(page)
    page.goto(f"/?view=plans&plan={plan}")
    sites = page.locator("[data-part=sites]")
    expect(sites.locator("[data-line=cost] dd")).to_be_visible()
    won = [int(re.sub(r"\D", "", line)) for line in sites.locator("[data-line] dd").all_inner_texts()]
    assert sum(won[:3]) == won[3] == ask.get(f"{pages.base}/v1/plans/{plan}").json()["result"]["cost"]
    accessible(page)


def test_a_plan_is_chosen_by_the_url(pages: Pages) -> None:
    plan = ask.get(f"{pages.base}/v1/capacity").json()["plan"]
    page = opened(pages, f"&plan={plan}", language="ko", theme="dark", width=360)
    expect(page.locator('tr[data-group="core"]')).to_be_visible()
    page.goto("/?view=capacity&plan=00000000-0000-0000-0000-000000000000")
    expect(page.locator(".state-failed")).to_be_visible()
    page.goto("/?view=capacity")
    expect(page.locator('tr[data-group="core"]')).to_be_visible()
    pages.allowed.append("404")


@pytest.fixture(scope="module")
def unapplied(planned: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service whose plan is not in force."""
    with serving(tmp_path_factory.mktemp("unapplied"), planned) as url:
        yield url


def test_before_a_plan_is_applied_the_timeline_stands_alone(browser: Browser, unapplied: str, tmp_path: Path) -> None:
    plan = ended(unapplied)
    with Pages(browser, unapplied) as pages:
        page = opened(pages)
        expect(page.locator(".capacity-nothing .state-title")).to_have_text("Nothing is in force yet.")
        expect(page.locator(".capacity-use")).to_be_hidden()
        expect(page.locator(".promise")).to_be_visible()
        ask.post(f"{unapplied}/v1/plans/{plan}/apply").raise_for_status()
        expect(page.locator('tr[data-group="core"]')).to_be_visible()
        expect(page.locator(".capacity-nothing")).to_be_hidden()

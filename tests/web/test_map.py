"""The map: what is drawn, found, filtered, told and done there, and that the URL holds all of it."""

from __future__ import annotations

import json
import re
from bisect import bisect
from collections.abc import Iterator
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Locator, Page, expect

from tests.web.axe import accessible
from tests.web.conftest import Pages
from tests.web.pictures import BAD, disc, painted, seen
from tests.web.service import ROOT, ask, ended, serving

NODE, NODE_NAME = "naver-gak-chuncheon", "NAVER GAK Chuncheon"
#: A node that stands where another does.
FAILED, FAILED_NAME = "mec-usn", "Ulsan MEC hub"


@pytest.fixture(scope="module")
def in_trouble(planned: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service with the reference plan in force, on which a node has failed."""
    with serving(tmp_path_factory.mktemp("trouble"), planned) as url:
        ask.post(f"{url}/v1/plans/{ended(url)}/apply").raise_for_status()
        ask.post(f"{url}/v1/nodes/{FAILED}/fail").raise_for_status()
        yield url


def drawn(page: Page) -> Locator:
    """The sentence of the map, once it is there."""
    said = page.locator(".map-sum")
    expect(said).to_be_visible()
    expect(page.locator(".chart-canvas canvas").first).to_be_visible()
    return said


def story(page: Page) -> Locator:
    return page.get_by_role("complementary")


def counted(page: Page, label: str) -> Locator:
    """The figure beside a label of the legend."""
    return page.locator(".legend li", has=page.get_by_text(label, exact=True)).locator(".number")


def placement(base: str) -> dict[str, Any]:
    found: dict[str, Any] = ask.get(f"{base}/v1/map/allocation").json()
    return found


def home_place(page: Page, lon: float, lat: float) -> tuple[float, float]:
    """Where the canvas has a place while the whole of Korea is looked at: in the middle, as large as it fits."""
    packed = json.loads((ROOT / "app" / "web" / "src" / "outline.json").read_text())
    arcs = [arc for province in packed["provinces"] for rings in province["polygons"] for ring in rings for arc in ring]
    steps = [packed["arcs"][arc if arc >= 0 else ~arc] for arc in arcs]
    lons, lats = ([degree / packed["scale"] for arc in steps for degree in accumulate(arc[first::2])] for first in (0, 1))
    (west, east), (south, north) = (min(lons), max(lons)), (min(lats), max(lats))
    box = page.locator(".chart-canvas").bounding_box()
    assert box is not None
    aspect, margin = 0.81, 16
    scale = min((box["width"] - 2 * margin) / (east - west) / aspect, (box["height"] - 2 * margin) / (north - south))
    x = box["width"] / 2 + (lon - (west + east) / 2) * scale * aspect
    y = box["height"] / 2 - (lat - (south + north) / 2) * scale
    return x, y


def shards_on(base: str, node: str) -> int:
    found = placement(base)
    return int(found["shards"]["node"].count(found["nodes"].index(node)))


# The place depends on the width, the colour on the theme: two looks have both of each.
@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 400)])
def test_a_node_that_fails_is_seen_and_hit_at_home_though_another_stands_there(
    browser: Browser, in_trouble: str, theme: str, width: int
) -> None:
    nodes = ask.get(f"{in_trouble}/v1/map").json()["nodes"]
    places = list(zip(nodes["lon"], nodes["lat"], strict=True))
    here = places[nodes["id"].index(FAILED)]
    assert places.count(here) > 1
    with Pages(browser, in_trouble) as pages:
        page = pages.open(theme=theme, width=width)
        page.goto("/")
        drawn(page)
        expect(page.locator('[data-alarm="failed"]')).to_be_visible()
        x, y = disc(page, BAD[theme])
        at_x, at_y = home_place(page, *here)
        assert ((x - at_x) ** 2 + (y - at_y) ** 2) ** 0.5 < 16, (x, y, at_x, at_y)
        page.locator(".chart-canvas").click(position={"x": x, "y": y})
        expect(page).to_have_url(re.compile(f"node={FAILED}"))
        expect(story(page).get_by_role("heading", name=FAILED_NAME)).to_be_visible()
        expect(story(page).locator(".facts .badge.bad")).to_have_text("Failed")


def test_the_alarms_of_every_page_lead_to_what_they_count(browser: Browser, in_trouble: str) -> None:
    told = ask.get(f"{in_trouble}/v1/alarms").json()
    assert told["failed_nodes"] == 1
    shards = told["disturbed_shards"] + told["refused_shards"]
    everything = told["failed_nodes"] + told["draining_nodes"] + shards + (told["stale"] is not None)
    rows = {
        "failed": ("failed_nodes", r"state=failed&table=1$"),
        "draining": ("draining_nodes", r"state=draining&table=1$"),
        "disturbed": ("disturbed_shards", r"status=disturbed&table=1&rows=allocations$"),
    }
    with Pages(browser, in_trouble) as pages:
        page = pages.open()
        for view in ("map", "plans", "capacity", "refusals", "events"):
            page.goto(f"/?view={view}")
            expect(page.locator(".alarm")).to_have_count(2 + sum(told[name] > 0 for name, _ in rows.values()))
            expect(page).to_have_title(re.compile(rf"^\({everything}\) "))
        for kind, (name, url) in rows.items():
            alarm = page.locator(f'[data-alarm="{kind}"]')
            assert told[name] > 0
            expect(alarm).to_contain_text(str(told[name]))
            alarm.click()
            expect(page).to_have_url(re.compile(url))
            expect(page.locator("tr[data-id]")).to_have_count(told[name])
        accessible(page)
        page.locator('[data-alarm="refused"]').click()
        expect(page.get_by_text(f"{told['refused_shards']} shards of")).to_be_visible()
        stale = page.locator('[data-alarm="stale"]')
        expect(stale).to_have_attribute("title", re.compile("Changed since, up to generation .*: network"))
        stale.click()
        expect(page).to_have_url(re.compile(f"view=plans&plan={told['stale']['plan']}$"))


def test_the_alarms_follow_what_happens_without_a_reload(browser: Browser, planned: Path, tmp_path: Path) -> None:
    with serving(tmp_path, planned) as base, Pages(browser, base) as pages:
        page = pages.open()
        page.goto("/?view=plans")
        expect(page.locator(".connection")).to_have_text("Live")
        expect(page.locator('[data-alarm="failed"]')).to_have_count(0)
        ask.post(f"{base}/v1/nodes/{FAILED}/fail").raise_for_status()
        expect(page.locator('[data-alarm="failed"]')).to_have_text("1 node has failed")
        page.get_by_label("Language").select_option("ko")
        expect(page.locator('[data-alarm="failed"]')).to_have_text("장애 노드 1개")
        for node in (node for node in ask.get(f"{base}/v1/nodes?limit=1000").json()["items"] if node["state"] != "active"):
            ask.post(f"{base}/v1/nodes/{node['id']}/activate").raise_for_status()
        expect(page.locator(".alarms")).to_be_hidden()
        expect(page).to_have_title("계획 – Edgeplan")


EUROPE = {"n-par": (48.86, 2.35), "n-ber": (52.52, 13.4), "n-mad": (40.42, -3.7)}


@pytest.fixture(scope="module")
def abroad(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service with three nodes in Europe, and nothing in Korea."""
    with serving(tmp_path_factory.mktemp("abroad"), seeded=False) as url:
        for id, (lat, lon) in EUROPE.items():
            node = {"id": id, "tier": "core", "country": "FR", "owner": "A", "owner_country": "FR", "lat": lat, "lon": lon}
            ask.post(f"{url}/v1/nodes", json={**node, "pools": []}).raise_for_status()
        ask.post(f"{url}/v1/nodes/n-par/fail").raise_for_status()
        yield url


def test_the_view_fits_a_network_that_stands_elsewhere(browser: Browser, abroad: str) -> None:
    with Pages(browser, abroad) as pages:
        page = pages.open()
        page.goto("/")
        drawn(page)
        x, y = disc(page, BAD["light"])
        box = page.locator(".chart-canvas").bounding_box()
        assert box is not None
        # Between Madrid and Berlin, which lie at the edges of what is looked at.
        assert box["height"] * 0.2 < y < box["height"] * 0.5
        page.locator(".chart-canvas").click(position={"x": x, "y": y})
        expect(page).to_have_url(re.compile("node=n-par"))
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Zoom in").click()
        expect(page).to_have_url(re.compile("at="))
        page.get_by_role("button", name="The whole network").click()
        expect(page).not_to_have_url(re.compile("at="))
        disc(page, BAD["light"], near=(x, y))


def test_a_network_without_coordinates_says_so(browser: Browser, abroad: str) -> None:
    for id in EUROPE:
        ask.patch(f"{abroad}/v1/nodes/{id}", json={"lat": None, "lon": None}).raise_for_status()
    with Pages(browser, abroad) as pages:
        page = pages.open()
        page.goto("/")
        expect(page.locator(".map-notice")).to_contain_text("Nothing in this network has coordinates")
        page.locator(".map-notice").get_by_role("link", name="List them").click()
        expect(page.locator("tr[data-id]")).to_have_count(len(EUROPE))


def test_what_is_pointed_at_dims_the_rest(pages: Pages) -> None:
    """Land far from what is pointed at fades towards the surface, and comes back."""
    nodes = ask.get(f"{pages.base}/v1/map").json()["nodes"]
    at = nodes["id"].index(FAILED)
    page = pages.open()
    page.goto("/?bare=1")
    drawn(page)
    canvas = page.locator(".chart-canvas")

    def land(pixels: NDArray[np.int_]) -> int:
        """How many pixels have the colour of the land."""
        return int((np.abs(pixels - (0xE7, 0xEB, 0xF0)).max(axis=2) < 3).sum())

    before = seen(page, lambda pixels: land(pixels) or None)
    x, y = home_place(page, nodes["lon"][at], nodes["lat"][at])
    canvas.hover(position={"x": x, "y": y})
    seen(page, lambda pixels: land(pixels) < before / 10 or None)
    canvas.hover(position={"x": x + 300, "y": y})
    seen(page, lambda pixels: abs(land(pixels) - before) < before / 20 or None)
    find = page.get_by_role("combobox", name="Find a node, site or workload")
    find.fill(placement(pages.base)["shards"]["workload"][0])
    expect(page.get_by_role("listbox").get_by_role("option").first).to_be_visible()
    find.press("ArrowDown")
    find.press("Enter")
    # It is dimmed around what is chosen, and looked at from as near as all of it can be seen.
    expect(page).to_have_url(re.compile(r"[?&]at=\d"))
    canvas.hover(position={"x": 2, "y": 2})
    seen(page, lambda pixels: land(pixels) < before / 10 or None)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_share_has_one_colour_in_the_legend_the_panel_and_the_table(pages: Pages, theme: str) -> None:
    ends = [0, 100, 250, 400, 550, 700, 850]
    labels = ["below 10%", *(f"{low // 10}–{high // 10}%" for low, high in pairwise(ends[1:])), "85% and more"]
    colour = "one => getComputedStyle(one).backgroundColor"
    page = pages.open(theme=theme)
    page.goto(f"/?node={NODE}")
    drawn(page)
    legend = page.locator(".legend ul").first.locator("li")
    colours = [legend.filter(has_text=label).locator(".key-dot").evaluate(colour) for label in labels]
    assert len(set(colours)) == len(ends)

    def wanted(said: str) -> str:
        """The colour that the legend has for a share."""
        return str(colours[bisect(ends, float(said.strip().rstrip("%")) * 10) - 1])

    gauges = story(page).locator(".gauge:has(.amount-fill)")
    expect(gauges.first).to_be_visible()
    for gauge in gauges.all():
        assert gauge.locator(".gauge-fill").evaluate(colour) == wanted(gauge.locator(".gauge-share").inner_text())
    page.get_by_role("button", name="As a table").click()
    page.get_by_label("Find in the table").fill(NODE)
    cell = page.locator(f'tr[data-id="{NODE}"] td:has(.amount-fill)').first
    assert cell.locator(".key-dot").evaluate(colour) == wanted(cell.inner_text())


def test_shards_are_counted_one_way(pages: Pages) -> None:
    plan = ask.get(f"{pages.base}/v1/allocations/summary").json()["plan"]
    result = ask.get(f"{pages.base}/v1/plans/{plan}").json()["result"]
    placed, refused = result["placed_shards"], result["unplaced_shards"]
    page = pages.open()
    page.goto("/")
    expect(drawn(page)).to_contain_text(f"{placed + refused} shards in")
    expect(drawn(page)).to_contain_text(f"{refused} unplaced")
    expect(page.locator('[data-alarm="refused"]')).to_contain_text(str(refused))
    page.get_by_role("button", name="As a table").click()
    page.get_by_role("button", name="Allocations", exact=True).click()
    expect(page.locator(".table-foot")).to_have_text(f"{placed + refused:,} rows")
    page.goto(f"/?view=plans&plan={plan}")
    for name, count in {"Placed shards": placed, "Refused shards": refused}.items():
        expect(page.locator(".plans-figures > *", has_text=name)).to_contain_text(f"{count:,}")
    page.goto("/?view=refusals")
    expect(page.get_by_text(re.compile(rf"^{refused} shards of"))).to_be_visible()


def test_the_map_says_what_it_draws_and_counts_by_colour(pages: Pages) -> None:
    page = pages.open()
    page.goto("/?by=tier")
    network = ask.get(f"{pages.base}/v1/map").json()
    shards = placement(pages.base)["shards"]
    expect(drawn(page)).to_contain_text(f"{len(network['nodes']['id'])} nodes and {len(network['sites']['id'])} sites")
    expect(drawn(page)).to_contain_text(f"{len(shards['node'])} shards in")
    expect(drawn(page)).to_contain_text(f"{shards['node'].count(-1)} unplaced")
    onsite = network["nodes"]["tier"].count(network["tiers"].index("onsite"))
    expect(counted(page, "On-site")).to_have_text(str(onsite))
    page.get_by_label("Colour by").select_option("sovereignty")
    domestic = network["nodes"]["sovereignty"].count(network["sovereignties"].index("domestic"))
    expect(counted(page, "Domestic")).to_have_text(str(domestic))
    expect(page).to_have_url(re.compile("by=sovereignty"))


def test_filters_combine_and_are_taken_away_as_chips(pages: Pages) -> None:
    page = pages.open()
    page.goto("/")
    network = ask.get(f"{pages.base}/v1/map").json()
    expect(drawn(page)).to_contain_text(f"{len(network['nodes']['id'])} nodes")
    whole = drawn(page).inner_text()
    page.locator("summary", has_text="Tier").click()
    page.get_by_role("checkbox", name="On-site").check()
    page.get_by_role("checkbox", name="MEC hub").check()
    page.keyboard.press("Escape")
    expect(page.locator("summary", has_text="Tier")).to_be_focused()
    page.locator("summary", has_text="Province").click()
    page.get_by_role("checkbox", name="Ulsan").check()
    expect(page).to_have_url(re.compile(r"province=KR-31&tier=onsite,mec"))
    tiers, ulsan = network["tiers"], network["provinces"].index("KR-31")
    wanted = {tiers.index("onsite"), tiers.index("mec")}
    own = sum(
        tier in wanted and province == ulsan
        for tier, province in zip(network["nodes"]["tier"], network["nodes"]["province"], strict=True)
    )
    narrowed = int(str(re.match(r"\d+", drawn(page).inner_text())[0]))  # type: ignore[index]
    assert own <= narrowed < 30
    page.get_by_role("button", name="As a table").click()
    expect(page.locator("tr[data-id]")).to_have_count(narrowed)
    page.get_by_role("button", name="As a chart").click()
    page.get_by_role("button", name="Remove the filter Tier: MEC hub").click()
    expect(page).to_have_url(re.compile(r"tier=onsite(&|$)"))
    page.get_by_role("button", name="Clear all").click()
    expect(drawn(page)).to_have_text(whole)
    expect(page).not_to_have_url(re.compile("province|tier"))


def test_search_finds_a_node_and_its_story_takes_and_gives_back_the_focus(pages: Pages) -> None:
    page = pages.open()
    page.goto("/")
    drawn(page)
    find = page.get_by_role("combobox", name="Find a node, site or workload")
    find.fill("gak chun")
    expect(page.get_by_role("listbox").get_by_role("option").first).to_contain_text(NODE_NAME)
    find.press("ArrowDown")
    find.press("Enter")
    heading = story(page).get_by_role("heading", name=NODE_NAME)
    expect(heading).to_be_focused()
    expect(page).to_have_url(re.compile(f"node={NODE}"))
    expect(story(page)).to_contain_text("NAVER (South Korea)")
    expect(story(page)).to_contain_text("Operational, from 31 Dec 2013")
    uses = ask.get(f"{pages.base}/v1/allocations/usage?node={NODE}&accelerator=l40s").json()["items"]
    expect(story(page).locator(".gauge", has_text="l40s").locator(".gauge-share")).to_have_text(
        f"{uses[0]['used_permille'] / 10:g}%"
    )
    expect(story(page)).to_contain_text(f"Runs here: {shards_on(pages.base, NODE)} shards")
    accessible(page)
    page.keyboard.press("Escape")
    expect(story(page)).to_have_count(0)
    expect(find).to_be_focused()
    expect(page).not_to_have_url(re.compile("node="))


def test_a_press_on_the_canvas_picks_what_stands_there(pages: Pages) -> None:
    network = ask.get(f"{pages.base}/v1/map").json()["nodes"]
    at = network["id"].index(NODE)
    page = pages.open()
    page.goto(f"/?bare=1&tier=regional&at={network['lon'][at]:.3f},{network['lat'][at]:.3f},40")
    drawn(page)
    height, width, _ = painted(page).shape
    canvas = page.locator(".chart-canvas")
    canvas.click(position={"x": width / 2, "y": height / 2})
    expect(page).to_have_url(re.compile(f"node={NODE}"))
    expect(story(page).get_by_role("heading", name=NODE_NAME)).to_be_focused()
    height, width, _ = painted(page).shape
    canvas.click(position={"x": width / 2, "y": height / 2 + 120})
    expect(story(page)).to_have_count(0)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_workload_tells_its_budget_its_cost_and_its_next_best_place(pages: Pages, language: str) -> None:
    found = placement(pages.base)
    shards = found["shards"]
    at = next(
        i for i, shard in enumerate(shards["status"]) if shard == 0 and shards["workload"].count(shards["workload"][i]) == 1
    )
    workload = shards["workload"][at]
    page = pages.open(language=language)
    page.goto(f"/?workload={workload}")
    drawn(page)
    told = ask.get(f"{pages.base}/v1/plans/{found['plan']}/explanations/{workload}").json()["placed"][0]
    budget = story(page).locator(".budget-parts > div")
    expect(budget).to_have_count(7)
    shares = [told["latency"][f"{name}_us"] for name in ("access", "transfer", "transport", "service", "waiting", "margin")]
    assert sum(shares) == told["latency"]["deadline_us"]
    for place, share in enumerate(shares):
        percent = round(1000 * share / told["latency"]["deadline_us"]) / 10
        expect(budget.nth(place).locator("dd").last).to_have_text(f"{percent:g}%")
    cost = sum(one["cost_month"] for one in told["cost_by_goal"])
    expect(story(page).locator(".sums .total dd").first).to_have_text(re.compile(f"{cost:,}$"))
    accessible(page)


def test_an_unplaced_workload_tells_which_rules_say_no(pages: Pages) -> None:
    found = placement(pages.base)
    shards = found["shards"]
    workload = next(name for name, status in zip(shards["workload"], shards["status"], strict=True) if status == 1)
    page = pages.open()
    page.goto(f"/?workload={workload}&table=1&rows=allocations")
    expect(story(page)).to_contain_text("are unplaced" if shards["workload"].count(workload) > 1 else "It is unplaced.")
    told = ask.get(f"{pages.base}/v1/plans/{found['plan']}/explanations/{workload}").json()
    first = story(page).locator(".candidates > li").first
    expect(first.locator(".badge")).to_have_count(len(told["candidates"][0]["refusals"]))
    expect(story(page).locator(".sums").first.locator("dd").first).to_have_text(
        f"{told['refusal']['reasons'][0]['nodes']} nodes"
    )
    expect(page.locator('tr[aria-selected="true"]')).to_contain_text(workload)


def test_the_url_restores_the_view_and_back_goes_back(pages: Pages) -> None:
    page = pages.open()
    page.goto("/?by=margin&kind=port&links=1&table=1&rows=allocations&sort=devices&down=1")
    expect(page.locator("tr[data-id]").first).to_be_visible()
    expect(page.get_by_label("Colour by")).to_have_value("margin")
    expect(page.get_by_role("checkbox", name="Links")).to_be_checked()
    expect(page.get_by_role("button", name="Allocations", exact=True)).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("columnheader", name="Devices")).to_have_attribute("aria-sort", "descending")
    expect(page.get_by_role("button", name="Remove the filter Site: Port")).to_be_visible()
    link = page.locator("tr[data-id] a").first
    workload = link.inner_text()
    link.focus()
    page.keyboard.press("Enter")
    expect(story(page).get_by_role("heading", name=workload)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name=workload).first).to_be_focused()
    page.go_back()
    expect(story(page).get_by_role("heading", name=workload)).to_be_visible()
    page.go_back()
    expect(story(page)).to_have_count(0)
    expect(page).to_have_url(re.compile(r"\?by=margin&kind=port&links=1&table=1&rows=allocations&sort=devices&down=1$"))


def test_zoom_goes_into_the_url_and_comes_back_from_it(pages: Pages) -> None:
    page = pages.open()
    page.goto("/?at=128.5,35.5,8")
    drawn(page)
    page.get_by_role("button", name="Zoom out").click()
    expect(page).to_have_url(re.compile(r"at=[\d.]+,[\d.]+,5$"))
    at = re.search(r"at=([\d.]+),([\d.]+),", page.url)
    assert at is not None
    assert abs(float(at[1]) - 128.5) < 0.01
    assert abs(float(at[2]) - 35.5) < 0.01
    page.get_by_role("button", name="The whole country").click()
    expect(page).not_to_have_url(re.compile("at="))


def test_the_plan_in_force_is_not_called_another(pages: Pages, base: str) -> None:
    plan = ask.get(f"{base}/v1/allocations/summary").json()["plan"]
    page = pages.open()
    page.goto(f"/?plan={plan}")
    drawn(page)
    expect(page.get_by_label("Shown").locator(f"option[value='{plan}']")).to_have_count(1)
    expect(page.locator(".map-notice")).not_to_contain_text("A plan is drawn")


def test_a_plan_that_is_not_there_is_said_and_left(pages: Pages) -> None:
    page = pages.open()
    pages.allowed.append("404")
    page.goto("/?plan=00000000-0000-4000-8000-000000000000")
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_role("link", name="Show what is in force").click()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(drawn(page)).not_to_contain_text(" 0 shards")


def test_a_drained_node_is_seen_on_the_map_and_what_it_disturbs_is_planned_anew(
    browser: Browser, planned: Path, tmp_path: Path
) -> None:
    with serving(tmp_path, planned) as base, Pages(browser, base) as pages:
        plan = ended(base)
        page = pages.open()
        page.goto("/")
        drawn(page)
        expect(page.locator(".map-notice")).to_contain_text("Nothing is in force yet")
        expect(page).to_have_url(re.compile(f"plan={plan}"))
        expect(drawn(page)).not_to_contain_text(" 0 shards")
        page.goto(f"/?node={NODE}&at=127.5,37.5,3")
        ask.post(f"{base}/v1/plans/{plan}/apply").raise_for_status()
        disturbed = shards_on(base, NODE)
        assert disturbed > 0
        runs = story(page).get_by_role("heading", name=re.compile(f"Runs here: {disturbed} shards"))
        expect(runs).to_be_visible()  # the applied plan is drawn without a reload
        draining = int(counted(page, "Draining nodes").inner_text())
        story(page).get_by_role("button", name="Drain").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text(f"{disturbed} shards of")
        accessible(page)
        dialog.get_by_role("button", name="Drain").click()
        expect(counted(page, "Draining nodes")).to_have_text(str(draining + 1))
        expect(counted(page, "Disturbed flows")).to_be_visible()
        expect(story(page).locator(".facts .badge.warn")).to_have_text("Draining")
        since = ask.get(f"{base}/v1/allocations?status=disturbed&limit=1").json()["items"][0]
        broken = story(page).locator(".map-broken li", has_text=since["workload"]).first
        expect(broken).to_contain_text(f"Disturbed: Node draining or failed. {since['disturbed']['sentence']}")
        expect(broken).to_contain_text(f"since generation {since['disturbed_since']}")
        expect(page.locator(".map-standing")).to_contain_text(f"Now {disturbed} shards run and violate a rule")
        expect(page).to_have_url(re.compile(f"node={NODE}&at=127.5,37.5,3$"))
        events = ask.get(f"{base}/v1/events/log?types=node").json()["items"]
        assert (events[-1]["type"], events[-1]["node"], events[-1]["detail"]["disturbed"]) == (
            "node.draining",
            NODE,
            disturbed,
        )
        story(page).get_by_role("button", name="Replan what was disturbed").click()
        expect(page).to_have_url(re.compile("view=plans&plan="))
        replan = ended(base)
        asked = ask.get(f"{base}/v1/plans/{replan}/request").json()
        assert asked["scope"]["running"] == "repair"
        assert asked["terms"]["share_caps"] is None  # those in force stay
        changes = ask.get(f"{base}/v1/plans/{replan}/comparison?limit=1000").json()
        assert {row["from_node"] for row in changes["items"]} == {NODE}
        assert changes["ended"] == 0
        page.goto(f"/?workload={since['workload']}")
        told = story(page).locator(".map-disturbed").first
        expect(told).to_contain_text(f"since generation {since['disturbed_since']}")
        page.goto("/?table=1&rows=allocations")
        first = page.locator(".chart-table tr[data-id]").first
        expect(first).to_contain_text("Disturbed")
        expect(first).to_contain_text("Node draining or failed")
        page.goto(f"/?node={NODE}")
        story(page).get_by_role("button", name="Activate").click()
        page.get_by_role("dialog").get_by_role("button", name="Activate").click()
        expect(story(page).locator(".badge.good")).to_have_text("Active")
        expect(counted(page, "Draining nodes")).to_have_text(str(draining))

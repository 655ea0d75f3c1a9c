"""The map as an atlas: the network as of a day, what lies far off, links by load, and a plan beside what is in force."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Browser, Page, Position, expect

from tests.web.axe import accessible
from tests.web.conftest import Pages
from tests.web.pictures import BAD, disc, frames, painted, seen
from tests.web.service import ask, ended, serving
from tests.web.test_map import counted, drawn, placement, story

#: A node that lies far off.
FAR = "aws-tokyo"
#: How ElementTree writes that an element is of SVG.
SVG = "{http://www.w3.org/2000/svg}"
#: What counts on the days to come.
FIRM = ("operational", "under_construction", "contracted")


@pytest.fixture(scope="module")
def far(planned: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service with the reference plan in force, on which a node that lies far off has failed."""
    with serving(tmp_path_factory.mktemp("far"), planned) as url:
        ask.post(f"{url}/v1/plans/{ended(url)}/apply").raise_for_status()
        ask.post(f"{url}/v1/nodes/{FAR}/fail").raise_for_status()
        yield url


def begins(network: dict[str, Any]) -> dict[str, int]:
    """The days after today on which firm nodes begin to operate, and how many do."""
    nodes, words = network["nodes"], network["commitments"]
    found: dict[str, int] = {}
    for commitment, day in sorted(zip(nodes["commitment"], nodes["available_from"], strict=True), key=str):
        if day and day > date.today().isoformat() and words[commitment] in FIRM:
            found[day] = found.get(day, 0) + 1
    return dict(sorted(found.items()))


def reddish(pixels: NDArray[np.int_]) -> int:
    """How many pixels are of the hue of what is bad, however thin the lines are."""
    red, green, blue = np.moveaxis(pixels, 2, 0)
    return int(((red - green > 30) & (red - blue > 30)).sum())


def test_the_days_on_which_something_changes_are_gone_through_and_lead_to_a_plan(pages: Pages) -> None:
    network = ask.get(f"{pages.base}/v1/map").json()
    days = begins(network)
    assert len(days) > 2
    page = pages.open(width=1440, height=750)
    page.goto("/")
    drawn(page)
    assert page.locator(".legend").evaluate("one => one.scrollHeight <= one.clientHeight")
    slider = page.get_by_role("slider", name="As of")
    after = page.get_by_role("button", name="Next change")
    ghosts = int(counted(page, "Not yet in operation").inner_text())
    for way, (day, count) in enumerate(days.items()):
        if way == 0:
            slider.press("ArrowRight")
        else:
            after.click()
        expect(page).to_have_url(re.compile(rf"day={day}"))
        ghosts -= count
        expect(counted(page, "Not yet in operation")).to_have_text(str(ghosts))
        expect(page.locator(".time-said")).to_contain_text("Begin that day: ")
    expect(after).to_have_attribute("aria-disabled", "true")
    accessible(page)
    page.get_by_label("Lowest commitment").select_option("mou")
    expect(counted(page, "Not yet in operation")).not_to_have_text(str(ghosts))
    slider.press("Home")
    expect(page).not_to_have_url(re.compile("day="))
    page.get_by_label("Lowest commitment").select_option("contracted")
    slider.press("ArrowRight")
    door = page.get_by_role("link", name=re.compile("^Plan as of"))
    first = next(iter(days))
    expect(door).to_have_attribute("href", re.compile(f"horizon={first}"))
    asked = parse_qs(urlsplit(door.get_attribute("href") or "").query)
    assert (asked["horizon"], asked["commitment"]) == ([first], ["contracted"])
    door.click()
    expect(page.locator("input[name=horizon]")).to_have_value(first)
    expect(page.locator("select[name=lowest]")).to_have_value("contracted")


def test_links_are_drawn_by_load_and_flows_in_bundles(pages: Pages) -> None:
    network, found = ask.get(f"{pages.base}/v1/map").json(), placement(pages.base)
    page = pages.open(language="ko")
    page.goto("/?links=1")
    drawn(page)
    links = len(network["links"]["id"])
    small = sum(share < 100 for share in found["link_load"]["used_permille"])
    assert small > 0
    expect(counted(page, "사용 없음")).to_have_text(str(links - len(found["link_load"]["id"])))
    bundles = page.locator(".legend", has_text=re.compile(r"묶음 \d+개"))
    expect(bundles).to_be_visible()
    from_afar = int(re.findall(r"묶음 (\d+)개", bundles.inner_text())[0])
    page.goto("/?at=127,37,8")
    drawn(page)
    expect(bundles).to_be_visible()
    assert from_afar < int(re.findall(r"묶음 (\d+)개", bundles.inner_text())[0]) < len(found["shards"]["node"])


@pytest.mark.parametrize("width", [1440, 390])
def test_what_lies_far_off_is_seen_and_hit_in_an_inset(browser: Browser, far: str, width: int) -> None:
    with Pages(browser, far) as pages:
        page = pages.open(width=width)
        page.goto("/")
        expect(drawn(page).locator("..")).to_contain_text("1 far off, in an inset: Japan.")
        expect(page.locator('[data-alarm="failed"]')).to_be_visible()
        x, y = disc(page, BAD["light"])
        page.locator(".chart-canvas").click(position={"x": x, "y": y})
        expect(page).to_have_url(re.compile(f"node={FAR}"))
        expect(story(page).locator(".facts .badge.bad")).to_have_text("Failed")


def test_what_stands_closest_together_is_hit_in_a_lens(pages: Pages) -> None:
    network = ask.get(f"{pages.base}/v1/map").json()
    page = pages.open(width=1440, height=900)
    page.goto("/?bare=1")
    drawn(page)
    _, width, _ = painted(page).shape
    canvas = page.locator(".chart-canvas")
    for step in range(60):
        at: Position = {"x": width - 290 + 4 * step, "y": 110}
        canvas.hover(position=at)
        frames(page)
        if canvas.locator("> div").first.evaluate("one => one.style.cursor") == "pointer":
            break
    canvas.click(position=at)
    expect(page).to_have_url(re.compile("(node|site)="))
    picked = parse_qs(urlsplit(page.url).query)
    kind = "node" if "node" in picked else "site"
    columns, id = network[f"{kind}s"], picked[kind][0]
    at = columns["id"].index(id)
    assert abs(columns["lon"][at] - 127) < 0.7, id
    assert abs(columns["lat"][at] - 37.4) < 0.5, id


def test_a_plan_is_wiped_over_what_is_in_force(browser: Browser, far: str) -> None:
    with Pages(browser, far) as pages:
        page = pages.open()
        page.goto("/")
        drawn(page)
        expect(page.get_by_role("button", name="Before and after")).to_be_hidden()
        page.goto(f"/?plan={ended(far)}")
        drawn(page)
        page.get_by_role("button", name="Before and after").click()
        expect(page).to_have_url(re.compile("wipe=1"))
        horizon = ask.get(f"{far}/v1/plans/{ended(far)}").json()["terms"]["horizon"]
        day = f"{date.fromisoformat(horizon):%-d %b %Y}"
        expect(page.locator(".wipe-left")).to_have_text(f"In force, as of {day}")
        expect(page.locator(".wipe-right")).to_have_text(f"reference, for {day}")
        handle = page.get_by_role("slider", name=re.compile(f"In force, as of {day}.* reference, for {day}"))
        expect(handle).to_have_attribute("aria-valuenow", "50")
        handle.press("End")
        expect(handle).to_have_attribute("aria-valuenow", "100")
        before = reddish(painted(page))  # what was to be served there is disturbed
        handle.press("Home")
        seen(page, lambda pixels: before > reddish(pixels) * 1.2 or None)
        box = page.locator(".chart-canvas").bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 1, box["y"] + 60)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + 60, steps=4)
        page.mouse.up()
        expect(handle).to_have_attribute("aria-valuenow", "75")
        accessible(page)
        page.get_by_role("button", name="Before and after").click()
        expect(handle).to_have_count(0)


def depicted(page: Page) -> ElementTree.Element:
    """The map as it is drawn now, saved as an SVG."""
    drawn(page)
    with page.expect_download() as saving:
        page.get_by_role("button", name="Save as SVG").click()
    return ElementTree.parse(saving.value.path()).getroot()


def names_in(picture: ElementTree.Element) -> set[str]:
    """What stands written in a picture."""
    return {"".join(one.itertext()) for one in picture.iter(f"{SVG}text")}


def test_the_map_is_saved_as_an_svg_that_names_its_nodes(browser: Browser, far: str) -> None:
    network = ask.get(f"{far}/v1/map").json()["nodes"]
    drawn_nodes = {id for id, lon in zip(network["id"], network["lon"], strict=True) if lon is not None}
    with Pages(browser, far) as pages:
        page = pages.open(width=1440, height=900)
        page.goto("/")
        picture = depicted(page)
        told = {one.get("data-node"): one.findtext(f"{SVG}title") or "" for one in picture.iter(f"{SVG}circle")}
        assert drawn_nodes <= told.keys()
        assert re.match(r"AWS ap-northeast-1 \(Tokyo\)\n.*Failed.*\n", told[FAR])
        assert re.search(r"Cards used: [\d.]+%", told["naver-gak-chuncheon"])
        assert {"AWS ap-northeast-1 (Tokyo)", "Japan", "Gyeonggi, Seoul"} <= names_in(picture)


def test_from_nearer_more_nodes_are_named(pages: Pages) -> None:
    nodes = ask.get(f"{pages.base}/v1/map").json()["nodes"]
    ulsan = {name for name, lon, lat in zip(nodes["name"], nodes["lon"], nodes["lat"], strict=True)
             if lon is not None and abs(lon - 129.3) < 0.15 and abs(lat - 35.5) < 0.15}  # fmt: skip
    page = pages.open(width=1440, height=900)
    page.goto("/")
    from_afar = names_in(depicted(page)) & ulsan
    page.goto("/?at=129.3,35.5,14")
    assert len(names_in(depicted(page)) & ulsan) > len(from_afar)

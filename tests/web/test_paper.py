"""What leaves the dashboard: files of tables, pictures of charts, pages on paper, and the report of a plan."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.web.conftest import Pages
from tests.web.service import ask


@pytest.fixture(scope="module")
def pages(browser: Browser, base: str) -> Iterator[Pages]:
    """Pages that these tests share, each in a window of its own."""
    with Pages(browser, base) as made:
        yield made


@pytest.fixture(scope="module")
def page(pages: Pages) -> Page:
    return pages.open(theme="dark")


def saved(page: Page, button: Locator) -> tuple[str, bytes]:
    """The name and the content of the file that a button gives."""
    with page.expect_download() as saving:
        button.click()
    return saving.value.suggested_filename, Path(saving.value.path()).read_bytes()


def reference(base: str) -> str:
    """The id of the plan in force."""
    found: str = ask.get(f"{base}/v1/allocations/summary").json()["plan"]
    return found


def test_a_table_is_searched_and_saved_whole(page: Page, base: str) -> None:
    count = len(ask.get(f"{base}/v1/map/allocation").json()["shards"]["workload"])
    page.goto("/?table=1&rows=allocations")
    rows = page.locator("tr[data-id]")
    expect(rows.first).to_be_visible()
    expect(rows.nth(100)).to_have_count(0)
    assert count > 100
    name, content = saved(page, page.get_by_role("button", name="Save as CSV"))
    assert name.endswith(".csv")
    assert len(list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))) == count
    page.get_by_label("Find in the table").fill("port busan")
    hits = page.locator(".table-search [role=status]")
    expect(hits).to_contain_text(f"of {count:,} rows")
    expect(hits).not_to_have_attribute("aria-busy", "true")  # all rows are read
    found = int(hits.inner_text().split()[0])
    assert 0 < found < count
    _, content = saved(page, page.get_by_role("button", name=f"Save {found} rows as CSV"))
    assert content.count(b"\r\n") == found + 1


def test_columns_beyond_the_edge_are_counted(pages: Pages) -> None:
    page = pages.open(width=390)
    page.goto("/?table=1")
    more = page.locator(".table-more")
    expect(more).to_contain_text("more columns")
    before = more.inner_text()
    more.click()
    expect(more).not_to_have_text(before)
    expect(page.locator(".table-view.more-before")).to_have_count(1)
    page.locator(".table-scroll").evaluate("one => { one.scrollLeft = one.scrollWidth }")
    expect(more).to_be_hidden()


#: The charts of each page, by title, and how many of its tables can be saved.
CHARTS = {
    "/": (["Network and allocation"], 0),
    "/?view=plans&plan={plan}": (["Cost by goal, a month", "Cost and lower bound"], 1),
    "/?view=plans&plan={plan}&with={plan}": (["Moves between nodes", "Cost by goal, a month"], 1),
    "/?view=capacity": (["Nodes by use of Accelerators", "Capacity over time"], 1),
    "/?view=refusals": (["Refused shards by rule"], 1),
}


@pytest.mark.parametrize("link", CHARTS)
def test_charts_are_saved_as_pictures_and_tables_as_files(page: Page, base: str, link: str) -> None:
    titles, tables = CHARTS[link]
    page.goto(link.format(plan=reference(base)))
    charts = page.locator("figure.chart:has(canvas)")
    expect(charts).to_have_count(len(titles))
    for figure, title in zip(charts.all(), titles, strict=True):
        for kind, begins in {"PNG": b"\x89PNG\r\n", "SVG": b"<svg "}.items():
            name, content = saved(page, figure.get_by_role("button", name=f"Save as {kind}"))
            assert name.startswith(title)
            assert name.endswith(f".{kind.lower()}")
            assert content.startswith(begins)
            assert b"<script" not in content
            if kind == "SVG":
                written = ElementTree.fromstring(content).iter("{http://www.w3.org/2000/svg}text")
                # A plan beside itself moves nothing.
                assert title == "Moves between nodes" or len(list(written)) > 3
    if tables:
        keep = page.get_by_role("button", name="Save as CSV").locator("visible=true").first
        name, content = saved(page, keep)
        assert name.endswith(".csv")
        assert content.startswith("\ufeff".encode())
        assert content.count(b"\r\n") > 1


def test_paper_has_all_rows_and_pictures_and_nothing_to_press(page: Page) -> None:
    page.goto("/?table=1&rows=allocations")
    rows = page.locator("tr[data-id]")
    expect(rows.first).to_be_visible()
    count = int(page.locator(".table-foot").inner_text().split()[0].replace(",", ""))
    expect(rows.nth(count - 1)).to_have_count(0)
    page.emulate_media(media="print")
    expect(rows).to_have_count(count)
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    for pressed in (".top", ".table-search", ".table-keep", ".chart-ways"):
        expect(page.locator(pressed).first).to_be_hidden()
    page.emulate_media(media="screen", color_scheme="dark")
    expect(rows.first).to_be_visible()
    expect(rows.nth(count - 1)).to_have_count(0)
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")

    page.goto("/")
    expect(page.locator("figure canvas").first).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator("canvas.chart-printed")).to_be_visible()
    expect(page.locator(".legend")).to_be_visible()
    expect(page.locator(".chart-canvas")).to_be_hidden()
    page.emulate_media(media="screen")
    expect(page.locator("canvas.chart-printed")).to_have_count(0)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_report_of_a_plan_is_one_sheet(pages: Pages, base: str, language: str) -> None:
    page = pages.open(language=language)
    page.goto(f"/?view=plans&plan={reference(base)}&report=1")
    expect(page.locator(".plans-report .report-table")).not_to_have_count(0)
    paper = page.pdf(format="A4", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
    [(width, height)] = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", paper)
    assert (round(float(width)), round(float(height))) == (595, 842)


def test_the_report_of_a_plan_has_it_all(page: Page, base: str) -> None:
    plan = ask.get(f"{base}/v1/plans/{reference(base)}").json()
    refused = ask.get(f"{base}/v1/plans/{plan['id']}/unplaced").json()["items"]
    page.goto(f"/?view=plans&plan={plan['id']}")
    page.get_by_role("link", name="Report").click()
    report = page.locator(".plans-report")
    expect(report.get_by_role("heading", level=2).first).to_have_text(f"Report of plan {plan['name']}")
    for heading in (
        "What was asked",
        "Cost by goal",
        "in force",
        "fits nowhere",
        "rule violations",
        "depends on nodes not yet in operation",
        "costs by site",
        "Limits, by dual price",
        "Based on",
    ):
        expect(report.get_by_role("heading", name=heading).first).to_be_visible()
    expect(report).to_contain_text(f"₩{plan['result']['cost']:,}")
    expect(report).to_contain_text(f"₩{plan['result']['bound']:,}")
    expect(report).to_contain_text(plan["id"])
    for row in sorted(refused, key=lambda row: (-row["devices"], row["workload"]))[:8]:
        expect(report.get_by_role("link", name=row["workload"], exact=True)).to_be_attached()
    expect(page.get_by_role("button", name="Print")).to_be_visible()


def test_a_plan_lists_all_of_its_placements(page: Page, base: str) -> None:
    plan = reference(base)
    page.goto(f"/?view=plans&plan={plan}")
    fold = page.locator(".plans-placements")
    fold.locator("summary").click()
    expect(page).to_have_url(re.compile("placements=1"))
    shards = ask.get(f"{base}/v1/map/plans/{plan}").json()["shards"]
    expect(fold.locator(".table-foot")).to_contain_text(f"{len(shards['workload']):,}")
    fold.get_by_role("searchbox").fill(shards["workload"][-1])
    expect(fold.locator("tr[data-id] td:first-child a").first).to_have_text(shards["workload"][-1])
    page.reload()
    expect(fold.locator("tr[data-id]").first).to_be_visible()

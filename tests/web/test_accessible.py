"""axe finds nothing in any view or dialog, in either theme. What a view shows at first is looked at in `test_frame`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.axe import accessible
from tests.web.conftest import Pages
from tests.web.service import ROOT, ask, ended, serving


@dataclass(frozen=True)
class Known:
    """A service on which nothing runs yet, its plan, and a workload that the plan refuses."""

    plan: str
    refused: str


Opening: TypeAlias = Callable[[Page, Known], None]


@pytest.fixture(scope="module")
def waiting(planned: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service with a plan that is not in force, so that everything it has to say stands in the dialogs."""
    with serving(tmp_path_factory.mktemp("waiting"), planned) as url:
        yield url


@pytest.fixture(scope="module")
def known(waiting: str) -> Known:
    plan = ended(waiting)
    refused = ask.get(f"{waiting}/v1/plans/{plan}/unplaced").json()["items"]
    return Known(plan, refused[0]["workload"])


@pytest.fixture(scope="module")
def page(browser: Browser, waiting: str) -> Iterator[Page]:
    """A page that all of these tests share."""
    with Pages(browser, waiting) as made:
        yield made.open()


def at(query: str, seen: str) -> Opening:
    """A page of the dashboard, once something is seen in it."""

    def opened(page: Page, known: Known) -> None:
        page.goto("/?" + query.format(plan=known.plan, refused=known.refused))
        expect(page.locator(seen).first).to_be_visible()

    return opened


def searching(page: Page, known: Known) -> None:
    at("table=1&rows=allocations&plan={plan}", "tr[data-id]")(page, known)
    page.get_by_label("Find in the table").fill("port")
    expect(page.locator(".table-search [role=status]")).to_contain_text("of")


def opening_an_event(page: Page, known: Known) -> None:
    at("view=events", "li.event")(page, known)
    page.locator(".event-unfold").first.click()
    page.locator(".event-more").first.click()
    expect(page.locator(".event-details").first).to_be_visible()
    expect(page.locator(".event-folded li").first).to_be_visible()


def misplacing_a_file(page: Page, known: Known) -> None:
    at("view=plans&new=1", ".plans-form")(page, known)
    page.locator("input[type=file]").set_input_files(ROOT / "data" / "reference" / "network.json")
    told = page.get_by_role("alert")
    expect(told).to_contain_text("This file is a network, not a request for a plan.")
    expect(told).to_contain_text("PUT /v1/network")


def applying(page: Page, known: Known) -> None:
    at("view=plans&plan={plan}", ".plans-figures")(page, known)
    page.get_by_role("button", name="Apply").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".plans-read li").first).to_contain_text("To")
    dialog.locator("summary").click()
    expect(dialog.locator("tr[data-id]").first).to_be_visible()


def deleting(page: Page, known: Known) -> None:
    at("view=plans&plan={plan}", ".plans-figures")(page, known)
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def failing_a_node(page: Page, known: Known) -> None:
    at("node=co-usn", ".map-panel h2")(page, known)
    page.get_by_role("button", name="Declare failed").click()
    expect(page.get_by_role("dialog")).to_be_visible()


OPENINGS: dict[str, Opening] = {
    "map of a plan": at("plan={plan}", "figure canvas"),
    "map, nodes in a table": at("table=1", "tr[data-id]"),
    "map, what is searched": searching,
    "map, a node": at("node=co-usn", ".map-panel h2"),
    "failing a node": failing_a_node,
    "map, a workload": at("plan={plan}&workload={refused}", ".map-panel h2"),
    "a plan": at("view=plans&plan={plan}", ".plans-figures"),
    "a plan in tables": at("view=plans&plan={plan}&tables=progress,goals", "figure tr[data-id]"),
    "a plan's report": at("view=plans&plan={plan}&report=1", ".plans-report .report-table"),
    "two plans": at("view=plans&plan={plan}&with={plan}", ".plans-figures-table tr[data-id]"),
    "two plans in tables": at("view=plans&plan={plan}&with={plan}&tables=goals,moves", ".plans-figures-table tr[data-id]"),
    "asking": at("view=plans&new=1", ".plans-form"),
    "asking with another file": misplacing_a_file,
    "applying": applying,
    "deleting": deleting,
    "capacity in tables": at("view=capacity&plan={plan}&tables=nodes,timeline", "figure tr[data-id]"),
    "a refusal": at("view=refusals&plan={plan}&workload={refused}", ".refusals-candidates tr[data-id]"),
    "events, opened": opening_an_event,
    "grave events": at("view=events&severity=critical,warning", "li.event"),
}


@pytest.mark.parametrize("opened", OPENINGS)
def test_everything_is_accessible(page: Page, known: Known, opened: str) -> None:
    page.emulate_media(color_scheme="light")
    OPENINGS[opened](page, known)
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    accessible(page)
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    accessible(page, colours_alone=True)


def test_a_fault_in_one_row_of_many_is_found(browser: Browser) -> None:
    """Of rows that are alike axe looks at few: the one that is not is among them, wherever it stands."""
    page = browser.new_page()
    rows = "".join(f"<tr data-id={row}><td>Place {row}<td><a href=/{row}>Row {row}</a>" for row in range(12))
    page.set_content(
        f"<html lang=en><title>Rows</title><main><h1>Rows</h1><table><tr><th>Place<th>Link<tbody>{rows}</table></main>"
    )
    as_it_was = page.locator("table").inner_html()
    accessible(page)
    assert page.locator("table").inner_html() == as_it_was
    for fault in ("one => (one.style.color = '#eee')", "one => (one.querySelector('a').textContent = '')"):
        page.locator("tr[data-id='8']").evaluate(fault)
        with pytest.raises(AssertionError, match="Found 1 accessibility violations"):
            accessible(page)
        page.locator("table").evaluate("(one, html) => { one.innerHTML = html }", as_it_was)
    page.close()

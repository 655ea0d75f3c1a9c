"""Undoing what was applied, and going back further, as an operator does in the dashboard; all of it by keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.web.axe import accessible
from tests.web.conftest import Pages
from tests.web.presses import count_presses, presses
from tests.web.service import ask, ended, serving
from tests.web.test_plans import LONG_MS, badge, plan_of, request_of

#: What has the focus: its element, and its name.
FOCUSED = """() => {
  const at = document.activeElement;
  return [at.localName, at.getAttribute("aria-label") ?? at.labels?.[0]?.innerText.trim() ?? at.innerText.trim()];
}"""


@pytest.fixture(scope="module")
def base(planned: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service of these tests' own: they change what is in force."""
    with serving(tmp_path_factory.mktemp("history"), planned) as url:
        ended(url)
        yield url


#: Has a page note all that is ever said above its map.
NOTICED = """
window.noticed = [];
new MutationObserver(() => document.querySelectorAll(".map-notice").forEach((one) => window.noticed.push(one.textContent)))
  .observe(document, { subtree: true, childList: true, characterData: true });
"""


def runs(base: str) -> dict[tuple[str, int], str | None]:
    found: dict[tuple[str, int], str | None] = {}
    query: dict[str, str | int] = {"limit": 1000}
    while True:
        page = ask.get(f"{base}/v1/allocations", params=query).json()
        found |= {(row["workload"], row["shard"]): row["node"] for row in page["items"]}
        if page["next"] is None:
            return found
        query["cursor"] = page["next"]


def put(base: str, plan: str) -> None:
    ask.post(f"{base}/v1/plans/{plan}/apply").raise_for_status()


def press(page: Page, name: str, role: str = "button") -> None:
    """Press what has this name with the keyboard alone: Tab until it has the focus, then Enter."""
    reach(page, name, {"button": "button", "link": "a"}[role])
    page.keyboard.press("Enter")


def reach(page: Page, name: str, element: str) -> None:
    """Have the focus on what has this name with the keyboard alone."""
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED) == [element, name]:
            return
    raise AssertionError(f"the keyboard does not lead to {name!r}")


def test_before_anything_is_applied_the_map_draws_the_newest_plan(pages: Pages, base: str) -> None:
    plan = ended(base)
    page = pages.open(own=True)
    page.add_init_script(NOTICED)
    page.goto("/")
    expect(page).to_have_url(re.compile(plan))
    expect(page.locator(".map-notice")).to_contain_text("Nothing is in force yet")
    expect(page.get_by_label("Shown").locator("option:checked")).to_contain_text("reference")
    assert not [said for said in page.evaluate("window.noticed") if "No plan is in force" in said]
    page.get_by_label("Shown").select_option("")
    expect(page.locator(".map-notice")).to_contain_text("No plan is in force")
    page.get_by_role("link", name="Show the newest plan").click()
    page.get_by_role("link", name="See the plan, and apply it").click()
    expect(badge(page)).to_have_text("Finished")


def test_what_was_applied_is_put_back_in_three_presses_from_the_start(pages: Pages, base: str) -> None:
    put(base, plan_of(base, "base", 8))
    before = runs(base)
    put(base, plan_of(base, "mistake", 14))
    assert runs(base) != before
    page = pages.open(own=True)
    count_presses(page)
    page.goto("/")
    expect(page.get_by_role("link", name="Plans", exact=True)).to_be_visible()
    press(page, "Plans", "link")
    history = page.locator(".plans-history")
    expect(history.locator("tr[data-id]").first).to_contain_text("mistake")
    accessible(page)
    press(page, "Undo: mistake")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Puts back what ran just before generation", timeout=LONG_MS)
    expect(dialog.get_by_role("listitem").filter(has_text="Ended").first).to_be_visible()
    accessible(page)
    expect(dialog.get_by_role("button", name="Apply")).to_be_enabled(timeout=LONG_MS)
    press(page, "Apply")
    expect(history.locator(".notice.good")).to_contain_text("In force since generation", timeout=LONG_MS)
    assert 0 < presses(page) <= 3
    assert runs(base) == before
    expect(history.locator("tr[data-id]").first).to_contain_text("Before generation")


def test_a_plan_is_submitted_watched_applied_and_undone_by_keyboard(pages: Pages, base: str) -> None:
    before = runs(base)
    page = pages.open()
    page.goto("/")
    expect(page.get_by_role("link", name="Plans", exact=True)).to_be_visible()
    press(page, "Plans", "link")
    press(page, "Ask for a plan", "link")
    expect(page.get_by_role("region", name="Stored workloads")).to_be_visible()
    for name, element, text in (
        ("Name", "input", "by-keyboard"),
        ("Workloads", "textarea", request_of()["workload_ids"][16]),
        ("Search time in seconds", "input", "1"),
    ):
        reach(page, name, element)
        page.keyboard.type(text)
    press(page, "Submit")
    expect(badge(page)).to_have_text("Finished", timeout=LONG_MS)
    press(page, "Apply")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Apply")).to_be_enabled(timeout=LONG_MS)
    press(page, "Apply")
    expect(page.locator(".notice.good")).to_contain_text("In force since generation", timeout=LONG_MS)
    assert len(runs(base)) > len(before)
    press(page, "Undo")
    expect(dialog).to_contain_text("Puts back what ran just before generation", timeout=LONG_MS)
    expect(dialog.get_by_role("button", name="Apply")).to_be_enabled(timeout=LONG_MS)
    press(page, "Apply")
    expect(page.locator(".notice.good")).to_contain_text("1 ended", timeout=LONG_MS)
    assert runs(base) == before


def test_a_plan_is_undone_where_it_was_applied_and_left_no_plan_behind_if_not_wanted(pages: Pages, base: str) -> None:
    before = runs(base)
    id = plan_of(base, "again a mistake", 20)
    page = pages.open(language="ko")
    page.goto(f"/?view=plans&plan={id}")
    page.get_by_role("button", name="적용", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="적용", exact=True).click()
    undo = page.locator(".notice.good").get_by_role("button", name="적용 취소")
    expect(undo).to_be_visible(timeout=LONG_MS)
    count = len(ask.get(f"{base}/v1/plans?limit=1000").json()["items"])
    undo.click()
    expect(dialog).to_contain_text("직전에 실행되던 것을 되돌리는 계획", timeout=LONG_MS)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.wait_for_function(
        "async (count) => (await (await fetch('/v1/plans?limit=1000')).json()).items.length === count", arg=count
    )
    assert runs(base) != before
    undo.click()
    dialog.get_by_role("button", name="적용", exact=True).click(timeout=LONG_MS)
    expect(page.locator(".plans-badges")).not_to_contain_text("적용 중", timeout=LONG_MS)
    assert runs(base) == before


def test_what_cannot_be_put_back_is_named_and_left_out_only_if_that_is_chosen(pages: Pages, base: str) -> None:
    put(base, plan_of(base, "whole", 10))
    generation = ask.get(f"{base}/v1/generation").json()["generation"]
    gone = next(iter(runs(base)))[0]
    ask.delete(f"{base}/v1/workloads/{gone}").raise_for_status()
    pages.allowed.append("status of 409")
    page = pages.open()
    page.goto("/?view=plans")
    row = page.locator(f".plans-history tr[data-id='{generation}']")
    row.get_by_role("button", name="Back to this: whole").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"there is no workload '{gone}' any more", timeout=LONG_MS)
    dialog.get_by_role("button", name="Cancel").click()
    assert gone not in {workload for workload, _ in runs(base)}

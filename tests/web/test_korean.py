"""On a Korean page nothing is left in English but names: of things, of fields, and of units."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.conftest import Pages
from tests.web.service import ask

#: What a person reads or hears: text, and words in attributes; neither code nor options of the language's own name.
READ = """() => {
  const told = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const at = walk.currentNode.parentElement;
    if (!at.closest("script, style, noscript, code, [lang=en]")) told.push(walk.currentNode.data.trim());
  }
  for (const one of document.querySelectorAll("[title], [aria-label], [placeholder]")) {
    for (const name of ["title", "aria-label", "placeholder"]) told.push(one.getAttribute(name) ?? "");
  }
  return [...new Set(told)].filter((one) => one !== "");
}"""

#: Two words of English, one after the other, none of which is a name.
ENGLISH = re.compile(r"(?<![\w/._-])[A-Za-z]?[a-z]+,? [a-z]{2,}(?![\w/._-])")

PLACES = {
    "": ".map-sum",
    "table=1&rows=allocations": "tr[data-id]",
    "node=naver-gak-chuncheon": "[role=complementary] h2, aside h2",
    "workload={refused}": "aside h2",
    "view=plans": "tr[data-id]",
    "view=plans&new=1": ".plans-form",
    "view=plans&plan={plan}&tables=goals,progress": ".plans-figures",
    "view=plans&plan={plan}&report=1": ".plans-report tbody tr",
    "view=plans&plan={plan}&with={plan}": ".plans-figures-table tr[data-id]",
    "view=capacity&tables=nodes,timeline": "figure tr[data-id]",
    "view=refusals&table=1": "figure tr[data-id]",
    "view=refusals&workload={refused}": ".refusals-candidates tr[data-id]",
    "view=events": "li.event",
}


@pytest.fixture(scope="module")
def page(browser: Browser, base: str) -> Iterator[Page]:
    with Pages(browser, base) as made:
        yield made.open(language="ko")


@pytest.fixture(scope="module")
def names(base: str) -> re.Pattern[str]:
    """What things are called in the data: nodes and whose they are, and what was noted beside a plan."""
    nodes = ask.get(f"{base}/v1/nodes?limit=1000").json()["items"]
    called = {node[field] for node in nodes for field in ("name", "owner", "operator") if node.get(field)}
    notes = {plan["note"] for plan in ask.get(f"{base}/v1/plans").json()["items"] if plan["note"]}
    return re.compile("|".join(re.escape(name) for name in sorted(called | notes, key=len, reverse=True)))


@pytest.mark.parametrize("query", PLACES)
def test_no_sentence_is_left_in_english(page: Page, base: str, names: re.Pattern[str], query: str) -> None:
    unplaced = ask.get(f"{base}/v1/allocations?status=unplaced&limit=1").json()["items"][0]
    page.goto("/?" + query.format(refused=unplaced["workload"], plan=unplaced["plan"]))
    expect(page.locator(PLACES[query]).first).to_be_visible()
    expect(page.locator("main [aria-busy]")).to_have_count(0)
    told = [names.sub("", one) for one in page.evaluate(READ)]
    assert [one for one in told if ENGLISH.search(one)] == []

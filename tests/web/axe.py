"""axe on what a page shows: it is to find nothing."""

from __future__ import annotations

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Page

#: What axe asks about colours. Nothing else that it asks depends on the theme.
_COLOURS = ("color-contrast", "link-in-text-block")

#: Hides all but two rows of those that differ in their words alone: of these axe says the same, and a long table takes it
#: seconds. What is hidden keeps its room, so that the rest is laid out as it was. Rows whose classes, styles, ids or empty
#: cells differ all stay; so do one at an even and one at an odd place, which a style may tell apart, and one that has the
#: focus, which it would lose.
_HIDE = """() => {
  const words = new Set(["aria-label", "aria-rowindex", "data-id", "href", "title"]);
  const attribute = ({ name, value }) => `${name}=${words.has(name) ? value !== "" : value}`;
  const element = (one) => [one.localName, one.textContent.trim() !== "", ...[...one.attributes].map(attribute)].join();
  for (const list of document.querySelectorAll("tbody, ul, ol")) {
    const known = new Set();
    [...list.children].forEach((row, place) => {
      const kind = [place % 2, ...[row, ...row.querySelectorAll("*")].map(element)].join("/");
      if (!known.has(kind)) known.add(kind);
      else if (!row.contains(document.activeElement) && row.style.visibility === "") {
        row.style.visibility = "hidden";
        (window.rowsHiddenFromAxe ??= []).push(row);
      }
    });
  }
}"""

_SHOW = """() => {
  for (const row of window.rowsHiddenFromAxe ?? []) {
    row.style.visibility = "";
    if (row.getAttribute("style") === "") row.removeAttribute("style");
  }
  delete window.rowsHiddenFromAxe;
}"""

_RUN = "async (options) => ({ violations: (await axe.run(options)).violations })"


def accessible(page: Page, *, colours_alone: bool = False) -> None:
    """axe finds nothing in a page. `colours_alone`: in what it shows in a theme, after a look at all of it in the other."""
    options = {"resultTypes": ["violations"]} | ({"runOnly": list(_COLOURS)} if colours_alone else {})
    if page.evaluate("window.axe === undefined"):
        page.evaluate(AXE_SCRIPT)
    page.evaluate(_HIDE)
    try:
        found = AxeResults(page.evaluate(_RUN, options))
    finally:
        page.evaluate(_SHOW)
    assert found.violations_count == 0, found.generate_report()

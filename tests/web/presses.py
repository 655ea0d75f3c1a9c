"""How many presses something takes: clicks, and Enter or Space on the keyboard. Reading and typing are none."""

from __future__ import annotations

from playwright.sync_api import Page

#: The page counts what it hears, so that nothing a test does goes uncounted; the count outlasts the views it goes through.
_COUNTING = """(() => {
  const count = () => sessionStorage.setItem("presses", String(Number(sessionStorage.getItem("presses") ?? 0) + 1));
  addEventListener("pointerdown", count, true);
  addEventListener("keydown", (event) => {
    const typed = event.key === " " && event.target instanceof Element && event.target.matches("input, textarea");
    if ((event.key === "Enter" || event.key === " ") && !event.repeat && !typed) count();
  }, true);
})()"""


def count_presses(page: Page) -> None:
    """Count from the next page on that is opened by its address."""
    page.add_init_script(_COUNTING)


def presses(page: Page) -> int:
    """The presses since this was asked last."""
    told = page.evaluate(
        '() => { const told = sessionStorage.getItem("presses"); sessionStorage.removeItem("presses"); return told }'
    )
    return int(told or 0)

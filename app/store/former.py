"""Documents stored before accounts were structured, with the accounts that their words stood for."""

from __future__ import annotations

from typing import Any

from app.store.records import Body
from solver.rules.former import UNITS, account_of


def structured(use: Body) -> dict[str, Any]:
    """A use or a price that names its account by a key, with a subject and codes instead; any other is left as it is."""
    if "key" not in use:
        return dict(use)
    account = account_of(use["rule"], use["key"], use["resource"], use["unit"])
    rest = {name: value for name, value in use.items() if name not in ("rule", "key", "resource", "unit")}
    named = {"rule": account.rule, "resource": account.resource, "unit": account.unit, "subject": dict(account.subject)}
    return {**named, **rest}


def summary_structured(summary: Body) -> dict[str, Any]:
    """The summary of a plan with structured accounts."""
    grouped = {
        name: [{**use, "unit": UNITS.get(use["unit"], use["unit"])} for use in summary[name]]
        for name in ("use_by_tier", "use_by_province")
        if name in summary
    }
    tightest = {"tightest": [structured(use) for use in summary["tightest"]]} if "tightest" in summary else {}
    return {**summary, **grouped, **tightest}


def result_structured(result: Body) -> dict[str, Any]:
    """The result of a plan with structured accounts."""
    prices = {"prices": [structured(price) for price in result["prices"]]} if "prices" in result else {}
    summed = {"summary": summary_structured(result["summary"])} if result.get("summary") else {}
    return {**result, **prices, **summed}

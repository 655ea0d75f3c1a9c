"""The tables in `data/sources`, read as they are."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

Row = dict[str, str]

SOURCES = Path(__file__).parent.parent / "sources"

#: Day up to which the sources were checked; nothing here knows of a later one.
AS_OF = "2026-11-22"

DOMAIN = "domain facts as of 2026-11-22"


@cache
def table(name: str) -> tuple[Row, ...]:
    """The rows of `data/sources/<name>.csv`."""
    with (SOURCES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def _korean() -> dict[str, str]:
    return {row["id"]: row["name_ko"] for row in table("names_ko")}


def korean(name: str, suffix: str = "") -> str | None:
    """The Korean name of a site, hall or city with `suffix` behind it; None where none is known."""
    found = _korean().get(name)
    return f"{found} {suffix}".strip() if found else None


@cache
def mlperf(accelerator: str, model: str, scenario: str, metric: str) -> tuple[float, str]:
    """A result of MLPerf Inference and the place where it is published.

    Raises
    ------
    LookupError
        If the table holds no such result: a figure is looked up, never guessed.
    """
    for row in table("mlperf"):
        if (row["accelerator"], row["model"], row["scenario"], row["metric"]) == (
            accelerator, model, scenario, metric,
        ):  # fmt: skip
            return float(row["value"]), f"MLPerf Inference {row['round']} {row['division']}, {row['source_path']}"
    raise LookupError(f"no MLPerf result for {accelerator}, {model}, {scenario}, {metric}")

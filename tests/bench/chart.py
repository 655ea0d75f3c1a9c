"""Cost and bound over time of all contestants on one instance, drawn as `edgeplan plot convergence` draws a plan."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def draw(name: str, rows: list[dict[str, Any]], path: Path) -> bool:
    """Write the chart of one instance; False, and nothing is written, without a course of Edgeplan's."""
    run = [row for row in rows if row.get("legal")]
    mine = next((row for row in run if row["who"] == "edgeplan"), None)
    if mine is None or not any(step[1] is not None for step in mine["series"]):
        return False
    # Imported here: a contest that is broken off before its first chart need not wait for it.
    from app.cli.drawing.convergence import Course
    from app.cli.drawing.convergence import draw as draw_courses

    def steps(row: dict[str, Any], column: int) -> list[tuple[float, float]]:
        return [(step[0], step[column]) for step in row["series"] if step[column] is not None]

    courses = [Course(row["who"], row["cost"], steps(row, 1), steps(row, 2)) for row in run if row is not mine]
    title = f"{name}: cost and proven bound over time, off Edgeplan's last cost of {mine['cost']:,}"
    draw_courses([Course("Edgeplan", mine["cost"], steps(mine, 1), steps(mine, 2)), *courses], title, path)
    return True

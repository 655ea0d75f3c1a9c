"""A solve as it goes on, and what it came to, for people."""

from __future__ import annotations

from datetime import UTC, datetime

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from app.cli.answers import PlanOut, ProgressPoint
from app.cli.views.parts.cautions import warned
from app.cli.views.parts.tables import pairs
from app.cli.views.parts.words import a_month, many, money, percent, short
from app.cli.views.plan import figures, status


def step(plan: PlanOut) -> str:
    """A plan that is being solved, in one line."""
    best = plan["best"]
    if plan["status"] == "queued":
        return "queued"
    if best is None:
        return f"{plan['status']}, no plan yet"
    return point(best)


def point(best: ProgressPoint) -> str:
    """One step of a solve in one line."""
    return (
        f"{best['seconds']:6.1f} s  cost {money(best['cost'])}  bound {money(best['bound'])}  gap {percent(best['gap'])}  "
        f"unplaced {best['unplaced']:,}  {best['phase']}"
    )


def live(plan: PlanOut, trouble: str | None, now: datetime | None = None) -> Group:
    """A plan that is being solved, as a picture that is drawn anew again and again."""
    best = plan["best"]
    title = Text.assemble((plan["name"] or "plan", "bold"), "  ", (short(plan["id"]), "dim"), "  ", status(plan))
    if trouble is not None:
        title.append(f"  {trouble}", style="bold red")
    if best is None:
        said = pairs((("", "waiting for a solver" if plan["status"] == "queued" else "no plan yet"),))
    else:
        said = pairs((
            ("cost", Text(a_month(best["cost"]), style="bold")),
            ("lower bound", a_month(best["bound"])),
            ("gap", percent(best["gap"])),
            ("unplaced", many(best["unplaced"], "shard")),
            ("phase", best["phase"]),
        ))  # fmt: skip
    limit = plan["limits"]["seconds"]
    if plan["status"] != "running" or limit is None:
        return Group(title, said)
    return Group(title, said, bar(elapsed(plan, now), limit))


def bar(spent: float, limit: float) -> Table:
    """How much of its time a solve has spent."""
    table = Table.grid(padding=(0, 2, 0, 0))
    progress = ProgressBar(total=limit, completed=min(spent, limit), width=36, complete_style="cyan", finished_style="cyan")
    table.add_row(progress, Text(f"{spent:.0f} of {limit:g} s"))
    return table


def elapsed(plan: PlanOut, now: datetime | None = None) -> float:
    """Seconds that a solve has taken so far: by this machine's clock, and never less than the service has told."""
    told = plan["best"]["seconds"] if plan["best"] else 0.0
    if plan["started_at"] is None:
        return told
    passed = ((now or datetime.now(UTC)) - datetime.fromisoformat(plan["started_at"])).total_seconds()
    return max(told, passed)


def ending(plan: PlanOut) -> Group:
    """What a solve that was watched came to."""
    result, failure = plan["result"], plan["failure"]
    parts: list[RenderableType] = [*warned(result)]
    parts.append(Text.assemble("Plan ", (short(plan["id"]), "bold"), " is ", status(plan), "."))
    if result is not None:
        parts.append(figures(result))
    elif failure is not None:
        parts.append(Text(f"{failure['reason']} ({failure['code']})"))
    return Group(*parts)


def next_steps(plan: PlanOut) -> Text | None:
    """What can be done with a plan that has ended."""
    if plan["result"] is None:
        return None
    id = short(plan["id"])
    text = f"More: edgeplan plan show {id}; what would change: edgeplan plan compare {id}"
    return Text(text if plan["what_if"] else f"{text}; make it so: edgeplan plan apply {id}", style="dim")

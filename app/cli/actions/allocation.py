"""What the commands of `edgeplan allocation` do."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import RenderableType

from app.cli.actions import plan as plans
from app.cli.answers import AllocationOut, AllocationRecord, AllocationSummary, Capacity, PlanOut
from app.cli.common.alarms import raised as all_raised
from app.cli.common.client import Service
from app.cli.common.naming import names_of
from app.cli.common.output import Output
from app.cli.views import alarms, sheets
from app.cli.views import allocation as views
from app.cli.views.parts.cautions import warned

_HISTORY = "/v1/allocations/history"


def show(service: Service, out: Output, by: str, day: str | None) -> None:
    """Show what is in force, what is in trouble first; its use of capacity grouped `by`."""
    raised = all_raised(service)
    summary = service.get("/v1/allocations/summary", AllocationSummary, day=day)
    capacity = service.get("/v1/capacity", Capacity, day=day)
    groups = [group for group in capacity["groups"] if group["by"] == by]
    held = list(service.every("/v1/allocations", AllocationOut, status="disturbed"))
    nothing = summary["plan"] is None

    def people() -> tuple[RenderableType, ...]:
        if nothing:
            return (*alarms.shown(raised),)
        sites = names_of(service, "sites") if held else {}
        return (*alarms.shown(raised), views.summary(summary, groups, capacity["tightest"], held, sites))

    out.answer(
        lambda: {
            **summary, "groups": groups, "tightest": capacity["tightest"], "disturbed": held, "alarms": raised.alarms,
        },
        people,
        lambda: sheets.groups(groups),
        note="Nothing is in force yet. Make a plan the allocation: edgeplan plan apply latest" if nothing else None,
    )  # fmt: skip


def show_list(service: Service, out: Output, asked: Mapping[str, str | None], limit: int) -> None:
    """List shards in force, as far as they are asked for."""
    found = list(service.every("/v1/allocations", AllocationOut, limit, **asked))
    cut = f"The first {limit}; --limit 0 lists all." if limit and len(found) == limit else None
    out.answer(
        lambda: {"items": found},
        lambda: views.shards(found, names_of(service, "sites")) if found else (),
        lambda: sheets.decisions(found, in_force=True),
        note=cut if found else "There is no such shard in force.",
    )


def show_history(service: Service, out: Output, limit: int) -> None:
    """List what changed what runs."""
    found = list(service.every(_HISTORY, AllocationRecord, limit))
    notes = ["Undo the newest plan: edgeplan allocation undo. Go back further: edgeplan allocation restore GENERATION"]
    if limit and len(found) == limit:
        notes.append(f"The newest {limit}; --limit 0 lists all.")
    out.answer(
        lambda: {"items": found},
        lambda: views.history(found) if found else (),
        lambda: sheets.records(found),
        note="\n".join(notes) if found else "No plan has been applied yet.",
    )


def restore(service: Service, out: Output, generation: int | None, leave_out: bool, end_later: bool, yes: bool) -> None:
    """Go back to what ran just after a generation; where none is given, to what ran before the plan that was applied last.

    Without `yes` a person is shown what that would do and asked. Where nobody can be asked the plan is made all the same:
    it changes nothing, and how to apply it is said.
    """
    undone = generation is None
    asked = {"moment": "before" if undone else "after", "leave_out": leave_out, "end_later": end_later}
    with out.waiting("Restoring"):
        plan = service.post(f"{_HISTORY}/{'latest' if undone else generation}/restore", PlanOut, asked)
    if not out.as_json:
        out.show(*warned(plan["result"]))
    plans.apply(service, out, plan["id"], "refuse", yes)

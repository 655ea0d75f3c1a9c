"""What the commands do that look at what ran before, and go back to it."""

from __future__ import annotations

from app.cli.actions import plan as plans
from app.cli.answers import AllocationRecord, PlanOut
from app.cli.common.client import Service
from app.cli.common.output import Output
from app.cli.views import allocation as views
from app.cli.views import sheets
from app.cli.views.parts.cautions import warned

_HISTORY = "/v1/allocations/history"


def show_history(service: Service, out: Output, limit: int) -> None:
    """List what changed what runs."""
    found = list(service.every(_HISTORY, AllocationRecord, limit))
    if out.as_json:
        out.document({"items": found})
    elif out.as_csv:
        out.sheet(sheets.records(found))
    elif found:
        out.show(views.history(found))
        out.note("Undo the newest plan: edgeplan allocation undo. Go back further: edgeplan allocation restore GENERATION")
        if limit and len(found) == limit:
            out.note(f"The newest {limit}; --limit 0 lists all.")
    else:
        out.note("No plan has been applied yet.")


def restore(service: Service, out: Output, generation: int | None, leave_out: bool, end_later: bool, yes: bool) -> None:
    """Go back to what ran just after a generation; where none is given, to what ran before the plan that was applied last.

    Without `yes` a person is shown what that would do and asked. Where nobody can be asked the plan is made all the same:
    it changes nothing, and how to apply it is said.
    """
    undone = generation is None
    asked = {"moment": "before" if undone else "after", "leave_out": leave_out, "end_later": end_later}
    with out.waiting("Looking back"):
        plan = service.post(f"{_HISTORY}/{'latest' if undone else generation}/restore", PlanOut, asked)
    if not out.as_json:
        out.show(*warned(plan["result"]))
    plans.apply(service, out, plan["id"], "refuse", yes)

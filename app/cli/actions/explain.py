"""What `edgeplan explain` does."""

from __future__ import annotations

from app.cli.answers import AllocationSummary, Decision, ExplanationOut, Site
from app.cli.common.client import Service, in_path
from app.cli.common.naming import LATEST, plan_id
from app.cli.common.output import Output
from app.cli.failures import Refused
from app.cli.views import explain as views
from app.cli.views import sheets


def explain(service: Service, out: Output, workload: str, plan: str | None, candidates: int) -> None:
    """Tell the story of a workload under a plan: the one in force, or the newest, where none is named."""
    if plan is None:
        in_force = service.get("/v1/allocations/summary", AllocationSummary)["plan"]
        plan = in_force or LATEST
    path = f"/v1/plans/{in_path(plan_id(service, plan))}"
    with out.waiting("Explaining"):
        told = service.get(f"{path}/explanations/{in_path(workload)}", ExplanationOut, candidates=candidates)
        decisions = list(service.every(f"{path}/decisions", Decision, workload=workload))
    out.answer(
        lambda: {**told, "decisions": decisions},
        lambda: views.story(told, decisions, _site(service, decisions[0]["site"]) if decisions else None),
        lambda: sheets.story(told),
    )


def _site(service: Service, id: str) -> Site | None:
    """A site; None if it is stored no more."""
    try:
        return service.get(f"/v1/sites/{in_path(id)}", Site)
    except Refused:
        return None

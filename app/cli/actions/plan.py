"""What the commands of `edgeplan plan` do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import RenderableType

from app.cli.actions import plan_following
from app.cli.answers import (
    AllocationRecord,
    Applied,
    Capacity,
    CardSavings,
    Comparison,
    Decision,
    PlanOut,
    PricedUse,
    ShardChange,
    SiteCosts,
    Unplaced,
)
from app.cli.common.client import Service, in_path
from app.cli.common.naming import names_of, plan_id
from app.cli.common.output import Output
from app.cli.failures import No
from app.cli.views import plan as views
from app.cli.views import plan_comparison, plan_costs, plan_progress, sheets
from app.cli.views.parts.words import many

#: Changes of a page.
_ROWS = 1000
#: Changes that are shown to somebody who is about to apply a plan.
_BEFORE_APPLYING = 15


def _path(id: str) -> str:
    return f"/v1/plans/{in_path(id)}"


def submit(
    service: Service, out: Output, body: dict[str, Any], followed: bool, applied: bool, strict: bool, yes: bool
) -> None:
    """Ask for a plan, and follow and apply it as wished."""
    with out.waiting("Asking"):
        plan = service.post("/v1/plans", PlanOut, body)
    id = plan["id"]
    if not followed:
        note = f"Follow it: edgeplan plan watch {id[:8]}"
        out.answer(lambda: plan, lambda: f"Plan {id} is {plan['status']}.", note=note)
        return
    ended = plan_following.followed(service, out, id)
    if applied and ended["result"] is not None:
        apply(service, out, id, "refuse", yes, as_line=True)
    elif not out.as_json:
        _advise(out, ended)
    _leave(ended, strict)


def watch(service: Service, out: Output, id: str, strict: bool) -> None:
    """Follow a plan."""
    ended = plan_following.followed(service, out, id)
    if not out.as_json:
        _advise(out, ended)
    _leave(ended, strict)


def show_list(service: Service, out: Output, status: str | None, limit: int) -> None:
    """List plans."""
    found = list(service.every("/v1/plans", PlanOut, limit, status=status))
    out.answer(
        lambda: {"items": found},
        lambda: views.listing(found, _standings(service, found)) if found else (),
        lambda: sheets.plans(found, _standings(service, found)),
        note=None if found else "There is no such plan. Ask for one: edgeplan plan submit --all",
    )


def _standings(service: Service, found: Sequence[PlanOut]) -> dict[str, AllocationRecord]:
    """When each of these plans that was applied was, and which of them is in force, as the history tells."""
    wanted = {plan["id"] for plan in found if plan["applied_generation"] is not None}
    told: dict[str, AllocationRecord] = {}
    for record in service.every("/v1/allocations/history", AllocationRecord) if wanted else ():
        if record["plan"] is not None:
            told.setdefault(record["plan"], record)
        if wanted <= told.keys():
            break
    return told


def show(service: Service, out: Output, name: str, refusals: int, strict: bool) -> None:
    """Show one plan."""
    id = plan_id(service, name)
    plan = service.get(_path(id), PlanOut)
    solved = plan["result"] is not None

    def decisions() -> Iterable[Decision]:
        return service.every(f"{_path(id)}/decisions", Decision) if solved else ()

    def unplaced() -> list[Unplaced]:
        return list(service.every(f"{_path(id)}/unplaced", Unplaced, refusals)) if solved else []

    def tightest() -> list[PricedUse]:
        return service.get("/v1/capacity", Capacity, plan=id)["tightest"] if solved else []

    def document() -> dict[str, Any]:
        placements = [one for one in decisions() if one["node"] is not None]
        return {**plan, "unplaced": unplaced(), "tightest": tightest(), "placements": placements}

    def people() -> RenderableType:
        held, refused, uses = _held(service, plan), unplaced(), tightest()
        more = plan["result"] is not None and plan["result"]["unplaced_shards"] > len(refused)
        sites = names_of(service, "sites") if refused else {}
        return views.whole(plan, uses, refused, more, held, _standings(service, [plan]).get(id), sites)

    out.answer(document, people, lambda: sheets.decisions(decisions()))
    if plan["status"] in plan_following.ENDED:
        _leave(plan, strict)


def compare(service: Service, out: Output, name: str, other: str, limit: int) -> None:
    """Show what would change from one plan to another."""
    against = other if other == "allocation" else plan_id(service, other)
    id = plan_id(service, name)
    told, items, more = _comparison(service, id, against, limit)
    out.answer(
        lambda: {**told, "items": items},
        lambda: _compared(service, told, items, more, against),
        lambda: sheets.changes(items),
    )


def costs(service: Service, out: Output, name: str, limit: int) -> None:
    """Show what a plan costs by site."""
    told = service.get(f"{_path(plan_id(service, name))}/sites", SiteCosts)
    out.answer(
        lambda: told,
        lambda: plan_costs.sites(told, names_of(service, "sites"), limit),
        lambda: sheets.sites(told["items"]),
    )


def cards(service: Service, out: Output, name: str, limit: int) -> None:
    """Show where one more card pays."""
    told = service.get(f"{_path(plan_id(service, name))}/card-savings", CardSavings)
    out.answer(
        lambda: told,
        lambda: plan_costs.cards(told, names_of(service, "nodes"), limit),
        lambda: sheets.cards(told["items"]),
    )


def _compared(service: Service, told: Comparison, items: list[ShardChange], more: bool, against: str) -> RenderableType:
    plan = service.get(_path(told["plan"]), PlanOut)
    held = _held(service, plan) if told["disturbed"] else []
    return plan_comparison.comparison(told, items, more, held, plan["terms"]["horizon"], against == "allocation")


def _held(service: Service, plan: PlanOut) -> list[Decision]:
    """What a plan leaves where it breaks a rule."""
    if plan["result"] is None or not plan["result"]["disturbed_shards"]:
        return []
    return list(service.every(f"{_path(plan['id'])}/decisions", Decision, status="disturbed"))


def apply(
    service: Service,
    out: Output,
    id: str,
    on_stale: str,
    yes: bool,
    allow_not_operating: bool = False,
    as_line: bool = False,
) -> None:
    """Make a plan the allocation, after showing what changes and asking. `as_line` answers with the plan as it then is."""
    if not yes:
        if not out.as_json:
            changes = _comparison(service, id, "allocation", _BEFORE_APPLYING)
            out.show(_compared(service, *changes, "allocation"))
        out.confirm(f"Make plan {id[:8]} the allocation?", f"edgeplan plan apply {id[:8]} --yes")
    with out.waiting("Applying"):
        how = {"on_stale": on_stale, "allow_not_operating": allow_not_operating}
        done = service.post(f"{_path(id)}/apply", Applied, how)
    if as_line and out.as_json:
        out.line(service.get(_path(id), PlanOut))
        return
    note = "To go back: edgeplan allocation undo. What was applied before: edgeplan allocation history"
    out.answer(lambda: done, lambda: plan_comparison.applied(done), note=note)


def cancel(service: Service, out: Output, name: str) -> None:
    """Stop a solve."""
    plan = service.post(f"{_path(plan_id(service, name))}/cancel", PlanOut)
    ending = "is being stopped; its best plan so far is kept" if plan["status"] == "running" else f"is {plan['status']}"
    out.answer(lambda: plan, lambda: f"Plan {plan['id']} {ending}.")


def delete(service: Service, out: Output, name: str, yes: bool) -> None:
    """Forget a plan."""
    id = plan_id(service, name)
    if not yes:
        out.confirm(f"Forget plan {id}?", f"edgeplan plan delete {id} --yes")
    service.delete(_path(id))
    out.answer(lambda: {"deleted": id}, lambda: f"Plan {id} is forgotten.")


def _comparison(service: Service, id: str, other: str, limit: int) -> tuple[Comparison, list[ShardChange], bool]:
    """What would change, the first `limit` changes (0: all), and whether there are more."""
    path = f"{_path(id)}/comparison"
    query: dict[str, Any] = {"with": other, "limit": min(limit, _ROWS) or _ROWS}
    told = service.get(path, Comparison, **query)
    items, following = list(told["items"]), told["next"]
    while following is not None and (not limit or len(items) < limit):
        page = service.get(path, Comparison, **query, cursor=following)
        items += page["items"]
        following = page["next"]
    most = limit or len(items)
    more = following is not None or len(items) > most
    return {**told, "next": following if more else None}, items[:most], more


def _advise(out: Output, ended: PlanOut) -> None:
    advice = plan_progress.next_steps(ended)
    if advice is not None:
        out.note(advice.plain)


def _leave(ended: PlanOut, strict: bool) -> None:
    """Turn what a plan came to into how the command leaves."""
    result = ended["result"]
    if result is None:
        why = ended["failure"]["reason"] if ended["failure"] else f"it is {ended['status']}"
        code = ended["failure"]["code"] if ended["failure"] else None
        raise No(f"Plan {ended['id'][:8]} ended without a plan: {why}", code=code)
    if strict and result["unplaced_shards"]:
        raise No(
            f"{many(result['unplaced_shards'], 'shard')} unplaced, and --strict was asked for.",
            f"See why: edgeplan plan show {ended['id'][:8]}",
        )

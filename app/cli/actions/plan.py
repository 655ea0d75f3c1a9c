"""What the commands of `edgeplan plan` do."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Protocol, Self

from rich.live import Live

from app.cli.actions.network import node_names, site_names
from app.cli.actions.plan_following import follow
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
from app.cli.common.naming import plan_id
from app.cli.common.output import Output
from app.cli.failures import Interrupted, No
from app.cli.views import plan as views
from app.cli.views import plan_comparison, plan_costs, plan_progress, sheets
from app.cli.views.parts.words import many

#: Pictures a second of a plan that is being solved.
_PICTURES = 8
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
        if out.as_json:
            out.document(plan)
        else:
            out.show(f"Plan {id} is {plan['status']}.")
            out.note(f"Follow it: edgeplan plan watch {id[:8]}")
        return
    ended = _followed(service, out, id)
    if applied and ended["result"] is not None:
        apply(service, out, id, "refuse", yes, as_line=True)
    elif not out.as_json:
        _advise(out, ended)
    _leave(ended, strict)


def watch(service: Service, out: Output, id: str, strict: bool) -> None:
    """Follow a plan."""
    ended = _followed(service, out, id)
    if not out.as_json:
        _advise(out, ended)
    _leave(ended, strict)


def show_list(service: Service, out: Output, status: str | None, limit: int) -> None:
    """List plans."""
    found = list(service.every("/v1/plans", PlanOut, limit, status=status))
    if out.as_json:
        out.document({"items": found})
    elif out.as_csv:
        out.sheet(sheets.plans(found, _standings(service, found)))
    elif found:
        out.show(views.listing(found, _standings(service, found)))
    else:
        out.note("There is no such plan. Ask for one: edgeplan plan submit --all")


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
    unplaced: list[Unplaced] = []
    uses: list[PricedUse] = []
    held: list[Decision] = []
    placements: list[Decision] = []
    if out.as_csv:
        out.sheet(sheets.decisions(service.every(f"{_path(id)}/decisions", Decision) if plan["result"] else ()))
    elif plan["result"] is not None:
        if out.as_json:
            decisions = service.every(f"{_path(id)}/decisions", Decision)
            placements = [one for one in decisions if one["node"] is not None]
        else:
            held = _held(service, plan)
        unplaced = list(service.every(f"{_path(id)}/unplaced", Unplaced, refusals))
        uses = service.get("/v1/capacity", Capacity, plan=id)["tightest"]
    if out.as_json:
        out.document({**plan, "unplaced": unplaced, "tightest": uses, "placements": placements})
    elif not out.as_csv:
        more = plan["result"] is not None and plan["result"]["unplaced_shards"] > len(unplaced)
        sites = site_names(service) if unplaced else {}
        out.show(views.whole(plan, uses, unplaced, more, held, _standings(service, [plan]).get(id), sites))
    if plan["status"] in ("finished", "cancelled", "failed"):
        _leave(plan, strict)


def compare(service: Service, out: Output, name: str, other: str, limit: int) -> None:
    """Show what would change from one plan to another."""
    against = other if other == "allocation" else plan_id(service, other)
    id = plan_id(service, name)
    if out.as_json:
        told, items, _ = _comparison(service, id, against, limit)
        out.document({**told, "items": items})
    elif out.as_csv:
        _, items, _ = _comparison(service, id, against, limit)
        out.sheet(sheets.changes(items))
    else:
        _show_comparison(service, out, id, against, limit)


def costs(service: Service, out: Output, name: str, limit: int) -> None:
    """Show what a plan costs by site."""
    told = service.get(f"{_path(plan_id(service, name))}/sites", SiteCosts)
    if out.as_json:
        out.document(told)
    elif out.as_csv:
        out.sheet(sheets.sites(told["items"]))
    else:
        out.show(plan_costs.sites(told, site_names(service), limit))


def cards(service: Service, out: Output, name: str, limit: int) -> None:
    """Show where one more card pays."""
    told = service.get(f"{_path(plan_id(service, name))}/card-savings", CardSavings)
    if out.as_json:
        out.document(told)
    elif out.as_csv:
        out.sheet(sheets.cards(told["items"]))
    else:
        out.show(plan_costs.cards(told, node_names(service), limit))


def _show_comparison(service: Service, out: Output, id: str, against: str, limit: int) -> None:
    told, items, more = _comparison(service, id, against, limit)
    plan = service.get(_path(id), PlanOut)
    held = _held(service, plan) if told["disturbed"] else []
    out.show(plan_comparison.comparison(told, items, more, held, plan["terms"]["horizon"], against == "allocation"))


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
            _show_comparison(service, out, id, "allocation", _BEFORE_APPLYING)
        out.confirm(f"Make plan {id[:8]} the allocation?", f"edgeplan plan apply {id[:8]} --yes")
    with out.waiting("Applying"):
        how = {"on_stale": on_stale, "allow_not_operating": allow_not_operating}
        done = service.post(f"{_path(id)}/apply", Applied, how)
    if not out.as_json:
        out.show(plan_comparison.applied(done))
        out.note("To go back: edgeplan allocation undo. What was applied before: edgeplan allocation history")
    elif as_line:
        out.line(service.get(_path(id), PlanOut))
    else:
        out.document(done)


def cancel(service: Service, out: Output, name: str) -> None:
    """Stop a solve."""
    plan = service.post(f"{_path(plan_id(service, name))}/cancel", PlanOut)
    if out.as_json:
        out.document(plan)
    elif plan["status"] == "running":
        out.show(f"Plan {plan['id']} is being stopped; its best plan so far is kept.")
    else:
        out.show(f"Plan {plan['id']} is {plan['status']}.")


def delete(service: Service, out: Output, name: str, yes: bool) -> None:
    """Forget a plan."""
    id = plan_id(service, name)
    if not yes:
        out.confirm(f"Forget plan {id}?", f"edgeplan plan delete {id} --yes")
    service.delete(_path(id))
    if out.as_json:
        out.document({"deleted": id})
    else:
        out.show(f"Plan {id} is forgotten.")


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


class _Display(Protocol):
    """Shows a plan that is being solved."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *raised: Any) -> None: ...

    def changed(self, plan: PlanOut) -> None: ...

    def trouble(self, what: str | None) -> None: ...


class _Picture:
    """On a terminal: one picture, drawn anew."""

    def __init__(self, out: Output) -> None:
        self._plan: PlanOut | None = None
        self._trouble: str | None = None
        self._live = Live(console=out.console, refresh_per_second=_PICTURES, transient=True, get_renderable=self._drawn)

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._live.__exit__(kind, error, trace)

    def _drawn(self) -> Any:
        return "" if self._plan is None else plan_progress.live(self._plan, self._trouble)

    def changed(self, plan: PlanOut) -> None:
        self._plan = plan

    def trouble(self, what: str | None) -> None:
        self._trouble = what


class _Lines(AbstractContextManager["_Lines"]):
    """Elsewhere: one line a change, of JSON if so asked."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self._last: str | None = None

    def __exit__(self, *raised: Any) -> None:
        return None

    def changed(self, plan: PlanOut) -> None:
        if self._out.as_json:
            self._out.line(plan)
            return
        said = plan_progress.step(plan)
        if said != self._last:
            self._last = said
            self._out.show(said)

    def trouble(self, what: str | None) -> None:
        self._out.note(what or "connected again")


def _followed(service: Service, out: Output, id: str) -> PlanOut:
    """Follow a plan to its end and tell what it came to. Ctrl-C leaves it alone, and says so."""
    display: _Display = _Picture(out) if out.console.is_terminal and not out.as_json else _Lines(out)
    try:
        with display:
            ended = follow(service, id, display.changed, display.trouble)
    except KeyboardInterrupt:
        raise Interrupted(
            f"Plan {id} goes on.",
            f"To stop it: edgeplan plan cancel {id[:8]}; to watch it: edgeplan plan watch {id[:8]}",
        ) from None
    if not out.as_json:
        out.show(plan_progress.ending(ended))
    return ended


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

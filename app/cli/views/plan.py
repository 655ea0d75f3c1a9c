"""Plans, for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from app.cli.answers import AllocationRecord, Decision, GoalCost, PlanOut, PlanResult, PricedUse, Terms, Unplaced
from app.cli.views.parts.capacity import tightest
from app.cli.views.parts.cautions import disturbed, not_operating, warned
from app.cli.views.parts.refusals import refusals
from app.cli.views.parts.tables import Column, Grid, Pairs, Share, heading, number, pairs
from app.cli.views.parts.words import (
    a_month,
    clock,
    currency,
    day,
    many,
    millis,
    money,
    percent,
    plain,
    seconds,
    short,
    since,
)

_COLOURS = {"queued": "dim", "running": "cyan", "finished": "green", "cancelled": "yellow", "failed": "red"}


def status(plan: PlanOut) -> Text:
    """What has become of a plan."""
    word = plan["status"]
    text = Text()
    if plan["result"] is not None and any(one["code"] == "bound.none" for one in plan["result"]["warnings"]):
        text.append("unproven ", style="bold red")
    text.append(word, style=_COLOURS.get(word, ""))
    if plan["priority"] != "normal" and word == "queued":
        text.append(f", {plan['priority']} priority")
    if plan["what_if"]:
        text.append(" what-if", style="magenta")
    return text


def standing(plan: PlanOut, record: AllocationRecord | None) -> Text:
    """Whether a plan is in force, or was; `record` is the history's of when it was applied."""
    if plan["applied_generation"] is None:
        return Text("")
    if record is not None and record["in_force"]:
        return Text("in force", style="bold green")
    at = None if record is None else record["at"]
    return Text("was in force" if at is None else f"applied {since(at)} ago", style="dim")


def listing(plans: Iterable[PlanOut], standings: Mapping[str, AllocationRecord]) -> Grid:
    """Plans, one a line; `standings` are the records of those that were applied."""
    columns = (
        Column("plan", whole=True), Column("status"), Column("name", from_width=70), number("workloads", 100),
        number(f"cost, {currency()} a month", 50), number("gap"), number("unplaced", 60),
        Column("asked", from_width=110, whole=True),
    )  # fmt: skip
    rows = []
    for plan in plans:
        at = plan["result"] or plan["best"]
        unplaced = _unplaced(plan)
        rows.append((
            short(plan["id"]), Text(" ").join(filter(None, (status(plan), standing(plan, standings.get(plan["id"]))))),
            plan["name"], f"{plan['workloads']:,}",
            money(at["cost"]) if at else "", percent(at["gap"]) if at else "", "" if unplaced is None else f"{unplaced:,}",
            f"{since(plan['submitted_at'])} ago",
        ))  # fmt: skip
    return Grid(columns, rows)


def whole(
    plan: PlanOut,
    uses: Sequence[PricedUse],
    unplaced: Sequence[Unplaced],
    more: bool,
    held: Sequence[Decision] = (),
    record: AllocationRecord | None = None,
    sites: Mapping[str, str] | None = None,
) -> Group:
    """A plan: what was asked, what it leaves disturbed (`held`), what it came to, what is tight, and what fits nowhere
    (`more`: and more than is given). `record` tells when it was applied, `sites` what sites are called."""
    result = plan["result"]
    parts: list[RenderableType] = [*warned(result), _head(plan, record)]
    if result is not None:
        parts += disturbed(held)
        parts += not_operating(result["not_operating"])
        if held or result["not_operating"]:
            parts.append(Text(""))
        parts += [figures(result), *_costs(result["summary"]["cost_by_goal"], result["cost"])]
        if result["request_cost_by_goal"] and result["request_cost"] != result["cost"]:
            parts += _costs(result["request_cost_by_goal"], result["request_cost"] or 0, "Cost of this request by goal")
        parts += tightest(uses)
        parts += refusals(unplaced, result["unplaced_shards"], plan["id"] if more else None, sites)
    return Group(*parts)


def _caps(terms: Terms) -> str | None:
    caps = terms["share_caps"]
    if not caps:
        return None
    return "; ".join(
        f"{cap['name'] or 'each ' + cap['of']} serves at most {cap['permille'] / 10:g} % of the devices" for cap in caps
    )


def _applied(plan: PlanOut, record: AllocationRecord | None) -> Text | None:
    if plan["applied_generation"] is None:
        return None
    at = "" if record is None or record["at"] is None else f", {clock(record['at'])}"
    since = f" since generation {plan['applied_generation']}{at}"
    if record is not None and record["in_force"]:
        return standing(plan, record).append(since, style="not bold default")
    return Text(f"in generation {plan['applied_generation']}{at}; no longer in force")


def _head(plan: PlanOut, record: AllocationRecord | None) -> Pairs:
    failure = plan["failure"]
    limits = plan["limits"]
    result = plan["result"]
    terms = (result and result["effective_terms"]) or plan["terms"]
    step = terms["lowest_commitment"]
    firm = "" if step in (None, "operational") else f", nodes {plain(step or '')} or firmer"
    about = many(plan["workloads"], "workload") if plan["workloads"] else "what is disturbed or unplaced"
    asked = f"{about} on {day(terms['horizon'])}{firm}"
    return pairs((
        ("plan", plan["id"]),
        ("name", plan["name"]),
        ("note", plan["note"]),
        ("status", status(plan)),
        ("asked", f"{asked}, {limits['seconds'] or 0:g} s, seed {limits['seed']}"),
        ("priority", None if plan["priority"] == "normal" else plan["priority"]),
        ("caps", _caps(terms)),
        ("submitted", f"{clock(plan['submitted_at'])}, by {plan['actor']} for {plan['tenant']}"),
        ("made from", None if plan["generation"] is None else f"generation {plan['generation']}"),
        ("applied", _applied(plan, record)),
        ("why", None if failure is None else f"{failure['reason']} ({failure['code']})"),
    ))  # fmt: skip


def figures(result: PlanResult) -> Pairs:
    """What a plan came to."""
    placed, refused = result["summary"]["placed"], result["summary"]["refused"]
    margins = result["summary"]["margins"]
    back = result["restored"]
    proof = proven(result["status"], result["gap"]) if back is None else "not searched for"
    spare = None
    if margins is not None:
        spare = f"least {millis(margins['least_us'])}, median {millis(margins['median_us'])}"
    return pairs((
        ("puts back", None if back is None else f"what ran just {back['moment']} generation {back['generation']}"),
        ("disturbed", _still(result["disturbed_shards"])),
        ("this request", None if result["request_cost"] is None else a_month(result["request_cost"])),
        ("cost", Text.assemble((money(result["cost"]), "bold"), f" {currency()} a month, {proof}")),
        ("lower bound", None if back is not None else
                        f"{a_month(result['bound'])}, proven after {seconds(result['bound_seconds'])}"),
        ("placed", f"{many(placed['workloads'], 'workload')} ({many(placed['devices'], 'device')}) as "
                   f"{many(placed['shards'], 'shard')}"),
        ("unplaced", f"{many(refused['shards'], 'shard')} of {many(refused['workloads'], 'workload')}"),
        ("changed", f"{many(result['moved_shards'], 'shard')} that {'runs' if result['moved_shards'] == 1 else 'run'} "
                    "moved or resized" if result["moved_shards"] else None),
        ("latency margin", spare),
        ("solved in", f"{seconds(result['seconds'])}, first plan after {seconds(result['first_seconds'])}" if back is None
                      else None),
    ))  # fmt: skip


def _still(shards: int) -> Text | None:
    if not shards:
        return None
    return Text(f"{many(shards, 'shard')} left violating a rule, at a penalty", style="bold red")


def proven(status: str, gap: float) -> str:
    """How good a plan is known to be."""
    return "proven optimal" if status == "optimal" else f"within {percent(gap)} of the optimum"


def _costs(goals: Sequence[GoalCost], total: int, title: str = "Cost by goal") -> list[RenderableType]:
    rows = [
        (plain(goal["goal"]), money(goal["cost_month"]), Share(goal["cost_month"] * 1000 // max(1, total)))
        for goal in goals
        if goal["cost_month"]
    ]
    if not rows:
        return []
    return [heading(title), Grid((Column("goal"), number(f"{currency()} a month"), Column("", from_width=50)), rows)]


def _unplaced(plan: PlanOut) -> int | None:
    if plan["result"] is not None:
        return plan["result"]["unplaced_shards"]
    return plan["best"]["unplaced"] if plan["best"] else None

"""Plans, for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from app.cli.answers import (
    Applied,
    Comparison,
    GoalCost,
    PlanOut,
    PlanResult,
    PricedUse,
    ProgressPoint,
    ShardChange,
    Unplaced,
)
from app.cli.views.capacity import tightest
from app.cli.views.tables import Column, Grid, Share, heading, number, pairs
from app.cli.views.words import clock, difference, many, millis, percent, plain, seconds, short, since, won

_COLOURS = {"queued": "dim", "running": "cyan", "finished": "green", "cancelled": "yellow", "failed": "red"}
#: Rules that are named of those that refuse a shard.
_RULES = 4
_ACTIONS = {"placed": "green", "moved": "cyan", "resized": "yellow", "unplaced": "red", "ended": "red"}


def status(plan: PlanOut) -> Text:
    """What has become of a plan."""
    word = plan["status"]
    text = Text(word, style=_COLOURS.get(word, ""))
    if plan["what_if"]:
        text.append(" what-if", style="magenta")
    if plan["applied_generation"] is not None:
        text.append(" applied", style="bold")
    return text


def listing(plans: Iterable[PlanOut]) -> Grid:
    """Plans, one a line."""
    columns = (
        Column("plan", whole=True), Column("status"), Column("name", from_width=70), number("workloads", 100),
        number("cost, won a month", 50), number("gap"), number("unplaced", 60), Column("asked", from_width=110, whole=True),
    )  # fmt: skip
    rows = []
    for plan in plans:
        at = plan["result"] or plan["best"]
        unplaced = _unplaced(plan)
        rows.append((
            short(plan["id"]), status(plan), plan["name"], f"{plan['workloads']:,}",
            won(at["cost"]) if at else "", percent(at["gap"]) if at else "", "" if unplaced is None else f"{unplaced:,}",
            f"{since(plan['submitted_at'])} ago",
        ))  # fmt: skip
    return Grid(columns, rows)


def whole(plan: PlanOut, uses: Sequence[PricedUse], unplaced: Sequence[Unplaced], more: bool) -> Group:
    """A plan: what was asked, what it came to, what is tight, and what fits nowhere (`more`: and more than is given)."""
    parts: list[RenderableType] = [_head(plan)]
    result = plan["result"]
    if result is not None:
        parts += [figures(result), *_costs(result["summary"]["cost_by_goal"], result["cost"])]
        parts += tightest(uses)
        parts += refusals(unplaced, result["unplaced_shards"], plan["id"] if more else None)
    return Group(*parts)


def _head(plan: PlanOut) -> Table:
    failure = plan["failure"]
    limits, terms = plan["limits"], plan["terms"]
    step = terms["lowest_commitment"]
    firm = "" if step == "operational" else f", nodes {plain(step)} or firmer"
    asked = f"{many(plan['workloads'], 'workload')} on {terms['horizon']}{firm}"
    return pairs((
        ("plan", plan["id"]),
        ("name", plan["name"]),
        ("note", plan["note"]),
        ("status", status(plan)),
        ("asked", f"{asked}, {limits['seconds'] or 0:g} s, seed {limits['seed']}"),
        ("submitted", clock(plan["submitted_at"])),
        ("made from", None if plan["generation"] is None else f"generation {plan['generation']}"),
        ("applied in", None if plan["applied_generation"] is None else f"generation {plan['applied_generation']}"),
        ("why", None if failure is None else f"{failure['reason']} ({failure['code']})"),
    ))  # fmt: skip


def figures(result: PlanResult) -> Table:
    """What a plan came to."""
    placed, refused = result["summary"]["placed"], result["summary"]["refused"]
    margins = result["summary"]["margins"]
    proof = proven(result["status"], result["gap"])
    spare = None
    if margins is not None:
        spare = f"{millis(margins['least_us'])} at least, {millis(margins['median_us'])} in the middle"
    return pairs((
        ("cost", Text.assemble((won(result["cost"]), "bold"), f" won a month, {proof}")),
        ("bound", f"{won(result['bound'])} won a month, proven after {seconds(result['bound_seconds'])}"),
        ("placed", f"{many(placed['workloads'], 'workload')} ({many(placed['devices'], 'device')}) as "
                   f"{many(placed['shards'], 'shard')}"),
        ("unplaced", f"{many(refused['shards'], 'shard')} of {many(refused['workloads'], 'workload')}"),
        ("to spare", spare),
        ("solved in", f"{seconds(result['seconds'])}, first plan after {seconds(result['first_seconds'])}"),
        ("cut off", result["cut_off"]),
    ))  # fmt: skip


def proven(status: str, gap: float) -> str:
    """How good a plan is known to be."""
    return "proven optimal" if status == "optimal" else f"within {percent(gap)} of the least possible"


def _costs(goals: Sequence[GoalCost], total: int) -> list[RenderableType]:
    rows = [
        (plain(goal["goal"]), won(goal["krw_month"]), Share(goal["krw_month"] * 1000 // max(1, total)))
        for goal in goals
        if goal["krw_month"]
    ]
    if not rows:
        return []
    return [heading("Cost by goal"), Grid((Column("goal"), number("won a month"), Column("", from_width=50)), rows)]


def refusals(unplaced: Sequence[Unplaced], total: int, more_of: str | None = None) -> list[RenderableType]:
    """What fits nowhere, and why; `more_of` is the plan that has more than is given."""
    if not unplaced:
        return []
    rows = [(one["workload"], one["shard"], _why(one)) for one in unplaced]
    parts: list[RenderableType] = [
        heading(f"Fits nowhere: {many(total, 'shard')}"),
        Grid((Column("workload"), number("shard", 90), Column("why")), [(w, str(s), y) for w, s, y in rows]),
        Text(f"The whole story of one: edgeplan explain {unplaced[0]['workload']}", style="dim"),
    ]
    if more_of is not None:
        parts.append(Text(f"All of them: edgeplan plan show {short(more_of)} --refusals 0", style="dim"))
    return parts


def _why(one: Unplaced) -> str:
    refusal = one["refusal"]
    if refusal is None:
        return "not looked into; explain tells"
    if not refusal["reasons"]:
        return refusal["sentence"]
    no = ", ".join(f"{plain(reason['rule'])} {reason['nodes']:,}" for reason in refusal["reasons"][:_RULES])
    said = f"nodes closed by {no}{' ...' if len(refusal['reasons']) > _RULES else ''}"
    ways = " or ".join(f"{plain(way['rule'])} ({many(way['nodes'], 'node')})" for way in refusal["repairs"])
    return f"{said}; would fit without {ways}" if ways else f"{said}; each by two or more"


def _unplaced(plan: PlanOut) -> int | None:
    if plan["result"] is not None:
        return plan["result"]["unplaced_shards"]
    return plan["best"]["unplaced"] if plan["best"] else None


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
        f"{best['seconds']:6.1f} s  cost {won(best['cost'])}  bound {won(best['bound'])}  gap {percent(best['gap'])}  "
        f"unplaced {best['unplaced']:,}  {best['phase']}"
    )


def live(plan: PlanOut, trouble: str | None, now: datetime | None = None) -> Group:
    """A plan that is being solved, as a picture that is drawn anew again and again."""
    best = plan["best"]
    title = Text.assemble((plan["name"] or "plan", "bold"), "  ", (short(plan["id"]), "dim"), "  ", status(plan))
    if trouble is not None:
        title.append(f"  {trouble}", style="bold red")
    if best is None:
        said = pairs((("", "waiting for a solver" if plan["status"] == "queued" else "looking for a first plan"),))
    else:
        said = pairs((
            ("cost", Text(f"{won(best['cost'])} won a month", style="bold")),
            ("bound", f"{won(best['bound'])} won a month"),
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
    parts: list[RenderableType] = [Text.assemble("Plan ", (short(plan["id"]), "bold"), " is ", status(plan), ".")]
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


def comparison(told: Comparison, items: Sequence[ShardChange], more: bool) -> Group:
    """What would change from one plan, or what is in force, to another; `more` says that more changes than is given."""
    other = told["other"]
    cost = f"{won(told['cost'])} won a month"
    if other is not None:
        less = told["other_cost"] - told["cost"]
        cost += f", {won(abs(less))} {'less' if less > 0 else 'more'} than before" if less else ", as before"
    parts: list[RenderableType] = [
        pairs((
            ("from", "nothing in force" if other is None else f"plan {short(other)}"),
            ("to", f"plan {short(told['plan'])}"),
            ("cost", cost),
        )),
        tally(told),
    ]  # fmt: skip
    goals = [goal for goal in told["cost_by_goal"] if goal["krw_month"] or goal["other_krw_month"]]
    if other is not None and goals:
        columns = (Column("goal"), number("before", 50), number("after"), number("difference"))
        costs = [(plain(goal["goal"]), goal["other_krw_month"], goal["krw_month"]) for goal in goals]
        rows = [(goal, won(before), won(after), difference(after - before)) for goal, before, after in costs]
        parts += [heading("Cost by goal, won a month"), Grid(columns, rows)]
    if items:
        parts += [heading("What changes"), moves(items)]
        if more:
            parts.append(Text("and more; --limit 0 lists all", style="dim"))
    return Group(*parts)


def tally(told: Comparison) -> Text:
    """How many shards would be kept, moved and so on."""
    counts = [
        (told["kept"], "kept", ""), (told["placed"], "newly placed", "green"), (told["moved"], "moved", "cyan"),
        (told["resized"], "resized", "yellow"), (told["unplaced"], "unplaced", "red"), (told["ended"], "ended", "red"),
    ]  # fmt: skip
    text = Text("Shards: ")
    for place, (count, word, style) in enumerate(each for each in counts if each[0]):
        text.append(", " if place else "")
        text.append(f"{count:,} {word}", style=style)
    return text if len(text) > len("Shards: ") else Text("Nothing changes.")


def moves(items: Sequence[ShardChange]) -> Grid:
    """What would become of shards, one a line."""
    columns = (
        Column("workload"), number("shard", 70), Column("action", whole=True), Column("from", from_width=50),
        Column("to"), Column("on", from_width=120), number("servers", 100),
    )  # fmt: skip
    return Grid(
        columns,
        [
            (one["workload"], str(one["shard"]), Text(one["action"], style=_ACTIONS.get(one["action"], "")),
             one["from_node"], one["to_node"], one["to_profile"] or one["from_profile"], _servers(one))
            for one in items
        ],
    )  # fmt: skip


def _servers(one: ShardChange) -> str:
    before, after = one["from_servers"], one["to_servers"]
    if before is None or after is None or before == after:
        return str(before if after is None else after)
    return f"{before} to {after}"


def applied(told: Applied) -> Text:
    """What applying a plan has done."""
    text = Text.assemble("Plan ", (short(told["plan"]), "bold"), f" is in force since generation {told['generation']}: ")
    text.append(
        f"{told['placed']:,} newly placed, {told['moved']:,} moved, {told['kept']:,} kept, {told['unplaced']:,} unplaced, "
        f"{told['ended']:,} ended."
    )
    if told["reverified"]:
        text.append(" It was judged anew, on what is stored now.")
    return text

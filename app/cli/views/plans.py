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
    Decision,
    Disturbed,
    GoalCost,
    PlanOut,
    PlanResult,
    PricedUse,
    ProgressPoint,
    ShardChange,
    TermDifference,
    Terms,
    Unplaced,
)
from app.cli.views.capacity import tightest
from app.cli.views.tables import Column, Grid, Pairs, Share, heading, number, pairs
from app.cli.views.words import clock, day, difference, many, millis, percent, plain, seconds, short, since, won

_COLOURS = {"queued": "dim", "running": "cyan", "finished": "green", "cancelled": "yellow", "failed": "red"}
#: Rules that are named of those that refuse a shard, nodes that are named of many, and disturbed shards that are listed.
_RULES, _NODES, _LISTED = 4, 8, 10
#: What is said of a term that is not set.
_NOTHING: tuple[object, ...] = (None, [], {})
_ACTIONS = {"placed": "green", "moved": "cyan", "resized": "yellow", "unplaced": "red", "ended": "red"}


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


def whole(
    plan: PlanOut, uses: Sequence[PricedUse], unplaced: Sequence[Unplaced], more: bool, held: Sequence[Decision] = ()
) -> Group:
    """A plan: what was asked, what it leaves disturbed (`held`), what it came to, what is tight, and what fits nowhere
    (`more`: and more than is given)."""
    result = plan["result"]
    parts: list[RenderableType] = [*warned(result), _head(plan)]
    if result is not None:
        parts += disturbed(held)
        parts += not_operating(result["not_operating"])
        if held or result["not_operating"]:
            parts.append(Text(""))
        parts += [figures(result), *_costs(result["summary"]["cost_by_goal"], result["cost"])]
        if result["request_cost_by_goal"] and result["request_cost"] != result["cost"]:
            parts += _costs(result["request_cost_by_goal"], result["request_cost"] or 0, "Cost of this request by goal")
        parts += tightest(uses)
        parts += refusals(unplaced, result["unplaced_shards"], plan["id"] if more else None)
    return Group(*parts)


def warned(result: PlanResult | None) -> list[RenderableType]:
    """What has to be known before a plan is believed."""
    return [Text(one["message"], style="bold red") for one in (result["warnings"] if result is not None else ())]


def disturbed(held: Sequence[Decision]) -> list[RenderableType]:
    """What stays where it breaks a rule, the unlawful first."""
    if not held:
        return []
    rows = [(one, one["disturbed"]) for one in held]
    rows.sort(key=lambda row: not (row[1] and row[1]["unlawful"]))
    unlawful = sum(1 for _, why in rows if why and why["unlawful"])
    title = f"Stays disturbed: {many(len(rows), 'shard')}"
    if unlawful:
        title += f", {unlawful:,} of them unlawful where {'it runs' if unlawful == 1 else 'they run'}"
    columns = (
        Column("workload"), number("shard", 70), Column("node"), Column("breaks"), Column("why", from_width=60),
    )  # fmt: skip
    listed = [
        (one["workload"], str(one["shard"]), one["node"],
         _rules(why), why["sentence"] if why else "")
        for one, why in rows[:_LISTED]
    ]  # fmt: skip
    parts: list[RenderableType] = [heading(title), Grid(columns, listed)]
    if len(rows) > _LISTED:
        parts.append(Text(f"and {len(rows) - _LISTED:,} more: --json lists them all", style="dim"))
    if unlawful:
        parts.append(Text("What is unlawful moves once it can; ending it is for people to decide.", style="bold red"))
    return parts


def _rules(why: Disturbed | None) -> Text:
    """Which rules are broken, and whether one of them is law."""
    if why is None:
        return Text("")
    named = ", ".join(plain(rule) for rule in why["rules"])
    return Text(f"{named} (unlawful)" if why["unlawful"] else named, style="bold red")


def not_operating(nodes: Sequence[str]) -> list[RenderableType]:
    """Nodes that would be used and do not operate today."""
    if not nodes:
        return []
    named = ", ".join(nodes[:_NODES]) + (f" and {len(nodes) - _NODES:,} more" if len(nodes) > _NODES else "")
    does = "does" if len(nodes) == 1 else "do"
    return [
        heading(f"Not operating today: {many(len(nodes), 'node')}"),
        Text(f"{named} {does} not operate today, and what changes would use {'it' if len(nodes) == 1 else 'them'}: "
             "applied only with --allow-not-operating."),
    ]  # fmt: skip


def terms_differ(found: Sequence[TermDifference], other: str) -> list[RenderableType]:
    """Terms on which two do not agree; `other` says whose those before are."""
    if not found:
        return []
    rows = [(_term(one["field"]), _said(one["other"]), _said(one["this"])) for one in found]
    return [
        heading(f"Other terms than {other}: {many(len(found), 'difference')}"),
        Grid((Column("term"), Column("before"), Column("after")), rows),
        Text("With other terms, costs answer another question.", style="dim"),
    ]


def _term(field: str) -> str:
    return plain(field).replace(".", " of ", 1) if not field.startswith("weights.") else f"weight of {plain(field[8:])}"


def _said(value: object) -> str:
    """The value of a term: a cap as the command line takes it, nothing as `none`."""
    if value in _NOTHING:
        return "none"
    if isinstance(value, list):
        return "; ".join(_said(one) for one in value)
    if isinstance(value, dict):
        if "of" in value and "permille" in value:
            return f"{value['of']}{':' + str(value['name']) if value.get('name') else ''}={value['permille']}"
        return ", ".join(f"{plain(str(name))} {_said(one)}" for name, one in value.items())
    return str(value)


def _caps(terms: Terms) -> str | None:
    caps = terms["share_caps"]
    if not caps:
        return None
    return "; ".join(
        f"{cap['name'] or 'each ' + cap['of']} serves at most {cap['permille'] / 10:g} % of the devices" for cap in caps
    )


def _head(plan: PlanOut) -> Pairs:
    failure = plan["failure"]
    limits = plan["limits"]
    result = plan["result"]
    terms = (result and result["effective_terms"]) or plan["terms"]
    step = terms["lowest_commitment"]
    firm = "" if step in (None, "operational") else f", nodes {plain(step or '')} or firmer"
    about = many(plan["workloads"], "workload") if plan["workloads"] else "what is disturbed or has no place"
    asked = f"{about} on {day(terms['horizon'])}{firm}"
    return pairs((
        ("plan", plan["id"]),
        ("name", plan["name"]),
        ("note", plan["note"]),
        ("status", status(plan)),
        ("asked", f"{asked}, {limits['seconds'] or 0:g} s, seed {limits['seed']}"),
        ("priority", None if plan["priority"] == "normal" else plan["priority"]),
        ("caps", _caps(terms)),
        ("submitted", clock(plan["submitted_at"])),
        ("made from", None if plan["generation"] is None else f"generation {plan['generation']}"),
        ("applied in", None if plan["applied_generation"] is None else f"generation {plan['applied_generation']}"),
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
        spare = f"{millis(margins['least_us'])} at least, {millis(margins['median_us'])} in the middle"
    return pairs((
        ("puts back", None if back is None else f"what ran just {back['moment']} generation {back['generation']}"),
        ("disturbed", _still(result["disturbed_shards"])),
        ("this request", _request_cost(result["request_cost"])),
        ("cost", Text.assemble((won(result["cost"]), "bold"), f" won a month, {proof}")),
        ("bound", f"{won(result['bound'])} won a month, proven after {seconds(result['bound_seconds'])}" if back is None
                  else None),
        ("placed", f"{many(placed['workloads'], 'workload')} ({many(placed['devices'], 'device')}) as "
                   f"{many(placed['shards'], 'shard')}"),
        ("unplaced", f"{many(refused['shards'], 'shard')} of {many(refused['workloads'], 'workload')}"),
        ("changed", f"{many(result['moved_shards'], 'shard')} that {'runs' if result['moved_shards'] == 1 else 'run'} "
                    "moved or resized" if result["moved_shards"] else None),
        ("to spare", spare),
        ("solved in", f"{seconds(result['seconds'])}, first plan after {seconds(result['first_seconds'])}" if back is None
                      else None),
    ))  # fmt: skip


def _still(shards: int) -> Text | None:
    if not shards:
        return None
    return Text(f"{many(shards, 'shard')} left where a rule is broken, at a price", style="bold red")


def _request_cost(cost: int | None) -> str | None:
    return None if cost is None else f"{won(cost)} won a month"


def proven(status: str, gap: float) -> str:
    """How good a plan is known to be."""
    return "proven optimal" if status == "optimal" else f"within {percent(gap)} of the least possible"


def _costs(goals: Sequence[GoalCost], total: int, title: str = "Cost by goal") -> list[RenderableType]:
    rows = [
        (plain(goal["goal"]), won(goal["krw_month"]), Share(goal["krw_month"] * 1000 // max(1, total)))
        for goal in goals
        if goal["krw_month"]
    ]
    if not rows:
        return []
    return [heading(title), Grid((Column("goal"), number("won a month"), Column("", from_width=50)), rows)]


def refusals(unplaced: Sequence[Unplaced], total: int, more_of: str | None = None) -> list[RenderableType]:
    """What fits nowhere, and why; `more_of` is the plan that has more than is given."""
    if not unplaced:
        return []
    rows = [(one["workload"], one["shard"], _why(one)) for one in unplaced]
    parts: list[RenderableType] = [
        heading(f"Fits nowhere: {many(total, 'shard')}"),
        Grid((Column("workload"), number("shard", 60), Column("why")), [(w, str(s), y) for w, s, y in rows]),
        Text(f"The whole story of one: edgeplan explain {unplaced[0]['workload']}", style="dim"),
    ]
    if more_of is not None:
        parts.append(Text(f"All of them: edgeplan plan show {short(more_of)} --refusals 0", style="dim"))
    return parts


def _why(one: Unplaced) -> str:
    refusal = one["refusal"]
    if refusal is None:
        return "not looked into; explain tells"
    if not refusal["reasons"] or any(repair["scope"] for repair in refusal["repairs"]):
        return " ".join((refusal["sentence"], *(way["sentence"] for way in refusal["repairs"] if way["scope"])))
    no = ", ".join(f"{plain(reason['rule'])} {reason['nodes']:,}" for reason in refusal["reasons"][:_RULES])
    said = f"nodes closed by {no}{' ...' if len(refusal['reasons']) > _RULES else ''}"
    ways = " or ".join(f"{plain(way['rule'])} ({many(way['nodes'], 'node')})" for way in refusal["repairs"])
    return f"{said}; would fit after a change of {ways}" if ways else refusal["sentence"]


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


def comparison(
    told: Comparison,
    items: Sequence[ShardChange],
    more: bool,
    held: Sequence[Decision] = (),
    horizon: str | None = None,
    in_force: bool = False,
) -> Group:
    """What would change from one plan, or what is in force, to another: first what a person has to know before agreeing.

    `more` says that more changes than is given, `held` what the plan leaves disturbed, `horizon` the day that it is for,
    `in_force` that it is compared with what is in force.
    """
    other = told["other"]
    before = "nothing in force" if other is None else "what is in force" if in_force else f"plan {short(other)}"
    parts: list[RenderableType] = [
        pairs((
            ("from", f"{before}, of plan {short(other)}" if in_force and other is not None else before),
            ("to", f"plan {short(told['plan'])}"),
            ("day", None if horizon is None else day(horizon)),
        )),
        *terms_differ(told["terms"], before),
        *disturbed(held),
        *not_operating(told["not_operating"]),
    ]  # fmt: skip
    if len(parts) > 1:
        parts.append(Text(""))
    parts += [tally(told), pairs((("this request", _request_cost(told["request_cost"])), ("cost", _difference(told))))]
    goals = [goal for goal in told["cost_by_goal"] if goal["krw_month"] or goal["other_krw_month"]]
    if other is not None and goals:
        columns = (Column("goal"), number("before", 50), number("after"), number("difference"))
        costs = [(plain(goal["goal"]), goal["other_krw_month"], goal["krw_month"]) for goal in goals]
        rows = [(goal, won(before), won(after), difference(after - before)) for goal, before, after in costs]
        parts += [
            heading(f"Cost by goal, won a month, over the {_same(told['same_workloads'])}"),
            Grid(columns, rows),
        ]
    if items:
        parts += [heading("What changes"), moves(items)]
        if more:
            parts.append(Text("and more; --limit 0 lists all", style="dim"))
    return Group(*parts)


def _same(workloads: int) -> str:
    return "one workload that both are about" if workloads == 1 else f"{workloads:,} workloads that both are about"


def _difference(told: Comparison) -> str | None:
    """The difference of cost, over the same workloads and nothing else."""
    if told["other"] is None or not told["same_workloads"]:
        return None
    less = told["other_cost"] - told["cost"]
    over = f"over the {_same(told['same_workloads'])}"
    if not less:
        return f"{won(told['cost'])} won a month, as before, {over}"
    return f"{won(told['cost'])} won a month, {won(abs(less))} {'less' if less > 0 else 'more'} than before, {over}"


def tally(told: Comparison) -> Text:
    """How many shards would be kept, moved and so on."""
    counts = [
        (told["moved"], "moved", "cyan"), (told["resized"], "resized", "yellow"), (told["ended"], "ended", "bold red"),
        (told["placed"], "newly placed", "green"), (told["unplaced"], "unplaced", "red"), (told["kept"], "kept", ""),
        (told["disturbed"], "left disturbed", "red"),
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
        f"{told['placed']:,} newly placed, {told['moved']:,} moved, {told['resized']:,} resized, {told['kept']:,} kept, "
        f"{told['unplaced']:,} unplaced, {told['ended']:,} ended."
    )
    if told["disturbed"]:
        text.append(f" {many(told['disturbed'], 'shard')} {'is' if told['disturbed'] == 1 else 'are'} still disturbed.")
    if told["reverified"]:
        text.append(" It was judged anew, on what is stored now.")
    return text

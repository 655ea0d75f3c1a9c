"""What would change from one plan to another, and what applying one has changed, for people."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from app.cli.answers import Applied, Comparison, Decision, ShardChange
from app.cli.views.parts.cautions import disturbed, not_operating, terms_differ
from app.cli.views.parts.tables import Column, Grid, heading, number, pairs
from app.cli.views.parts.words import a_month, currency, day, difference, many, money, nth, plain, short

_ACTIONS = {"placed": "green", "moved": "cyan", "resized": "yellow", "unplaced": "red", "ended": "red"}


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
    own = None if told["request_cost"] is None else a_month(told["request_cost"])
    parts += [tally(told), pairs((("this request", own), ("cost", _difference(told))))]
    goals = [goal for goal in told["cost_by_goal"] if goal["cost_month"] or goal["other_cost_month"]]
    if other is not None and goals:
        columns = (Column("goal"), number("before", 50), number("after"), number("difference"))
        costs = [(plain(goal["goal"]), goal["other_cost_month"], goal["cost_month"]) for goal in goals]
        rows = [(goal, money(before), money(after), difference(after - before)) for goal, before, after in costs]
        parts += [
            heading(f"Cost by goal, {currency()} a month, over the {_same(told['same_workloads'])}"),
            Grid(columns, rows),
        ]
    if items:
        parts += [heading("What changes"), moves(items)]
        if more:
            parts.append(Text("and more; --limit 0 lists all", style="dim"))
    return Group(*parts)


def _same(workloads: int) -> str:
    return "one workload in both" if workloads == 1 else f"{workloads:,} workloads in both"


def _difference(told: Comparison) -> str | None:
    """The difference of cost, over the same workloads and nothing else."""
    if told["other"] is None or not told["same_workloads"]:
        return None
    less = told["other_cost"] - told["cost"]
    over = f"over the {_same(told['same_workloads'])}"
    if not less:
        return f"{a_month(told['cost'])}, as before, {over}"
    return f"{a_month(told['cost'])}, {money(abs(less))} {'less' if less > 0 else 'more'} than before, {over}"


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
            (one["workload"], nth(one["shard"]), Text(one["action"], style=_ACTIONS.get(one["action"], "")),
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
        text.append(" It was verified again on what is stored now.")
    return text

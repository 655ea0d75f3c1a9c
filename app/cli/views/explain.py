"""The story of a workload, for people: where its time and its money go, or what stands in its way."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from app.cli.answers import Candidate, Decision, ExplanationOut, Holder, Latency, PlacedShard, Reason, Refusal, Repair, Site
from app.cli.views.parts.accounts import unit
from app.cli.views.parts.tables import Column, Grid, Stack, Stretch, heading, number, pairs
from app.cli.views.parts.words import a_month, cards_said, many, millis, money, named, nth, plain, short

#: Part of a latency budget -> how it is drawn: letter and colour.
_PARTS = (
    ("access", "a", "blue"), ("transfer", "t", "cyan"), ("transport", "n", "magenta"), ("service", "s", "green"),
    ("waiting", "w", "yellow"), ("margin", ".", "bright_black"),
)  # fmt: skip
#: Shards whose whole story is told; the others of a workload are listed.
_WHOLE = 3


def story(told: ExplanationOut, decisions: Sequence[Decision] = (), site: Site | None = None) -> Group:
    """A workload under a plan; `decisions` are those of its shards, which say on which cards they run, `site` is theirs."""
    decided = {one["shard"]: one for one in decisions}
    parts: list[RenderableType] = [
        pairs((
            *_whose(decisions, site),
            ("workload", Text(told["workload"], style="bold")),
            ("plan", f"{short(told['plan'])}, explained on generation {told['generation']}"),
            ("shards", f"{len(told['placed']):,} placed, {len(told['unplaced']):,} unplaced"),
        ))
    ]  # fmt: skip
    shards = max(len(decisions), len(told["placed"]) + len(told["unplaced"]))
    for shard in told["placed"][:_WHOLE]:
        parts += _placed(shard, shards, decided.get(shard["shard"]))
    if len(told["placed"]) > _WHOLE:
        parts += [heading("Its other shards"), _others(told["placed"][_WHOLE:])]
    if told["refusal"] is not None:
        parts += _refused(told["refusal"])
    if told["candidates"]:
        parts += _candidates(told["candidates"], told["candidate_count"])
    return Group(*parts)


def _whose(decisions: Sequence[Decision], site: Site | None) -> list[tuple[str, str | None]]:
    """For whom a workload runs, and what."""
    if not decisions:
        return []
    first = decisions[0]
    return [
        ("site", named(first["site"], None if site is None else site["name"])),
        ("customer", None if site is None else site["operator"]),
        ("model", first["model"]),
    ]


def _placed(shard: PlacedShard, shards: int, decision: Decision | None) -> list[RenderableType]:
    costs = [(plain(goal["goal"]), goal["cost_month"]) for goal in shard["cost_by_goal"] if goal["cost_month"]]
    total = sum(amount for _, amount in costs)
    route = " > ".join(shard["route"]) or "no link: it runs where the access enters"
    why = None if decision is None else decision["disturbed"]
    return [
        heading(f"Shard {nth(shard['shard'])} of {shards:,} runs on {shard['node']}"),
        pairs((
            ("disturbed", None if why is None else Text(
                f"{why['sentence']}{' (unlawful)' if why['unlawful'] else ''}", style="bold red"
            )),
            ("on", f"{shard['profile']}, {many(shard['servers'], 'server')}"),
            ("cards", None if decision is None else cards_said(decision["cards"])),
            ("batch limit", f"{many(shard['batch_limit'], 'request')} a batch at most, or the latency does not hold"
                            if shard["batch_limit"] else "the batch size of least latency"),
            ("route", route),
            ("cost", f"{a_month(total)}: " + ", ".join(f"{name} {money(amount)}" for name, amount in costs)),
            ("next best", _next_best(shard["next_best"], shard["extra_cost"])),
        )),
        Text(f"\nLatency budget at the 99th percentile, of {millis(shard['latency']['deadline_us'])}"),
        *_budget(shard["latency"]),
    ]  # fmt: skip


def _budget(latency: Latency) -> list[RenderableType]:
    amounts: list[tuple[str, int, str, str]] = []
    for name, letter, colour in _PARTS:
        micros: int = latency[f"{name}_us"]  # type: ignore[literal-required]
        amounts.append((name, micros, letter, colour))
    legend = Text("  ").join(
        Text.assemble((f"{letter} {name}", colour), f" {millis(micros)}") for name, micros, letter, colour in amounts
    )
    return [Stack([Stretch(name, micros, letter, colour) for name, micros, letter, colour in amounts]), legend]


def _next_best(other: Candidate | None, extra: int | None) -> str:
    if other is None:
        return "no other node is feasible"
    said = f"{other['node']} on {other['profile']}, {many(other['servers'], 'server')}"
    if extra is None:
        return said
    # Cheaper by itself, and yet not chosen: what it would take from others is worth more.
    how = f"{a_month(extra)} more" if extra >= 0 else f"{a_month(-extra)} less, at the cost of others"
    return f"{said}: {how}"


def _others(placed: Sequence[PlacedShard]) -> Grid:
    return Grid(
        (number("shard"), Column("node"), Column("on", from_width=70), number("servers", 60), number("margin")),
        [(nth(s["shard"]), s["node"], s["profile"], str(s["servers"]), millis(s["latency"]["margin_us"])) for s in placed],
    )


def _refused(refusal: Refusal) -> list[RenderableType]:
    parts: list[RenderableType] = [heading("Why it is unplaced"), Text(refusal["sentence"])]
    if refusal["reasons"]:
        parts += [Text(""), _rules(refusal["reasons"], "rule violated", "nodes")]
    if refusal["holders"]:
        parts += [heading("Who holds the capacity that the nearest node lacks"), _holders(refusal["holders"])]
    if refusal["repairs"]:
        parts.append(heading("What would make it fit"))
        for repair in refusal["repairs"]:
            parts += _repair(repair)
    elif refusal["reasons"]:
        parts += [heading("What would make it fit"), Text("No change of a single rule.")]
    return parts


def _repair(repair: Repair) -> list[RenderableType]:
    """A change that would give it a place: what to do, how many nodes that opens, and whose room it would take."""
    opened = f"{plain(repair['rule'])}: opens {many(repair['nodes'], 'node')}"
    if repair["scope"]:
        opened += f"; asked with --scope {repair['scope'].replace('_', '-')}" if repair["scope"] != "may_end" else (
            "; asked with " + " ".join(f"--may-end {one['workload']}" for one in repair["holders"])
        )  # fmt: skip
    return [Text(repair["sentence"]), Text(f"  {opened}", style="dim")] if repair["sentence"] else [Text(opened)]


def _holders(holders: Sequence[Holder]) -> Grid:
    return Grid((Column("workload"), number("shards")), [(one["workload"], f"{one['shards']:,}") for one in holders])


def _rules(reasons: Sequence[Reason], title: str, counted: str) -> Grid:
    return Grid((Column(title), number(counted)), [(plain(one["rule"]), f"{one['nodes']:,}") for one in reasons])


def _candidates(candidates: Sequence[Candidate], count: int) -> list[RenderableType]:
    nearest = "nearest candidate node" if len(candidates) == 1 else f"{len(candidates):,} nearest candidate nodes"
    rows: list[tuple[str, str, str, str]] = []
    for one in candidates:
        if not one["refusals"]:
            rows.append((one["node"], "", "", f"feasible at {a_month(one['cost'])}"))
        for place, no in enumerate(one["refusals"]):
            node = "" if place else one["node"]
            of = unit(no["unit"])
            rows.append((node, of.said(no["needed"]), of.said(no["available"]), no["sentence"]))
    return [
        heading(f"The {nearest}, of {count:,}"),
        Grid((Column("node"), number("needed", 100), number("available", 100), Column("why not")), rows),
    ]

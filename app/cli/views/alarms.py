"""What is in trouble, for people: each with the command that shows it and the one that fixes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import RenderableType
from rich.text import Text

from app.cli.answers import Alarms, StalePlan
from app.cli.views.parts.words import many, named, short

#: Nodes that are named of those in trouble.
NAMED = 3
_DISTURBED = "edgeplan allocation list --status disturbed --limit 0"
_REPAIR = "edgeplan plan submit --scope repair --apply"


@dataclass(frozen=True, slots=True)
class Raised:
    """What is in trouble now: the counts, the first nodes of each state with their names, and the first workload refused."""

    alarms: Alarms
    failed: Sequence[tuple[str, str | None]] = ()
    draining: Sequence[tuple[str, str | None]] = ()
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One kind of trouble: how much of it there is, the command that shows it, and the one that fixes it, with its use."""

    said: str
    see: str
    mend: str
    use: str
    style: str = "bold red"


def troubles(raised: Raised) -> list[Trouble]:
    """What is in trouble, the gravest first."""
    now, found = raised.alarms, []
    if now["failed_nodes"]:
        found.append(Trouble(
            _nodes(now["failed_nodes"], "failed", raised.failed),
            "edgeplan node list --state failed", f"edgeplan node activate {_first(raised.failed)}", "when it works again",
        ))  # fmt: skip
    if now["unlawful_shards"]:
        found.append(Trouble(
            f"{_shards(now['unlawful_shards'])} unlawful where {'it runs' if now['unlawful_shards'] == 1 else 'they run'}",
            _DISTURBED, _REPAIR, "moves what has a lawful place to go to",
        ))  # fmt: skip
    if now["disturbed_shards"]:
        found.append(Trouble(
            f"{_shards(now['disturbed_shards'])} disturbed", _DISTURBED, _REPAIR,
            "moves what is disturbed and has somewhere to go, and nothing else",
        ))  # fmt: skip
    if now["draining_nodes"]:
        found.append(Trouble(
            _nodes(now["draining_nodes"], "draining", raised.draining),
            "edgeplan node list --state draining", f"edgeplan node activate {_first(raised.draining)}",
            "when it may take work again", "yellow",
        ))  # fmt: skip
    if now["refused_shards"]:
        found.append(Trouble(
            f"{_shards(now['refused_shards'])} unplaced",
            "edgeplan allocation list --status unplaced --limit 0", f"edgeplan explain {raised.refused or 'WORKLOAD'}",
            "explains why, and what would make it fit", "yellow",
        ))  # fmt: skip
    if now["stale"] is not None:
        found.append(_stale(now["stale"]))
    return found


def _stale(told: StalePlan) -> Trouble:
    changed = " and ".join(filter(None, (", ".join(told["changed"][:-1]), told["changed"][-1])))
    return Trouble(
        f"The plan in force is stale: made from generation {told['generation']}; {changed} changed since, up to "
        f"{told['newest']}",
        f"edgeplan plan show {short(told['plan'])}",
        "edgeplan plan submit --all --apply", "plans again on what is stored now", "yellow",
    )  # fmt: skip


def shown(raised: Raised) -> list[RenderableType]:
    """What is in trouble, before all else; nothing where nothing is."""
    parts: list[RenderableType] = []
    for one in troubles(raised):
        parts.append(Text(one.said, style=one.style))
        parts.append(Text.assemble(("    see it   ", "dim"), one.see))
        parts.append(Text.assemble(("    fix it   ", "dim"), one.mend, (f"   {one.use}", "dim")))
    return [*parts, Text("")] if parts else []


def _nodes(count: int, state: str, first: Sequence[tuple[str, str | None]]) -> str:
    also = f" and {count - len(first):,} more" if count > len(first) else ""
    who = ", ".join(named(id, name) for id, name in first)
    return f"{many(count, 'node')} {state}{f': {who}{also}' if who else ''}"


def _shards(count: int) -> str:
    return f"{many(count, 'shard')} {'is' if count == 1 else 'are'}"


def _first(nodes: Sequence[tuple[str, str | None]]) -> str:
    return nodes[0][0] if nodes else "NODE"

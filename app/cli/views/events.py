"""Events, for people: one line each."""

from __future__ import annotations

from typing import Any

from rich.text import Text

from app.cli.answers import EventOut
from app.cli.views.parts.words import clock, many, money, percent, plain, short

_COLOURS = {
    "plan.finished": "green", "plan.applied": "bold green", "plan.failed": "red", "plan.cancelled": "yellow",
    "node.failed": "bold red", "node.draining": "yellow", "node.active": "green", "stream.reset": "magenta",
    "allocation.disturbed": "bold red", "allocation.restored": "green",
}  # fmt: skip

#: What applying a plan does to shards.
_APPLIED = ("placed", "moved", "resized", "kept", "unplaced", "ended", "disturbed")


def line(event: EventOut) -> Text:
    """`2026-11-22 20:15:03  node.failed  co-usn: 14 shards disturbed`."""
    kind = event["type"]
    text = Text.assemble((clock(event["at"]), "dim"), "  ", (f"{kind:<18}", _COLOURS.get(kind, "cyan")), "  ")
    text.append(_told(event))
    text.append(f"  #{event['id']}", style="dim")
    return text


def _told(event: EventOut) -> str:
    kind, detail = event["type"], event["detail"]
    family, _, what = kind.partition(".")
    if family == "plan":
        named = " ".join(filter(None, (short(event["plan"]), detail.get("name"))))
        said = _plan(what, detail)
        return f"{named}: {said}" if said else named
    if family == "node":
        restored = detail.get("restored", 0)
        also = f", {restored:,} restored" if restored else ""
        return f"{event['node']}: {many(detail.get('disturbed', 0), 'shard')} disturbed{also}"
    if family == "allocation":
        return _allocation(what, detail)
    if kind == "generation.changed":
        return f"generation {event['generation']}: {', '.join(detail.get('parts', []))}"
    if kind == "stream.reset":
        return "older events are no longer kept; what has been read before may be out of date"
    return ", ".join(f"{name} {value}" for name, value in detail.items())


def _allocation(what: str, detail: dict[str, Any]) -> str:
    """`3 shards (30 devices) are disturbed: node state 3; 1 unlawful`."""
    shards = detail.get("shards", 0)
    said = f"{many(shards, 'shard')} ({many(detail.get('devices', 0), 'device')}) {'is' if shards == 1 else 'are'} {what}"
    rules = ", ".join(f"{plain(rule)} {count:,}" for rule, count in (detail.get("rules") or {}).items())
    unlawful = detail.get("unlawful", 0)
    return said + (f": {rules}" if rules else "") + (f"; {unlawful:,} unlawful" if unlawful else "")


def _plan(what: str, detail: dict[str, Any]) -> str:
    if "cost" in detail:
        unplaced = detail.get("unplaced", detail.get("unplaced_shards", 0))
        first = "".join(f"{warning['message']} " for warning in detail.get("warnings", ()))
        return (
            f"{first}cost {money(detail['cost'])}, bound {money(detail.get('bound', 0))}, "
            f"gap {percent(detail.get('gap', 0.0))}, {unplaced:,} unplaced, {detail.get('seconds', 0.0):.1f} s"
        )
    if what == "applied":
        return ", ".join(f"{detail[word]:,} {word}" for word in _APPLIED if word in detail)
    return str(detail.get("reason", ""))

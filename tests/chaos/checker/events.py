"""Events: complete, in order, the same for everybody."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from tests.chaos.checker.finding import Finding
from tests.chaos.history import Body, History

RESET = "stream.reset"
_ENDS = frozenset({"plan.finished", "plan.cancelled", "plan.failed"})


def the_log_is_in_order(history: History) -> Iterator[Finding]:
    """Ids follow each other without a gap, and generations grow with them."""
    assert history.end is not None
    last, generation = None, 0
    for event in history.end.events:
        if last is not None and event["id"] != last + 1:
            kind = "event.order" if event["id"] <= last else "event.missing"
            yield Finding(kind, str(event["id"]), f"it follows {last}")
        last = event["id"]
        if event["type"] == "generation.changed":
            if event["generation"] <= generation:
                yield Finding("event.order", str(event["id"]), f"generation {event['generation']} after {generation}")
            generation = event["generation"]


def every_change_is_told(history: History) -> Iterator[Finding]:
    """Each generation since the beginning is told once."""
    assert history.end is not None
    told = Counter(event["generation"] for event in history.end.events if event["type"] == "generation.changed")
    for generation in range(history.begin + 1, history.end.generation + 1):
        if told[generation] != 1:
            kind = "event.missing" if told[generation] == 0 else "doubled.event"
            yield Finding(kind, f"generation {generation}", f"told {told[generation]} times")


def the_life_of_each_plan_is_told(history: History) -> Iterator[Finding]:
    """A plan is queued first and ends once; its events say what it ended as."""
    assert history.end is not None
    lives: dict[str, list[Body]] = defaultdict(list)
    for event in history.end.events:
        if event["plan"] is not None:
            lives[event["plan"]].append(event)
    for id, plan in history.end.plans.items():
        types = [event["type"] for event in lives[id]]
        if not types or types[0] != "plan.queued":
            yield Finding("event.missing", f"plan {id}", f"its life begins with {types[:1]}")
        ends = [kind for kind in types if kind in _ENDS]
        if plan["status"] in ("finished", "cancelled", "failed") and ends != [f"plan.{plan['status']}"]:
            kind = "doubled.event" if len(ends) > 1 else "event.missing"
            yield Finding(kind, f"plan {id}", f"it is {plan['status']}, and {ends} were told")


def changes_of_state_are_told(history: History) -> Iterator[Finding]:
    """Each answered change of a node's state has its event, with the reason that was given."""
    assert history.end is not None
    told = {event["detail"].get("reason") for event in history.end.events if event["type"].startswith("node.")}
    rows = {row["note"] for row in history.end.changes if row["kind"] == "nodes"}
    for call in history.calls:
        states = call.path.endswith(("/fail", "/drain", "/activate"))
        # One that found the node in that state already has changed nothing, and has nothing to tell.
        if states and call.done and call.op in rows and call.op not in told:
            yield Finding("event.missing", call.op, f"{call.path} is not told")


def listeners_hear_everything(history: History) -> Iterator[Finding]:
    """From the first event that it heard to the last, a listener heard each one of the log once, in order."""
    assert history.end is not None
    log = {event["id"]: event for event in history.end.events}
    streams = defaultdict(list)
    for heard in sorted(history.heard, key=lambda heard: heard.at):
        streams[heard.client].append(heard.event)
    for client, events in sorted(streams.items()):
        if any(event["type"] == RESET for event in events):
            yield Finding("event.missing", client, "its stream was reset")
            continue
        ids = [event["id"] for event in events]
        for one, other in zip(ids, ids[1:], strict=False):
            if other <= one:
                yield Finding("doubled.event" if other == one else "event.order", client, f"heard {other} after {one}")
        missing = sorted(set(range(ids[0], ids[-1] + 1)) & log.keys() - set(ids))
        if missing:
            yield Finding("event.missing", client, f"never heard {missing[:5]}")
        for event in events:
            if event["id"] not in log:
                yield Finding("lost.event", client, f"heard {event['id']} ({event['type']}), which is not in the log")
            elif log[event["id"]] != event:
                yield Finding("event.differs", client, f"heard {event} where the log has {log[event['id']]}")


CHECKS = (
    the_log_is_in_order,
    every_change_is_told,
    the_life_of_each_plan_is_told,
    changes_of_state_are_told,
    listeners_hear_everything,
)

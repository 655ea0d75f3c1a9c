"""Changes of entities: each that was answered is there, once, and what is stored is what they come to.

The history that the service keeps is held against what its callers were answered, and then played again from the
beginning: what it comes to must be what is stored.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from tests.chaos.checker.finding import Finding
from tests.chaos.history import DOCUMENTS, Body, Call, History

#: Of what the requests of clients make: what a plan stores when it is applied is checked with the plan.
_BY_PLAN = "applied"
#: In the place of an entity of which nobody knows what is stored.
_UNKNOWN: Body = {"id": "?"}
_STATES = {"fail": "failed", "drain": "draining", "activate": "active"}


def subject(call: Call) -> tuple[str, str] | None:
    """The kind and id of the entity that a request changes; of a whole document its name and `*`."""
    parts = call.path.strip("/").split("/")
    if not call.writes or parts[1] == "plans":
        return None
    if call.method == "PUT":
        return parts[1], "*"
    return parts[1], str(call.body["id"]) if len(parts) == 2 else parts[2]


def token(row: Body) -> str | None:
    """The request that a row of the stored history comes from, as it carried it: as the reason of a change of state, or as
    the note of the entity."""
    if row["action"] == _BY_PLAN:
        return None
    after: Any = row["after"]
    said = row["note"] or (after or {}).get("note")
    return None if said is None else str(said)


def rows(history: History) -> list[Body]:
    """The stored history since the beginning of the run."""
    assert history.end is not None
    return [row for row in history.end.changes if row["generation"] > history.begin]


def asked_state(call: Call) -> str | None:
    """The state that a request asks a node to be in; such a request changes nothing where the node is in it already."""
    return _STATES.get(call.path.rpartition("/")[2]) if call.method == "POST" else None


def acknowledged_changes_are_kept(history: History) -> Iterator[Finding]:
    """What was answered is in the stored history, at the generation that the answer named."""
    assert history.end is not None
    made = defaultdict(list)
    for row in history.end.changes:
        made[row["generation"]].append(row)
    for call in history.calls:
        about = subject(call)
        if about is None or not call.done:
            continue
        if call.generation is None:
            yield Finding("answer.form", call.op, "a change was answered without its generation")
            continue
        here = [row for row in made[call.generation] if (row["kind"], row["id"]) == about]
        if not any(_is_of(row, call) for row in here) and not (call.generation <= history.begin and asked_state(call)):
            yield Finding(
                "lost.change", f"{about[0]}/{about[1]} ({call.op})", f"nothing of it in generation {call.generation}"
            )


def _is_of(row: Body, call: Call) -> bool:
    if call.method == "DELETE":
        return bool(row["action"] == "deleted")
    if call.method == "PUT":
        return bool(row["action"] == "replaced")
    state = asked_state(call)
    return token(row) == call.op or (state is not None and row["after"]["state"] == state)


def nothing_is_done_twice_or_unasked(history: History) -> Iterator[Finding]:
    """Each row of the stored history belongs to one request, none to one that was refused, and no request has two."""
    attempts = dict(history.requests())
    mine = defaultdict(list)
    for row in rows(history):
        if (said := token(row)) is not None and row["action"] != "deleted":
            mine[said].append(row)
    for said, made in sorted(mine.items()):
        if said not in attempts:
            yield Finding("unasked.change", said, "nobody asked for this")
        elif all(call.refused for call in attempts[said]):
            yield Finding("refused.done", said, f"refused as {[call.status for call in attempts[said]]}, and done")
        elif len(made) > 1 and not _asked_again(attempts[said], made):
            yield Finding("doubled.change", said, f"done {len(made)} times")
    taken: Counter[tuple[str, str]] = Counter()
    for calls in attempts.values():
        about = subject(calls[0])
        if about is not None and calls[0].method in ("DELETE", "PUT") and not all(call.refused for call in calls):
            taken[about] += 1
    done = Counter((row["kind"], row["id"]) for row in rows(history) if row["action"] in ("deleted", "replaced"))
    for about, count in sorted(done.items()):
        if count > taken[about]:
            yield Finding(
                "doubled.change", "/".join(about), f"deleted or replaced {count} times, asked {taken[about]} times"
            )


def _asked_again(attempts: list[Call], made: list[Body]) -> bool:
    """Whether a state was asked for again, since the answer was lost, and somebody else had set another one meanwhile."""
    lost = sum(not call.done and not call.refused for call in attempts)
    changed = all(asked_state(attempts[0]) not in (None, row["before"]["state"]) for row in made)
    return len(made) <= 1 + lost and changed


def every_generation_has_one_maker(history: History) -> Iterator[Finding]:
    """A generation is made by one request: its rows carry one token."""
    makers = defaultdict(set)
    for row in rows(history):
        makers[row["generation"]].add(row["note"] if row["action"] == _BY_PLAN else (token(row), row["kind"], row["id"]))
    for generation, found in sorted(makers.items()):
        if len(found) > 1:
            yield Finding("generation.reused", str(generation), f"holds {sorted(map(str, found))}")


def what_is_stored_is_what_was_done(history: History) -> Iterator[Finding]:
    """The stored history, played again from the beginning, comes to what is stored now; each step finds what it says was
    there before."""
    assert history.end is not None
    stored = {kind: dict(entities) for kind, entities in history.entities.items()}
    unsaid: set[str] = set()
    imports = {call.generation: call for call in history.calls if call.method == "PUT" and call.done}
    for row in sorted(rows(history), key=lambda row: row["generation"]):
        kind, id = row["kind"], row["id"]
        if row["action"] == "replaced":
            unsaid |= _replace(stored, kind, imports.get(row["generation"]))
            continue
        before = stored[kind].get(id, _UNKNOWN if kind in unsaid else None)
        if before is not _UNKNOWN and not _same(row["before"], before):
            yield Finding(
                "lost.change", f"{kind}/{id}", f"generation {row['generation']} found {_brief(row['before'])} there"
            )
        if row["action"] == "deleted":
            stored[kind].pop(id, None)
        else:
            stored[kind][id] = row["after"]
    for kind, entities in stored.items():
        now = history.end.entities[kind]
        for id in sorted(entities.keys() | now.keys()):
            was = entities.get(id, _UNKNOWN if kind in unsaid else None)
            if was is not _UNKNOWN and not _same(was, now.get(id)):
                yield Finding("lost.entity", f"{kind}/{id}", f"{_brief(now.get(id))} is stored, {_brief(was)} was done")


def _replace(stored: dict[str, dict[str, Body]], document: str, call: Call | None) -> set[str]:
    """Put a document in the place of what was there. Returns the kinds of which nobody knows what is stored, which are its
    own if no answered request says which document it was."""
    for kind in DOCUMENTS[document]:
        stored[kind] = {} if call is None else {entity["id"]: entity for entity in call.body.get(kind, ())}
    return set(DOCUMENTS[document]) if call is None else set()


def _same(one: Body | None, other: Body | None) -> bool:
    """Whether two bodies say the same; what one leaves out is its default, and the other may say it."""
    if one is None or other is None:
        return one is other
    return all(one[name] == other[name] for name in one.keys() & other.keys())


def _brief(body: Body | None) -> str:
    return "nothing" if body is None else f"the one noted {body.get('note')!r}"


def no_update_is_lost(history: History) -> Iterator[Finding]:
    """Of several changes that name the same version with If-Match, one is carried out."""
    winners = defaultdict(set)
    for call in history.calls:
        about = subject(call)
        if about is not None and call.done and call.if_match is not None:
            winners[about, call.if_match].add(call.op)
    for (about, version), ops in sorted(winners.items()):
        if len(ops) > 1:
            yield Finding("lost.update", "/".join(about), f"{sorted(ops)} all changed version {version}")


def reads_are_of_what_was_written(history: History) -> Iterator[Finding]:
    """A look at an entity sees no version older than one that was answered before it, and of a version what was written."""
    writes: dict[tuple[str, str], list[Call]] = defaultdict(list)
    for call in history.calls:
        about = subject(call)
        if about is not None and call.done and call.method != "PUT" and call.generation is not None:
            writes[about].append(call)
    for call in history.calls:
        parts = call.path.strip("/").split("/")
        if (
            call.method != "GET"
            or len(parts) != 3
            or (parts[1], parts[2]) not in writes
            or call.generation is None
            or not call.done
        ):
            continue
        about = (parts[1], parts[2])
        for write in writes[about]:
            assert write.answered is not None
            assert write.generation is not None
            if write.answered < call.sent and write.generation > call.generation:
                yield Finding(
                    "lost.change", "/".join(about), f"{call.op} read {call.generation} after {write.generation} was answered"
                )
            if write.generation == call.generation and _notes(write) and call.answer.get("note") != write.op:
                yield Finding(
                    "lost.change", "/".join(about), f"version {call.generation} is of {write.op} and reads otherwise"
                )


def _notes(call: Call) -> bool:
    """Whether a request leaves its token as the note of the entity."""
    return isinstance(call.body, dict) and call.body.get("note") == call.op


def documents_are_whole(history: History) -> Iterator[Finding]:
    """An import is there as a whole or not at all, in everything that was looked at."""
    assert history.end is not None
    for call in history.calls:
        if call.method != "PUT" or not call.done or call.generation is None:
            continue
        later = [row for row in rows(history) if row["generation"] > call.generation]
        touched = {(row["kind"], row["id"]) for row in later}
        if any(row["action"] == "replaced" and row["kind"] == call.path.split("/")[2] for row in later):
            continue
        for kind in DOCUMENTS[call.path.split("/")[2]]:
            told = {entity["id"] for entity in call.body.get(kind, ())}
            missing = {id for id in told - history.end.entities[kind].keys() if (kind, id) not in touched}
            if missing:
                yield Finding("import.torn", f"{kind} of {call.op}", f"{sorted(missing)} are missing")


CHECKS = (
    acknowledged_changes_are_kept,
    nothing_is_done_twice_or_unasked,
    every_generation_has_one_maker,
    what_is_stored_is_what_was_done,
    no_update_is_lost,
    reads_are_of_what_was_written,
    documents_are_whole,
)

"""Generations: they grow with every change, and none is given twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from tests.chaos.checker.changes import asked_state, rows, token
from tests.chaos.checker.finding import Finding
from tests.chaos.history import Call, History


def _made(history: History) -> dict[int, int]:
    """The generation that each answered request made, by the place of the call in the history.

    A state that is there already makes none: whoever asks for it, again perhaps, is told the newest of its node.
    """
    known = {(token(row), row["generation"]) for row in rows(history)}
    found: dict[int, int] = {}
    for place, call in enumerate(history.calls):
        if not (call.done and call.writes):
            continue
        if call.path.endswith("/apply"):
            found[place] = int(call.answer["generation"])
        elif call.generation is not None and (asked_state(call) is None or (call.op, call.generation) in known):
            found[place] = call.generation
    return found


def no_generation_is_given_twice(history: History) -> Iterator[Finding]:
    """Two different changes never name the same generation. What is asked again may be answered again."""
    makers: dict[int, set[str]] = defaultdict(set)
    for place, generation in _made(history).items():
        call = history.calls[place]
        makers[generation].add(call.path if call.path.endswith("/apply") else call.op)
    for generation, ops in sorted(makers.items()):
        if len(ops) > 1:
            yield Finding("generation.reused", str(generation), f"made by {sorted(ops)}")


def generations_grow(history: History) -> Iterator[Finding]:
    """A change that is asked for after another was answered makes a later generation; a look sees no earlier one.

    The generation of an answer to a retry may be that of an attempt before it, so a request counts from its first attempt.
    """
    begun: dict[str, float] = {}
    for call in history.calls:
        begun[call.op] = min(call.sent, begun.get(call.op, call.sent))
    made = _made(history)
    seen = {place: found for place, call in enumerate(history.calls) if (found := _seen(call)) is not None}
    told = sorted((history.calls[place].answered or 0.0, generation) for place, generation in (made | seen).items())
    newest, at = 0, 0
    for place in sorted(made | seen, key=lambda place: begun[history.calls[place].op]):
        call = history.calls[place]
        while at < len(told) and told[at][0] < begun[call.op]:
            newest, at = max(newest, told[at][1]), at + 1
        if place in made and made[place] <= newest and not call.path.endswith("/apply"):
            yield Finding("generation.back", call.op, f"made generation {made[place]} after {newest} was told")
        if place in seen and seen[place] < newest:
            yield Finding("generation.back", call.op, f"saw generation {seen[place]} after {newest} was told")


def _seen(call: Call) -> int | None:
    """The newest generation of all, as a look at it was told."""
    if call.done and call.path == "/v1/generation":
        return int(call.answer["generation"])
    return None


CHECKS = (no_generation_is_given_twice, generations_grow)

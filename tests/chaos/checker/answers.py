"""Answers: what is not carried out is refused in a form that machines can read, and nothing breaks."""

from __future__ import annotations

from collections.abc import Iterator

from tests.chaos.checker.finding import Finding
from tests.chaos.history import Call, History

PROBLEM = "application/problem+json"
#: Server errors that are an answer: not now (503), and no room to store it (507).
SAID = frozenset({503, 507})
#: The refusal of a request whose first attempt, by its key, is still being answered.
UNDER_WAY = "idempotency_key.under_way"


def fault_of(call: Call) -> Finding | None:
    """What is wrong with one answer, if anything is."""
    if call.status is None or call.status < 400:
        return None
    what = f"{call.method} {call.path} ({call.op})"
    if call.status >= 500 and call.status not in SAID:
        return Finding("answer.broke", what, f"{call.status} {str(call.answer)[:300]}")
    if call.media_type != PROBLEM or not isinstance(call.answer, dict):
        return Finding("answer.form", what, f"{call.status} as {call.media_type}: {str(call.answer)[:300]}")
    if call.answer.get("status") != call.status or not call.answer.get("code"):
        return Finding("answer.form", what, f"{call.status} with the problem {str(call.answer)[:300]}")
    return None


def answered_well(history: History) -> Iterator[Finding]:
    """No server error but the two that are an answer; every refusal a problem document."""
    for call in history.calls:
        found = fault_of(call)
        if found is not None:
            yield found


def keys_are_let_go(history: History) -> Iterator[Finding]:
    """No request with a key is told for ever that its first attempt is under way."""
    for op, calls in history.requests():
        last = calls[-1]
        if last.key is not None and last.refused and last.answer.get("code") == UNDER_WAY:
            yield Finding("key.stuck", op, f"after {len(calls)} attempts the first one is still under way")


CHECKS = (answered_well, keys_are_let_go)

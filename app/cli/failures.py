"""Every way a command can fail, and the exit code that scripts see.

::

    0    done
    1    the answer is no: a plan breaks a rule, a solve ended without a plan, `--strict` and something is unplaced, a check
         found something wrong, or a person was asked and said no
    2    the command line is not right, or a file cannot be read
    3    the service refused; its code is in the message
    4    the service could not be reached, or what answered is not Edgeplan
    130  interrupted (Ctrl-C)

With `--json` a failure is one JSON object on standard error, and nothing else is said there: see :meth:`Failure.document`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

#: What Ctrl-C leaves with, as shells do.
INTERRUPTED = 130


class Failure(Exception):
    """A command cannot go on: one sentence, what is wrong in detail, and how to go on.

    `code` is that of the service's refusal, if there was one; `faults` are what it found wrong, as it told them.
    """

    exit_code: ClassVar[int] = 1
    #: The code that machines are told where the service has said none.
    kind: ClassVar[str] = "no"

    def __init__(
        self,
        sentence: str,
        how: str | None = None,
        details: Sequence[str] = (),
        code: str | None = None,
        faults: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.how = how
        self.details = tuple(details)
        self.code = code
        self.faults = tuple(faults)

    def document(self) -> dict[str, Any]:
        """The failure as machines are told it."""
        return {
            "code": self.code or self.kind,
            "sentence": self.sentence,
            "how": self.how,
            "details": list(self.details),
            "faults": [dict(fault) for fault in self.faults],
            "exit_code": self.exit_code,
        }


class No(Failure):
    """The answer is no."""


class BadInput(Failure):
    """What was given cannot be used: a file, an option, or how they go together."""

    exit_code = 2
    kind = "input"


class Misused(BadInput):
    """The command line itself is not right: no such command or option, or not such a value."""

    kind = "usage"


class Refused(Failure):
    """The service said no; its code says which no."""

    exit_code = 3
    kind = "refused"


class NotReached(Failure):
    """No service answered, or something else did."""

    exit_code = 4
    kind = "not_reached"


class Interrupted(Failure):
    """Somebody pressed Ctrl-C."""

    exit_code = INTERRUPTED
    kind = "interrupted"


class Broken(Failure):
    """A fault of Edgeplan's own command line."""

    kind = "internal"


def fault_line(fault: Mapping[str, Any]) -> str:
    """One thing that is wrong, in a line: where, what, what was expected, and how to mend it."""
    document, id, expected, fix = (fault.get(name) for name in ("document", "id", "expected", "fix"))
    where = f"{document}.json: {fault['field']}" if document else fault["field"]
    line = f"{where}{f' of {id}' if id else ''}: {fault['message']}"
    if fix:
        return f"{line}; {fix}"
    return f"{line}; expected: {expected}" if expected else line


#: Code of a refusal -> how to go on, where the command line knows a way.
WAYS_ON = {
    "generation.stale": "Plan again, or verify it on what is stored now: edgeplan plan apply ID --on-stale reverify",
    "plan.not_operating": (
        "Plan for today (without --horizon and --commitment), or insist: edgeplan plan apply ID --allow-not-operating"
    ),
    "plan.illegal": "Plan again: edgeplan plan submit",
    "plan.not_ready": "Follow it to its end: edgeplan plan watch ID",
    "plan.ended": "See what it came to: edgeplan plan show ID",
    "plan.in_force": "Cancel it if it is still solved (edgeplan plan cancel ID), or apply another plan first.",
    "plan.what_if": "Ask again without --what-if to get a plan that can be applied.",
    "precondition.failed": "See what is stored now (edgeplan network show), then import again.",
    "in_use": (
        "Take away what depends on it first, or start over with a whole folder: edgeplan network import FOLDER --fresh"
    ),
    "store.busy": "Try again in a moment.",
    "not_ready": "Try again in a moment.",
}

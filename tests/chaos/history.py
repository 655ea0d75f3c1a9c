"""What clients note of a run: each request with its time interval and answer, each event heard, each look at everything.

Nothing here knows the product. A history is all that :mod:`tests.chaos.checker` is given, so that one can be made by hand,
kept in a file and judged again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeAlias

Body: TypeAlias = dict[str, Any]

#: The kinds of entities, by the document that holds them.
DOCUMENTS: dict[str, tuple[str, ...]] = {
    "network": ("nodes", "links", "sites", "accesses"),
    "catalogue": ("accelerators", "profiles"),
    "policies": ("policies",),
    "workloads": ("workloads",),
}
KINDS: tuple[str, ...] = tuple(kind for kinds in DOCUMENTS.values() for kind in kinds)


@dataclass(slots=True)
class Call:
    """One attempt at a request. Attempts of one request share `op`, which its body carries as a token where it can.

    Times are monotonic seconds. Without an answer `answered` and `status` are None: nobody knows whether it was carried
    out. `generation` is the one that the answer names (`Edgeplan-Generation`, or the `ETag` of a document), `version` what
    `If-Match` calls what it tells of. `about` is the plan that a judgement is asked for.
    """

    client: str
    op: str
    method: str
    path: str
    sent: float
    answered: float | None = None
    status: int | None = None
    body: Any = None
    answer: Any = None
    generation: int | None = None
    version: int | None = None
    if_match: str | None = None
    key: str | None = None
    about: str | None = None
    media_type: str | None = None

    @property
    def done(self) -> bool:
        """Whether it was answered that it is carried out."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def refused(self) -> bool:
        """Whether it was answered that nothing is done."""
        return self.status is not None and self.status >= 400 and _code(self.answer) != "outcome.unknown"

    @property
    def writes(self) -> bool:
        """Whether it changes anything."""
        return self.method != "GET" and self.path != "/v1/verify"


def _code(answer: Any) -> Any:
    """The code of a refusal."""
    return answer.get("code") if isinstance(answer, dict) else None


@dataclass(slots=True)
class Heard:
    """An event that a listener to the stream was told."""

    client: str
    at: float
    event: Body


@dataclass(slots=True)
class Look:
    """Everything that bears on what is full, all of one generation."""

    sent: float
    answered: float
    generation: int
    allocation: list[Body]
    entities: dict[str, dict[str, Body]]


@dataclass(slots=True)
class End:
    """All that is stored when everything has come to rest."""

    generation: int
    in_force: str | None
    entities: dict[str, dict[str, Body]]
    plans: dict[str, Body]
    allocation: list[Body]
    events: list[Body]
    changes: list[Body]
    allocation_changes: list[Body]


@dataclass(slots=True)
class History:
    """A run, as its clients saw it. It begins with what was stored in generation `begin`, and ends at rest."""

    begin: int
    entities: dict[str, dict[str, Body]]
    calls: list[Call] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    end: End | None = None

    def requests(self) -> Iterator[tuple[str, list[Call]]]:
        """Each request that changes something, with its attempts in order."""
        found: dict[str, list[Call]] = {}
        for call in sorted(self.calls, key=lambda call: call.sent):
            if call.writes:
                found.setdefault(call.op, []).append(call)
        yield from found.items()

    def save(self, file: Path) -> None:
        """Write it to a file."""
        file.write_text(json.dumps(self, default=_fields))

    @staticmethod
    def load(file: Path) -> History:
        """Read one from a file."""
        body = json.loads(file.read_text())
        return History(
            body["begin"],
            body["entities"],
            [Call(**call) for call in body["calls"]],
            [Heard(**heard) for heard in body["heard"]],
            [Look(**look) for look in body["looks"]],
            None if body["end"] is None else End(**body["end"]),
        )


def _fields(value: Any) -> Body:
    """The fields of one of the classes here."""
    return {one.name: getattr(value, one.name) for one in fields(value)}

"""What the service refuses with."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict


class FaultOut(TypedDict):
    """One thing that is wrong with a request."""

    field: str
    message: str
    expected: str | None
    value: NotRequired[str | None]
    fix: NotRequired[str | None]
    document: NotRequired[str | None]
    id: NotRequired[str | None]


class Problem(TypedDict):
    """A refusal (RFC 9457)."""

    title: str
    code: str
    detail: str
    errors: list[FaultOut]

"""Entity tags: `ETag`, `If-Match`, `If-None-Match`. A tag is a version in quotes: the revision of an
entity, the generation that last changed a document."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Header, Request, Response
from pydantic import Field

from app.api.tags import tag, tags_in

IfMatch = Annotated[
    str | None,
    Header(description="Carry this out only if the stored version is (one of) these `ETag`s.", examples=['"41"']),
    Field(max_length=500),
]
IfNoneMatch = Annotated[
    str | None,
    Header(description="Answer 304 without a body if the `ETag` is still (one of) these.", examples=['"41"']),
    Field(max_length=500),
]

#: The documentation of a 304 answer.
NOT_MODIFIED: dict[int | str, dict[str, Any]] = {304: {"description": "Still as `If-None-Match` says; no body."}}


class Unchanged(Exception):
    """The caller has this version already: answered 304, without a body."""

    def __init__(self, version: int | str) -> None:
        super().__init__(version)
        self.version = version


def check_changed(header: str | None, version: int | str) -> None:
    """Answer 304 if an `If-None-Match` header says that the caller has this version.

    Raises
    ------
    Unchanged
        Which the application answers.
    """
    if names(header, version):
        raise Unchanged(version)


def names(header: str | None, version: int | str) -> bool:
    """Whether an `If-None-Match` header names this version (or any)."""
    if header is None:
        return False
    # Nearly all that ask send the one tag that they were given, and they ask often.
    if header == (whole := tag(version)):
        return True
    tags = {part.removeprefix("W/") for part in tags_in(header)}
    return "*" in tags or whole in tags


async def answer_unchanged(request: Request, error: Exception) -> Response:
    """The 304 answer."""
    assert isinstance(error, Unchanged)
    return Response(status_code=304, headers={"ETag": tag(error.version)})

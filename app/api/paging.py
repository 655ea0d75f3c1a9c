"""Lists in pages: cursors that carry the place after which the next page begins."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any, TypeVar

from app.errors import BadCursor
from app.schemas.wire import Paging
from app.store.records import PageQuery

Row = TypeVar("Row")

#: The largest number that a cursor may carry.
_LARGEST = 2**63 - 1


def encode(*place: str | int) -> str:
    """A cursor for the place after these values."""
    return base64.urlsafe_b64encode(json.dumps(place, separators=(",", ":")).encode()).decode().rstrip("=")


def decode(cursor: str | None, *kinds: type[str] | type[int]) -> tuple[Any, ...] | None:
    """The values that a cursor carries, one of each of `kinds`.

    Raises
    ------
    BadCursor
        If it carries anything else.
    """
    if cursor is None:
        return None
    try:
        place = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise BadCursor("The cursor cannot be read.") from error
    if (
        not isinstance(place, list)
        or len(place) != len(kinds)
        or any(type(value) is not kind for value, kind in zip(place, kinds, strict=True))
        or any(isinstance(value, int) and abs(value) > _LARGEST for value in place)
        or any(isinstance(value, str) and not value.isprintable() for value in place)
    ):
        raise BadCursor("The cursor belongs to another list or order.")
    return tuple(place)


def cut(query: Paging, sort: str, numeric: frozenset[str]) -> PageQuery:
    """The cut that a query asks for: what is neither paging nor order is a filter."""
    field = sort.removeprefix("-")
    after = decode(query.cursor, str) if field == "id" else decode(query.cursor, int if field in numeric else str, str)
    given = {
        name: getattr(query, name)
        for name in type(query).model_fields
        if name not in ("limit", "cursor", "sort") and getattr(query, name) is not None
    }
    return PageQuery(
        limit=query.limit + 1,
        equal=tuple((name, value if isinstance(value, bool | int) else str(value)) for name, value in given.items()),
        sort=field,
        numeric=field in numeric,
        descending=sort.startswith("-"),
        after=None if after is None else (after[0], after[-1]),
    )


def page(rows: Sequence[Row], limit: int) -> tuple[Sequence[Row], bool]:
    """The rows of the page, from rows fetched up to one beyond it, and whether there are more."""
    return rows[:limit], len(rows) > limit

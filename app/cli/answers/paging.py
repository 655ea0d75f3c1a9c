"""A list of the service's, page by page."""

from __future__ import annotations

from typing import Generic, TypeVar

from typing_extensions import TypedDict

Item = TypeVar("Item")


class Page(TypedDict, Generic[Item]):
    """One page of a list, and the cursor of the next."""

    items: list[Item]
    next: str | None

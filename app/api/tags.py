"""Entity tags without FastAPI: the process that judges compares them, too, and loads no web framework for it."""

from __future__ import annotations

from dataclasses import dataclass


def tag(version: int | str) -> str:
    """The entity tag of a version: of what was last changed in a generation, or of what says its version itself."""
    return f'"{version}"'


def tags_in(header: str) -> set[str]:
    """The tags that a header lists."""
    return {part.strip() for part in header.split(",")}


@dataclass(frozen=True, slots=True)
class Matching:
    """Judges whether a stored version is one that an `If-Match` header accepts; without a header any is.

    It can be pickled.
    """

    header: str | None

    def __call__(self, version: int) -> bool:
        if self.header is None:
            return True
        tags = tags_in(self.header)
        return "*" in tags or tag(version) in tags

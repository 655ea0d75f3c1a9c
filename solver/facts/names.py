"""Names that people write: which of them are one."""

from __future__ import annotations

import unicodedata


def folded(name: str) -> str:
    """`name` without what is no difference: case, width and white space; "" where nothing is left."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())

"""What was changed, and when."""

from __future__ import annotations

from app.store.port import Store
from app.store.records import ChangeRow


def changes(
    store: Store, since: int, kind: str | None, id: str | None, after: tuple[int, int] | None, limit: int
) -> tuple[int, list[ChangeRow]]:
    """The newest generation, and a page of what newer generations than `since` changed."""
    with store.reading() as session:
        return session.generations.now(), session.changes.page(since, kind, id, after, limit)

"""Which events somebody wants to hear of, and what has been told so far."""

from __future__ import annotations

from dataclasses import dataclass

from app.clock import now_ms
from app.errors import Fault, Invalid
from app.schemas.events import RESET, TYPES
from app.store.port import Store
from app.store.records import EventRow


@dataclass(frozen=True, slots=True)
class Wanted:
    """Events of these types (of any, if there are none), of one plan or of any."""

    types: tuple[str, ...] = ()
    plan: str | None = None

    def takes(self, row: EventRow) -> bool:
        """Whether an event is one of them. That the stream was reset concerns all."""
        if row.type == RESET:
            return True
        return (not self.types or row.type in self.types) and self.plan in (None, row.plan)


def wanted(types: str | None, plan: str | None) -> Wanted:
    """What is asked for: comma-separated types, each in full or by its first word.

    Raises
    ------
    Invalid
        If there is no such type.
    """
    asked = [name.strip() for name in types.split(",")] if types is not None else []
    found = {name: tuple(known for known in TYPES if name in (known, known.partition(".")[0])) for name in asked}
    unknown = [name for name, known in found.items() if not known]
    if unknown:
        expected = ", ".join(TYPES)
        raise Invalid(f"There is no event type {unknown[0]!r}.", (Fault("types", f"no type {unknown[0]!r}", expected),))
    return Wanted(tuple(dict.fromkeys(known for name in asked for known in found[name])), plan)


def page(store: Store, wants: Wanted, after: int | None, limit: int) -> tuple[list[EventRow], bool, int]:
    """Events after an id, or the newest without one; whether there are more; and the id of the newest of all.

    When events after the id are no longer kept, the only one is that the stream was reset.
    """
    with store.reading() as session:
        oldest, newest = session.events.span()
        if after is None:
            return session.events.newest(wants.types, wants.plan, limit), False, newest
        if lost(after, oldest, newest):
            return [reset(newest)], False, newest
        rows = session.events.page(after, wants.types, wants.plan, limit + 1)
    return rows[:limit], len(rows) > limit, newest


def lost(after: int, oldest: int, newest: int) -> bool:
    """Whether events after an id are no longer kept, or the id comes from another store."""
    return after < oldest - 1 or after > newest


def reset(newest: int) -> EventRow:
    """That events were lost. It takes the place of all up to the newest."""
    return EventRow(newest, now_ms(), RESET, None, None, None, {})

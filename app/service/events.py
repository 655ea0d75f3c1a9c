"""Which events somebody wants to hear of, and what has been told so far."""

from __future__ import annotations

from dataclasses import dataclass

from app.clock import now_ms
from app.errors import Fault, Invalid
from app.identity.caller import SERVICE
from app.schemas.events import RESET, SEVERITIES, SEVERITY, TYPES
from app.schemas.faults import FAULTS_TOLD
from app.schemas.naming import meant, shown
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


def wanted(types: str | None, plan: str | None, severities: str | None = None) -> Wanted:
    """What is asked for: comma-separated types, each in full or by its first word, and comma-separated severities.

    Raises
    ------
    Invalid
        If there is no such type or severity.
    """
    grave = _grave(severities)
    asked = [name.strip() for name in types.split(",")] if types is not None else []
    found = {name: tuple(known for known in TYPES if name in (known, known.partition(".")[0])) for name in asked}
    unknown = [name for name, known in found.items() if not known]
    if unknown:
        expected = f"one of {', '.join(TYPES)}, or the first word of some of them"
        known = (*TYPES, *(name.partition(".")[0] for name in TYPES))
        faults = tuple(
            Fault(
                "types", f"there is no event type {shown(name)}", expected, shown(name), meant(name, known), code="unknown"
            )
            for name in unknown
        )
        raise Invalid(f"There is no event type {shown(unknown[0])}.", faults[:FAULTS_TOLD])
    named = tuple(dict.fromkeys(known for name in asked for known in found[name]))
    if grave is None:
        return Wanted(named, plan)
    # With none left, nothing that is stored is wanted: a reset never is.
    return Wanted(tuple(name for name in named or TYPES if name in grave) or (RESET,), plan)


def _grave(severities: str | None) -> frozenset[str] | None:
    """The types of some severities; None for those of any."""
    if severities is None:
        return None
    asked = [name.strip() for name in severities.split(",")]
    unknown = [name for name in asked if name not in SEVERITIES]
    if unknown:
        expected = f"one of {', '.join(SEVERITIES)}, or several, parted by commas"
        faults = tuple(
            Fault(
                "severity",
                f"there is no severity {shown(name)}",
                expected,
                shown(name),
                meant(name, SEVERITIES),
                code="unknown",
            )
            for name in unknown
        )
        raise Invalid(f"There is no severity {shown(unknown[0])}.", faults[:FAULTS_TOLD])
    return frozenset(name for name in TYPES if SEVERITY[name] in asked)


def page(
    store: Store, wants: Wanted, after: int | None, limit: int, before: int | None = None
) -> tuple[list[EventRow], bool, int]:
    """Events after an id, or the newest (before an id) without one; whether there are more; the id of the newest of all.

    When events after the id are no longer kept, the only one is that the stream was reset.

    Raises
    ------
    Invalid
        If both ids are given.
    """
    if after is not None and before is not None:
        fault = Fault("before", "not together with after", "one of them", code="excluded")
        raise Invalid("`after` and `before` exclude each other.", (fault,))
    with store.reading() as session:
        oldest, newest = session.events.span()
        if after is None:
            return session.events.newest(wants.types, wants.plan, limit, before), False, newest
        if lost(after, oldest, newest):
            return [reset(newest)], False, newest
        rows = session.events.page(after, wants.types, wants.plan, limit + 1)
    return rows[:limit], len(rows) > limit, newest


def lost(after: int, oldest: int, newest: int) -> bool:
    """Whether events after an id are no longer kept, or the id comes from another store."""
    return after < oldest - 1 or after > newest


def reset(newest: int) -> EventRow:
    """That events were lost. It takes the place of all up to the newest."""
    return EventRow(newest, now_ms(), RESET, None, None, None, {}, SERVICE.tenant, SERVICE.actor)

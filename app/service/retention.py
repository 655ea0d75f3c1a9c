"""What is kept no longer: ended plans that nothing needs, old history, dense progress; and the room that this leaves.

Nothing is removed that is in force, or that something in force or a later solve refers to. Each step is a transaction of a
few thousand rows, with a pause after it, so that no writer waits for long; a step that is interrupted is taken up later.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from app.clock import now_ms
from app.identity.caller import SERVICE
from app.service import lifecycle
from app.store.port import Session, Store

#: Rows that one step removes, and pages that it gives back.
ROWS, PAGES = 2_000, 500
_DAY_MS = 24 * 3600 * 1000

#: Waits a little between two steps; answers whether to stop.
Pause = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class RetentionLimits:
    """How much is kept: counts, and days."""

    plans: int
    plan_days: float
    changes: int
    history_days: float
    points: int


def sweep(store: Store, kept: RetentionLimits, pause: Pause = lambda: False) -> Counter[str]:
    """Remove what is kept no longer, and let the file shrink; how much of what was removed."""
    removed: Counter[str] = Counter()
    now = now_ms()
    steps: dict[str, Callable[[Session], int]] = {
        "plans": lambda session: _forget_plan(session, kept, now),
        "rows of plans": lambda session: session.upkeep.remove_leavings(ROWS),
        "points": lambda session: session.upkeep.thin_progress(kept.points, ROWS),
        "changes": lambda session: session.upkeep.forget_history(kept.changes, now - int(kept.history_days * _DAY_MS), ROWS),
        "snapshots": lambda session: session.upkeep.remove_snapshots(),
    }
    for what, step in steps.items():
        while True:
            with store.writing(SERVICE) as session:
                done = step(session)
            removed[what] += done
            if not done:
                break
            if pause():
                return +removed
    before = None
    while left := store.shrink(PAGES):
        if left == before or pause():
            # Somebody reads an older picture: what that needs is given back the next time.
            break
        before = left
    return +removed


def _forget_plan(session: Session, kept: RetentionLimits, now: int) -> int:
    """Forget the oldest plan that is kept no longer, if there is one."""
    ids = session.upkeep.unneeded_plans(kept.plans, now - int(kept.plan_days * _DAY_MS), 1)
    for id in ids:
        lifecycle.deleted(session, id)
    return len(ids)

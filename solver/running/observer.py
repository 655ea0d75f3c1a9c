"""Who hears what a solve reaches."""

from __future__ import annotations

from typing import Protocol


class Observer(Protocol):
    """Hears of better plans and bounds, in the thread that found them. It must not take long."""

    def plan(self, cost: int, unplaced: int, phase: str) -> None:
        """Hear of a cheaper plan, the copies that it leaves unplaced, and the phase that made it."""

    def bound(self, bound: int, phase: str) -> None:
        """Hear of a higher bound, and the phase that proved it. No legal plan costs less."""

"""Time that remains for transport, service and waiting."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from solver.rules.factors import TimeLeft
from solver.space.frame import Frame, Ints

OF = TimeLeft

#: More than any deadline, where no rule says anything.
_EVER = np.int64(1 << 60)


def stack(factors: Sequence[TimeLeft], frame: Frame) -> Ints:
    """int64[K], us: the least that a rule leaves to each item."""
    least = np.full(frame.items, _EVER)
    for one in factors:
        least = np.minimum(least, one.us)
    return least

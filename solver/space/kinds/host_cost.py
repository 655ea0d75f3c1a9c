"""What each server on a host costs."""

from __future__ import annotations

from collections.abc import Sequence

from solver.compiled import inlined
from solver.rules.factors import HostCost
from solver.space.frame import Frame, Ints
from solver.space.merging import added

OF = HostCost


def stack(factors: Sequence[HostCost], frame: Frame) -> Ints:
    """int64[H + S], won a month: costs of all rules together."""
    return added((f.per_server for f in factors), frame.hosts)


def value(per_server: Ints, scale: int) -> Ints:
    """int64[H + S], 1/scale of a unit: cost of one server on each host."""
    return per_server * scale


@inlined
def cost(per_server: Ints, h: int, servers: int) -> int:
    """Money a month for so many servers on host h."""
    return int(servers * per_server[h])

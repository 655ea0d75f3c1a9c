"""Hosts that may be used at all."""

from __future__ import annotations

from collections.abc import Sequence

from solver.rules.factors import OpenHosts
from solver.space.frame import Bools, Frame
from solver.space.merging import all_of

OF = OpenHosts


def stack(factors: Sequence[OpenHosts], frame: Frame) -> Bools:
    """bool[H + S]: the hosts that every rule leaves open, as it may shut places to stay without effect."""
    return all_of((f.open for f in factors), frame.hosts)

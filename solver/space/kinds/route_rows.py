"""Rows of the arcs of a copy's route."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from solver.compiled import inlined
from solver.rules.factors import RouteRows
from solver.space.frame import Frame, Ints, Load, Reals32, Running
from solver.space.merging import stacked

OF = RouteRows


class Arrays(NamedTuple):
    """Each copy of item k loads row ``first[i] + arc`` by ``up[i, k]`` for each arc of its route, for each factor i.

    The row of that link the other way it loads by ``down[i, k]``.
    """

    first: Ints
    up: Ints
    down: Ints


def stack(factors: Sequence[RouteRows], frame: Frame) -> Arrays:
    """One row of the arrays a factor."""
    first = np.array([frame.accounts.first(f.rows) for f in factors], np.int64)
    return Arrays(first, stacked([f.up for f in factors], frame.items), stacked([f.down for f in factors], frame.items))


def summed(a: Arrays, dual: Ints, reverse: Ints) -> list[Ints]:
    """What :func:`value` wants summed along routes, int64[2L] each: dual values towards the node, and those back.

    Nothing where no link has a dual value.
    """
    towards = [dual[first : first + len(reverse)] for first in a.first.tolist()]
    return [*towards, *(one[reverse] for one in towards)] if any(one.any() for one in towards) else []


@inlined
def value(a: Arrays, k: int, total: Ints | Reals32, at: int, flows: int) -> int:
    """Dual value of what the `flows` flows of item k load along a route; row `at` of `total` is what is summed along it."""
    value = 0
    for q in range(flows):
        value += a.up[q, k] * total[at, q] + a.down[q, k] * total[at, flows + q]
    return value


@inlined
def entries(a: Arrays, k: int, arcs: Ints, length: int, reverse: Ints, row: Ints, amount: Ints, size: int) -> int:
    """Write what a copy of item k loads on the first `length` of `arcs` behind the first `size` entries.

    Returns how many there are then.
    """
    for q in range(len(a.first)):
        up, down = a.up[q, k], a.down[q, k]
        for e in range(length):
            if up > 0:
                row[size], amount[size] = a.first[q] + arcs[e], up
                size += 1
            if down > 0:
                row[size], amount[size] = a.first[q] + reverse[arcs[e]], down
                size += 1
    return size


def largest(factor: RouteRows, capacity: Ints) -> Ints:
    """An upper limit on what one option loads each row with."""
    return np.full(len(capacity), max(1, int(factor.up.max(initial=0)), int(factor.down.max(initial=0))))


def held(factor: RouteRows, now: Running) -> list[Load]:
    """What is in force loads, by placement."""
    return [(now.of_arc, now.arc, factor.up[now.of_arc]), (now.of_arc, now.reverse, factor.down[now.of_arc])]

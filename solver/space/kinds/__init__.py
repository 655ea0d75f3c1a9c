"""The kinds of factors, named once. A kind is one file that says all that factors of that kind mean for options.

* ``stack(factors, frame)`` makes arrays of all factors of the kind: what several rules say together is decided here.
* ``entries`` writes what an option loads of which rows; only kinds that load any have it, and with it ``largest`` (what one
  option loads each row with at most) and ``held`` (what is in force loads).
* ``value`` is what that load is worth at dual values; kinds that depend on the host or the item alone work it out once for
  all (numpy), the others option by option.
* ``cost`` is what an option costs in money a month, and ``allows``, ``fits``, ``fitting`` whether it is legal.

The loops over options (:mod:`solver.space.pricing`, :mod:`solver.space.loading`, :mod:`solver.space.tables`) call these
faces, which are written into them when they are compiled: see :func:`solver.compiled.inlined`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol, runtime_checkable

from solver.rules.factors import Factor, LoadFactor
from solver.space.frame import Frame, Ints, Load, Running
from solver.space.kinds import (
    away_cost,
    crowd_cost,
    fills,
    host_cost,
    host_rows,
    item_rows,
    must_place,
    open_hosts,
    open_items,
    open_links,
    open_nodes,
    pair_rows,
    route_cost,
    route_rows,
    stay_at,
    stay_cost,
    time_left,
    unplaced_cost,
)
from solver.space.merging import of_kind


class Kind(Protocol):
    """A kind of factors."""

    __name__: str

    #: The class of its factors.
    OF: Any

    def stack(self, factors: Sequence[Any], frame: Frame) -> Any: ...


@runtime_checkable
class LoadKind(Kind, Protocol):
    """A kind whose factors load rows."""

    entries: Any

    def largest(self, factor: Any, capacity: Ints) -> Ints: ...

    def held(self, factor: Any, now: Running) -> list[Load]: ...


LOADS: tuple[LoadKind, ...] = (host_rows, item_rows, route_rows, pair_rows)

KINDS: tuple[Kind, ...] = (
    open_items, open_hosts, open_nodes, stay_at, must_place, open_links, fills, time_left, *LOADS, host_cost, route_cost,
    away_cost, stay_cost, crowd_cost, unplaced_cost,
)  # fmt: skip


def name_of(kind: Kind) -> str:
    """A kind's name: its file's, and that of its arrays in :class:`solver.space.tables.Tables`."""
    return kind.__name__.rpartition(".")[2]


def stacked(kinds: Iterable[Kind], factors: Sequence[Factor], frame: Frame) -> dict[str, Any]:
    """The arrays of each kind by its name."""
    return {name_of(kind): kind.stack(of_kind(factors, kind.OF), frame) for kind in kinds}


def loads_of(factor: LoadFactor) -> LoadKind:
    """The kind of a factor that loads rows."""
    return next(kind for kind in LOADS if isinstance(factor, kind.OF))

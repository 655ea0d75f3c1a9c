"""Which part of which card each server has.

A slice of s thousandths is s / 125 eighths of a card and begins at a multiple of its length. Since each length divides the
next larger one, slices fit into free cards exactly when they are cut largest first; what already has a part keeps it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from solver.facts.placement import EIGHTHS
from solver.facts.plan import Plan
from solver.facts.problem import Problem

Ints = npt.NDArray[np.int64]

#: Thousandths of a card in an eighth.
EIGHTH_PERMILLE = 1000 // EIGHTHS

#: Lengths of slices in eighths, longest first.
LENGTHS = (8, 4, 2, 1)


def blocks(length: int) -> Iterator[int]:
    """The places at which a slice of `length` eighths may lie on a card, as bits."""
    whole = (1 << length) - 1
    for begin in range(0, EIGHTHS, length):
        yield whole << begin


def free_blocks(cards: int, taken: Mapping[int, int], length: int) -> int:
    """Aligned blocks of `length` eighths that are free on `cards` cards, of which `taken` says by number what is in use."""
    used = [bits for card, bits in taken.items() if card < cards]
    return (cards - len(used)) * (EIGHTHS // length) + sum(not bits & block for bits in used for block in blocks(length))


def pools_of(problem: Problem) -> dict[tuple[int, str], int]:
    """Cards by (node, accelerator)."""
    return {(n, pool.accelerator): pool.count for n, node in enumerate(problem.nodes) for pool in node.pools}


def pool_of(problem: Problem, plan: Plan) -> tuple[list[tuple[int, str]], Ints]:
    """The (node, accelerator) pairs that placements of a plan use, and which of them each uses; -1 for none."""
    kinds = {accelerator.id: a for a, accelerator in enumerate(problem.catalogue.accelerators)}
    kind = np.array([kinds.get(f.accelerator or "", -1) for f in problem.profiles], np.int64)[plan.profile]
    key = np.where(kind < 0, -1, plan.node * (len(kinds) + 1) + kind)
    distinct, which = np.unique(key, return_inverse=True)
    names = list(kinds)
    found = [(value // (len(kinds) + 1), names[value % (len(kinds) + 1)]) for value in distinct.tolist() if value >= 0]
    return found, which.reshape(-1).astype(np.int64) - int((distinct < 0).any())


def lengths_of(problem: Problem, plan: Plan) -> Ints:
    """Eighths of a card that one server of each placement has."""
    each = np.array([f.slice_permille // EIGHTH_PERMILLE for f in problem.profiles], np.int64)
    return each[plan.profile]


def cut(problem: Problem, plan: Plan, free: npt.NDArray[np.bool_] | None = None) -> Plan:
    """Give the servers of a plan that have no part of a card one, largest first.

    Parameters
    ----------
    free : bool array over the placements, optional
        Those whose parts may be changed where there is no room otherwise; as few as possible are.

    Returns
    -------
    Plan
        The plan with parts for all that need them. A placement for which there is no room has none.
    """
    pools, pool = pool_of(problem, plan)
    count = pools_of(problem)
    length = lengths_of(problem, plan)
    need = np.where(pool >= 0, plan.servers, 0)
    has = np.diff(plan.card_ptr) == need
    parts: dict[int, list[int]] = {}
    untouched = np.ones(len(pools), bool)
    untouched[pool[has & (need > 0)]] = False
    # Where nothing has a part yet, parts follow one another, longest first: each begins at a multiple of its length.
    rows = np.flatnonzero(~has & (need > 0))
    fresh = rows[untouched[pool[rows]]]
    fresh = fresh[np.lexsort((fresh, -length[fresh], pool[fresh]))]
    size = need[fresh] * length[fresh]
    ends = np.cumsum(size)
    first = np.searchsorted(pool[fresh], pool[fresh])
    begins = ends - size - (ends - size)[first] if len(fresh) else size
    for row, begin, end in zip(fresh.tolist(), begins.tolist(), (begins + size).tolist(), strict=True):
        if end <= EIGHTHS * count.get(pools[pool[row]], 0):
            parts[row] = list(range(begin, end, int(length[row])))
    mended = rows[~untouched[pool[rows]]]
    for p in np.unique(pool[mended]).tolist():
        here = np.flatnonzero((pool == p) & (need > 0))
        table = _Pool(count.get(pools[p], 0))
        for row in here[has[here]].tolist():
            table.hold(row, plan.cards(row).tolist(), int(length[row]), free is not None and bool(free[row]))
        missing = here[~has[here]]
        for row in missing[np.lexsort((missing, -length[missing]))].tolist():
            table.want(row, int(need[row]), int(length[row]))
        parts.update(table.served())
    return _with_parts(plan, parts)


def _with_parts(plan: Plan, parts: Mapping[int, list[int]]) -> Plan:
    stretches = [parts.get(row, plan.cards(row).tolist()) for row in range(len(plan))] if parts else None
    if stretches is None:
        return plan
    ptr = np.concatenate(([0], np.cumsum([len(stretch) for stretch in stretches]))).astype(np.int64)
    return replace(plan, card_ptr=ptr, card=np.array([slot for stretch in stretches for slot in stretch], np.int64))


@dataclass
class _Held:
    """One server's part of a card."""

    row: int
    server: int
    number: int
    length: int
    loose: bool

    @property
    def bits(self) -> int:
        return ((1 << self.length) - 1) << self.number % EIGHTHS


@dataclass
class _Pool:
    """The cards of one kind on one node, and who has which part of them."""

    cards: int
    taken: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    held: dict[int, list[_Held]] = field(default_factory=lambda: defaultdict(list))
    waiting: dict[int, list[tuple[int, int, bool]]] = field(default_factory=lambda: defaultdict(list))
    slots: dict[int, dict[int, int | None]] = field(default_factory=lambda: defaultdict(dict))
    changed: set[int] = field(default_factory=set)

    def hold(self, row: int, numbers: list[int], length: int, loose: bool) -> None:
        for server, number in enumerate(numbers):
            self._put(_Held(row, server, number, length, loose))

    def want(self, row: int, servers: int, length: int) -> None:
        self.changed.add(row)
        self.waiting[length] += [(row, server, False) for server in range(servers)]

    def served(self) -> dict[int, list[int]]:
        """Serve who waits, largest first, and tell the parts of each placement that is new or changed."""
        for length in LENGTHS:
            while self.waiting[length]:
                row, server, loose = self.waiting[length].pop(0)
                number = self._found(length)
                if number is None:
                    number = self._cleared(length)
                if number is None:
                    self.slots[row][server] = None
                else:
                    self._put(_Held(row, server, number, length, loose))
        told = {}
        for row in self.changed:
            numbers = [self.slots[row][server] for server in sorted(self.slots[row])]
            told[row] = [number for number in numbers if number is not None] if None not in numbers else []
        return told

    def _put(self, part: _Held) -> None:
        card = part.number // EIGHTHS
        self.taken[card] |= part.bits
        self.held[card].append(part)
        self.slots[part.row][part.server] = part.number

    def _found(self, length: int) -> int | None:
        """A free block, on a card in use rather than on an empty one."""
        for card in sorted(card for card, bits in self.taken.items() if card < self.cards and bits):
            for begin, block in zip(range(0, EIGHTHS, length), blocks(length), strict=True):
                if not self.taken[card] & block:
                    return EIGHTHS * card + begin
        empty = next((card for card in range(self.cards) if not self.taken.get(card)), None)
        return None if empty is None else EIGHTHS * empty

    def _cleared(self, length: int) -> int | None:
        """The block with the fewest smaller loose parts in it, which have to go elsewhere."""
        best: tuple[int, int, list[_Held]] | None = None
        for card, parts in self.held.items():
            if card >= self.cards:
                continue
            for begin, block in zip(range(0, EIGHTHS, length), blocks(length), strict=True):
                inside = [part for part in parts if part.bits & block]
                if all(part.loose and part.length < length for part in inside) and (best is None or len(inside) < best[0]):
                    best = len(inside), EIGHTHS * card + begin, inside
        if best is None:
            return None
        _, number, inside = best
        for part in inside:
            card = part.number // EIGHTHS
            self.held[card].remove(part)
            self.taken[card] &= ~part.bits
            self.changed.add(part.row)
            self.waiting[part.length].append((part.row, part.server, True))
        return number

"""The answer: where each shard of each workload runs.

A plan claims nothing about itself; :mod:`solver.judging.verify` judges it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

_NONE = np.zeros(0, np.int64)


@dataclass(frozen=True)
class Plan:
    """Placements as parallel columns, in the numbering of one :class:`solver.facts.problem.Problem`.

    Row i says: shard `shard[i]` of workload `workload[i]` runs on node `node[i]` as `servers[i]` servers of profile
    `profile[i]`, and its traffic takes the links `route_link[route_ptr[i]:route_ptr[i + 1]]` in order from the access's
    entry node. A server takes up to `batch[i]` requests at once (0: the batch size with the least time). Its servers have
    the parts `card[card_ptr[i]:card_ptr[i + 1]]` of the cards there, as numbers of :class:`solver.facts.placement.Slot`;
    none where nobody has said which. A shard without a row is unplaced. Nothing is checked here beyond the shapes.

    Raises
    ------
    ValueError
        If the columns disagree in length, or a pointer does not partition what it points into.
    """

    workload: Ints
    shard: Ints
    node: Ints
    profile: Ints
    servers: Ints
    route_ptr: Ints
    route_link: Ints
    batch: Ints = field(default_factory=_NONE.copy)
    card_ptr: Ints = field(default_factory=_NONE.copy)
    card: Ints = field(default_factory=_NONE.copy)

    def __post_init__(self) -> None:
        n = len(self.workload)
        for name, length in (("batch", n), ("card_ptr", n + 1)):
            if not len(getattr(self, name)):
                object.__setattr__(self, name, np.zeros(length, np.int64))
        columns = (self.shard, self.node, self.profile, self.servers, self.batch)
        if any(len(column) != n for column in columns):
            raise ValueError("the columns of a plan have different lengths")
        for name, ptr, inside in (("route", self.route_ptr, self.route_link), ("card", self.card_ptr, self.card)):
            if len(ptr) != n + 1 or ptr[0] != 0 or ptr[-1] != len(inside) or (np.diff(ptr) < 0).any():
                raise ValueError(f"{name}_ptr does not partition what it points into")

    @staticmethod
    def empty() -> Plan:
        """The plan that places nothing."""
        return Plan(_NONE, _NONE, _NONE, _NONE, _NONE, np.zeros(1, np.int64), _NONE)

    def __len__(self) -> int:
        return len(self.workload)

    def route(self, row: int) -> Ints:
        """Links that placement `row` uses, in order from the entry node."""
        return self.route_link[self.route_ptr[row] : self.route_ptr[row + 1]]

    def cards(self, row: int) -> Ints:
        """Parts of cards that the servers of placement `row` have."""
        return self.card[self.card_ptr[row] : self.card_ptr[row + 1]]

    def rows(self, keep: Ints) -> Plan:
        """The plan made of the placements `keep` only, in that order."""
        route_ptr, route_link = _picked(self.route_ptr, self.route_link, keep)
        card_ptr, card = _picked(self.card_ptr, self.card, keep)
        return Plan(
            self.workload[keep], self.shard[keep], self.node[keep], self.profile[keep], self.servers[keep],
            route_ptr, route_link, self.batch[keep], card_ptr, card,
        )  # fmt: skip

    def of_links(self, value: Callable[[int], int]) -> Ints:
        """For each entry of `route_link`, the value of that link; each link in use is asked for once."""
        used, entry = self._links_in_use
        return np.array([value(number) for number in used.tolist()], np.int64)[entry]

    def of_workloads(self, value: Callable[[int], int | tuple[int, ...]]) -> Ints:
        """For each placement, the value of its workload, or a row of several; each workload in use is asked for once."""
        used, entry = self._workloads_in_use
        return np.array([value(w) for w in used.tolist()], np.int64)[entry]

    @cached_property
    def _links_in_use(self) -> tuple[Ints, Ints]:
        used, entry = np.unique(self.route_link, return_inverse=True)
        return used, entry

    @cached_property
    def _workloads_in_use(self) -> tuple[Ints, Ints]:
        used, entry = np.unique(self.workload, return_inverse=True)
        return used, entry

    def along_routes(self, value: Callable[[int], int]) -> Ints:
        """For each placement, the sum of a value of the links that it uses, int64[len]."""
        total = np.zeros(len(self), np.int64)
        np.add.at(total, self.route_row, self.of_links(value))
        return total

    def each_over_servers(self, value: Callable[[int, int], int]) -> Ints:
        """For each placement, the value of its node and profile times its servers; each pair in use is asked for once."""
        known: dict[tuple[int, int], int] = {}
        one = [
            known[pair] if pair in known else known.setdefault(pair, value(*pair))
            for pair in zip(self.node.tolist(), self.profile.tolist(), strict=True)
        ]
        return np.array(one, np.int64) * self.servers

    def over_servers(self, value: Callable[[int, int], int]) -> int:
        """The sum over all servers of a value of their node and profile; each pair in use is asked for once."""
        servers: Counter[tuple[int, int]] = Counter()
        for n, f, more in zip(self.node.tolist(), self.profile.tolist(), self.servers.tolist(), strict=True):
            servers[n, f] += more
        return sum(together * value(n, f) for (n, f), together in servers.items())

    @cached_property
    def route_row(self) -> Ints:
        """For each entry of `route_link`, the placement that it belongs to."""
        return np.repeat(np.arange(len(self), dtype=np.int64), np.diff(self.route_ptr))


def _picked(ptr: Ints, inside: Ints, keep: Ints) -> tuple[Ints, Ints]:
    """The stretches `keep` of what a pointer points into, one after the other, and their pointer."""
    length = np.diff(ptr)[keep]
    ends = np.concatenate((np.zeros(1, np.int64), np.cumsum(length)))
    entry = np.arange(ends[-1]) - np.repeat(ends[:-1], length) + np.repeat(ptr[:-1][keep], length)
    return ends, inside[entry]


def joined(one: Plan, other: Plan) -> Plan:
    """The placements of two plans of the same problem, one after the other."""
    columns = ("workload", "shard", "node", "profile", "servers", "route_link", "batch", "card")
    ends = ("route_ptr", "card_ptr")
    both = {name: np.concatenate((getattr(one, name), getattr(other, name))) for name in columns}
    both |= {name: np.concatenate((getattr(one, name), getattr(one, name)[-1] + getattr(other, name)[1:])) for name in ends}
    return Plan(**both)

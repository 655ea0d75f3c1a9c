"""The answer: where each shard of each workload runs. A plan claims nothing about itself; :mod:`solver.verify` judges it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Plan:
    """Placements as parallel columns, in the numbering of one :class:`solver.problem.Problem`.

    Row i says: shard `shard[i]` of workload `workload[i]` runs on node `node[i]` as `servers[i]` servers of profile
    `profile[i]`, and its traffic takes the links `route_link[route_ptr[i]:route_ptr[i + 1]]` in order from the access's
    entry node. A shard without a row is unplaced. Nothing is checked here beyond the shapes.

    Raises
    ------
    ValueError
        If the columns disagree in length, or `route_ptr` does not partition `route_link`.
    """

    workload: Ints
    shard: Ints
    node: Ints
    profile: Ints
    servers: Ints
    route_ptr: Ints
    route_link: Ints

    def __post_init__(self) -> None:
        n = len(self.workload)
        if not (len(self.shard) == len(self.node) == len(self.profile) == len(self.servers) == n):
            raise ValueError("the columns of a plan have different lengths")
        ptr = self.route_ptr
        if len(ptr) != n + 1 or ptr[0] != 0 or ptr[-1] != len(self.route_link) or (np.diff(ptr) < 0).any():
            raise ValueError("route_ptr does not partition route_link")

    @staticmethod
    def empty() -> Plan:
        """The plan that places nothing."""
        none = np.zeros(0, np.int64)
        return Plan(none, none, none, none, none, np.zeros(1, np.int64), none)

    def __len__(self) -> int:
        return len(self.workload)

    def route(self, row: int) -> Ints:
        """Links that placement `row` uses, in order from the entry node."""
        return self.route_link[self.route_ptr[row] : self.route_ptr[row + 1]]

    def rows(self, keep: Ints) -> Plan:
        """The plan made of the placements `keep` only, in that order."""
        length = np.diff(self.route_ptr)[keep]
        ptr = np.concatenate(([0], np.cumsum(length)))
        links = np.concatenate([self.route(i) for i in keep.tolist()]) if len(keep) else np.zeros(0, np.int64)
        return Plan(
            self.workload[keep], self.shard[keep], self.node[keep], self.profile[keep], self.servers[keep],
            ptr.astype(np.int64), links.astype(np.int64),
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

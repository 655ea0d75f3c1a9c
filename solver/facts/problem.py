"""The question: a network, what it can run, what must run on it, and on whose terms.

Every value here is frozen and validated when it is made; vary one with :func:`dataclasses.replace`.
Numbers are whole, with the unit in the name. Entities refer to each other by id; a :class:`Problem` resolves
every reference once and also numbers its nodes, links, profiles and workloads by their position, which is how
plans speak of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from solver.facts.catalogue import Accelerator, Catalogue, Profile
from solver.facts.network import Access, Link, Network, Node
from solver.facts.placement import Placement, Slot
from solver.facts.plan import Plan
from solver.facts.terms import Terms, Weights
from solver.facts.validate import validate
from solver.facts.workloads import Policy, Workload


@dataclass(frozen=True)
class Problem:
    """One whole question, with every reference resolved.

    Raises
    ------
    ProblemError
        If an id is used twice, a reference leads nowhere, or an amount is out of range.
    """

    network: Network
    catalogue: Catalogue
    policies: tuple[Policy, ...]
    workloads: tuple[Workload, ...]
    terms: Terms

    def __post_init__(self) -> None:
        validate(self.network, self.catalogue, self.policies, self.workloads, self.terms)

    def about(self, workloads: tuple[Workload, ...]) -> Problem:
        """The same question about other workloads, which are taken to be well formed: nothing is validated again."""
        other = object.__new__(Problem)
        other.__dict__.update({name: getattr(self, name) for name in (*_OF_THE_NETWORK, "terms")}, workloads=workloads)
        return other

    @property
    def nodes(self) -> tuple[Node, ...]:
        return self.network.nodes

    @property
    def links(self) -> tuple[Link, ...]:
        return self.network.links

    @property
    def profiles(self) -> tuple[Profile, ...]:
        return self.catalogue.profiles

    @cached_property
    def node_index(self) -> dict[str, int]:
        """Position of each node by id."""
        return _positions(node.id for node in self.network.nodes)

    @cached_property
    def workload_index(self) -> dict[str, int]:
        """Position of each workload by id."""
        return _positions(workload.id for workload in self.workloads)

    @cached_property
    def profile_index(self) -> dict[str, int]:
        """Position of each profile by id."""
        return _positions(profile.id for profile in self.catalogue.profiles)

    @cached_property
    def link_index(self) -> dict[str, int]:
        """Position of each link by id."""
        return _positions(link.id for link in self.network.links)

    @cached_property
    def access_by_id(self) -> dict[str, Access]:
        return {access.id: access for access in self.network.accesses}

    @cached_property
    def policy_by_id(self) -> dict[str, Policy]:
        return {policy.id: policy for policy in self.policies}

    @cached_property
    def accelerator_by_id(self) -> dict[str, Accelerator]:
        return {accelerator.id: accelerator for accelerator in self.catalogue.accelerators}

    def access_of(self, workload: Workload) -> Access:
        """The access through which `workload` reaches the network."""
        return self.access_by_id[workload.access]

    def devices_of(self, plan: Plan) -> npt.NDArray[np.int64]:
        """Devices that each placement of a plan serves."""
        each, more = self._devices_shared_out
        devices: npt.NDArray[np.int64] = each[plan.workload] + (plan.shard < more[plan.workload])
        return devices

    @cached_property
    def _devices_shared_out(self) -> npt.NDArray[np.int64]:
        """Devices that each shard of a workload serves, and how many shards serve one more, int64[2, workloads]."""
        shared = [divmod(workload.devices, workload.shards) for workload in self.workloads]
        return np.array(shared, np.int64).reshape(-1, 2).T.copy()

    @cached_property
    def access_number(self) -> npt.NDArray[np.int64]:
        """Position of the access of each workload, int64[workloads]."""
        number = {access.id: position for position, access in enumerate(self.network.accesses)}
        return np.array([number[workload.access] for workload in self.workloads], np.int64)

    @cached_property
    def entry_node(self) -> npt.NDArray[np.int64]:
        """Position of the node at which each workload enters the network, int64[workloads]."""
        node = np.array([self.node_index[access.node] for access in self.network.accesses], np.int64)
        entry: npt.NDArray[np.int64] = node[self.access_number] if len(self.workloads) else np.zeros(0, np.int64)
        return entry

    @cached_property
    def stream_kbps(self) -> npt.NDArray[np.int64]:
        """What one device of each workload sends and receives, int64[workloads, 2]."""
        streams = [(workload.uplink_kbps, workload.downlink_kbps) for workload in self.workloads]
        return np.array(streams, np.int64).reshape(-1, 2)

    def weights_for(self, workload: Workload) -> Weights:
        """The weights that count for leaving out or moving a workload: the request's for its own, face value for others."""
        return self.terms.weights if workload.asked else Weights()

    @cached_property
    def memo(self) -> dict[str, Any]:
        """What others have worked out from this problem alone and keep beside it, by name."""
        return {}

    @cached_property
    def first_shard(self) -> npt.NDArray[np.int64]:
        """Where the shards of each workload begin when all are counted through, and after the last: int64[workloads + 1]."""
        return np.concatenate(([0], np.cumsum([workload.shards for workload in self.workloads]))).astype(np.int64)

    def standing_row(self, plan: Plan) -> npt.NDArray[np.int64]:
        """For each placement of a plan, the row of :attr:`in_force` that is its shard's; -1 where it does not run."""
        row = np.full(int(self.first_shard[-1]), -1, np.int64)
        now = self.in_force
        row[self.first_shard[now.workload] + now.shard] = np.arange(len(now))
        found: npt.NDArray[np.int64] = row[self.first_shard[plan.workload] + plan.shard]
        return found

    def kept(self, plan: Plan) -> npt.NDArray[np.bool_]:
        """Which placements of a plan are those in force: same node, profile, servers and route, whatever the cards.

        Several rules ask it of the same plan, so the answer about the plan asked last is kept.
        """
        asked_last: tuple[Plan, npt.NDArray[np.bool_]] | None = self.memo.get("kept")
        if asked_last is not None and asked_last[0] is plan:
            return asked_last[1]
        now, old = self.in_force, self.standing_row(plan)
        same = old >= 0
        for name in ("node", "profile", "servers"):
            same[same] = getattr(plan, name)[same] == getattr(now, name)[old[same]]
        same = _same_stretch(same, old, (plan.route_ptr, plan.route_link), (now.route_ptr, now.route_link))
        same.flags.writeable = False
        self.memo["kept"] = plan, same
        return same

    def moved(self, plan: Plan) -> npt.NDArray[np.bool_]:
        """Which placements of a plan are changes of what runs: everything but what is kept on the same parts of cards.

        Cards that nobody has named are taken for the same. A shard of which only the node is known moves when that changes.
        """
        now, old = self.in_force, self.standing_row(plan)
        kept = self.kept(plan)
        told = kept & (np.diff(plan.card_ptr) > 0)
        told[told] = np.diff(now.card_ptr)[old[told]] > 0
        cut = told & ~_same_stretch(told, old, (plan.card_ptr, plan.card), (now.card_ptr, now.card))
        moved = ((old >= 0) & ~kept) | cut
        hinted = [any(here is not None and not here.whole for here in w.current) for w in self.workloads]
        known = np.flatnonzero((old < 0) & np.array(hinted, bool)[plan.workload])
        for row, w, shard, n in zip(
            known.tolist(), plan.workload[known].tolist(), plan.shard[known].tolist(), plan.node[known].tolist(), strict=True
        ):
            moved[row] = self.workloads[w].runs_at(shard) not in ("", self.nodes[n].id)
        return moved

    @cached_property
    def in_force(self) -> Plan:
        """What runs now, as far as that is known in full: every shard's current placement, as a plan."""
        return self.plan_of(
            here for workload in self.workloads for here in workload.current if here is not None and here.whole
        )

    @cached_property
    def fixed(self) -> npt.NDArray[np.bool_]:
        """Which placements of :attr:`in_force` stay exactly as they are, since no plan decides about their shards."""
        now = self.in_force
        free = [self.workloads[w].is_free(s) for w, s in zip(now.workload.tolist(), now.shard.tolist(), strict=True)]
        return ~np.array(free, bool)

    def plan_of(self, placements: Iterable[Placement]) -> Plan:
        """Placements by name as a plan in the numbers of this problem.

        Raises
        ------
        KeyError
            If a placement names what the problem does not have.
        """
        rows = [
            (self.workload_index[one.workload], one.shard, self.node_index[one.node], self.profile_index[one.profile],
             one.servers, one.batch_limit, len(one.route), len(one.cards), one)
            for one in placements
        ]  # fmt: skip
        table = np.array([row[:8] for row in rows], np.int64).reshape(-1, 8)
        ends = np.cumsum(table[:, 6:], axis=0)
        ptr = np.concatenate((np.zeros((1, 2), np.int64), ends))
        links = np.array([self.link_index[link] for row in rows for link in row[8].route], np.int64)
        slots = np.array([slot.number for row in rows for slot in row[8].cards], np.int64)
        workload, shard, node, profile, servers, batch = (np.ascontiguousarray(table[:, column]) for column in range(6))
        return Plan(
            workload, shard, node, profile, servers, np.ascontiguousarray(ptr[:, 0]), links,
            batch, np.ascontiguousarray(ptr[:, 1]), slots,
        )  # fmt: skip

    def placements(self, plan: Plan) -> Iterator[Placement]:
        """The placements of a plan in the numbers of this problem, by name, in the order of its rows."""
        links = [self.links[number].id for number in plan.route_link.tolist()]
        slots = [Slot.of(number) for number in plan.card.tolist()]
        route, part = plan.route_ptr.tolist(), plan.card_ptr.tolist()
        columns = (plan.workload, plan.shard, plan.node, plan.profile, plan.servers, plan.batch)
        for row, (w, shard, n, f, servers, batch) in enumerate(zip(*(c.tolist() for c in columns), strict=True)):
            yield Placement(
                self.workloads[w].id, shard, self.nodes[n].id, self.profiles[f].id, servers,
                tuple(slots[part[row] : part[row + 1]]), tuple(links[route[row] : route[row + 1]]), batch,
            )  # fmt: skip


#: What a problem knows that does not depend on its workloads.
_OF_THE_NETWORK = (
    "network", "catalogue", "policies", "node_index", "profile_index", "link_index", "access_by_id", "policy_by_id",
    "accelerator_by_id",
)  # fmt: skip


def _positions(ids: Iterable[str]) -> dict[str, int]:
    return {name: position for position, name in enumerate(ids)}


def _same_stretch(
    among: npt.NDArray[np.bool_],
    other: npt.NDArray[np.int64],
    ours: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]],
    theirs: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]],
) -> npt.NDArray[np.bool_]:
    """Of the rows in `among`, those whose stretch (of pointer and entries) is that of row `other` of the others."""
    same = among.copy()
    length, their_length = np.diff(ours[0]), np.diff(theirs[0])
    same[same] = length[same] == their_length[other[same]]
    rows = np.flatnonzero(same)
    size = length[rows]
    step = np.arange(int(size.sum())) - np.repeat(np.cumsum(size) - size, size)
    entry, their_entry = np.repeat(ours[0][rows], size) + step, np.repeat(theirs[0][other[rows]], size) + step
    differs = ours[1][entry] != theirs[1][their_entry]
    same[np.repeat(rows, size)[differs]] = False
    return same

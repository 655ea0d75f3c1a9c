"""What each rule speaks of, and the least change of it that lets a node take a shard: a few ways, the least first."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import fields, replace

from solver.facts.network import Commitment, KeyCustody, Node, NodeState, Pool
from solver.facts.terms import ShareCap, ShareOf
from solver.facts.workloads import Pin, Policy
from solver.judging.candidates import Candidate, Shortage, has_hardware
from solver.judging.changes import Change, Value, changed
from solver.judging.judge import Judge
from solver.rules.limits import link_capacity

#: Changes of these fields leave what every placement uses of every account as it is, whatever its capacity is then.
_SAME_USE = frozenset({
    "deadline_us", "tiers", "pin", "free", "stays", "may_end", "state", "pools", "vcpu", "memory_mib", "power_w",
    "available_from", "capacity_kbps", "capacity_back_kbps", "lowest_commitment", "horizon", "share_caps",
    *(field.name for field in fields(Policy)),
})  # fmt: skip


class LeastChanges:
    """Changes for one shard, by what refuses it; they are tried out where no formula gives the least."""

    def __init__(self, judge: Judge, w: int, shard: int) -> None:
        self.judge = judge
        self.problem = judge.problem
        self.w, self.shard = w, shard
        self.workload = self.problem.workloads[w]

    def after(self, changes: Iterable[Change]) -> Judge:
        """A judge of the same plan after some changes."""
        changes = tuple(changes)
        problem = self.problem
        for change in changes:
            problem = changed(problem, change)
        return self.judge.of(problem, same_use=all(change.field in _SAME_USE for change in changes))

    def opened(self, changes: Sequence[Change], hosts: Sequence[int]) -> list[Candidate]:
        """The candidates that take the shard after some changes."""
        return [one for one in self.after(changes).candidates(self.w, self.shard, hosts) if one.fits]

    def takes(self, changes: Sequence[Change], node: str) -> bool:
        """Whether a node takes the shard after some changes."""
        return bool(self.opened(changes, [self.problem.node_index[node]]))

    def deadline(self, one: Candidate) -> Iterator[tuple[Change, ...]]:
        need = max(violation.needed for violation in one.refusals)
        yield (self._of_workload("deadline_us", need),)

    def tier(self, one: Candidate) -> Iterator[tuple[Change, ...]]:
        yield (self._of_workload("tiers", self.workload.tiers | {self._node(one).tier}),)

    def pin(self, one: Candidate) -> Iterator[tuple[Change, ...]]:
        yield (self._of_workload("pin", Pin.NONE),)

    def scope(self, one: Candidate) -> Iterator[tuple[Change, ...]]:
        changes = [] if self.workload.is_free(self.shard) else [self._of_workload("free", None)]
        yield (*changes, *([self._of_workload("stays", False)] if self.workload.stays else []))

    def anti_affinity(self, one: Candidate) -> Iterator[tuple[Change, ...]]:
        yield (self._of_workload("spread_group", None),)

    def node_state(self, one: Candidate) -> Iterator[tuple[Change, ...]]:
        yield (Change("nodes", one.node, "state", NodeState.ACTIVE),)

    def accelerator(self, one: Candidate) -> Iterator[tuple[Change, ...]]:
        """A pool at the price that such cards have elsewhere, the dearest of them."""
        profile = self.problem.profiles[self.problem.profile_index[one.profile]]
        node = self._node(one)
        if profile.accelerator is None or has_hardware(node, profile):
            return
        everywhere = (pool for other in self.problem.nodes for pool in other.pools)
        price = max((p.price_month for p in everywhere if p.accelerator == profile.accelerator), default=0)
        others = tuple(pool for pool in node.pools if pool.accelerator != profile.accelerator)
        cards = -(-one.servers * profile.slice_permille // 1000)
        yield (Change("nodes", node.id, "pools", (*others, Pool(profile.accelerator, cards, price))),)

    def commitment(self, one: Candidate) -> Iterator[tuple[Change, ...]]:
        node, terms = self._node(one), self.problem.terms
        changes: list[Change] = []
        ready = Change("nodes", node.id, "available_from", terms.horizon)
        ladder = list(Commitment)
        if ladder.index(node.commitment) > ladder.index(terms.lowest_commitment):
            changes.append(Change("terms", "", "lowest_commitment", node.commitment))
        if node.available_from is None and node.commitment is not Commitment.OPERATIONAL:
            changes.append(ready)
        elif node.available_from is not None and node.available_from > terms.horizon:
            yield (*changes, Change("terms", "", "horizon", node.available_from))
            # On a later day something else may have lapsed; the hall would have to be ready earlier.
            changes.append(ready)
        yield tuple(changes)

    def node_capacity(self, one: Candidate) -> Iterator[tuple[Change, ...]]:
        node = self._node(one)
        profile = self.problem.profiles[self.problem.profile_index[one.profile]]
        fields_of = {"vcpu": ("vcpu", 1000), "memory": ("memory_mib", 1), "power": ("power_w", 1)}
        least = [
            Change("nodes", node.id, name, -(-(short.used + short.needed) // unit))
            for short in one.shortages
            if short.account.resource in fields_of
            for name, unit in (fields_of[short.account.resource],)
        ]
        cards = [short for short in one.shortages if short.account.resource not in fields_of]
        if not cards:
            yield tuple(least)
            return
        for count in self._counts(one, profile.slice_permille, cards):
            pools = tuple(
                replace(pool, count=max(count, pool.count)) if pool.accelerator == profile.accelerator else pool
                for pool in node.pools
            )
            yield (*least, Change("nodes", node.id, "pools", pools))

    def _counts(self, one: Candidate, slice_permille: int, short: Sequence[Shortage]) -> Iterator[int]:
        """Numbers of cards that may suffice: by what is used, and with cards of its own beside what there is."""
        profile = self.problem.profiles[self.problem.profile_index[one.profile]]
        have = sum(pool.count for pool in self._node(one).pools if pool.accelerator == profile.accelerator)
        used = max(each.used for each in short)
        own = -(-one.servers * slice_permille // 1000)
        by_use = -(-(used + one.servers * slice_permille) // 1000)
        most = max(have, -(-used // 1000)) + own
        # By the sum alone they may still not be cut as they would have to be.
        yield from (count for count in range(max(have + 1, by_use), most))
        yield most

    def access_capacity(self, one: Candidate) -> Iterator[tuple[Change, ...]]:
        access, size = self.problem.access_of(self.workload), self.workload
        streams = {"uplink": ("uplink_kbps", size.uplink_kbps), "downlink": ("downlink_kbps", size.downlink_kbps)}
        short = {each.account.resource: each for each in one.shortages if each.account.rule == "access_capacity"}
        narrow = [name for way, (name, kbps) in streams.items() if way in short and kbps > getattr(access, name)]
        if not narrow:
            cells = max(-(-(each.used + each.needed) // 1000) for each in short.values())
            yield (Change("accesses", access.id, "cells", cells),)
            return
        # A stream that no cell carries asks for faster cells; how fast depends on everybody's streams there.
        changes: list[Change] = []
        for name in narrow:
            least = self._least_rate(access.id, name, one.node, tuple(changes), [other for other in narrow if other != name])
            if least is None:
                return
            changes.append(Change("accesses", access.id, name, least))
        yield tuple(changes)

    def _least_rate(
        self, access: str, name: str, node: str, so_far: tuple[Change, ...], others: Sequence[str]
    ) -> int | None:
        """The least rate of a cell at which a node takes the shard, where the `others` that are short have all they need."""
        streams = {"uplink_kbps": self.workload.uplink_kbps, "downlink_kbps": self.workload.downlink_kbps}
        given = {change.field for change in so_far}
        plenty = [Change("accesses", access, other, 10**12) for other in others if other not in given]

        def enough(rate: int) -> bool:
            return self.takes((*so_far, *plenty, Change("accesses", access, name, rate)), node)

        low, high = streams[name] - 1, streams[name]
        while not enough(high):
            low, high = high, 2 * high
            if high > 10**12:
                return None
        return _bisect(low, high, enough)

    def link_capacity(self, one: Candidate) -> Iterator[tuple[Change, ...]]:
        full = {short.account: short for short in one.shortages if short.account.rule == "link_capacity"}
        changes = []
        for name in one.placement.route:
            link = self.problem.links[self.problem.link_index[name]]
            for field, end in (("capacity_kbps", link.target), ("capacity_back_kbps", link.source)):
                short = full.get(link_capacity.account_of(link.id, end))
                if short is not None:
                    changes.append(Change("links", link.id, field, short.used + short.needed))
        yield tuple(changes)

    def share_cap(self, one: Candidate) -> Iterator[tuple[Change, ...]]:
        node, profile = self._node(one), self.problem.profiles[self.problem.profile_index[one.profile]]
        vendor = "" if profile.accelerator is None else self.problem.accelerator_by_id[profile.accelerator].vendor
        serves = {ShareOf.OWNER: node.owner, ShareOf.OPERATOR: node.operator, ShareOf.VENDOR: vendor}
        caps = self.problem.terms.share_caps
        for full in (short for short in one.shortages if short.account.rule == "share_cap"):
            bound = {
                cap for cap in caps
                if full.account.part(cap.of) == serves[cap.of] and cap.name in (None, serves[cap.of])
                and cap.standing is (full.account.resource == "standing_share")
            }  # fmt: skip

            caps = self._raised(one, full, caps, bound)
        yield (Change("terms", "", "share_caps", caps),)

    def _raised(
        self, one: Candidate, full: Shortage, caps: tuple[ShareCap, ...], bound: Container[ShareCap]
    ) -> tuple[ShareCap, ...]:
        """The caps, of which those `bound` to an account are as high as it takes for it to have room."""

        def raised(permille: int) -> tuple[ShareCap, ...]:
            return tuple(replace(cap, permille=max(cap.permille, permille)) if cap in bound else cap for cap in caps)

        def enough(permille: int) -> bool:
            judge = self.after((Change("terms", "", "share_caps", raised(permille)),))
            again = judge.candidates(self.w, self.shard, [self.problem.node_index[one.node]])[0]
            return all(short.account != full.account for short in again.shortages)

        return raised(_bisect(min(cap.permille for cap in caps if cap in bound), 1000, enough))

    def residency(self, one: Candidate) -> Iterator[tuple[Change, ...]]:
        node = self._node(one)
        countries = self._policy.countries or frozenset()
        if node.backup_countries is not None:
            yield (self._of_policy("countries", countries | {node.country} | node.backup_countries),)
        else:
            yield (self._of_policy("countries", None),)

    def control(self, one: Candidate) -> Iterator[tuple[Change, ...]]:
        node, policy = self._node(one), self._policy
        changes = []
        for field, country in (
            ("owner_countries", node.owner_country),
            ("operator_countries", node.operator_country),
            ("tenant_countries", node.tenant_country),
        ):
            allowed = getattr(policy, field)
            if allowed is not None and country not in allowed:
                changes.append(self._of_policy(field, None if country is None else allowed | {country}))
        for field, countries in (
            ("personnel_countries", node.personnel_countries),
            ("control_jurisdictions", node.control_jurisdictions),
        ):
            allowed = getattr(policy, field)
            if allowed is not None and (countries is None or not countries <= allowed):
                changes.append(self._of_policy(field, None if countries is None else allowed | countries))
        if policy.max_foreign_equity_permille is not None:
            home = {node.country} if policy.owner_countries is None else policy.owner_countries | {node.owner_country}
            equity = node.foreign_equity_permille
            foreign = None if equity is None else sum(share for country, share in equity.items() if country not in home)
            if foreign is None or foreign > policy.max_foreign_equity_permille:
                changes.append(self._of_policy("max_foreign_equity_permille", foreign))
        if policy.key_custody is not None and node.key_custody is None:
            changes.append(self._of_policy("key_custody", None))
        elif policy.key_custody is KeyCustody.CUSTOMER and node.key_custody is not KeyCustody.CUSTOMER:
            changes.append(self._of_policy("key_custody", KeyCustody.PROVIDER))
        if policy.double_encryption and not node.double_encryption:
            changes.append(self._of_policy("double_encryption", False))
        yield tuple(changes)

    def certification(self, one: Candidate) -> Iterator[tuple[Change, ...]]:
        day = self.problem.terms.horizon
        valid = {held.name for held in self._node(one).certifications if held.expires is None or held.expires >= day}
        for name in sorted(valid):
            yield (self._of_policy("certifications", self._policy.certifications | {name}),)
        yield (self._of_policy("certifications", frozenset()),)

    def transit(self, one: Candidate) -> Iterator[tuple[Change, ...]]:
        if self._policy.transit is None:
            return
        links = (self.problem.links[self.problem.link_index[name]] for name in one.placement.route)
        yield (self._of_policy("transit", self._policy.transit.union(*(link.jurisdictions for link in links))),)

    @property
    def _policy(self) -> Policy:
        return self.problem.policy_by_id[self.workload.policy]

    def _node(self, one: Candidate) -> Node:
        return self.problem.nodes[self.problem.node_index[one.node]]

    def _of_workload(self, field: str, value: Value) -> Change:
        return Change("workloads", self.workload.id, field, value)

    def _of_policy(self, field: str, value: Value) -> Change:
        return Change("policies", self.workload.policy, field, value)


#: What each rule speaks of. A rule that is not named has nothing that could be changed by itself.
_Changes = Callable[[LeastChanges, Candidate], Iterator[tuple[Change, ...]]]
CHANGES: dict[str, _Changes] = {
    "deadline": LeastChanges.deadline,
    "tier": LeastChanges.tier,
    "pin": LeastChanges.pin,
    "scope": LeastChanges.scope,
    "anti_affinity": LeastChanges.anti_affinity,
    "failure_domain": LeastChanges.anti_affinity,
    "node_state": LeastChanges.node_state,
    "accelerator": LeastChanges.accelerator,
    "commitment": LeastChanges.commitment,
    "node_capacity": LeastChanges.node_capacity,
    "cards": LeastChanges.node_capacity,
    "access_capacity": LeastChanges.access_capacity,
    "link_capacity": LeastChanges.link_capacity,
    "share_cap": LeastChanges.share_cap,
    "residency": LeastChanges.residency,
    "control": LeastChanges.control,
    "certification": LeastChanges.certification,
    "transit": LeastChanges.transit,
}


def _bisect(low: int, high: int, enough: Callable[[int], bool]) -> int:
    """The least number above `low`, at most `high`, that is enough; `high` is."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high

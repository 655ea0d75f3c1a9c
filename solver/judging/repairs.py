"""What would have to change for a shard to have a place: least changes as data, each carried out before it is told.

A repair is for nodes that one rule alone refuses. The change is applied to the problem, and the rules are asked again
about a hypothetical placement beside everything else in the plan; what does not hold is not told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from enum import Enum
from typing import Any

import numpy as np

from solver.facts.network import Commitment, KeyCustody, Node, NodeState, Pool
from solver.facts.plan import joined
from solver.facts.problem import Problem
from solver.facts.terms import ShareCap, ShareOf
from solver.facts.workloads import Pin, Policy
from solver.judging.candidates import OF_NODES, Candidate, Judge, Shortage, has_hardware
from solver.rules.violation import amount_said

#: What a field of an entity may be changed to.
Value = int | str | bool | date | Enum | frozenset[str] | tuple[Pool, ...] | tuple[ShareCap, ...] | None

#: Nodes that are tried for each rule, nearest first, until a change holds.
_TRIED = 5

#: Holders of a full account that are named, and shards of them that are looked at for a place elsewhere.
_NAMED = 5
_DISPLACED = 8

#: Changes of these fields leave what every placement uses of every account as it is, whatever its capacity is then.
_SAME_USE = frozenset({
    "deadline_us", "tiers", "pin", "free", "stays", "may_end", "state", "pools", "vcpu", "memory_mib", "power_w",
    "available_from", "capacity_kbps", "capacity_back_kbps", "lowest_commitment", "horizon", "share_caps",
    *(field.name for field in fields(Policy)),
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one entity gets another value.

    `kind` is workloads, nodes, links, accesses, policies or terms (of which there is one; its `id` is empty).
    """

    kind: str
    id: str
    field: str
    value: Value


@dataclass(frozen=True, slots=True)
class Holder:
    """A workload that holds `amount` of an account without room, in `shards` shards."""

    workload: str
    shards: int
    amount: int


@dataclass(frozen=True, slots=True)
class Repair:
    """What would give a shard a place, found to hold by carrying it out.

    Of the rule `rule`, `change` is the least that lets `node` take the shard beside everything else, there for `cost` won a
    month; `nodes` nodes then take it. Where `scope` is not empty, only room held by others stands in the way: `holders` has
    it, largest first, and a request of that scope could free it, as `change` does for those that it takes.
    """

    rule: str
    nodes: int
    change: tuple[Change, ...]
    node: str
    cost: int
    sentence: str
    scope: str = ""
    holders: tuple[Holder, ...] = ()


def apply_change(problem: Problem, change: Change) -> Problem:
    """The problem after a change.

    Raises
    ------
    KeyError
        If there is no such entity.
    ProblemError
        If the entity may not have that value.
    """
    new: dict[str, Any] = {change.field: change.value}
    if change.kind == "terms":
        return replace(problem, terms=replace(problem.terms, **new))
    if change.kind in ("workloads", "policies"):
        new = {change.kind: _changed(getattr(problem, change.kind), change.id, new)}
        return replace(problem, **new)
    if change.kind in ("nodes", "links", "accesses"):
        new = {change.kind: _changed(getattr(problem.network, change.kind), change.id, new)}
        return replace(problem, network=replace(problem.network, **new))
    raise KeyError(change.kind)


def _changed(entities: tuple[Any, ...], name: str, new: dict[str, Any]) -> tuple[Any, ...]:
    """The entities, of which the one called `name` has new values; a KeyError where there is none."""
    position = {one.id: position for position, one in enumerate(entities)}[name]
    return (*entities[:position], replace(entities[position], **new), *entities[position + 1 :])


def repairs(judge: Judge, w: int, shard: int, candidates: Sequence[Candidate], value: int) -> tuple[Repair, ...]:
    """What would give a shard a place that no node takes, nearest first.

    Parameters
    ----------
    candidates : sequence of Candidate
        Those of the shard, as :meth:`Judge.candidates` gives them; none of them fits.
    value : int
        What the place is worth, in won a month. Of two changes, one that pays is preferred.
    """
    asked = _Mender(judge, w, shard, value)
    by_rule: dict[str, list[Candidate]] = defaultdict(list)
    for one in candidates:
        if len(one.rules) == 1:
            by_rule[next(iter(one.rules))].append(one)
    found = []
    for rule, nearest in by_rule.items():
        if rule not in _CHANGES:
            continue
        told = None
        for one in nearest[:_TRIED]:
            repair = asked.mend(rule, one, candidates)
            told = told or repair
            if repair is not None and repair.cost < value:
                told = repair
                break
        found += [told] if told is not None else []
    # Cards can be bought for every node; this is told where nothing less would do.
    found = [repair for repair in found if repair.rule != "accelerator"] or found
    return (*asked.room(candidates), *found)


def holders(judge: Judge, w: int, shard: int, one: Candidate) -> tuple[Holder, ...]:
    """Who holds most of the first account that has no room for a candidate."""
    return _Mender(judge, w, shard, 0).holders(one)


class _Mender:
    """Looks for changes that give one shard a place."""

    def __init__(self, judge: Judge, w: int, shard: int, value: int) -> None:
        self.judge = judge
        self.problem = judge.problem
        self.w, self.shard, self.value = w, shard, value
        self.workload = self.problem.workloads[w]

    def mend(self, rule: str, one: Candidate, candidates: Sequence[Candidate]) -> Repair | None:
        """The least change of what `rule` speaks of that lets a candidate's node take the shard, if there is one."""
        for changes in _CHANGES[rule](self, one):
            if not changes:
                continue
            (there,) = self.after(changes).candidates(self.w, self.shard, [self.problem.node_index[one.node]])
            if there.fits:
                opened = [there, *self._opened(changes, self._others_to_open(rule, one, changes, candidates))]
                sentence = self._sentence(changes, there, len(opened))
                return Repair(rule, len(opened), changes, one.node, there.price, sentence)
        return None

    def _others_to_open(
        self, rule: str, one: Candidate, changes: Sequence[Change], candidates: Sequence[Candidate]
    ) -> list[int]:
        """The other nodes that a change may open: those that no further rule closes whatever a shard runs on there."""
        if all(change.kind == "nodes" for change in changes):
            return []
        # Who is in no group needs no named failure domain either.
        closing = OF_NODES - {rule, "failure_domain" if rule == "anti_affinity" else rule}
        may = (other for other in candidates if other.node != one.node and other.hardware and not other.rules & closing)
        return [self.problem.node_index[other.node] for other in may]

    def after(self, changes: Iterable[Change]) -> Judge:
        """A judge of the same plan after some changes."""
        changes = tuple(changes)
        problem = self.problem
        for change in changes:
            problem = _with(problem, change)
        return self.judge.of(problem, same_use=all(change.field in _SAME_USE for change in changes))

    def _opened(self, changes: Sequence[Change], hosts: Sequence[int]) -> list[Candidate]:
        """The candidates that take the shard after some changes."""
        return [one for one in self.after(changes).candidates(self.w, self.shard, hosts) if one.fits]

    def takes(self, changes: Sequence[Change], node: str) -> bool:
        """Whether a node takes the shard after some changes."""
        return bool(self._opened(changes, [self.problem.node_index[node]]))

    def _sentence(self, changes: Sequence[Change], there: Candidate, nodes: int) -> str:
        do = ", and ".join(_told(self.problem, change) for change in changes)
        also = f", and {nodes - 1:,} more node{'s' if nodes > 2 else ''} would take it" if nodes > 1 else ""
        price = f"{there.price:,} won a month{self._worth(there.price)}"
        return f"{do[0].upper()}{do[1:]}: {there.node} then takes it for {price}{also}."

    def _worth(self, cost: int) -> str:
        if cost == self.value:
            return ", exactly what it is worth"
        return f", more than the {self.value:,} it is worth" if cost > self.value else ""

    # What each rule speaks of, and the least change of it: a few ways to put it, the least first.

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
        price = max((p.price_krw_month for p in everywhere if p.accelerator == profile.accelerator), default=0)
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
            if short.resource in fields_of
            for name, unit in (fields_of[short.resource],)
        ]
        cards = [short for short in one.shortages if short.resource not in fields_of]
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
        used = max(account.used for account in short)
        own = -(-one.servers * slice_permille // 1000)
        by_use = -(-(used + one.servers * slice_permille) // 1000)
        most = max(have, -(-used // 1000)) + own
        # By the sum alone they may still not be cut as they would have to be.
        yield from (count for count in range(max(have + 1, by_use), most))
        yield most

    def access_capacity(self, one: Candidate) -> Iterator[tuple[Change, ...]]:
        access, size = self.problem.access_of(self.workload), self.workload
        streams = {"uplink": ("uplink_kbps", size.uplink_kbps), "downlink": ("downlink_kbps", size.downlink_kbps)}
        short = {account.resource: account for account in one.shortages if account.rule == "access_capacity"}
        narrow = [name for way, (name, kbps) in streams.items() if way in short and kbps > getattr(access, name)]
        if not narrow:
            cells = max(-(-(account.used + account.needed) // 1000) for account in short.values())
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
        full = {account.name: account for account in one.shortages if account.rule == "link_capacity"}
        changes = []
        for name in one.placement.route:
            link = self.problem.links[self.problem.link_index[name]]
            for field, end in (("capacity_kbps", link.target), ("capacity_back_kbps", link.source)):
                account = full.get(f"{link.id}>{end}")
                if account is not None:
                    changes.append(Change("links", link.id, field, account.used + account.needed))
        yield tuple(changes)

    def share_cap(self, one: Candidate) -> Iterator[tuple[Change, ...]]:
        node, profile = self._node(one), self.problem.profiles[self.problem.profile_index[one.profile]]
        vendor = "" if profile.accelerator is None else self.problem.accelerator_by_id[profile.accelerator].vendor
        serves = {ShareOf.OWNER: node.owner, ShareOf.OPERATOR: node.operator, ShareOf.VENDOR: vendor}
        caps = self.problem.terms.share_caps
        for full in (short for short in one.shortages if short.rule == "share_cap"):
            bound = {
                cap for cap in caps
                if f"{cap.of} {serves[cap.of]}" == full.name and cap.name in (None, serves[cap.of])
                and cap.standing is full.resource.startswith("standing")
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
            return all((short.name, short.resource) != (full.name, full.resource) for short in again.shortages)

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

    # Room that others hold.

    def room(self, candidates: Sequence[Candidate]) -> tuple[Repair, ...]:
        """What scope of a request could free the room that others hold, where nothing else stands in the way."""
        full = [one for one in candidates if self._would_fit_alone(one)]
        for one in full[:_TRIED]:
            repair = self._by_moving(one) or self._by_ending(one)
            if repair is not None:
                return (repair,)
        return ()

    def _would_fit_alone(self, one: Candidate) -> bool:
        short = one.shortages
        return bool(short) and len(short) == len(one.refusals) and all(s.needed <= s.limit for s in short)

    def holding(self, one: Candidate) -> list[tuple[int, int, int]]:
        """Who else uses the accounts without room: (amount of the first such, workload, shard), the largest first."""
        found: dict[tuple[int, int], int] = {}
        for short in one.shortages:
            for amount, w, shard in self.judge.holders(short, self.w, self.shard):
                found.setdefault((w, shard), amount)
        return sorted(((amount, w, shard) for (w, shard), amount in found.items()), key=lambda h: (-h[0], *h[1:]))

    def holders(self, one: Candidate) -> tuple[Holder, ...]:
        """Those that hold most of the first account without room."""
        if not one.shortages:
            return ()
        amounts: dict[int, list[int]] = defaultdict(list)
        for amount, w, _ in self.judge.holders(one.shortages[0], self.w, self.shard):
            amounts[w].append(amount)
        held = [Holder(self.problem.workloads[w].id, len(each), sum(each)) for w, each in amounts.items()]
        return tuple(sorted(held, key=lambda holder: (-holder.amount, holder.workload))[:_NAMED])

    def _running(self, one: Candidate) -> list[tuple[int, int]]:
        """Shards of others that run on what the shard would need, those that hold most of it first."""
        return [(w, shard) for _, w, shard in self.holding(one) if self.problem.workloads[w].runs_as(shard)][:_DISPLACED]

    def _by_moving(self, one: Candidate) -> Repair | None:
        """Whether some that the plan does not decide about have another place; each is found one beside all others."""
        problem = self.problem
        rest = [row for row in range(len(self.judge.plan)) if row != self.judge.row_of(self.w, self.shard)]
        here = problem.plan_of((one.placement,))
        plan = joined(self.judge.plan.rows(np.array(rest, np.int64)), here)
        changes: list[Change] = []
        for w, shard in self._running(one):
            workload = problem.workloads[w]
            if workload.is_free(shard) or workload.stays:
                continue
            change = Change("workloads", workload.id, "free", None)
            loose = problem if change in changes else _with(problem, change)
            judge = Judge(loose, plan)
            away = [other for other in judge.candidates(w, shard) if other.fits and other.node != one.node]
            if not away:
                continue
            problem = loose
            changes += [] if change in changes else [change]
            row = judge.row_of(w, shard)
            others = plan.rows(np.array([r for r in range(len(plan)) if r != row], np.int64))
            plan = joined(others, problem.plan_of((away[0].placement,)))
            again = Judge(problem, plan).candidates(self.w, self.shard, [problem.node_index[one.node]])[0]
            if again.fits:
                return self._of_room(one, again, "move", tuple(changes))
        return None

    def _by_ending(self, one: Candidate) -> Repair | None:
        """The fewest shards, largest first, that would have to end."""
        problem, ended = self.problem, set[tuple[int, int]]()
        changes: dict[Change, None] = {}
        for w, shard in self._running(one):
            workload = problem.workloads[w]
            if workload.may_end:
                continue
            ended.add((w, shard))
            for change in (
                *([] if workload.is_free(shard) else [Change("workloads", workload.id, "free", None)]),
                Change("workloads", workload.id, "may_end", True),
            ):
                changes[change] = None
            pairs = zip(self.judge.plan.workload.tolist(), self.judge.plan.shard.tolist(), strict=True)
            kept = np.array([row for row, pair in enumerate(pairs) if pair not in ended], np.int64)
            judge = Judge(problem, self.judge.plan.rows(kept))
            again = judge.candidates(self.w, self.shard, [problem.node_index[one.node]])[0]
            if again.fits:
                fixed = any(problem.workloads[problem.workload_index[change.id]].stays for change in changes)
                return self._of_room(one, again, "may_end" if fixed else "preempt", tuple(changes))
        return None

    def _of_room(self, one: Candidate, there: Candidate, scope: str, changes: tuple[Change, ...]) -> Repair:
        holders = self.holders(one)
        unit = one.refusals[0].unit
        held = ", ".join(f"{holder.workload} ({amount_said(holder.amount, unit)})" for holder in holders)
        names = ", ".join(dict.fromkeys(change.id for change in changes))
        could = {
            "move": f"a request of scope move could move {names} elsewhere",
            "preempt": f"a request of scope preempt, or one whose may_end names {names}, could end that",
            "may_end": f"a request whose may_end names {names} could end that",
        }[scope]
        price = f"{there.price:,} won a month{self._worth(there.price)}"
        sentence = f"Room on {one.node} is held by {held}: {could}; {self.workload.id} would then cost {price}."
        return Repair(one.refusals[0].rule, 1, changes, one.node, there.price, sentence, scope, holders)


#: What each rule speaks of. A rule that is not named has nothing that could be changed by itself.
_Changes = Callable[[_Mender, Candidate], Iterator[tuple[Change, ...]]]
_CHANGES: dict[str, _Changes] = {
    "deadline": _Mender.deadline, "tier": _Mender.tier, "pin": _Mender.pin, "scope": _Mender.scope,
    "anti_affinity": _Mender.anti_affinity, "failure_domain": _Mender.anti_affinity, "node_state": _Mender.node_state,
    "accelerator": _Mender.accelerator,
    "commitment": _Mender.commitment, "node_capacity": _Mender.node_capacity, "cards": _Mender.node_capacity,
    "access_capacity": _Mender.access_capacity, "link_capacity": _Mender.link_capacity, "share_cap": _Mender.share_cap,
    "residency": _Mender.residency, "control": _Mender.control, "certification": _Mender.certification,
    "transit": _Mender.transit,
}  # fmt: skip


def _with(problem: Problem, change: Change) -> Problem:
    """A problem after a change; one of a workload, which no part of the network depends on, is not validated again."""
    if change.kind == "workloads":
        workloads = tuple(
            replace(one, **{change.field: change.value}) if one.id == change.id else one  # type: ignore[arg-type]
            for one in problem.workloads
        )
        return problem.about(workloads)
    return apply_change(problem, change)


def _bisect(low: int, high: int, enough: Callable[[int], bool]) -> int:
    """The least number above `low`, at most `high`, that is enough; `high` is."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _told(problem: Problem, change: Change) -> str:
    """A change as a request to somebody."""
    new = change.value
    if change.kind == "terms":
        return _told_of_terms(problem, change)
    if change.kind == "policies":
        old = getattr(problem.policy_by_id[change.id], change.field)
        what = change.field.removesuffix("_permille").replace("_", " ")
        if isinstance(new, frozenset) and new:
            return f"let policy {change.id} also allow {', '.join(sorted(new - (old or frozenset())))} in its {what}"
        if isinstance(new, int) and not isinstance(new, bool):
            return f"let policy {change.id} allow {new:,} permille of {what} instead of {old:,}"
        return f"let policy {change.id} ask for {new or 'nothing'} in its {what}"
    if change.kind == "workloads":
        return _told_of_workload(problem, change)
    if change.kind == "nodes":
        return _told_of_node(problem, change)
    if change.kind == "links":
        link = problem.links[problem.link_index[change.id]]
        end, have = (link.target, link.capacity_kbps) if change.field == "capacity_kbps" else (link.source, link.back_kbps)
        return f"raise link {link.id} towards {end} to {new:,} kbit/s from {have:,}"
    access = problem.access_by_id[change.id]
    if change.field == "cells":
        return f"give access {access.id} {new:,} cells instead of {access.cells:,}"
    old = getattr(access, change.field)
    return f"raise the {change.field.removesuffix('_kbps')} of each cell of {access.id} to {new:,} kbit/s from {old:,}"


def _told_of_workload(problem: Problem, change: Change) -> str:
    old = problem.workloads[problem.workload_index[change.id]]
    match change.field, change.value:
        case "deadline_us", int(new):
            return f"allow {change.id} {new:,} us instead of {old.deadline_us:,}"
        case "tiers", frozenset() as new:
            return f"let {change.id} run in tier {', '.join(sorted(new - old.tiers))} too"
        case "pin", _:
            return f"lift the pin of {change.id} to its {old.pin}"
        case "spread_group", _:
            return f"let {change.id} share a failure domain with the rest of group {old.spread_group}"
        case "stays", _:
            return f"let {change.id} be moved"
        case _:
            return f"let the request decide about {change.id}"


def _told_of_node(problem: Problem, change: Change) -> str:
    node = problem.nodes[problem.node_index[change.id]]
    match change.field, change.value:
        case "pools", tuple() as pools:
            had = {pool.accelerator: pool.count for pool in node.pools}
            new = {pool.accelerator: pool.count for pool in pools if isinstance(pool, Pool)}
            more = [(kind, count, had.get(kind, 0)) for kind, count in new.items() if count != had.get(kind, 0)]
            return " and ".join(f"give {node.id} {count:,} {kind} instead of {old:,}" for kind, count, old in more)
        case "state", _:
            return f"bring {node.id}, which is {node.state}, back into service"
        case "available_from", new:
            return f"have {node.id} ready by {new}"
        case field, new:
            unit = {"vcpu": "vCPUs", "memory_mib": "MiB of memory", "power_w": "W of power"}[field]
            return f"give {node.id} {new:,} {unit} instead of {getattr(node, field):,}"


def _told_of_terms(problem: Problem, change: Change) -> str:
    terms = problem.terms
    match change.field, change.value:
        case "lowest_commitment", new:
            return f"admit capacity that is {str(new).replace('_', ' ')}"
        case "horizon", new:
            return f"ask for {new} instead of {terms.horizon}"
        case _, tuple() as caps:
            raised = [(old, new) for old, new in zip(terms.share_caps, caps, strict=True) if old != new]
            return " and ".join(
                f"raise the cap on {f'{new.of} {new.name}' if new.name else f'each {new.of}'} to {new.permille} permille "
                f"from {old.permille}"
                for old, new in raised
                if isinstance(new, ShareCap)
            )
        case field, _:
            raise KeyError(field)

"""What would have to change for a shard to have a place: least changes as data, each carried out before it is told.

A repair is for nodes that one rule alone refuses. The change is applied to the problem, and the rules are asked again
about a hypothetical placement beside everything else in the plan; what does not hold is not told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from solver.facts.plan import joined
from solver.judging.candidates import OF_NODES, Candidate
from solver.judging.changes import Change, changed, told
from solver.judging.judge import Judge
from solver.judging.least_changes import CHANGES, LeastChanges
from solver.rules.wording import amount_said

#: Nodes that are tried for each rule, nearest first, until a change holds.
_TRIED = 5

#: Holders of a full account that are named, and shards of them that are looked at for a place elsewhere.
_NAMED = 5
_DISPLACED = 8


@dataclass(frozen=True, slots=True)
class Holder:
    """A workload that holds `amount` of an account without room, in `shards` shards."""

    workload: str
    shards: int
    amount: int


@dataclass(frozen=True, slots=True)
class Repair:
    """What would give a shard a place, found to hold by carrying it out.

    Of the rule `rule`, `change` is the least that lets `node` take the shard beside everything else, there for `cost` a
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


def repairs(judge: Judge, w: int, shard: int, candidates: Sequence[Candidate], value: int) -> tuple[Repair, ...]:
    """What would give a shard a place that no node takes, nearest first.

    Parameters
    ----------
    candidates : sequence of Candidate
        Those of the shard, as :meth:`Judge.candidates` gives them; none of them fits.
    value : int
        What the place is worth, in money a month. Of two changes, one that pays is preferred.
    """
    asked = _Mender(judge, w, shard, value)
    by_rule: dict[str, list[Candidate]] = defaultdict(list)
    for one in candidates:
        if len(one.rules) == 1:
            by_rule[next(iter(one.rules))].append(one)
    found = []
    for rule, nearest in by_rule.items():
        if rule not in CHANGES:
            continue
        best = None
        for one in nearest[:_TRIED]:
            repair = asked.mend(rule, one, candidates)
            best = best or repair
            if repair is not None and repair.cost < value:
                best = repair
                break
        found += [best] if best is not None else []
    # Cards can be bought for every node; this is told where nothing less would do.
    found = [repair for repair in found if repair.rule != "accelerator"] or found
    return (*asked.room(candidates), *found)


def holders(judge: Judge, w: int, shard: int, one: Candidate) -> tuple[Holder, ...]:
    """Who holds most of the first account that has no room for a candidate."""
    return _Mender(judge, w, shard, 0).holders(one)


class _Mender(LeastChanges):
    """Looks for changes that give one shard a place."""

    def __init__(self, judge: Judge, w: int, shard: int, value: int) -> None:
        super().__init__(judge, w, shard)
        self.value = value
        self.money = judge.problem.network.money

    def mend(self, rule: str, one: Candidate, candidates: Sequence[Candidate]) -> Repair | None:
        """The least change of what `rule` speaks of that lets a candidate's node take the shard, if there is one."""
        for changes in CHANGES[rule](self, one):
            if not changes:
                continue
            (there,) = self.after(changes).candidates(self.w, self.shard, [self.problem.node_index[one.node]])
            if there.fits:
                opened = [there, *self.opened(changes, self._others_to_open(rule, one, changes, candidates))]
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

    def _sentence(self, changes: Sequence[Change], there: Candidate, nodes: int) -> str:
        do = ", and ".join(told(self.problem, change) for change in changes)
        also = f", and {nodes - 1:,} more node{'s' if nodes > 2 else ''} would take it" if nodes > 1 else ""
        price = f"{self.money.said(there.price)} a month{self._worth(there.price)}"
        return f"{do[0].upper()}{do[1:]}: {there.node} then takes it for {price}{also}."

    def _worth(self, cost: int) -> str:
        if cost == self.value:
            return ", exactly what it is worth"
        return f", more than the {self.money.amount(self.value)} it is worth" if cost > self.value else ""

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
            loose = problem if change in changes else changed(problem, change)
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
        price = f"{self.money.said(there.price)} a month{self._worth(there.price)}"
        sentence = f"Room on {one.node} is held by {held}: {could}; {self.workload.id} would then cost {price}."
        return Repair(one.refusals[0].rule, 1, changes, one.node, there.price, sentence, scope, holders)

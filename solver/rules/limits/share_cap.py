"""No single owner, operator or accelerator vendor serves more than its share of the devices of the request, or of all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from solver.facts.catalogue import Profile
from solver.facts.names import folded
from solver.facts.network import Node
from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.facts.terms import ShareCap, ShareOf
from solver.rules.account import Subjects
from solver.rules.factors import Factor, PairRows, Rows
from solver.rules.items import Hosts, Items
from solver.rules.violation import Ledger, Violation, overfull, placements, remembered, rows_of

_UNIT = "devices"

#: What is shared out, by whether the cap is standing: a standing cap counts the devices of all workloads,
#: another one those of the request, each device once. Where several caps of a kind hold one party, the tightest counts.
_RESOURCE = {False: "share", True: "standing_share"}


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    """One row for each capped party of the problem, whatever the items are."""
    factors: list[Factor] = []
    for of in ShareOf:
        by_host, parties = _holders(problem, of, hosts)
        for standing, resource in _RESOURCE.items():
            caps = [cap for cap in problem.terms.share_caps if cap.of is of and cap.standing is standing]
            least = _least(caps)
            tightest = {
                party: min(found) for party in parties if (found := [least[key] for key in (None, party) if key in least])
            }
            if not tightest:
                continue
            counted = [standing or workload.asked for workload in problem.workloads]
            total = sum(w.devices for w, counts in zip(problem.workloads, counted, strict=True) if counts)
            rows = Rows(
                "share_cap", resource, _UNIT, Subjects({str(of): [parties[party] for party in tightest]}),
                np.array([total * permille // 1000 for permille in tightest.values()], np.int64),
            )  # fmt: skip
            number = {party: r for r, party in enumerate(tightest)}
            row_of = np.array([number.get(party, -1) for party in parties] + [-1], np.int64)
            base = np.where(np.array(counted, bool)[items.workload], 0, -1).astype(np.int64)
            factors.append(PairRows(rows, base, row_of[by_host], items.devices))
    return tuple(factors)


def _least(caps: Iterable[ShareCap]) -> dict[str | None, int]:
    """Party by its folded name (None: each) -> the least share that a cap leaves it. There may be ten thousand caps."""
    least: dict[str | None, int] = {}
    for cap in caps:
        key = None if cap.name is None else folded(cap.name)
        least[key] = min(cap.permille, least.get(key, cap.permille))
    return least


def _holders(
    problem: Problem, of: ShareOf, hosts: Hosts
) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], dict[str, str]]:
    """For each host the number of the party that serves there (-1: nobody is named), and the parties of the problem as they
    are spelt first, by their folded names."""
    if of is ShareOf.VENDOR:
        cards = problem.catalogue.accelerators
        each, by_name = [card.vendor for card in cards], {card.id: a for a, card in enumerate(cards)}
        place = [-1 if profile.accelerator is None else by_name[profile.accelerator] for profile in problem.profiles]
        at = np.array(place, np.int64)[hosts.profile]
    else:
        each, at = [node.owner if of is ShareOf.OWNER else node.operator for node in problem.nodes], hosts.node
    keys = [folded(name) for name in each]
    parties: dict[str, str] = {}
    for key, name in zip(keys, each, strict=True):
        if key:
            parties.setdefault(key, name)
    number = {key: p for p, key in enumerate(parties)}
    party = np.array([number.get(key, -1) for key in keys] + [-1], np.int64)
    return party[at], parties


@remembered
def ledgers(problem: Problem, plan: Plan) -> tuple[Ledger, ...]:
    """For each kind of party, capped by the request or by what stands, an account for each that serves something."""
    found = []
    devices = problem.devices_of(plan)
    for of in {cap.of: None for cap in problem.terms.share_caps}:
        spelt = _spelt(problem, of)
        for standing in (False, True):
            most: dict[str | None, int] = {}
            for cap in problem.terms.share_caps:
                if cap.of is of and cap.standing is standing:
                    key = None if cap.name is None else folded(cap.name)
                    most[key] = min(cap.permille, most.get(key, 1000))
            if not most:
                continue
            rows = np.arange(len(plan), dtype=np.int64) if standing else rows_of(problem, plan, lambda w: w.asked)
            accounts: dict[str, int] = {}
            entries = []
            for row, _, _, node in placements(problem, plan, rows):
                who = folded(_served_by(of, node, problem.profiles[plan.profile[row]], problem))
                if who and (None in most or who in most):
                    entries.append((row, accounts.setdefault(who, len(accounts))))
            table = np.array(entries, np.int64).reshape(-1, 2)
            total = sum(workload.devices for workload in problem.workloads if standing or workload.asked)
            have = [total * min(most.get(None, 1000), most.get(who, 1000)) // 1000 for who in accounts]
            resource = "standing_share" if standing else "share"
            subjects = Subjects({str(of): [spelt[who] for who in accounts]})
            amount = devices[table[:, 0]]
            capacity = np.array(have, np.int64)
            found.append(Ledger("share_cap", resource, _UNIT, subjects, capacity, table[:, 0], table[:, 1], amount))
    return tuple(found)


def _spelt(problem: Problem, of: ShareOf) -> dict[str, str]:
    """How the first node or card that names a party spells it, by the folded name."""
    names = {
        ShareOf.OWNER: [node.owner for node in problem.nodes],
        ShareOf.OPERATOR: [node.operator for node in problem.nodes],
        ShareOf.VENDOR: [card.vendor for card in problem.catalogue.accelerators],
    }[of]
    return {folded(name): name for name in reversed(names)}


def _served_by(of: ShareOf, node: Node, profile: Profile, problem: Problem) -> str:
    """Who serves there; "" where nobody is named."""
    if of is ShareOf.OWNER:
        return node.owner
    if of is ShareOf.OPERATOR:
        return node.operator
    return "" if profile.accelerator is None else problem.accelerator_by_id[profile.accelerator].vendor


def check(problem: Problem, plan: Plan) -> Iterator[Violation]:
    yield from overfull(ledgers(problem, plan), lambda: ledgers(problem, problem.in_force))

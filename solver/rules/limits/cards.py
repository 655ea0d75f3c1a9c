"""Every server has a part of a card to itself: slices begin at a multiple of their size and never span two cards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import numpy as np

from solver.facts.cards import EIGHTH_PERMILLE, LENGTHS, free_blocks, lengths_of, pool_of, pools_of
from solver.facts.placement import EIGHTHS
from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.rules.account import Subjects
from solver.rules.factors import Factor, HostRows, Rows
from solver.rules.items import Hosts, Items
from solver.rules.violation import Violation, placements
from solver.rules.wording import amount_said

_UNIT = "card_milli"


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    """Rows for cards on which something stays as it is: one for each size of slices.

    Slices of a size or larger together fit exactly if they are not more than the aligned blocks of that size which are free,
    for each size. Elsewhere the sum over all cards says as much.
    """
    count = pools_of(problem)
    taken: dict[tuple[int, str], dict[int, int]] = defaultdict(lambda: defaultdict(int))
    cut: set[tuple[int, str]] = set()
    for workload in problem.workloads:
        for here in workload.current:
            if here is None or not here.whole or not here.cards:
                continue
            profile = problem.profiles[problem.profile_index[here.profile]]
            pool = problem.node_index[here.node], profile.accelerator or ""
            length = profile.slice_permille // EIGHTH_PERMILLE
            beyond = any(slot.card >= count.get(pool, 0) for slot in here.cards)
            if beyond:
                cut.add(pool)
            if not workload.is_free(here.shard):
                for slot in here.cards:
                    taken[pool][slot.card] |= ((1 << length) - 1) << slot.eighth
                if length < EIGHTHS:
                    cut.add(pool)
    pools = sorted(pool for pool in cut if pool in count)
    if not pools:
        return ()
    number = {pool: p for p, pool in enumerate(pools)}
    kind = [problem.profiles[f].accelerator or "" for f in hosts.profile.tolist()]
    row = np.array([number.get(pair, -1) for pair in zip(hosts.node.tolist(), kind, strict=True)], np.int64)
    permille = np.array([profile.slice_permille for profile in problem.profiles], np.int64)[hosts.profile]
    # What stays on a card that is no longer there takes no room on those that are.
    beyond_stays = np.zeros(len(row), bool)
    beyond_stays[len(row) - len(hosts.stay_item) :] = items.beyond[hosts.stay_item]
    factors: list[Factor] = []
    for length in LENGTHS:
        size = EIGHTH_PERMILLE * length
        capacity = [size * free_blocks(count[pool], taken[pool], length) for pool in pools]
        slices = Subjects({
            "node": [problem.nodes[n].id for n, _ in pools],
            "accelerator": [accelerator for _, accelerator in pools],
            "slice_permille": [str(size)] * len(pools),
        })  # fmt: skip
        rows = Rows("cards", "slices", _UNIT, slices, np.array(capacity, np.int64), net=True)
        factors.append(HostRows(rows, row, np.where((permille >= size) & ~beyond_stays, permille, 0)))
    return tuple(factors)


def check(problem: Problem, plan: Plan) -> Iterator[Violation]:
    plan = _as_in_force(problem, plan)
    pools, pool = pool_of(problem, plan)
    cards_of = pools_of(problem)
    count = np.array([cards_of.get(key, 0) for key in pools] or [0], np.int64)
    length, told = lengths_of(problem, plan), np.diff(plan.card_ptr)
    need = np.where(pool >= 0, plan.servers, 0)
    stands = problem.kept(plan) & ~problem.moved(plan)
    wrong = np.flatnonzero((told > 0) & (told != need))
    for row, workload, shard, node in placements(problem, plan, wrong):
        why = f"{workload.id} on {node.id} has parts of cards for {told[row]} servers, not for {need[row]}"
        yield Violation("cards", workload.id, shard, node.id, int(need[row]), int(told[row]), "parts", why)
    entry = np.repeat(np.arange(len(plan)), told)
    card, eighth = np.divmod(plan.card, EIGHTHS)
    aligned = (eighth % length[entry] == 0) & (eighth + length[entry] <= EIGHTHS) & (plan.card >= 0)
    beyond = card >= count[np.maximum(pool[entry], 0)]
    bad = np.unique(entry[((~aligned) | beyond) & ~stands[entry] & (pool[entry] >= 0)])
    for row, workload, shard, node in placements(problem, plan, bad):
        cards = int(count[pool[row]])
        why = f"{workload.id} on {node.id} has a part of a card that is not there, or that begins where its size does not"
        yield Violation("cards", workload.id, shard, node.id, int(card[entry == row].max()) + 1, cards, "cards", why)
    yield from _overlaps(problem, plan, pool, length, entry, stands)
    yield from _without_part(problem, plan, pools, pool, length, stands)


def _as_in_force(problem: Problem, plan: Plan) -> Plan:
    """The plan, in which what stays as it is and names no parts of cards has those that it has now."""
    now, old = problem.in_force, problem.standing_row(plan)
    bare = problem.kept(plan) & (np.diff(plan.card_ptr) == 0)
    bare[bare] = np.diff(now.card_ptr)[old[bare]] > 0
    if not bare.any():
        return plan
    parts = [(now.cards(old[row]) if bare[row] else plan.cards(row)) for row in range(len(plan))]
    ptr = np.concatenate(([0], np.cumsum([len(part) for part in parts]))).astype(np.int64)
    return replace(plan, card_ptr=ptr, card=np.concatenate(parts))


def _overlaps(
    problem: Problem,
    plan: Plan,
    pool: np.ndarray[tuple[int], np.dtype[np.int64]],
    length: np.ndarray[tuple[int], np.dtype[np.int64]],
    entry: np.ndarray[tuple[int], np.dtype[np.int64]],
    stands: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> Iterator[Violation]:
    """Placements, of which one at least is new, that have the same eighth of a card."""
    size = length[entry]
    owner = np.repeat(entry, size)
    step = np.arange(len(owner)) - np.repeat(np.cumsum(size) - size, size)
    eighth = np.repeat(plan.card, size) + step
    order = np.lexsort((owner, eighth, pool[owner]))
    same = (np.diff(pool[owner[order]]) == 0) & (np.diff(eighth[order]) == 0)
    left, right = owner[order[:-1][same]], owner[order[1:][same]]
    new = ~(stands[left] & stands[right])
    guilty: dict[int, int] = {}
    for one, other in zip(left[new].tolist(), right[new].tolist(), strict=True):
        row, beside = (other, one) if stands[one] else (one, other)
        guilty.setdefault(row, beside)
    for row, workload, shard, node in placements(problem, plan, np.array(sorted(guilty), np.int64)):
        beside = problem.workloads[plan.workload[guilty[row]]].id
        why = f"{workload.id} and {beside} have the same part of a card on {node.id}"
        yield Violation("cards", workload.id, shard, node.id, 2, 1, "servers", why)


def _without_part(
    problem: Problem,
    plan: Plan,
    pools: list[tuple[int, str]],
    pool: np.ndarray[tuple[int], np.dtype[np.int64]],
    length: np.ndarray[tuple[int], np.dtype[np.int64]],
    stands: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> Iterator[Violation]:
    """New placements whose parts nobody has named, where no cut of the free cards has room for them."""
    count = pools_of(problem)
    told = np.diff(plan.card_ptr) > 0

    @cache
    def before() -> dict[tuple[int, str], int]:
        """Eighths of the cards of each node and kind that are in use now."""
        now = problem.in_force
        keys, of = pool_of(problem, now)
        used = np.zeros(len(keys), np.int64)
        np.add.at(used, of[of >= 0], (now.servers * lengths_of(problem, now))[of >= 0])
        return dict(zip(keys, used.tolist(), strict=True))

    for p in np.unique(pool[~told & ~stands & (pool >= 0)]).tolist():
        here = np.flatnonzero(pool == p)
        taken: dict[int, int] = defaultdict(int)
        for row in here[told[here]].tolist():
            for slot in plan.cards(row).tolist():
                taken[slot // EIGHTHS] |= ((1 << int(length[row])) - 1) << slot % EIGHTHS
        waiting = here[~told[here]]
        free = free_blocks(count.get(pools[p], 0), taken, 1)
        short = int((plan.servers[waiting] * length[waiting]).sum()) > free
        used = int((plan.servers[here] * length[here]).sum())
        if short and (stands[waiting].any() or used > max(EIGHTHS * count.get(pools[p], 0), before().get(pools[p], 0))):
            # That there are too few cards altogether is for the rule on capacity to say. Where nobody knows which ones those
            # have that stay, that is all that can be said.
            continue
        for size in LENGTHS:
            larger = waiting[length[waiting] >= size]
            need = int((plan.servers[larger] * length[larger]).sum()) * EIGHTH_PERMILLE
            have = free_blocks(count.get(pools[p], 0), taken, size) * size * EIGHTH_PERMILLE
            if need > have:
                row = next(row for row in larger.tolist() if not stands[row]) if not stands[larger].all() else None
                if row is None:
                    continue
                workload, node = problem.workloads[plan.workload[row]], problem.nodes[plan.node[row]]
                why = (
                    f"the free cards of {node.id}/{pools[p][1]} can be cut into slices of "
                    f"{amount_said(size * EIGHTH_PERMILLE, _UNIT)} or more to {amount_said(have, _UNIT)} in all; "
                    f"{amount_said(need, _UNIT)} would be needed"
                )
                yield Violation("cards", workload.id, int(plan.shard[row]), node.id, need, have, _UNIT, why)
                break

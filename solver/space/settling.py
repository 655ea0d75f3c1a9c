"""The last touch on a plan: nothing moves that need not, and nothing is left out that costs no more than it is worth.

Engines leave what makes no difference, or a small one, as they found it. Here shards that are alike are exchanged so that
as many as possible stay as they are; each move is taken back that does not pay for itself; and what would cost exactly its
value is placed. No step makes a plan dearer.
"""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import numpy.typing as npt

from solver.compiled import kernel
from solver.space.construct import PlacedCopies
from solver.space.loading import entries, scratch, total, won
from solver.space.options import Listed, Space
from solver.space.tables import Tables

Ints = npt.NDArray[np.int64]


def settle_down(space: Space, listed: Listed, plan: PlacedCopies) -> PlacedCopies:
    """The plan with as few moves as that takes, and with what is worth its place exactly."""
    residual = space.capacity - space.loads(plan.item, plan.host, plan.servers, np.ones(len(plan.item), np.int64))
    if (space.tables.stay >= 0).any():
        plan = exchange(space, plan)
        item, host, servers = plan.item.copy(), plan.host.copy(), plan.servers.copy()
        take_back(space.tables, item, host, servers, residual)
        plan = PlacedCopies(item, host, servers)
    return plan + _ties(space, listed, plan, residual)


def exchange(space: Space, plan: PlacedCopies) -> PlacedCopies:
    """Exchange the places of shards that are alike, so that as many as possible stay as they are.

    A place is given to the shard that runs there now; it had another one, which goes to whom it is taken from. Whether a
    shard stays is all or nothing, so taking these pairs in any order leaves as many staying as can be.
    """
    t, items = space.tables, space.items
    hosts, regular = len(space.hosts), t.regular
    variant = np.where(plan.host < regular, 0, 1 + (plan.host - hosts) // max(1, regular))
    position = space.host_at(plan.host)
    stays = plan.host == t.stay[plan.item]
    away = Counter(plan.item[~stays].tolist())
    wanting: dict[tuple[int, int, int, int], list[int]] = defaultdict(list)
    left_out = items.count - np.bincount(plan.item, minlength=len(items))
    for k in np.flatnonzero((t.stay >= 0) & (t.stay_home >= 0) & (t.stay_variant >= 0)).tolist():
        key = int(items.family[k]), int(t.stay_home[k]), int(t.stay_variant[k]), int(t.stay_servers[k])
        wanting[key] += [k] * (away[k] + int(left_out[k]))
    if not wanting:
        return plan
    item, host = plan.item.copy(), plan.host.copy()
    entry_of: dict[int, list[int]] = defaultdict(list)
    for entry in np.flatnonzero(~stays).tolist():
        entry_of[int(item[entry])].append(entry)
    for entry in np.flatnonzero(~stays & (plan.host < regular) | (plan.host >= hosts)).tolist():
        other = int(item[entry])
        key = int(items.family[other]), int(position[entry]), int(variant[entry]), int(plan.servers[entry])
        for k in wanting.get(key, ()):
            mine = next((e for e in entry_of[k] if item[e] == k and host[e] != t.stay[k] and e != entry), None)
            if k == other or (mine is None and (space.must[other] or t.stay[other] >= 0)):
                continue
            concerned = [entry] if mine is None else [entry, mine]
            before = _cost(space, item[concerned], host[concerned], plan.servers[concerned])
            now, there = item[concerned], host[concerned]
            now[0], there[0] = k, t.stay[k]
            if mine is not None:
                now[1] = other
                at_home = position[mine] == t.stay_home[other] and variant[mine] == t.stay_variant[other]
                if t.stay[other] >= 0 and at_home and plan.servers[mine] == t.stay_servers[other]:
                    there[1] = t.stay[other]
            else:
                before += int(space.penalty[k] - space.penalty[other])
            if _cost(space, now, there, plan.servers[concerned]) > before:
                continue
            wanting[key].remove(k)
            item[concerned], host[concerned] = now, there
            if mine is not None:
                entry_of[other].append(mine)
            break
    return PlacedCopies(item, host, plan.servers)


def _cost(space: Space, item: Ints, host: Ints, servers: Ints) -> int:
    return int(total(space.tables, item, host, servers))


@kernel
def take_back(t: Tables, item: Ints, host: Ints, servers: Ints, residual: Ints) -> None:
    """Take back, one after the other, moves without which the plan is no dearer, until none is left; in place."""
    s, staying = scratch(t), scratch(t)
    again = True
    while again:
        again = False
        for i in range(len(item)):
            k = item[i]
            stay = t.stay[k]
            if stay < 0 or host[i] == stay:
                continue
            if won(t, k, stay, t.stay_servers[k], s) > won(t, k, host[i], servers[i], s):
                continue
            size = entries(t, k, host[i], servers[i], s)
            stay_size = entries(t, k, stay, t.stay_servers[k], staying)
            for e in range(size):
                residual[s.row[e]] += s.amount[e]
            for e in range(stay_size):
                residual[staying.row[e]] -= staying.amount[e]
            fits = True
            for e in range(stay_size):
                fits = fits and residual[staying.row[e]] >= 0
            if fits:
                host[i], servers[i] = stay, t.stay_servers[k]
                again = True
            else:
                for e in range(stay_size):
                    residual[staying.row[e]] += staying.amount[e]
                for e in range(size):
                    residual[s.row[e]] -= s.amount[e]


def _ties(space: Space, listed: Listed, plan: PlacedCopies, residual: Ints) -> PlacedCopies:
    """Copies left out that fit somewhere at exactly their value, among the listed options."""
    missing = space.items.count - np.bincount(plan.item, minlength=len(space.items))
    cost = listed.packing.option_cost
    tied = np.flatnonzero((missing[listed.item] > 0) & (cost == space.penalty[listed.item]))
    out = np.zeros((3, int(missing[np.unique(listed.item[tied])].sum())), np.int64)
    size = _take_tied(space.tables, listed.item[tied], listed.host[tied], listed.servers[tied], missing, residual, out)
    return PlacedCopies(*out[:, :size])


@kernel
def _take_tied(t: Tables, item: Ints, host: Ints, servers: Ints, missing: Ints, residual: Ints, out: Ints) -> int:
    s, placed = scratch(t), 0
    for o in range(len(item)):
        size = entries(t, item[o], host[o], servers[o], s)
        while missing[item[o]] > 0:
            for e in range(size):
                residual[s.row[e]] -= s.amount[e]
            short = False
            for e in range(size):
                short = short or residual[s.row[e]] < 0
            if short:
                for e in range(size):
                    residual[s.row[e]] += s.amount[e]
                break
            out[0, placed], out[1, placed], out[2, placed] = item[o], host[o], servers[o]
            placed += 1
            missing[item[o]] -= 1
    return placed

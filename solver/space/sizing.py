"""From the time that is left to the fewest servers that keep the 99th percentile within it.

The formula is that of :mod:`solver.facts.queueing`, written again in compiled form and by other numerical means: Newton
instead of bisection, Erlang's recursion from one number of servers to the next instead of a sum for each. The verifier
uses the other one, so a slip in either shows. Both round alike, so they agree to the microsecond.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from solver.compiled import kernel
from solver.facts.catalogue import Profile
from solver.facts.placement import MOST_SERVERS
from solver.facts.queueing import MAX_UTILISATION
from solver.rules.items import Hosts, Items

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_NEVER = 1 << 60


@dataclass(frozen=True)
class Sizes:
    """For each (profile, rate) pair asked for: how much time each number of servers needs.

    Table i has entries ``ptr[i]:ptr[i + 1]`` of `need_us`; the first of them is for `least[i]` servers, each next one
    for one server more. `need_us` (service plus waiting at p99, rounded up) never rises within a table.
    """

    ptr: Ints
    least: Ints
    need_us: Ints

    def servers(self, table: int, time_us: int) -> int:
        """Fewest servers for which table `table` needs at most `time_us`; 0 when no number does.

        Holds for the times that the tables were made for; see `sizes`.
        """
        return int(fewest_servers(self.ptr, self.least, self.need_us, table, time_us))


def sizes(
    profiles: Sequence[Profile], rates_mhz: Ints, least_left_us: Ints, most_left_us: Ints, most_servers: Ints
) -> Sizes:
    """Tabulate ``need_us`` for each pair ``(profiles[i], rates_mhz[i])``.

    Parameters
    ----------
    profiles : sequence of Profile
        The profile of each pair.
    rates_mhz : int64 array
        Arrival rate at the pool of each pair, in thousandths of a request a second.
    least_left_us, most_left_us : int64 arrays
        Between these lie the times that pair i will be asked for. Its table ends as soon as it comes to the least of them,
        and is empty where it cannot come to the most.
    most_servers : int64 array
        Pair i is not asked for more servers than this. `MOST_SERVERS` limits it as well.
    """
    batch_ptr = np.zeros(len(profiles) + 1, np.int64)
    batch_ptr[1:] = np.cumsum([len(profile.batches) for profile in profiles])
    flat = np.array([batch for profile in profiles for batch in profile.batches], np.int64).reshape(-1, 2)
    limit = np.minimum(most_servers, MOST_SERVERS)
    return Sizes(*_tabulate(batch_ptr, flat[:, 0].copy(), flat[:, 1].copy(), rates_mhz, least_left_us, most_left_us, limit))


def sizes_of(items: Items, hosts: Hosts, time_left: Ints, farthest: Ints, most: Ints) -> tuple[Ints, Sizes]:
    """Size every load that occurs on each group of its model; the first table of each item, and the tables.

    `time_left[k]` is what of item k's deadline is left for transport, waiting and service, `farthest[k]` the longest round
    trip that any of its hosts can ask for, both in microseconds, and `most[h]` the servers that host h has capacity for.
    """
    model = {name: m for m, name in enumerate(hosts.models)}
    rates = items.devices * np.array([workload.rate_mhz for workload in items.like], np.int64)
    number: dict[tuple[int, int], int] = {}
    load = np.array(
        [
            number.setdefault((model[workload.model], rate), len(number))
            for workload, rate in zip(items.like, rates.tolist(), strict=True)
        ],
        np.int64,
    )
    # One table for each group of a load's model, side by side.
    groups = [np.arange(*hosts.model_group[[m, m + 1]].tolist()) for m, _ in number]
    width = np.array([len(of_model) for of_model in groups], np.int64)
    least, longest = np.full(len(number), np.int64(1) << 60), np.full(len(number), -(np.int64(1) << 60))
    np.minimum.at(least, load, time_left - farthest)
    np.maximum.at(longest, load, time_left)
    group = np.concatenate([*groups, np.zeros(0, np.int64)]).astype(np.int64)
    first_host = hosts.group_ptr[:-1]
    regular = int(hosts.group_ptr[-1])
    fitting = np.maximum.reduceat(most[:regular], first_host) if regular else most[:0]
    sized = sizes(
        [items.problem.profiles[f] for f in hosts.profile[first_host[group]].tolist()],
        np.repeat(np.array([rate for _, rate in number], np.int64), width),
        np.repeat(least, width), np.repeat(longest, width), fitting[group],
    )  # fmt: skip
    return (np.cumsum(width) - width)[load], sized


@kernel
def fewest_servers(ptr: Ints, least: Ints, need_us: Ints, table: int, time_us: int) -> int:
    """Compiled form of `Sizes.servers`."""
    low, high = ptr[table], ptr[table + 1]
    if low == high or need_us[high - 1] > time_us:
        return 0
    return int(least[table] + first_within(need_us, low, high, time_us) - low)


@kernel
def first_within(need_us: Ints, low: int, high: int, time_us: int) -> int:
    """The first position in ``need_us[low:high]``, which never rises, that is at most `time_us`. Its last one has to be."""
    high -= 1
    while low < high:
        middle = (low + high) // 2
        if need_us[middle] <= time_us:
            high = middle
        else:
            low = middle + 1
    return low


@kernel
def _tabulate(
    batch_ptr: Ints, size: Ints, time_us: Ints, rate_mhz: Ints, least_left: Ints, most_left: Ints, limit: Ints
) -> tuple[Ints, Ints, Ints]:
    """Pointer, least number of servers and needs of all tables."""
    ptr, least = np.zeros(len(rate_mhz) + 1, np.int64), np.ones(len(rate_mhz), np.int64)
    need = np.empty(1 << 16, np.int64)
    blocking, waits = np.empty(len(size)), np.empty(len(size), np.bool_)
    end = 0
    for i in range(len(rate_mhz)):
        first, last = batch_ptr[i], batch_ptr[i + 1]
        start, per_second = end, rate_mhz[i] / 1000.0
        least[i], soonest = _range(size[first:last], time_us[first:last], per_second, limit[i])
        if least[i] <= limit[i] and soonest <= most_left[i]:
            if end + limit[i] > len(need):
                wider = np.empty(max(2 * len(need), end + limit[i]), np.int64)
                wider[:end] = need[:end]
                need = wider
            # Beyond what the most servers come to, more of them are never needed either.
            enough = max(least_left[i], soonest)
            for b in range(first, last):
                blocking[b], waits[b] = 1.0, True
                for busy in range(1, least[i]):
                    blocking[b] = _one_more(blocking[b], busy, per_second * (time_us[b] / size[b]) / 1e6)
            for servers in range(least[i], limit[i] + 1):
                need[end] = _need(
                    size[first:last], time_us[first:last], per_second, servers, blocking[first:last], waits[first:last]
                )
                end += 1
                if need[end - 1] <= enough:
                    break
            if need[end - 1] > most_left[i]:
                end = start
        ptr[i + 1] = end
    return ptr, least, need[:end].copy()


@kernel
def _range(size: Ints, time_us: Ints, per_second: float, limit: int) -> tuple[int, int]:
    """The fewest servers below the utilisation cap, and a lower bound on the time that up to `limit` servers come to.

    The bound leaves out the wait of those who find no free server.
    """
    least, soonest = _NEVER, _NEVER
    for b in range(len(size)):
        service = time_us[b] / size[b]
        load = per_second * service / 1e6
        if limit < 1 or load / limit > MAX_UTILISATION:
            continue
        # Rounding may put the quotient on either side of a whole number: begin below it.
        servers = max(1, int(load / MAX_UTILISATION) - 1)
        while load / servers > MAX_UTILISATION:
            servers += 1
        least = min(least, servers)
        soonest = min(soonest, _rounded(0.5 * service / np.sqrt(limit)) + (2 * time_us[b] if size[b] > 1 else time_us[b]))
    return least, soonest


@kernel
def _need(size: Ints, time_us: Ints, per_second: float, servers: int, blocking: Floats, waits: npt.NDArray[np.bool_]) -> int:
    """Service and waiting time of `servers` servers at the best batch size.

    `blocking[b]` is Erlang's B at one server less, and is carried on, until `waits[b]` says that hardly any request waits:
    then none will with more servers either.
    """
    best = _NEVER
    for b in range(len(size)):
        service = time_us[b] / size[b]
        load = per_second * service / 1e6
        wait = 0.0
        if waits[b]:
            blocking[b] = _one_more(blocking[b], servers, load)
            rho = load / servers
            if rho > MAX_UTILISATION:
                continue
            chance = servers * blocking[b] / (servers - load * (1.0 - blocking[b]))
            if chance > 0.01:
                wait = service / (servers * _decay(rho)) * np.log(chance / 0.01)
            else:
                waits[b] = False
        waiting = _rounded(1.03 * wait + 0.5 * service / np.sqrt(servers))
        best = min(best, waiting + (2 * time_us[b] if size[b] > 1 else time_us[b]))
    return best


@kernel
def _one_more(blocking: float, servers: int, load: float) -> float:
    """Erlang's B at `servers` servers from that at one less; it stays within (0, 1]."""
    return load * blocking / (servers + load * blocking)


@kernel
def _decay(rho: float) -> float:
    """The positive root of ``ln(1 + x / rho) = x``, by Newton: the difference is concave with a zero at 0 and one there."""
    x = 2.0 * (1.0 - rho) / rho + 2.0 * np.log(1.0 / rho) + 1.0  # to the right of it
    for _ in range(60):
        step = (np.log1p(x / rho) - x) / (1.0 / (rho + x) - 1.0)
        x -= step
        if abs(step) < 1e-13 * x:
            break
    return float(x)


@kernel
def _rounded(wait_us: float) -> int:
    """A wait in whole microseconds, as :mod:`solver.facts.queueing` rounds it: to the nearest 1/1024, then up."""
    return int(-(-np.int64(np.rint(wait_us * 1024.0)) // 1024))

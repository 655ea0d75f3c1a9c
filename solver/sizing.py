# mypy: disallow-untyped-decorators=False
"""From the time that is left to the fewest servers that keep the 99th percentile within it.

The formula is that of :mod:`solver.queueing`, written again in compiled form and by other numerical means: Newton
instead of bisection, logarithms instead of ratios. The verifier uses the other one, so a slip in either shows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from solver.problem import Profile
from solver.queueing import MAX_UTILISATION

Ints = npt.NDArray[np.int64]

#: More servers than this beyond the least possible number never help enough to be worth a look.
_SPAN_MIN = 6


@dataclass(frozen=True)
class Sizes:
    """For each (profile, rate) pair asked for: how much time each number of servers needs.

    Pair i has entries ``ptr[i]:ptr[i + 1]`` of `need_us`; the first of them is for `least[i]` servers, each next one
    for one server more. `need_us` (service plus waiting at p99, rounded up) falls strictly within a pair; the last
    entry is where more servers stop helping.
    """

    ptr: Ints
    least: Ints
    need_us: Ints

    def servers(self, pair: int, time_us: int) -> int:
        """Fewest servers for which pair `pair` needs at most `time_us`; 0 when no number does."""
        return int(fewest_servers(self.ptr, self.least, self.need_us, pair, time_us))


def sizes(profiles: list[Profile], rates_mhz: list[int]) -> Sizes:
    """Tabulate ``need_us`` for each pair ``(profiles[i], rates_mhz[i])``."""
    batch_ptr = np.zeros(len(profiles) + 1, np.int64)
    batch_ptr[1:] = np.cumsum([len(profile.batches) for profile in profiles])
    flat = [batch for profile in profiles for batch in profile.batches]
    size = np.array([batch for batch, _ in flat], np.int64)
    time_us = np.array([time for _, time in flat], np.int64)
    rate = np.array(rates_mhz, np.int64)
    spans = _spans(batch_ptr, size, time_us, rate)
    ptr = np.zeros(len(profiles) + 1, np.int64)
    need, length, least = np.zeros(int(spans[:, 1].sum()), np.int64), np.zeros(len(profiles), np.int64), spans[:, 0]
    start = np.concatenate(([0], np.cumsum(spans[:, 1])))
    _tabulate(batch_ptr, size, time_us, rate, start, least, need, length)
    ptr[1:] = np.cumsum(length)
    kept = np.concatenate([need[s : s + n] for s, n in zip(start[:-1].tolist(), length.tolist(), strict=True)] or [need])
    return Sizes(ptr, least.copy(), kept)


@numba.njit(cache=True, inline="never")
def fewest_servers(ptr: Ints, least: Ints, need_us: Ints, pair: int, time_us: int) -> int:
    """Compiled form of `Sizes.servers`."""
    low, high = ptr[pair], ptr[pair + 1]
    if low == high or need_us[high - 1] > time_us:
        return 0
    return int(least[pair] + first_within(need_us, low, high, time_us) - low)


@numba.njit(cache=True)
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


@numba.njit(cache=True)
def _spans(batch_ptr: Ints, size: Ints, time_us: Ints, rate_mhz: Ints) -> Ints:
    out = np.zeros((len(rate_mhz), 2), np.int64)
    for i in range(len(rate_mhz)):
        least = 1 << 60
        for b in range(batch_ptr[i], batch_ptr[i + 1]):
            load = rate_mhz[i] / 1000.0 * time_us[b] / size[b] / 1e6
            least = min(least, max(1, int(np.ceil(load / MAX_UTILISATION - 1e-12))))
        out[i, 0] = least
        out[i, 1] = _SPAN_MIN + least // 2 + int(4 * np.sqrt(least))
    return out


@numba.njit(cache=True)
def _tabulate(
    batch_ptr: Ints, size: Ints, time_us: Ints, rate_mhz: Ints, start: Ints, least: Ints, need: Ints, length: Ints
) -> None:
    for i in range(len(rate_mhz)):
        previous = np.int64(1) << 60
        n = 0
        first = least[i]
        for step in range(start[i + 1] - start[i]):
            servers = first + step
            best = np.int64(1) << 60
            for b in range(batch_ptr[i], batch_ptr[i + 1]):
                wait = _wait(time_us[b] / size[b], servers, rate_mhz[i] / 1000.0)
                if wait < 1e15:
                    # One microsecond above the verifier's figure, so that rounding never makes the two disagree.
                    total = time_us[b] + int(np.ceil(wait)) + 1 + (time_us[b] if size[b] > 1 else 0)
                    best = min(best, total)
            # The first number of servers may just exceed the utilisation cap by rounding: skip until one is legal.
            if best >= np.int64(1) << 60:
                if n == 0:
                    least[i] = servers + 1
                    continue
                break
            if n > 0 and best >= previous:
                break
            need[start[i] + n] = best
            previous = best
            n += 1
        length[i] = n


@numba.njit(cache=True)
def _wait(service_us: float, servers: int, per_second: float) -> float:
    load = per_second * service_us / 1e6
    rho = load / servers
    if rho > MAX_UTILISATION:
        return 1e18
    # log of Erlang B by the recursion B(k) = a B(k-1) / (k + a B(k-1)), kept as B itself: it stays within (0, 1].
    blocking = 1.0
    for busy in range(1, servers + 1):
        blocking = load * blocking / (busy + load * blocking)
    waits = servers * blocking / (servers - load * (1.0 - blocking))
    wait = 0.0
    if waits > 0.01:
        # Newton on f(x) = ln(1 + x / rho) - x, concave with a zero at 0 and one at eta; started to its right.
        x = 2.0 * (1.0 - rho) / rho + 2.0 * np.log(1.0 / rho) + 1.0
        for _ in range(60):
            step = (np.log1p(x / rho) - x) / (1.0 / (rho + x) - 1.0)
            x -= step
            if abs(step) < 1e-13 * x:
                break
        wait = service_us / (servers * x) * np.log(waits / 0.01)
    return float(1.03 * wait + 0.5 * service_us / np.sqrt(servers))

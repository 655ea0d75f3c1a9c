"""How long a request waits for a free server: the 99th percentile of an M/D/c queue with a FIFO line.

Requests arrive as a Poisson stream, service takes the same time D for each, and c servers share one line. With
rho = lambda*D/c the chance of waiting at all is close to Erlang's C(c, c*rho), and the tail decays exponentially::

    P(wait > t) ~ C * exp(-eta * c * t / D),   eta > 0 the root of rho * (e^eta - 1) = eta

so the 99th percentile is ``D / (c*eta) * ln(C / 0.01)``. Simulation shows the formula low by up to
``0.45 * D / sqrt(c)`` at light load, where the tail is not yet exponential, and by 2-3 % near saturation; so
``0.5 * D / sqrt(c)`` and 3 % are added. Tijms, "A First Course in Stochastic Models", section 9.6, has the asymptotics.

A server that takes up to b requests at once, a batch lasting l(b), counts as D = l(b)/b; a request may also have to
let the batch in progress finish, so it is granted l(b) more (the rule 2*l(b) <= deadline of Nexus, SOSP 2019).

More servers always help: C, 1 / (c*eta) and ``0.5 * D / sqrt(c)`` all fall as c grows, the last by a millionth of D at the
4096th server still, which is far above the error of the arithmetic. So the fewest servers can be searched for.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from functools import lru_cache

import numpy as np

from solver.facts.catalogue import Profile
from solver.facts.placement import MOST_SERVERS

#: Pools are never planned fuller than this: beyond it the wait is dominated by bursts that no formula promises.
MAX_UTILISATION = 0.97

_TAIL = 0.01


def erlang_c(servers: int, load: float) -> float:
    """Chance that a request must wait, for Poisson arrivals of `load` Erlang at `servers` servers (0 <= load < servers)."""
    if load <= 0.0:
        return 0.0
    # 1 / B = 1 + c/a + c/a * (c - 1)/a + ... A sum beyond all floats belongs to a chance that is nothing.
    with np.errstate(over="ignore", under="ignore"):
        inverse_b = 1.0 + float(np.cumprod(np.arange(servers, 0, -1) / load).sum())
    rho = load / servers
    blocking = 1.0 / inverse_b
    return blocking / (1.0 - rho * (1.0 - blocking))


def decay(rho: float) -> float:
    """The positive root eta of ``rho * (exp(eta) - 1) = eta``, for 0 < rho < 1."""
    low, high = 1e-12, 1.0
    while rho * math.expm1(high) < high:
        low, high = high, 2.0 * high
    while low < (middle := 0.5 * (low + high)) < high:
        if rho * math.expm1(middle) < middle:
            low = middle
        else:
            high = middle
    return low


def p99_wait_us(service_us: float, servers: int, per_second: float) -> float:
    """99th percentile of the wait before service, in microseconds; infinite above `MAX_UTILISATION`.

    Parameters
    ----------
    service_us : float
        Time one request occupies a server (for a batch of b lasting l: l/b).
    servers : int
        Servers that share the line.
    per_second : float
        Mean arrival rate.
    """
    load = per_second * service_us / 1e6
    rho = load / servers
    if rho > MAX_UTILISATION:
        return math.inf
    wait = 0.0
    waits = erlang_c(servers, load)
    if waits > _TAIL:
        wait = service_us / (servers * decay(rho)) * math.log(waits / _TAIL)
    return 1.03 * wait + 0.5 * service_us / math.sqrt(servers)


def at_batch(profile: Profile, servers: int, rate_mhz: int, batch: int) -> tuple[int, int] | None:
    """Service and waiting time in whole microseconds where each server takes up to `batch` requests at once.

    Waiting is at the 99th percentile, rounded up. `rate_mhz` is the arrival rate of the whole pool in thousandths of a
    request a second. None when the curve has no point of exactly that size, or the pool would be fuller than
    `MAX_UTILISATION`.
    """
    for size, time_us in profile.batches:
        if size == batch:
            wait = p99_wait_us(time_us / size, servers, rate_mhz / 1000)
            return None if math.isinf(wait) else (time_us, _whole_us(wait) + (time_us if size > 1 else 0))
    return None


@lru_cache(maxsize=65536)
def best_batch(profile: Profile, servers: int, rate_mhz: int) -> tuple[int, int, int] | None:
    """The batch limit with the least sum of service and waiting time, and these two as `at_batch` gives them.

    Of several limits that do equally well it is the smallest. None when none keeps the pool below `MAX_UTILISATION`.
    """
    best: tuple[int, int, int] | None = None
    for size, _ in profile.batches:
        served = at_batch(profile, servers, rate_mhz, size)
        if served is not None and (best is None or sum(served) < best[1] + best[2]):
            best = (size, *served)
    return best


@lru_cache(maxsize=65536)
def fewest_servers(profile: Profile, rate_mhz: int, time_us: int) -> int:
    """Fewest servers whose service and waiting time come to at most `time_us`; 0 when not even `MOST_SERVERS` do."""

    def within(servers: int) -> bool:
        served = best_batch(profile, servers, rate_mhz)
        return served is not None and served[1] + served[2] <= time_us

    # Doubling first: most pools are small, and a large one takes longer to work out.
    few, enough = 0, 1
    while not within(enough):
        if enough >= MOST_SERVERS:
            return 0
        few, enough = enough, min(2 * enough, MOST_SERVERS)
    return bisect_left(range(enough), True, lo=few + 1, key=within)


def _whole_us(wait_us: float) -> int:
    """A wait rounded up to whole microseconds, after rounding it to the nearest 1/1024 of one.

    The last digits of a float depend on how it was worked out; without the first rounding they would decide what becomes
    of a wait that is a whole number.
    """
    return -(-round(wait_us * 1024) // 1024)

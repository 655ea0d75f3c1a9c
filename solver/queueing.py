"""How long a request waits for a free server: the 99th percentile of an M/D/c queue with a FIFO line.

Requests arrive as a Poisson stream, service takes the same time D for each, and c servers share one line. With
rho = lambda*D/c the chance of waiting at all is close to Erlang's C(c, c*rho), and the tail decays exponentially::

    P(wait > t) ~ C * exp(-eta * c * t / D),   eta > 0 the root of rho * (e^eta - 1) = eta

so the 99th percentile is ``D / (c*eta) * ln(C / 0.01)``. Simulation shows the formula low by up to
``0.45 * D / sqrt(c)`` at light load, where the tail is not yet exponential, and by 2-3 % near saturation; so
``0.5 * D / sqrt(c)`` and 3 % are added. Tijms, "A First Course in Stochastic Models", section 9.6, has the asymptotics.

A server that takes up to b requests at once, a batch lasting l(b), counts as D = l(b)/b; a request may also have to
let the batch in progress finish, so it is granted l(b) more (the rule 2*l(b) <= deadline of Nexus, SOSP 2019).
"""

from __future__ import annotations

import math
from functools import lru_cache

from solver.problem import Profile

#: Pools are never planned fuller than this: beyond it the wait is dominated by bursts that no formula promises.
MAX_UTILISATION = 0.97

_TAIL = 0.01


def erlang_c(servers: int, load: float) -> float:
    """Chance that a request must wait, for Poisson arrivals of `load` Erlang at `servers` servers (0 <= load < servers)."""
    if load <= 0.0:
        return 0.0
    inverse_b = 1.0
    for busy in range(1, servers + 1):
        inverse_b = 1.0 + inverse_b * busy / load
    rho = load / servers
    blocking = 1.0 / inverse_b
    return blocking / (1.0 - rho * (1.0 - blocking))


def decay(rho: float) -> float:
    """The positive root eta of ``rho * (exp(eta) - 1) = eta``, for 0 < rho < 1."""
    low, high = 1e-12, 1.0
    while rho * math.expm1(high) < high:
        low, high = high, 2.0 * high
    for _ in range(100):
        middle = 0.5 * (low + high)
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


@lru_cache(maxsize=65536)
def best_batch(profile: Profile, servers: int, rate_mhz: int) -> tuple[int, int] | None:
    """Service and waiting time, in whole microseconds rounded up, at the batch size that makes their sum least.

    `rate_mhz` is the arrival rate of the whole pool in thousandths of a request a second. None when no batch size
    keeps the pool below `MAX_UTILISATION`.
    """
    best: tuple[int, int] | None = None
    for size, time_us in profile.batches:
        wait = p99_wait_us(time_us / size, servers, rate_mhz / 1000)
        if math.isinf(wait):
            continue
        waiting = math.ceil(wait) + (time_us if size > 1 else 0)
        if best is None or time_us + waiting < sum(best):
            best = (time_us, waiting)
    return best

# mypy: ignore-errors
# ruff: noqa: NPY002 - compiled code knows the legacy generator only
"""A discrete-event simulation of one pool: Poisson arrivals, one line, servers that take batches. The judge of sizing."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True)
def simulate(size, time_us, servers, per_second, arrivals, seed):
    """Time in the pool (waiting and service, microseconds) of each of `arrivals` requests.

    A server that falls free takes what waits, up to the largest batch ``size[-1]``; a batch of b lasts the time of the
    smallest listed size that holds b. `size` and `time_us` are the profile's batch curve.
    """
    np.random.seed(seed)
    at = np.cumsum(np.random.exponential(1e6 / per_second, arrivals))
    free = np.zeros(servers)
    spent = np.zeros(arrivals)
    first = 0
    while first < arrivals:
        server = np.argmin(free)
        start = max(free[server], at[first])
        last = first
        while last < arrivals and at[last] <= start and last - first < size[-1]:
            last += 1
        taken = max(1, last - first)
        lasts = time_us[-1]
        for i in range(len(size) - 1, -1, -1):
            if size[i] >= taken:
                lasts = time_us[i]
        for request in range(first, first + taken):
            spent[request] = start + lasts - at[request]
        free[server] = start + lasts
        first += taken
    return spent

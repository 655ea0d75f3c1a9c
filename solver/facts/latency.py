"""Where the time of a request goes, recomputed from the facts for each placement of a plan."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt

from solver.facts.network import Access
from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.facts.queueing import at_batch, best_batch
from solver.facts.workloads import Workload

Ints = npt.NDArray[np.int64]

#: Stands for "never answers": larger than any deadline, small enough to be summed.
NEVER_US = 10**11


@dataclass(frozen=True)
class Budgets:
    """The latency at p99 of each placement in microseconds, part by part; row i is placement i of the plan.

    The sum of the parts' 99th percentiles is an upper estimate of the 99th percentile of their sum.
    """

    access_us: Ints
    transfer_us: Ints
    transport_us: Ints
    service_us: Ints
    waiting_us: Ints
    deadline_us: Ints

    @cached_property
    def total_us(self) -> Ints:
        """All parts together."""
        return self.access_us + self.transfer_us + self.transport_us + self.service_us + self.waiting_us

    @cached_property
    def margin_us(self) -> Ints:
        """What is left of the deadline; negative where it is missed."""
        return self.deadline_us - self.total_us


def transfer_us(workload: Workload, access: Access) -> int:
    """Time to put one request and its answer onto the access at the rate of one cell, each rounded up."""
    up, down = workload.payload_up_bytes * 8, workload.payload_down_bytes * 8
    return -(-up * 1000 // access.uplink_kbps) + -(-down * 1000 // access.downlink_kbps)


def budgets(problem: Problem, plan: Plan) -> Budgets:
    """Split the latency of every placement into its parts.

    Servers take as many requests at once as the plan says. A placement whose servers cannot carry its load, or whose profile
    has no batch of that size, gets a waiting time of `NEVER_US`.
    """
    round_trip = plan.along_routes(lambda number: problem.links[number].round_trip_us)

    def asked(w: int) -> tuple[int, int, int, int]:
        workload = problem.workloads[w]
        access = problem.access_of(workload)
        return access.rtt_p99_us, transfer_us(workload, access), workload.rate_mhz, workload.deadline_us

    @cache
    def served(f: int, servers: int, load_mhz: int, batch: int) -> tuple[int, int]:
        if batch:
            return at_batch(problem.profiles[f], servers, load_mhz, batch) or (0, NEVER_US)
        best = best_batch(problem.profiles[f], servers, load_mhz)
        return (0, NEVER_US) if best is None else best[1:]

    access_us, sending, rate_mhz, deadline_us = plan.of_workloads(asked).reshape(-1, 4).T
    load_mhz = rate_mhz * problem.devices_of(plan)
    columns = zip(plan.profile.tolist(), plan.servers.tolist(), load_mhz.tolist(), plan.batch.tolist(), strict=True)
    service_us, waiting_us = np.array([served(*row) for row in columns], np.int64).reshape(-1, 2).T
    return Budgets(access_us, sending, round_trip, service_us, waiting_us, deadline_us)

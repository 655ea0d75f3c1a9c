"""The sized pools keep their promise: a simulation finds the 99th percentile within what the formula grants."""

from __future__ import annotations

import math

import numpy as np
import pytest

from solver.problem import Profile
from solver.queueing import MAX_UTILISATION, best_batch, decay, erlang_c, p99_wait_us
from solver.sizing import sizes
from tests.solver.simulation import simulate


def _profile(*batches: tuple[int, int]) -> Profile:
    return Profile("p", "m", "card", "r", batches)


@pytest.mark.parametrize("servers", [1, 2, 4, 8])
@pytest.mark.parametrize("rho", [0.05, 0.2, 0.3, 0.5, 0.7, 0.85, 0.93])
def test_simulated_p99_stays_within_the_formula(servers: int, rho: float) -> None:
    service = 10_000
    rate = rho * servers * 1e6 / service
    spent = simulate(np.array([1]), np.array([service]), servers, rate, 600_000, 7)
    simulated = float(np.percentile(spent, 99)) - service
    granted = p99_wait_us(service, servers, rate)
    assert simulated <= granted
    # Safe, but not lavish: within half a service time and an eighth of what really happens.
    assert granted <= 1.125 * simulated + 0.5 * service


@pytest.mark.parametrize("servers", [1, 2, 4, 8])
@pytest.mark.parametrize("rate", [20, 60, 110, 160])
def test_simulated_batching_stays_within_the_formula(servers: int, rate: int) -> None:
    profile = _profile((1, 10_000), (4, 22_000), (8, 38_000))
    served = best_batch(profile, servers, rate * servers * 1000)
    assert served is not None
    for largest in (1, 2, 3):
        size, time_us = (np.array([pair[i] for pair in profile.batches[:largest]]) for i in (0, 1))
        if sum(served) == sum(best_batch(_profile(*profile.batches[:largest]), servers, rate * servers * 1000) or (0, 0)):
            spent = simulate(size, time_us, servers, rate * servers, 600_000, 11)
            assert float(np.percentile(spent, 99)) <= sum(served)
            return
    pytest.fail("no prefix of the batch curve gives the time of the whole")


def test_erlang_c_of_one_server_is_its_load() -> None:
    assert erlang_c(1, 0.6) == pytest.approx(0.6)
    assert erlang_c(2, 1.0) == pytest.approx(1 / 3)  # textbook value
    assert erlang_c(3, 0.0) == 0.0


@pytest.mark.parametrize("rho", [0.05, 0.5, 0.9, 0.99])
def test_decay_solves_its_equation(rho: float) -> None:
    eta = decay(rho)
    assert eta > 0
    assert rho * math.expm1(eta) == pytest.approx(eta, rel=1e-9)


def test_no_pool_is_planned_above_the_utilisation_cap() -> None:
    assert math.isinf(p99_wait_us(10_000, 1, 100 * MAX_UTILISATION + 0.1))
    assert best_batch(_profile((1, 10_000)), 1, 99_000) is None


def test_sizing_gives_the_fewest_servers_that_the_reference_formula_accepts() -> None:
    rng = np.random.default_rng(3)
    profiles, rates = [], []
    for _ in range(300):
        one = int(rng.integers(1_000, 200_000))
        curve = ((1, one), (4, int(one * rng.uniform(1.5, 3.5))))[: int(rng.integers(1, 3))]
        profiles.append(_profile(*curve))
        rates.append(int(rng.choice([1, 500, 20_000, 300_000])))
    table = sizes(profiles, rates)
    for i, (profile, rate) in enumerate(zip(profiles, rates, strict=True)):
        for factor in (1.05, 1.5, 3.0, 8.0):
            left = int(profile.batches[0][1] * factor)
            fewest = table.servers(i, left)
            if fewest:
                served = best_batch(profile, fewest, rate)
                assert served is not None
                assert sum(served) <= left
            if fewest > 1:
                fewer = best_batch(profile, fewest - 1, rate)
                assert fewer is None or sum(fewer) > left - 2

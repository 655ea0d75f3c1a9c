"""The sized pools keep their promise: a simulation finds the 99th percentile within what the formula grants."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from solver.facts.latency import NEVER_US, budgets
from solver.facts.placement import MOST_SERVERS
from solver.facts.queueing import MAX_UTILISATION, at_batch, best_batch, decay, erlang_c, fewest_servers, p99_wait_us
from tests.plans import plan_of
from tests.solver.curves import drawn_profile, drawn_rate, profile_of
from tests.solver.simulation import simulate
from tests.world import world

_CURVE = profile_of((1, 10_000), (4, 22_000), (8, 38_000))


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
@pytest.mark.parametrize("limit", [1, 4, 8])
def test_simulated_batching_up_to_a_limit_stays_within_the_formula(servers: int, rate: int, limit: int) -> None:
    served = at_batch(_CURVE, servers, rate * servers * 1000, limit)
    if served is None:
        assert rate * dict(_CURVE.batches)[limit] / limit > MAX_UTILISATION * 1e6
        return
    allowed = [pair for pair in _CURVE.batches if pair[0] <= limit]
    size, time_us = np.array(allowed).T.copy()
    spent = simulate(size, time_us, servers, rate * servers, 600_000, 11)
    assert float(np.percentile(spent, 99)) <= sum(served)


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
    assert best_batch(profile_of((1, 10_000)), 1, 99_000) is None


@pytest.mark.parametrize("rate_mhz", [1, 20_000, 250_000, 900_000])
@pytest.mark.parametrize("servers", [1, 3, 10, 64])
def test_the_best_batch_is_the_limit_with_the_least_time(servers: int, rate_mhz: int) -> None:
    each = {size: at_batch(_CURVE, servers, rate_mhz, size) for size, _ in _CURVE.batches}
    best = best_batch(_CURVE, servers, rate_mhz)
    least = min((sum(served), size) for size, served in each.items() if served) if any(each.values()) else None
    assert (best and (best[1] + best[2], best[0])) == least
    assert best is None or best[1:] == each[best[0]]


def test_of_batch_limits_that_do_equally_well_the_smallest_is_best() -> None:
    profile = profile_of((1, 100), (2, 182))
    assert at_batch(profile, 1, 7_500_000, 1) == (100, 859)
    assert at_batch(profile, 1, 7_500_000, 2) == (182, 777)
    assert best_batch(profile, 1, 7_500_000) == (1, 100, 859)


def test_a_limit_that_the_curve_does_not_have_promises_nothing() -> None:
    assert at_batch(_CURVE, 4, 1000, 4) is not None
    for limit in (0, 2, 5, 16):
        assert at_batch(_CURVE, 4, 1000, limit) is None


def test_a_limit_at_which_the_pool_is_too_full_promises_nothing() -> None:
    assert at_batch(_CURVE, 1, 150_000, 1) is None
    assert at_batch(_CURVE, 1, 150_000, 8) is not None


@pytest.mark.parametrize(("servers", "waiting"), [(1, 5000), (4, 2500), (16, 1250), (25, 1000), (400, 250), (2500, 100)])
def test_a_wait_of_whole_microseconds_is_not_rounded_up(servers: int, waiting: int) -> None:
    assert best_batch(profile_of((1, 10_000)), servers, 1000) == (1, 10_000, waiting)


def test_a_wait_is_otherwise_rounded_up() -> None:
    assert best_batch(profile_of((1, 10_001)), 4, 1000) == (1, 10_001, 2501)
    assert best_batch(profile_of((1, 10_000)), 2, 1000) == (1, 10_000, 3536)  # 3535.53


def test_more_servers_never_take_longer() -> None:
    rng = np.random.default_rng(8)
    for _ in range(30):
        profile = drawn_profile(rng)
        rate = drawn_rate(rng, profile)
        some = set(np.geomspace(1, MOST_SERVERS - 1, 60).astype(int).tolist())
        served = [best_batch(profile, servers, rate) for servers in sorted(some | {few + 1 for few in some})]
        needs = [math.inf if best is None else best[1] + best[2] for best in served]
        assert all(more <= fewer for fewer, more in pairwise(needs))


def test_fewest_servers_is_the_first_number_that_comes_to_the_time() -> None:
    rng = np.random.default_rng(9)
    for _ in range(40):
        profile = drawn_profile(rng)
        rate = drawn_rate(rng, profile, 60)
        time_us = int(profile.batches[0][1] * rng.uniform(1, 2.5))
        fewest = fewest_servers(profile, rate, time_us)
        within = (best and best[1] + best[2] <= time_us for best in (best_batch(profile, c, rate) for c in range(1, 200)))
        found = next((servers for servers, enough in enumerate(within, 1) if enough), 0)
        assert fewest == found if found else fewest == 0 or fewest >= 200


def test_fewest_servers_of_a_time_met_exactly() -> None:
    profile = profile_of((1, 10_000))
    assert fewest_servers(profile, 1000, 11_000) == 25
    assert fewest_servers(profile, 1000, 10_999) == 26
    # 0.5 * 10_000 / sqrt(4096) = 78.125
    assert 1 < fewest_servers(profile, 1000, 10_079) <= MOST_SERVERS
    assert fewest_servers(profile, 1000, 10_078) == 0
    assert fewest_servers(profile, 1000, 1) == 0


def test_a_placement_is_given_the_time_of_its_batch_limit() -> None:
    problem = world()
    plan = plan_of(problem, ("camera", 0, "edge", "detect/l4", 2))
    profile = problem.profiles[problem.profile_index["detect/l4"]]
    best = best_batch(profile, 2, 60_000)
    for limit in (0, 1, 4):
        served = at_batch(profile, 2, 60_000, limit) if limit else best and best[1:]
        budget = budgets(problem, replace(plan, batch=np.array([limit])))
        assert (budget.service_us[0], budget.waiting_us[0]) == served
    assert budgets(problem, replace(plan, batch=np.array([3]))).waiting_us[0] == NEVER_US
    overfull = plan_of(problem, ("camera", 0, "edge", "detect/l4", 1))
    camera = replace(problem.workloads[0], rate_mhz=20_000)
    for limit in (0, 4, 1):
        budget = budgets(world(workloads=(camera,)), replace(overfull, batch=np.array([limit])))
        assert (budget.waiting_us[0] == NEVER_US) == (limit == 1)

"""Batch curves and arrival rates drawn at random, from a light load on one server to a full pool of thousands."""

from __future__ import annotations

import numpy as np

from solver.facts.catalogue import Profile


def profile_of(*batches: tuple[int, int]) -> Profile:
    """A profile with this batch curve."""
    return Profile("p", "m", "card", "r", batches)


def drawn_profile(rng: np.random.Generator) -> Profile:
    """A batch curve of one to five points; times are round numbers as often as not, so that many waits are whole."""
    few, large, round_number = rng.integers(1, 100), rng.integers(1, 10**6), 10 ** rng.integers(0, 7)
    time_us = int(rng.choice([few, large, round_number, 64 * rng.integers(1, 5000)]))
    curve = [(1, time_us)]
    for _ in range(rng.integers(0, 5)):
        size, longer = curve[-1]
        curve.append((size * int(rng.integers(2, 5)), longer + int(rng.integers(0, 2 * time_us + 1))))
    return profile_of(*curve)


def drawn_rate(rng: np.random.Generator, profile: Profile, most_servers: int = 4096) -> int:
    """A rate in thousandths of a request a second that keeps next to none, or up to `most_servers`, of the servers busy."""
    size, time_us = profile.batches[rng.integers(len(profile.batches))]
    busy = float(rng.choice([1e-6, 0.3, 1, 10, 100, 1000, most_servers]).clip(max=most_servers)) * rng.uniform(0, 1)
    return max(1, int(busy * 1e9 * size / time_us))

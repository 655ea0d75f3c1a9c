"""The compiled tables say what the verifier says: the same microseconds, so the same fewest servers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.facts.catalogue import Profile
from solver.facts.placement import MOST_SERVERS
from solver.facts.queueing import best_batch, fewest_servers
from solver.space.sizing import Sizes, sizes
from tests.solver.curves import drawn_profile, drawn_rate, profile_of

#: Later than any pool answers.
_ANY = 10**15


def _tables(pairs: list[tuple[Profile, int]], least: int = 0, most: int = _ANY, servers: int = MOST_SERVERS) -> Sizes:
    profiles, rates = zip(*pairs, strict=True)
    size = len(pairs)
    return sizes(profiles, np.array(rates), np.full(size, least), np.full(size, most), np.full(size, servers))


def _need(profile: Profile, servers: int, rate_mhz: int) -> int | None:
    best = best_batch(profile, servers, rate_mhz)
    return best and best[1] + best[2]


def _needs(table: Sizes, pair: int) -> npt.NDArray[np.int64]:
    return table.need_us[table.ptr[pair] : table.ptr[pair + 1]]


def test_both_ways_of_working_it_out_agree_to_the_microsecond() -> None:
    rng = np.random.default_rng(3)
    profiles = [drawn_profile(rng) for _ in range(1500)]
    pairs = [(profile, drawn_rate(rng, profile)) for profile in profiles]
    table = _tables(pairs)
    squares = np.arange(1, 65) ** 2
    for i, (profile, rate) in enumerate(pairs):
        needs, least = _needs(table, i), int(table.least[i])
        if not len(needs):
            assert _need(profile, MOST_SERVERS, rate) is None
            continue
        assert least == 1 or _need(profile, least - 1, rate) is None
        last = least + len(needs) - 1
        counts = np.concatenate(([least, last], rng.integers(least, last + 1, 6), rng.choice(squares, 6)))
        for servers in counts[(counts >= least) & (counts <= last)].tolist():
            assert needs[servers - least] == _need(profile, servers, rate), (profile.batches, rate, servers)


def test_more_servers_never_need_more_time() -> None:
    rng = np.random.default_rng(4)
    profiles = [drawn_profile(rng) for _ in range(1000)]
    table = _tables([(profile, drawn_rate(rng, profile)) for profile in profiles])
    for i in range(len(profiles)):
        assert (np.diff(_needs(table, i)) <= 0).all()


@settings(max_examples=300, deadline=None)
@given(data=st.data(), seed=st.integers(0, 2**32 - 1))
def test_tables_and_explanations_give_the_same_fewest_servers(data: st.DataObject, seed: int) -> None:
    rng = np.random.default_rng(seed)
    profile = drawn_profile(rng)
    rate = drawn_rate(rng, profile)
    table = _tables([(profile, rate)])
    needs = _needs(table, 0)
    near = [int(needs[data.draw(st.integers(0, len(needs) - 1))]) + off for off in (-1, 0, 1)] if len(needs) else []
    for time_us in (*near, data.draw(st.integers(0, 4 * profile.batches[-1][1]))):
        assert table.servers(0, time_us) == fewest_servers(profile, rate, time_us)


@pytest.mark.parametrize("servers", [1, 4, 25, 100, 900, 4096])
def test_a_deadline_met_exactly_is_met(servers: int) -> None:
    # Next to no load: one service and half of one over the root of the servers.
    profile = profile_of((1, 9_600))
    whole = 9_600 + 4_800 * 1_000 // round(servers**0.5 * 1_000)
    assert _need(profile, servers, 1) == whole
    assert _tables([(profile, 1)]).servers(0, whole) == servers


def test_many_servers_are_found_where_they_help_a_little_each() -> None:
    table = _tables([(profile_of((1, 10_000)), 1_000), (profile_of((1, 100)), 1_000), (profile_of((1, 10_000)), 30_000_000)])
    assert table.servers(0, 10_500) == 100
    # Here further servers often change nothing by themselves: half a time is 50 us, the step from 30 to 31 a seventh of one.
    assert table.servers(1, 105) == 100
    assert table.servers(1, 102) == 625
    assert table.servers(2, 10_100) == 2500


def test_no_more_than_the_stated_number_of_servers_is_given() -> None:
    profile = profile_of((1, 10_000))
    at_limit = _need(profile, MOST_SERVERS, 1_000)
    assert at_limit is not None
    table = _tables([(profile, 1_000)])
    assert 0 < table.servers(0, at_limit) <= MOST_SERVERS
    assert table.servers(0, at_limit - 1) == 0
    assert _tables([(profile, 1_000)], servers=10**6).servers(0, at_limit - 1) == 0
    # As many Erlang as servers.
    assert not len(_needs(_tables([(profile, MOST_SERVERS * 100_000)]), 0))


def test_a_table_answers_for_the_times_and_the_room_that_it_was_made_for() -> None:
    rng = np.random.default_rng(5)
    for _ in range(300):
        profile = drawn_profile(rng)
        rate = drawn_rate(rng, profile, 300)
        low, high = sorted((profile.batches[0][1] * rng.uniform(0.9, 3, 2)).astype(int).tolist())
        room = int(rng.choice([0, 1, 5, 40, 300, 5000]))
        table = _tables([(profile, rate)], low, high, room)
        for time_us in {low, (low + high) // 2, high}:
            servers = fewest_servers(profile, rate, time_us)
            assert table.servers(0, time_us) == (servers if servers <= room else 0)
        needs = _needs(table, 0)
        assert not len(needs) or (needs[-1] <= high and table.least[0] + len(needs) - 1 <= room)
        assert (needs[:-1] > low).all()


def test_there_may_be_nothing_to_size() -> None:
    none = np.zeros(0, np.int64)
    table = sizes([], none, none, none, none)
    assert table.ptr.tolist() == [0]
    assert not len(table.need_us)

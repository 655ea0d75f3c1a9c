"""Who has fallen silent is found by watching, whatever the clocks of the machines say."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.cli.actions.service import settings_from
from app.cli.failures import BadInput
from app.errors import StoreBusy
from app.identity.caller import LOCAL
from app.jobs.leases import Leases
from app.schemas.requests import PlanRequest
from app.service import plans
from app.settings import Settings
from app.store.records import Claim, Lease
from app.store.sql import SqlStore, open_store
from tests.app import world
from tests.app.making import load

SETTINGS = Settings(lease_seconds=15, heartbeat_seconds=2, attempts=2)


@pytest.fixture
def store(store_url: str) -> Iterator[SqlStore]:
    opened = open_store(store_url, busy_ms=50)
    load(opened)
    yield opened
    opened.close()


@pytest.fixture
def claim(store: SqlStore) -> Claim:
    """A plan that somebody is solving."""
    plans.submit(store, LOCAL, PlanRequest.model_validate(world.request(world.CAMERAS)), 1.0)
    with store.writing(LOCAL) as session:
        claim = session.jobs.claim("somebody")
        assert claim is not None
        session.plans.started(claim.id, 0, 1)
    return claim


def status(store: SqlStore, claim: Claim) -> str:
    return plans.see(store, claim.id).row.status


def renew(store: SqlStore, claim: Claim) -> None:
    with store.writing(LOCAL) as session:
        assert session.jobs.renew(claim) is False


def test_a_lease_lasts_while_its_counter_grows_and_no_longer(store: SqlStore, claim: Claim) -> None:
    leases = Leases(store, SETTINGS)
    for second in range(60):
        leases.look(float(second))
        if second % 5 == 0:
            renew(store, claim)
    assert status(store, claim) == "running"
    for second in range(60, 80):
        leases.look(float(second))
    assert status(store, claim) == "queued"
    with store.writing(LOCAL) as session:
        assert session.jobs.renew(claim) is None


def test_no_clock_of_the_day_says_who_is_gone(store: SqlStore, claim: Claim, monkeypatch: pytest.MonkeyPatch) -> None:
    a_day = 86_400_000
    leases = Leases(store, SETTINGS)
    for second, wrong in enumerate((0, a_day, -a_day, 14_000, 0)):
        monkeypatch.setattr("time.time", lambda wrong=wrong: wrong / 1000)
        monkeypatch.setattr("time.time_ns", lambda wrong=wrong: wrong * 1_000_000)
        leases.look(float(second))
    assert status(store, claim) == "running"
    for second in range(5, 25):
        leases.look(float(second))
    assert status(store, claim) == "queued"


def test_a_watcher_that_was_halted_itself_takes_nothing_over(store: SqlStore, claim: Claim) -> None:
    leases = Leases(store, SETTINGS)
    leases.look(0.0)
    leases.look(1000.0)
    assert status(store, claim) == "running"


def test_time_in_which_nobody_could_write_does_not_count(store: SqlStore, claim: Claim, tmp_path: Path) -> None:
    leases = Leases(store, SETTINGS)
    for second in range(6):
        leases.look(float(second))
    with closing(sqlite3.connect(tmp_path / "edgeplan.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for second in range(6, 30):
            with pytest.raises(StoreBusy):
                leases.look(float(second))
        other.execute("ROLLBACK")
    leases.look(30.0)
    assert status(store, claim) == "running"
    renew(store, claim)


def test_cancelling_what_nobody_renews_ends_it_and_it_can_be_forgotten(store: SqlStore, claim: Claim) -> None:
    assert plans.cancel(store, LOCAL, claim.id).row.status == "running"
    leases = Leases(store, SETTINGS)
    for second in range(20):
        leases.look(float(second))
    assert status(store, claim) == "cancelled"
    plans.delete(store, LOCAL, claim.id)


def test_what_falls_silent_too_often_has_failed(store: SqlStore, claim: Claim) -> None:
    leases = Leases(store, SETTINGS)
    for second in range(20):
        leases.look(float(second))
    with store.writing(LOCAL) as session:
        assert session.jobs.claim("somebody else") == Claim(claim.id, 2)
    for second in range(20, 40):
        leases.look(float(second))
    row = plans.see(store, claim.id).row
    assert row.failure is not None
    assert (row.status, row.failure["code"]) == ("failed", "solve.lost")


def test_a_sign_of_life_at_the_last_moment_counts(store: SqlStore, claim: Claim, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.jobs import leases as module

    tried: list[Lease] = []
    give_up = module.lose_silent

    def late(store: SqlStore, lease: Lease, attempts: int) -> bool:
        renew(store, lease.claim)
        tried.append(lease)
        return give_up(store, lease, attempts)

    monkeypatch.setattr(module, "lose_silent", late)
    leases = Leases(store, SETTINGS)
    for second in range(20):
        leases.look(float(second))
    assert tried
    assert status(store, claim) == "running"


@pytest.mark.parametrize("seconds", [(1.0, 2.0), (5.9, 2.0), (0.1, 0.1)])
def test_a_lease_that_a_living_solve_would_lose_is_refused(
    seconds: tuple[float, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDGEPLAN_LEASE_SECONDS", str(seconds[0]))
    monkeypatch.setenv("EDGEPLAN_HEARTBEAT_SECONDS", str(seconds[1]))
    with pytest.raises(BadInput) as refused:
        settings_from({})
    told = str(refused.value.__dict__)
    assert "EDGEPLAN_LEASE_SECONDS" in told
    assert "EDGEPLAN_HEARTBEAT_SECONDS" in told

"""What every store promises of its sessions: one picture to a reader, one writer at a time, all or nothing."""

from __future__ import annotations

import threading

import pytest

from app.identity.caller import LOCAL
from app.store.port import Session, Store
from tests.app.store.rows import node


def test_a_store_speaks_the_port(store: Store) -> None:
    with store.reading() as session:
        spoken: Session = session
        assert spoken.generations.now() == 0


def test_a_block_that_raises_leaves_nothing(store: Store) -> None:
    def break_off() -> None:
        with store.writing(LOCAL) as session:
            session.generations.advance(["network"])
            session.entities.put_all([node("a")], [])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    with store.reading() as session:
        assert session.generations.now() == 0
        assert session.entities.get("nodes", "a") is None


def test_generations_count_everything_and_each_part(store: Store) -> None:
    with store.writing(LOCAL) as session:
        assert session.generations.advance(["network"]) == 1
        assert session.generations.advance(["policies", "workloads"]) == 2
    with store.reading() as session:
        assert session.generations.now() == 2
        parts = [session.generations.of(part) for part in ("network", "policies", "workloads", "allocation")]
        assert parts == [1, 2, 2, 0]


def test_a_reader_sees_one_picture(store: Store) -> None:
    with store.writing(LOCAL) as session:
        session.entities.put_all([node("a")], [])
    with store.reading() as reader:
        assert reader.entities.count("nodes") == 1
        with store.writing(LOCAL) as writer:
            writer.entities.put_all([node("b")], [])
            writer.generations.advance(["network"])
        assert reader.entities.count("nodes") == 1
        assert reader.generations.now() == 0
    with store.reading() as reader:
        assert reader.entities.count("nodes") == 2


def test_a_new_connection_waits_for_no_writer(store: Store) -> None:
    """A change of the world reads the world before it from another connection, while it is the writer."""
    with store.writing(LOCAL) as writer:
        writer.generations.advance(["network"])
        sessions = [store.reading() for _ in range(3)]
        for session in sessions:
            assert session.__enter__().generations.now() == 0
        for session in sessions:
            session.__exit__(None, None, None)


def test_writers_take_turns(store: Store) -> None:
    """Eight writers count to 25 each: no step is lost."""

    def count() -> None:
        for _ in range(25):
            with store.writing(LOCAL) as session:
                session.generations.advance(["network"])

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as session:
        assert session.generations.now() == 200


def test_claims_are_never_shared(store: Store) -> None:
    with store.writing(LOCAL) as session:
        for number in range(40):
            session.jobs.add(f"job-{number:02}", number)
    claimed: list[str] = []

    def claim() -> None:
        while True:
            with store.writing(LOCAL) as session:
                found = session.jobs.claim("me")
            if found is None:
                return
            claimed.append(found.id)

    threads = [threading.Thread(target=claim) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claimed) == [f"job-{number:02}" for number in range(40)]

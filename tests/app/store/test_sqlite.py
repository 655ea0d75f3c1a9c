"""What the embedded store does that no other does: files, a peek past sessions, patience."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, delete

from app.errors import StoreBusy
from app.identity.caller import LOCAL
from app.store.port import Store
from app.store.sql import open_store
from app.store.tables import metadata
from tests.app.store.rows import event


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """An empty embedded store."""
    opened = open_store(store_url)
    yield opened
    opened.close()


def test_only_so_many_events_are_kept_and_no_id_is_given_twice(store_url: str) -> None:
    few = open_store(store_url, events_kept=3)
    for count in range(1, 8):
        with few.writing(LOCAL) as session:
            session.events.add(event())
        with few.reading() as session:
            assert session.events.span() == (max(1, count - 2), count)
    few.close()
    engine = create_engine(store_url)
    with engine.begin() as connection:
        connection.execute(delete(metadata.tables["event"]))
    engine.dispose()
    again = open_store(store_url)
    with again.writing(LOCAL) as session:
        session.events.add(event())
    with again.reading() as session:
        assert session.events.span() == (8, 8)
    again.close()


def test_a_peek_shows_the_last_commit_and_nothing_else(store: Store) -> None:
    def newest() -> tuple[dict[str, int], int]:
        marks = store.peek()
        assert marks is not None
        return dict(marks.generations), marks.event

    assert newest() == ({"all": 0}, 0)
    with store.writing(LOCAL) as session:
        session.generations.advance(["network"])
        session.events.add(event())
        assert newest() == ({"all": 0}, 0)
    assert newest() == ({"all": 1, "network": 1}, 1)
    with store.writing(LOCAL) as session:
        session.generations.advance(["allocation"])
    assert newest() == ({"all": 2, "network": 1, "allocation": 2}, 1)


def test_a_writer_that_waits_too_long_is_told_so(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.store.sql.BUSY_MS", 100)
    one, other = open_store(store_url), open_store(store_url)
    with one.writing(LOCAL) as session:
        session.generations.advance([])
        with pytest.raises(StoreBusy), other.writing(LOCAL):
            pass
        with other.reading() as reader:
            assert reader.generations.now() == 0
    one.close()
    other.close()


def test_a_store_whose_tables_are_as_they_should_be_is_opened_while_another_writes(store: Store, store_url: str) -> None:
    with store.writing(LOCAL):
        open_store(store_url, busy_ms=0, new=False).close()

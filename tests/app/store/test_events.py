"""What every store promises of events."""

from __future__ import annotations

import threading
from dataclasses import replace

from app.identity.caller import LOCAL
from app.store.port import Store
from tests.app.store.rows import event, signed


def test_events_are_numbered_in_the_order_of_the_commits(store: Store) -> None:
    """Four writers; whoever reads up to an id never finds a smaller one later."""

    def write() -> None:
        for _ in range(20):
            with store.writing(LOCAL) as session:
                session.events.add(event())
                session.events.add(event())

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    seen: list[int] = []
    while len(seen) < 160:
        with store.reading() as session:
            seen += [row.id for row in session.events.page(seen[-1] if seen else 0, (), None, 7)]
    for thread in threads:
        thread.join()
    assert seen == list(range(1, 161))


def test_events_are_found_by_type_and_plan(store: Store) -> None:
    with store.reading() as session:
        assert session.events.span() == (1, 0)
        assert session.events.page(0, (), None, 10) == []
    rows = [
        event("plan.queued", plan="a"), event("plan.queued", plan="b", generation=3), event("node.failed", node="n"),
        event("plan.failed", plan="a", detail={"code": "x", "list": [1]}),
    ]  # fmt: skip
    with store.writing(LOCAL) as session:
        for row in rows:
            session.events.add(row)
    with store.reading() as session:
        numbered = [signed(replace(row, id=number)) for number, row in enumerate(rows, 1)]
        assert session.events.page(0, (), None, 10) == numbered
        assert session.events.page(1, (), None, 2) == numbered[1:3]
        assert session.events.page(0, ("plan.queued", "plan.failed"), "a", 10) == [numbered[0], numbered[3]]
        assert session.events.newest((), None, 2) == numbered[2:]
        assert session.events.newest(("plan.queued",), None, 1) == [numbered[1]]
        assert session.events.span() == (1, 4)

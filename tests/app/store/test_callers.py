"""What every store promises of callers: each row says whose it is and who wrote it; ids and keys are each tenant's own."""

from __future__ import annotations

import pytest

from app.identity.caller import LOCAL, SERVICE, Caller
from app.store.port import Store
from app.store.records import AllocationChangeRow, AllocationRow, AnswerRow, ChangeRow, RecordRow
from tests.app.store.rows import decision, event, node, plan, signed

PORT = Caller("port-of-busan", "token-7")


@pytest.mark.parametrize("caller", [LOCAL, SERVICE, PORT])
def test_what_is_written_says_who_wrote_it(store: Store, caller: Caller) -> None:
    change = ChangeRow(1, 0, 5, "nodes", "n", "changed", None, {"a": 1}, None, 4)
    shard = AllocationChangeRow(1, 0, "w", 0, "placed", None, "n")
    record = RecordRow(1, 5, "p", "first", {"placed": 1})
    with store.writing(caller) as session:
        session.changes.note([change])
        session.plans.add(plan("p", 1), {})
        session.allocation.note([shard])
        session.allocation.record(record, b"")
        session.events.add(event())
    with store.reading() as session:
        assert session.changes.page(0, None, None, None, 9) == [signed(change, caller)]
        assert session.plans.get("p") == signed(plan("p", 1), caller)
        assert session.allocation.changes(0, None, 9) == [signed(shard, caller)]
        assert session.allocation.records(None, 9) == [signed(record, caller)]
        [told] = session.events.newest((), None, 9)
        assert (told.tenant, told.actor) == (caller.tenant, caller.actor)


def test_a_session_that_reads_writes_nothing(store: Store) -> None:
    with store.reading() as session:
        with pytest.raises(ValueError, match="only reads"):
            session.events.add(event())
        with pytest.raises(ValueError, match="only reads"):
            session.entities.put_all([node("a")], [])


def test_two_tenants_may_choose_the_same_ids(store: Store) -> None:
    for caller in (LOCAL, PORT):
        with store.writing(caller) as session:
            session.entities.put_all([node("n")], [("nodes", "n", "sites", "s")])
            session.allocation.put([AllocationRow("w/0", "p", 1, decision("w"))])
    with store.reading() as session:
        assert session.entities.count("nodes") == 2
        assert len(session.allocation.rows()) == 2


def test_a_key_is_its_tenants_own(store: Store) -> None:
    for caller, body in ((LOCAL, b"ours"), (PORT, b"theirs")):
        with store.writing(caller) as session:
            assert session.answers.get(caller.tenant, "key") is None
            session.answers.add(AnswerRow("key", "digest", 7, 201, {}, body))
    with store.writing(PORT) as session:
        session.answers.change("key", 200, b"changed")
    with store.reading() as session:
        ours, theirs = (session.answers.get(caller.tenant, "key") for caller in (LOCAL, PORT))
    assert ours is not None
    assert theirs is not None
    assert (ours.status, ours.body) == (201, b"ours")
    assert (theirs.status, theirs.body) == (200, b"changed")

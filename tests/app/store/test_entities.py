"""What every store promises of entities, what they name, and the history of both."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.identity.caller import LOCAL
from app.store.port import Store
from app.store.records import (
    ChangeRow,
    EntityRow,
    PageQuery,
)
from tests.app.store.rows import node, signed


def test_entities_are_kept_with_what_they_name(store: Store) -> None:
    with store.writing(LOCAL) as session:
        session.entities.put_all(
            [EntityRow("links", "l", 1, 1, {"id": "l"})], [("links", "l", "nodes", "a"), ("links", "l", "nodes", "b")]
        )
        session.entities.put_all([node("a", vcpu=1)], [])
        session.entities.discard("nodes", ["a"])
        session.entities.put_all([node("a", vcpu=2)], [])
        assert session.entities.dangling(10) == [("links", "l", "nodes", "b")]
        assert session.entities.named_by("nodes", "a", 10) == [("links", "l")]
        assert session.entities.existing("nodes", ["a", "b"]) == {"a"}
        session.entities.put_all([node("b")], [])
        assert session.entities.dangling(10) == []
        session.entities.delete("links", "l")
        assert session.entities.named_by("nodes", "a", 10) == []
        assert session.entities.bodies("nodes") == [{"id": "a", "vcpu": 2}, {"id": "b"}]
        assert session.entities.bodies("nodes", ["b", "z"]) == [{"id": "b"}]
        session.entities.discard("nodes", ["a", "b", "z"])
        assert session.entities.count("nodes") == 0


def test_models_are_what_profiles_run(store: Store) -> None:
    with store.writing(LOCAL) as session:
        session.entities.put_all([EntityRow("workloads", "w", 1, 1, {})], [("workloads", "w", "models", "seen")])
        assert session.entities.dangling(10) == [("workloads", "w", "models", "seen")]
        session.entities.put_all([EntityRow("profiles", "p", 1, 1, {})], [("profiles", "p", "models", "seen")])
        assert session.entities.dangling(10) == []
        assert session.entities.existing("models", ["seen", "unseen"]) == {"seen"}


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize(("sort", "numeric"), [("id", False), ("vcpu", True), ("name", False)])
def test_pages_join_into_the_whole(store: Store, sort: str, numeric: bool, descending: bool) -> None:
    rows = [node(f"n{k}", vcpu=[3, None, 10, 3, 2][k % 5], name=[None, "b", "a"][k % 3]) for k in range(17)]
    with store.writing(LOCAL) as session:
        session.entities.put_all(rows, [])
    blank: str | int = 0 if numeric else ""
    seen: list[EntityRow] = []
    after: tuple[str | int, str] | None = None
    with store.reading() as session:
        while True:
            cut = PageQuery(4, sort=sort, numeric=numeric, descending=descending, after=after)
            page = session.entities.page("nodes", cut)
            if not page:
                break
            seen += page
            after = (page[-1].body[sort] or blank, page[-1].id)
    wanted = sorted(rows, key=lambda row: (row.body[sort] or blank, row.id), reverse=descending)
    assert [row.id for row in seen] == [row.id for row in wanted]


def test_filters_compare_words_numbers_and_truths(store: Store) -> None:
    with store.writing(LOCAL) as session:
        session.entities.put_all(
            [node("a", tier="mec", vcpu=1, on=True), node("b", tier="mec", vcpu=2, on=False), node("c")], []
        )
        for equal, found in (
            ((("tier", "mec"),), ["a", "b"]),
            ((("vcpu", 2),), ["b"]),
            ((("on", True),), ["a"]),
            ((("tier", "mec"), ("vcpu", 1)), ["a"]),
            ((("tier", "' OR 1=1"),), []),
        ):
            page = session.entities.page("nodes", PageQuery(9, equal=equal))  # type: ignore[arg-type]
            assert [row.id for row in page] == found


def test_words_are_tallied(store: Store) -> None:
    with store.writing(LOCAL) as session:
        session.entities.put_all([node("a", state="active"), node("b", state="failed"), node("c", state="active")], [])
        assert session.entities.tally("nodes", "state") == {"active": 2, "failed": 1}
        assert session.entities.tally("links", "state") == {}


def test_history_is_kept_in_order(store: Store) -> None:
    rows = [
        ChangeRow(generation, 0, 5, "nodes", f"n{generation}", "changed", {"a": 1}, None, "why") for generation in (1, 2, 3)
    ]
    with store.writing(LOCAL) as session:
        for row in rows:
            session.changes.note([row])
        kept = [signed(row) for row in rows]
        assert session.changes.page(1, None, None, None, 9) == kept[1:]
        assert session.changes.page(0, "nodes", "n2", None, 9) == [kept[1]]
        assert session.changes.page(0, None, None, (1, 0), 1) == [kept[1]]


def test_each_entity_has_its_revision(store: Store) -> None:
    with store.writing(LOCAL) as session:
        session.entities.put_all([replace(node(f"n{k}"), generation=9, revision=k) for k in range(1200)], [])
        assert session.entities.revisions("nodes", ["n7", "n1100", "z"]) == {"n7": 7, "n1100": 1100}
        assert session.entities.revisions("links", ["n7"]) == {}
        row = session.entities.get("nodes", "n7")
        assert row is not None
        assert (row.generation, row.revision) == (9, 7)

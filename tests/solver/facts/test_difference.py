"""What becomes of a shard has one name, whoever asks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from solver.facts.difference import Change, by_shard, difference
from solver.facts.placement import Placement, Slot

HERE = Placement("w", 0, "n1", "p", 2, (Slot(0, 0), Slot(1, 4)), ("l1",), 4)


@pytest.mark.parametrize(
    ("after", "action"),
    [
        (HERE, "kept"),
        (replace(HERE, node="n2"), "moved"),
        (replace(HERE, node="n2", profile="q", servers=1, cards=(Slot(0, 0),)), "moved"),
        (replace(HERE, profile="q"), "resized"),
        (replace(HERE, servers=3), "resized"),
        (replace(HERE, cards=(Slot(0, 0), Slot(2, 0))), "resized"),
        (replace(HERE, cards=HERE.cards[::-1]), "kept"),
        (replace(HERE, cards=()), "kept"),
        (replace(HERE, route=("l2", "l3")), "resized"),
        (replace(HERE, batch_limit=0), "kept"),
        (Placement("w", 0, "n1"), "kept"),
        (Placement("w", 0, "n2"), "moved"),
        (None, "ended"),
    ],
)
def test_what_runs_is_kept_moved_resized_or_ended(after: Placement | None, action: str) -> None:
    assert difference({("w", 0): HERE}, {("w", 0): after}) == [Change(("w", 0), action, HERE, after)]


def test_a_shard_that_nobody_decides_about_any_more_ends_if_it_ran() -> None:
    before = {("w", 0): HERE, ("w", 1): None}
    assert difference(before, {}) == [Change(("w", 0), "ended", HERE, None)]


def test_what_ran_nowhere_is_placed_or_unplaced_once() -> None:
    assert difference({}, {("w", 0): HERE}) == [Change(("w", 0), "placed", None, HERE)]
    assert difference({("w", 0): None}, {("w", 0): HERE}) == [Change(("w", 0), "placed", None, HERE)]
    assert difference({}, {("w", 0): None}) == [Change(("w", 0), "unplaced", None, None)]
    assert difference({("w", 0): None}, {("w", 0): None}) == [Change(("w", 0), "kept", None, None)]


def test_only_what_runs_on_is_moved() -> None:
    moved = difference({("w", 0): HERE}, {("w", 0): replace(HERE, node="n2")})[0]
    resized = difference({("w", 0): HERE}, {("w", 0): replace(HERE, servers=9)})[0]
    assert (moved.moves, resized.moves) == (True, True)
    assert not difference({("w", 0): HERE}, {})[0].moves
    assert not difference({}, {("w", 0): HERE})[0].moves


def test_shards_come_by_workload_and_number() -> None:
    many = [replace(HERE, workload=name, shard=shard) for name in ("b", "a") for shard in (10, 9)]
    changes = difference({}, by_shard(many))
    assert [change.shard for change in changes] == [("a", 9), ("a", 10), ("b", 9), ("b", 10)]

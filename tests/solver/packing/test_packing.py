"""The packing format, its file, and the independent checker."""

from __future__ import annotations

import zipfile
from dataclasses import fields, replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from solver.packing import Packing, PackingError, Placement, load, load_placement, save_placement
from solver.packing.check import check
from tests.solver.engines.tiny import by_hand, every_plan, tiny_packing


def ints(*values: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.array(values, dtype=np.int64)


def two_items() -> Packing:
    """Item 0: two copies, options 0 and 1; item 1: one copy, option 2. Rows of 10 and 5; option 1 needs activation 0."""
    return Packing(
        item_ptr=ints(0, 2, 3),
        item_count=ints(2, 1),
        item_penalty=ints(100, 50),
        option_cost=ints(7, 3, 5),
        load_ptr=ints(0, 2, 3, 4),
        load_row=ints(0, 0, 1, 1),
        load_amount=ints(2, 2, 2, 3),
        row_capacity=ints(10, 5),
        option_activation=ints(-1, 0, -1),
        activation_cost=ints(11),
        activation_load_ptr=ints(0, 1),
        activation_load_row=ints(1),
        activation_load_amount=ints(1),
    )


def _spreads(packing: Packing) -> int:
    """How many ways there are to put copies on options, none more than its item has."""
    return int(np.prod(packing.item_count[packing.option_item] + 1))


@pytest.mark.parametrize(
    ("array", "value", "message"),
    [
        ("item_ptr", ints(0, 2), "item_ptr: expected 3 entries"),
        ("item_ptr", ints(1, 2, 3), r"item_ptr\[0\]: expected 0"),
        ("item_ptr", ints(0, 4, 3), r"item_ptr\[2\]: smaller"),
        ("item_ptr", ints(0, 2, 2), r"item_ptr\[2\]: expected 3"),
        ("item_count", ints(2, -1), r"item_count\[1\]: -1 is less than 0"),
        ("item_penalty", ints(1), "item_penalty: expected 2 entries"),
        ("item_penalty", ints(-5, 1), r"item_penalty\[0\]"),
        ("option_cost", ints(1, 2, -3), r"option_cost\[2\]"),
        ("option_cost", np.array([1.0, 2.0, 3.0]), "option_cost: expected int64 or int32, got float64"),
        ("load_ptr", ints(0, 2, 3, 9), r"load_ptr\[3\]: expected 4"),
        ("load_row", ints(0, 0, 2, 1), r"load_row\[2\]: 2 is out of range, there are 2"),
        ("load_row", ints(0, 0, -1, 1), r"load_row\[2\]"),
        ("load_amount", ints(1, 1, 1), "load_amount: expected 4 entries"),
        ("load_amount", ints(1, -1, 1, 1), r"load_amount\[1\]"),
        ("row_capacity", ints(10, -5), r"row_capacity\[1\]"),
        ("row_capacity", np.zeros((1, 2), dtype=np.int64), "row_capacity: expected one dimension"),
        ("option_activation", ints(-1, 1, -1), r"option_activation\[1\]: 1 is out of range, there are 1"),
        ("option_activation", ints(-2, 0, -1), r"option_activation\[0\]"),
        ("activation_cost", ints(-1), r"activation_cost\[0\]"),
        ("activation_load_ptr", ints(0, 2), r"activation_load_ptr\[1\]: expected 1"),
        ("activation_load_row", ints(7), r"activation_load_row\[0\]"),
        ("activation_load_amount", ints(-1), r"activation_load_amount\[0\]"),
        ("item_penalty", ints(2**61, 2**61), "total cost could exceed 64 bits"),
        ("load_amount", ints(1, 2**61, 1, 1), "total on row 0 could exceed 64 bits"),
        ("row_capacity", ints(2**62, 1), "total on row 0 could exceed 64 bits"),
        ("item_ptr", ints(), "item_ptr: expected 3 entries"),
    ],
)
def test_a_bad_array_is_named(array: str, value: Any, message: str) -> None:
    with pytest.raises(PackingError, match=message):
        replace(two_items(), **{array: value})


def test_arrays_are_read_only_and_the_callers_stay_writable() -> None:
    mine = ints(10, 5)
    packing = replace(two_items(), row_capacity=mine)
    with pytest.raises(ValueError, match="read-only"):
        packing.row_capacity[0] = 1
    mine[0] = 3


def test_activations_may_be_absent() -> None:
    packing = tiny_packing(1)
    plain = Packing(**{s.name: getattr(packing, s.name) for s in fields(Packing) if "activation" not in s.name})
    assert plain.activations == 0
    assert (plain.option_activation == -1).all()


@pytest.mark.parametrize("seed", range(5))
def test_a_file_gives_back_what_was_saved_and_always_the_same_bytes(seed: int, tmp_path: Path) -> None:
    packing = tiny_packing(seed)
    packing.save(tmp_path / "a")
    packing.save(tmp_path / "b.npz")
    again = load(tmp_path / "a")
    for spec in fields(Packing):
        assert np.array_equal(getattr(packing, spec.name), getattr(again, spec.name)), spec.name
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_index_arrays_may_be_narrow(tmp_path: Path) -> None:
    packing = two_items()
    arrays = {spec.name: getattr(packing, spec.name) for spec in fields(Packing)}
    arrays["load_row"] = arrays["load_row"].astype(np.int32)
    np.savez(tmp_path / "narrow.npz", **arrays)
    assert load(tmp_path / "narrow.npz").load_row.dtype == np.int64


def _damaged(tmp_path: Path) -> dict[str, Path]:
    packing = two_items()
    packing.save(tmp_path / "whole.npz")
    content = (tmp_path / "whole.npz").read_bytes()
    paths = {name: tmp_path / name for name in ("cut", "text", "flipped", "pickled", "array", "foreign")}
    paths["cut"].write_bytes(content[: len(content) // 2])
    paths["text"].write_text("no archive")
    at = content.index(b"NUMPY")
    paths["flipped"].write_bytes(content[:at] + b"LUMPY" + content[at + 5 :])
    with open(paths["pickled"], "wb") as file:
        np.savez(file, item_ptr=np.array([{}], dtype=object))
    with open(paths["array"], "wb") as file:
        np.save(file, ints(1, 2))
    with zipfile.ZipFile(paths["foreign"], "w") as archive:
        archive.writestr("item_ptr.npy", b"not an array")
    return {**paths, "absent": tmp_path / "absent"}


@pytest.mark.parametrize("kind", ["cut", "text", "flipped", "pickled", "array", "foreign", "absent"])
def test_a_damaged_file_is_a_packing_error(kind: str, tmp_path: Path) -> None:
    path = _damaged(tmp_path)[kind]
    with pytest.raises(PackingError):
        load(path)
    with pytest.raises(PackingError):
        load_placement(path)


def test_a_missing_array_is_named(tmp_path: Path) -> None:
    with open(tmp_path / "part.npz", "wb") as file:
        np.savez(file, item_ptr=ints(0))
    with pytest.raises(PackingError, match="array item_count is missing"):
        load(tmp_path / "part.npz")


def test_a_placement_file_gives_back_what_was_saved(tmp_path: Path) -> None:
    save_placement(tmp_path / "p.npz", Placement(ints(0, 1), ints(1, 2), ints(2, 1)))
    again = load_placement(tmp_path / "p.npz")
    assert [again.item.tolist(), again.option.tolist(), again.count.tolist()] == [[0, 1], [1, 2], [2, 1]]
    with open(tmp_path / "q.npz", "wb") as file:
        np.savez(file, item=ints(0), option=ints(1, 2), count=ints(2, 1))
    with pytest.raises(PackingError, match="differ in length"):
        load_placement(tmp_path / "q.npz")


def test_the_checker_counts_every_cost_once() -> None:
    cost, violations = check(two_items(), ints(0, 0, 1), ints(0, 1, 2), ints(1, 1, 1))
    # Options 7 + 3 + 5, activation 11, nothing unplaced; row 0 carries 4, row 1 carries 2 + 3 + 1 of 5.
    assert cost == 26
    assert violations == ["row 1: carries 6, capacity 5"]
    assert check(two_items(), ints(0), ints(1), ints(2)) == (2 * 3 + 11 + 50, [])


@pytest.mark.parametrize(
    ("item", "option", "count", "message"),
    [
        (9, 0, 1, "no such item"),
        (-1, 0, 1, "no such item"),
        (0, 3, 1, "no such option"),
        (0, -1, 1, "no such option"),
        (0, 2, 1, "the option belongs to another item"),
        (0, 0, 0, "count must be positive"),
        (0, 0, -4, "count must be positive"),
        (0, 0, 3, "more copies than the item has"),
        (0, 0, 2**62, "more copies than the item has"),
    ],
)
def test_the_checker_blames_a_malformed_entry(item: int, option: int, count: int, message: str) -> None:
    cost, violations = check(two_items(), ints(item), ints(option), ints(count))
    assert cost == 250
    assert len(violations) == 1
    assert message in violations[0]


def test_the_checker_adds_up_repeated_entries() -> None:
    assert check(two_items(), ints(0, 0), ints(0, 0), ints(1, 1))[1] == []
    assert check(two_items(), ints(0, 0, 0), ints(0, 0, 0), ints(1, 1, 1))[1] == [
        "item 0: 3 copies placed, it has 2",
        "row 0: carries 12, capacity 10",
    ]
    assert check(two_items(), ints(0), ints(0, 1), ints(1))[1] == ["item, option and count differ in length"]


def test_the_checker_does_not_wrap_around() -> None:
    packing = Packing(
        item_ptr=ints(0, 1),
        item_count=ints(2**60),
        item_penalty=ints(1),
        option_cost=ints(0),
        load_ptr=ints(0, 0),
        load_row=ints(),
        load_amount=ints(),
        row_capacity=ints(),
    )
    _, violations = check(packing, *(np.full(16, v, dtype=np.int64) for v in (0, 0, 2**60)))
    assert violations == [f"item 0: {2**64} copies placed, it has {2**60}"]


def test_the_checker_agrees_with_the_definition() -> None:
    rng = np.random.default_rng(5)
    judged = set()
    for seed in range(300):
        packing = tiny_packing(seed)
        if packing.options == 0:
            continue
        option = rng.integers(0, packing.options, 3)
        item = packing.option_item[option]
        count = rng.integers(1, 3, 3)
        cost, legal = by_hand(packing, item.tolist(), option.tolist(), count.tolist())
        found, violations = check(packing, item, option, count)
        assert legal == (not violations)
        judged.add(legal)
        if legal:
            assert cost == found
    assert judged == {True, False}


@pytest.mark.parametrize("seed", [seed for seed in range(40) if 1 < _spreads(tiny_packing(seed)) <= 500])
def test_trying_everything_leaves_out_what_the_checker_refuses_and_nothing_else(seed: int) -> None:
    packing = tiny_packing(seed)
    plans = every_plan(packing)
    found = {tuple(taken): cost for taken, cost in zip(plans.taken.tolist(), plans.cost.tolist(), strict=True)}
    assert len(found) == plans.cost.size
    tried = 0
    for taken in product(*(range(most + 1) for most in packing.item_count[packing.option_item].tolist())):
        option = np.flatnonzero(taken)
        cost, violations = check(packing, packing.option_item[option], option, np.array(taken)[option])
        assert found.get(taken) == (None if violations else cost)
        tried += 1
    assert tried == _spreads(packing)

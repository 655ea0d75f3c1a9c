"""Several factors of one kind make one: each merge against a loop over items in plain Python."""

from __future__ import annotations

import numpy as np
import pytest

from solver.space.merging import added, all_of, any_of, met, stacked

_ITEMS, _WIDTH = 6, 4


@pytest.mark.parametrize("rules", range(4))
def test_doors_shut_and_charges_add_up(rules: int) -> None:
    rng = np.random.default_rng(rules)
    doors, charges = rng.random((rules, _ITEMS)) < 0.5, rng.integers(0, 9, (rules, _ITEMS))
    assert all_of(doors, _ITEMS).tolist() == [all(column) for column in zip(*doors, strict=True)] or not rules
    assert any_of(doors, _ITEMS).tolist() == [any(column) for column in zip(*doors, strict=True)] or not rules
    assert added(charges, _ITEMS).tolist() == [sum(charge[k] for charge in charges) for k in range(_ITEMS)]
    assert all_of((), 2).tolist() == [True, True]
    assert any_of((), 2).tolist() == [False, False]


def test_columns_of_no_factor_have_their_width() -> None:
    assert stacked([], 3).shape == (0, 3)
    assert stacked([np.arange(2), np.ones(2, np.int64)], 2).tolist() == [[0, 1], [1, 1]]


@pytest.mark.parametrize("rules", range(1, 4))
def test_tables_of_several_rules_meet(rules: int) -> None:
    rng = np.random.default_rng(rules)
    keys, doors = rng.integers(0, 2, (rules, _ITEMS)), rng.random((rules, 2, _WIDTH)) < 0.6
    row, opened = met(list(keys), list(doors), _ITEMS, _WIDTH)
    for k in range(_ITEMS):
        for x in range(_WIDTH):
            assert opened[row[k], x] == all(door[key[k], x] for key, door in zip(keys, doors, strict=True))
    assert len(opened) == len(set(zip(*keys.tolist(), strict=True)))

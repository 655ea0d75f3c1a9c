"""Several factors of one kind make one: each merge against a loop over items in plain Python."""

from __future__ import annotations

import numpy as np
import pytest

from solver.rules.account import Subjects
from solver.rules.factors import CrowdCost, Rows, StayAt
from solver.space.merging import added, all_of, any_of, bound_to, crowding, met

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


@pytest.mark.parametrize("rules", range(1, 4))
def test_tables_of_several_rules_meet(rules: int) -> None:
    rng = np.random.default_rng(rules)
    keys, doors = rng.integers(0, 2, (rules, _ITEMS)), rng.random((rules, 2, _WIDTH)) < 0.6
    row, opened = met(list(keys), list(doors), _ITEMS, _WIDTH)
    for k in range(_ITEMS):
        for x in range(_WIDTH):
            assert opened[row[k], x] == all(door[key[k], x] for key, door in zip(keys, doors, strict=True))
    assert len(opened) == len(set(zip(*keys.tolist(), strict=True)))


@pytest.mark.parametrize("rules", range(4))
def test_items_that_two_rules_bind_to_different_nodes_may_use_none(rules: int) -> None:
    rng = np.random.default_rng(rules)
    several = [StayAt(rng.random(40) < 0.5, rng.integers(-1, 2, 40)) for _ in range(rules)]
    one = bound_to(several, 40)
    for k in range(40):
        named = {int(rule.node[k]) for rule in several if rule.bound[k]}
        assert one.bound[k] == bool(named)
        assert one.node[k] == (named.pop() if len(named) == 1 else -1)


def test_charges_for_the_same_overfull_accounts_are_one() -> None:
    rows = (
        Rows("room", "cards", "card_milli", Subjects({"node": ("a", "b")}), np.ones(2, np.int64)),
        Rows("room", "memory", "mib", Subjects({"node": ("a",)}), np.ones(1, np.int64)),
    )
    cards, memory = frozenset({rows[0].named(1)}), frozenset({rows[0].named(0), rows[1].named(0)})
    said = [
        CrowdCost(accounts, np.full(2, won)) for accounts, won in ((cards, 1), (memory, 10), (frozenset(), 5), (cards, 2))
    ]
    overfull, cost = crowding(said, rows, 2)
    assert overfull.tolist() == [[False, True, False], [True, False, True]]
    assert cost.tolist() == [[3, 3], [10, 10]]
    overfull, cost = crowding([], rows, 2)
    assert overfull.shape[0] == 0
    assert cost.shape == (0, 2)

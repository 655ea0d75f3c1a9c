"""A solve that repeats comes to what it came to before: moves and renames in the solver change no answer."""

from __future__ import annotations

import pytest

from tests.solver.golden import GOLDEN, kept


@pytest.mark.long
@pytest.mark.parametrize("name", GOLDEN)
def test_an_answer_is_the_one_that_was_kept(name: str) -> None:
    assert GOLDEN[name]() == kept()[name]

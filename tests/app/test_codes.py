"""Every code of a refusal has a test that gets it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from app.errors import AppError, every_error

HERE = Path(__file__).parent

#: What no door raises itself: it stands for what is below it.
ONLY_PARENTS = {"conflict"}


@pytest.fixture(scope="module")
def said() -> set[str]:
    """Every text and every name in the tests of the service, this file's aside."""
    nodes = (
        node for path in HERE.rglob("test_*.py") if path != Path(__file__) for node in ast.walk(ast.parse(path.read_text()))
    )
    return {
        str(node.value) if isinstance(node, ast.Constant) else node.id
        for node in nodes
        if isinstance(node, (ast.Constant, ast.Name))
    }


@pytest.mark.parametrize("kind", list(every_error()), ids=lambda kind: kind.code)
def test_a_test_speaks_of_each_code_or_of_its_error(kind: type[AppError], said: set[str]) -> None:
    assert {kind.code, kind.__name__} & said or (kind.code in ONLY_PARENTS and kind.__subclasses__())


def test_no_two_errors_share_a_code() -> None:
    codes = [kind.code for kind in every_error()]
    assert len(codes) == len(set(codes))

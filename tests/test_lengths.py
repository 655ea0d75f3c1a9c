"""A module can be overlooked, and a function fits on a screen; what is longer says why in its docstring."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

#: Lines of the longest module, and of the longest function with its signature and docstring.
MODULE, FUNCTION = 400, 60
#: How a docstring begins the sentence that says why its function or module is longer.
WHY = "Longer than a screen:"
#: Written by machines: the types of what the service answers, and the steps from one version of the tables to the next.
MADE = ("app/cli/answers.py", "app/store/migrations/versions/")


def too_long(text: str, name: str) -> Iterator[str]:
    """The module itself, and those of its functions, that are too long and do not say why."""
    tree = ast.parse(text)
    lengths: list[tuple[str, int, int, str]] = [(name, len(text.splitlines()), MODULE, ast.get_docstring(tree) or "")]
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or 0) - node.lineno + 1
            lengths.append((f"{name}:{node.name}", lines, FUNCTION, ast.get_docstring(node) or ""))
    yield from (what for what, lines, most, said in lengths if lines > most and WHY not in said)


@pytest.mark.parametrize("package", ["app", "solver"])
def test_nothing_is_longer_without_a_reason(package: str) -> None:
    files = {
        str(path.relative_to(ROOT)): path for path in (ROOT / package).rglob("*.py") if "node_modules" not in path.parts
    }
    found = {
        what for name, path in files.items() if not name.startswith(MADE)
        for what in too_long(path.read_text(encoding="utf-8"), name)
    }  # fmt: skip
    assert found == set()


def test_what_is_too_long_is_found_unless_it_says_why() -> None:
    body = "    pass\n" * FUNCTION
    assert list(too_long(f"def f():\n{body}", "m.py")) == ["m.py:f"]
    assert list(too_long(f'def f():\n    """Longer than a screen: one table."""\n{body}', "m.py")) == []
    assert list(too_long("a = 1\n" * (MODULE + 1), "m.py")) == ["m.py"]

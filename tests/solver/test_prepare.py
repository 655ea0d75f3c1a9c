"""Preparing calls every kernel of the solver, and all of them are compiled in one way."""

from __future__ import annotations

import pkgutil
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import solver
from solver import compiled

#: Prepares in a process of its own, and tells which kernels neither were called nor belong to one that was (inner kernels
#: are compiled with those that call them), and which were compiled more than once for the same arrays.
_ASK = """
from importlib import import_module
from inspect import ismodule
from numba.core.dispatcher import Dispatcher
from solver import prepare
prepare._space()
prepare._engines()
kernels = {{}}
for name in {names!r}:
    for key, value in vars(import_module(name)).items():
        if isinstance(value, Dispatcher):
            kernels[value] = name + " " + key
reached = [kernel for kernel in kernels if kernel.signatures]
for kernel in reached:
    body = kernel.py_func
    near = [body.__globals__[name] for name in body.__code__.co_names if name in body.__globals__]
    inner = near + [getattr(one, name, None) for one in near if ismodule(one) for name in body.__code__.co_names]
    reached.extend(one for one in inner if isinstance(one, Dispatcher) and one not in reached)
assert len(kernels) > 80
def alike(signature):
    return str(signature).replace("readonly ", "").replace(", A)", ", C)").replace("Guide(int64", "Guide(float64")
print(*(where for kernel, where in kernels.items() if kernel not in reached), sep="\\n", end="")
twice = (kernel for kernel in kernels if len(set(map(alike, kernel.signatures))) < len(kernel.signatures))
print(*(kernels[kernel] for kernel in twice))
"""


@pytest.mark.slow
def test_no_kernel_is_left_to_be_compiled_in_a_solve() -> None:
    names = [module.name for module in pkgutil.walk_packages(solver.__path__, "solver.") if "__main__" not in module.name]
    asked = subprocess.run(
        [sys.executable, "-c", _ASK.format(names=names)], capture_output=True, text=True, check=False, timeout=600
    )
    assert asked.returncode == 0, asked.stderr
    assert asked.stdout.strip() == ""


def test_kernels_are_compiled_in_one_place_only() -> None:
    for path in Path(solver.__file__).parent.rglob("*.py"):
        if path.name != "compiled.py":
            assert "njit" not in path.read_text(encoding="utf-8"), path


def test_machine_code_is_not_used_once_what_it_calls_has_changed(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    shutil.copy(compiled.__file__, package / "compiled.py")
    decorated = "from package.compiled import kernel\n\n@kernel\ndef"
    (package / "outer.py").write_text(
        f"from package.inner import called\n{decorated} calling(x: int) -> int:\n    return called(x)\n"
    )
    code = "from package.outer import calling; print(calling(1), sum(calling.stats.cache_hits.values()))"
    said = []
    for body in ("x + 1", "x + 1", "x + 10"):
        (package / "inner.py").write_text(f"{decorated} called(x: int) -> int:\n    return {body}\n")
        asked = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True, text=True)
        said.append(asked.stdout)
    assert said == ["2 0\n", "2 1\n", "11 0\n"]


def test_what_is_loaded_is_what_is_kept_and_nothing_is_compiled(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    shutil.copy(compiled.__file__, package / "compiled.py")
    (package / "some.py").write_text(
        "from package.compiled import kernel\n\n@kernel\ndef called(x: int) -> int:\n    return x\n\n"
        "@kernel\ndef never(x: int) -> int:\n    return x\n"
    )
    code = (
        "from package import compiled\nfrom package.some import called, never\n"
        "print(compiled.load(), sum(called.stats.cache_hits.values()), len(never.signatures), end=' ')\n"
        "called(1), called(1.0)\nprint(sum(called.stats.cache_misses.values()))"
    )
    said = []
    for _ in range(2):
        asked = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True, text=True)
        said.append(asked.stdout)
    assert said == ["0 0 0 2\n", "2 2 0 0\n"]


@pytest.mark.parametrize("kept", ["*.nbc", "*.nbi"])
def test_machine_code_that_cannot_be_read_is_compiled_anew(tmp_path: Path, kept: str) -> None:
    """Damaged, or of a version whose modules had other names."""
    package = tmp_path / "package"
    package.mkdir()
    shutil.copy(compiled.__file__, package / "compiled.py")
    (package / "some.py").write_text(
        "from package.compiled import kernel\n\n@kernel\ndef called(x: int) -> int:\n    return x\n"
    )
    code = (
        "from package import compiled\nfrom package.some import called\n"
        "print(compiled.load(), called(7), sum(called.stats.cache_hits.values()))"
    )
    said = []
    for damage in (False, False, True, False):
        for file in package.rglob(kept) if damage else ():
            file.write_bytes(file.read_bytes()[:100] + b"damaged")
        asked = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True, text=True)
        said.append(asked.stdout)
    assert said == ["0 7 0\n", "1 7 1\n", "0 7 0\n", "1 7 1\n"]

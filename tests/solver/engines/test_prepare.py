"""Preparing calls every kernel of the engines."""

from __future__ import annotations

import os
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import solver.engines

#: Prepares in a process of its own, and tells which kernels nobody called. Inner kernels are compiled with those that
#: call them, hence the empty cache.
_ASK = """
from importlib import import_module
from numba.core.dispatcher import Dispatcher
from solver.prepare import prepare
prepare()
seen = 0
for name in {names!r}:
    for key, value in vars(import_module("solver.engines." + name)).items():
        if isinstance(value, Dispatcher):
            seen += 1
            if not value.signatures:
                print(name, key)
assert seen > 50
"""


@pytest.mark.slow
def test_no_kernel_is_left_to_be_compiled_in_a_solve(tmp_path: Path) -> None:
    names = [module.name for module in pkgutil.iter_modules(solver.engines.__path__)]
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    asked = subprocess.run(
        [sys.executable, "-c", _ASK.format(names=names)], capture_output=True, text=True, env=environment, check=False
    )
    assert asked.returncode == 0, asked.stderr
    assert asked.stdout == ""

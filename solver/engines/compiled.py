"""How kernels are compiled: one place for the choices, with types kept.

Machine code is cached next to the source, or where numba falls back to (its `NUMBA_CACHE_DIR`, the user's cache
directory); where nothing can be written kernels are compiled anew in each process. They release the interpreter lock.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

_F = TypeVar("_F", bound=Callable[..., Any])


def kernel(function: _F) -> _F:
    """Compile a function that may create arrays."""
    return _compiled(function, {})


def inner(function: _F) -> _F:
    """Compile a function that creates no array: without reference counts, which cost more than its work."""
    return _compiled(function, {"_nrt": False})


def _compiled(function: _F, more: dict[str, Any]) -> _F:
    compile_with: Any = njit
    options = {"nogil": True, "error_model": "numpy", **more}
    try:
        return cast(_F, compile_with(cache=True, **options)(function))
    except RuntimeError:
        # Numba found no directory to cache in.
        return cast(_F, compile_with(**options)(function))

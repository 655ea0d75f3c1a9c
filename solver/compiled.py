"""How kernels are compiled: one place for the choices, with types kept.

Machine code is cached next to the source, or where numba falls back to (its `NUMBA_CACHE_DIR`, the user's cache
directory); where nothing can be written kernels are compiled anew in each process. They release the interpreter lock.

Machine code is good for the sources it was made of. Numba looks only at the file that a kernel stands in, but what a kernel
calls from other files is compiled into it: so here any change in the package makes all of it stale.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

from numba import njit

_F = TypeVar("_F", bound=Callable[..., Any])

#: Every kernel whose machine code is kept on disk.
_kept: list[Any] = []


def kernel(function: _F) -> _F:
    """Compile a function that may create arrays."""
    return _compiled(function, {})


def inner(function: _F) -> _F:
    """Compile a function that creates no array: without reference counts, which cost more than its work."""
    return _compiled(function, {"_nrt": False})


def inlined(function: _F) -> _F:
    """Write a function into each kernel that calls it: a call would copy the arrays among its arguments."""
    return _compiled(function, {"inline": "always"})


def _compiled(function: _F, more: dict[str, Any]) -> _F:
    compile_with: Any = njit
    options = {"nogil": True, "error_model": "numpy", **more}
    try:
        made = compile_with(cache=True, **options)(function)
    except RuntimeError:
        # Numba found no directory to cache in.
        made = compile_with(**options)(function)
    else:
        # Not there where compilation is switched off.
        if made is not function:
            file = made._cache._cache_file
            file._source_stamp = (file._source_stamp, _sources())
            file._load_index, file.load = _or_nothing(file._load_index, {}), _or_nothing(file.load, None)
            _kept.append(made)
    return cast(_F, made)


def _or_nothing(read: Callable[..., Any], nothing: Any) -> Callable[..., Any]:
    """Take what cannot be read for what is not there, so that it is compiled anew.

    A damaged file, or one of a version whose modules had other names, raises whatever its bytes make unpickling raise.
    """

    def tried(*given: Any) -> Any:
        try:
            return read(*given)
        except Exception:
            return nothing

    return tried


def load() -> int:
    """Load the machine code that is kept on disk of all kernels imported so far, and compile none.

    Else each process loads what it calls when it calls it, about a second in all: for one that others are forked from. What
    cannot be read is left to whoever calls it, and compiled anew then.

    Returns
    -------
    How many there were, each kernel counted once for each combination of types that it was compiled for.
    """
    return sum(_loaded(made) for made in _kept)


def _loaded(made: Any) -> int:
    file = made._cache._cache_file
    readable = [key for key in file._load_index() if file.load(key) is not None]
    for types, *_ in readable:
        made.compile(types)
    return len(readable)


@cache
def _sources() -> str:
    """A digest of all sources of the package."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


@inner
def number(value: int) -> int:
    """The value, as a whole number like any other: numba compiles a kernel once more for each that stands in the source."""
    return int(value)

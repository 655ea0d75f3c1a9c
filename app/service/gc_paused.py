"""Without looking for garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def gc_paused() -> Iterator[None]:
    """Have no garbage looked for while a million values are made that are all in use.

    It would be looked for among them again and again, and takes longer than all the rest. What others leave behind in
    the meantime is found later.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()

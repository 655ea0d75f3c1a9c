"""The canonical form that engines solve, with its file, its checker, and what goes into a solve of one and comes out."""

from solver.packing.form import (
    LARGEST_TOTAL,
    IntArray,
    Packing,
    PackingError,
    Placement,
    load,
    load_placement,
    save_placement,
)

__all__ = ["LARGEST_TOTAL", "IntArray", "Packing", "PackingError", "Placement", "load", "load_placement", "save_placement"]

"""Five solves that repeat, and a digest of what each came to: a change that only moves or renames changes none of them.

``python -m tests.solver.golden`` compares this tree's answers with the stored ones; ``--keep`` stores them anew. One worker,
a seed and a limit of work make a solve repeat on one machine. Another processor may round otherwise, so the digests are for
a comparison before and after on one machine: where that is another one, keep them anew before the change.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from solver import Limits, place
from solver.engines import solve
from solver.packing import Packing
from tests.bench.instances import random_plane, read_sscflp
from tests.bench.problems import load_problem

ROOT = Path(__file__).parents[2]
KEPT = Path(__file__).with_name("golden.json")

#: The clock must not end a solve before its work is done.
_SECONDS = 3_600.0


@dataclass(frozen=True, slots=True)
class Golden:
    """What a solve came to: the digest of its plan beside its cost and bound."""

    cost: int
    bound: int
    plan: str


def scarce_covering() -> Packing:
    """100 items with five equally dear options among 15 rows that hold six each: room for nine tenths of them."""
    random = np.random.default_rng(5)
    row = np.array([np.sort(random.choice(15, 5, replace=False)) for _ in range(100)], np.int64)
    return Packing(
        item_ptr=np.arange(101) * 5,
        item_count=np.ones(100, np.int64),
        item_penalty=np.full(100, 100_000),
        option_cost=np.full(500, 1_000),
        load_ptr=np.arange(501),
        load_row=row.ravel(),
        load_amount=np.ones(500, np.int64),
        row_capacity=np.full(15, 6),
    )


def _packed(packing: Packing, work: int) -> Golden:
    found = solve(packing, Limits(_SECONDS, work=work, seed=7))
    return Golden(found.cost, found.bound, _digest(found.item, found.option, found.count))


def _facility() -> Packing:
    return read_sscflp(ROOT / "tests/bench/data/holmberg-p1.gz")


def _reference(warm: bool) -> Golden:
    """The reference request of Korea; or, `warm`, that once more, from what the first solve left."""
    problem, limits = load_problem(ROOT / "data/reference"), Limits(_SECONDS, work=6, seed=7)
    found = place(problem, limits)
    if warm:
        found = place(problem, limits, before=found.memory)
    plan = found.plan
    columns = (getattr(plan, column.name) for column in fields(plan))
    return Golden(found.cost, found.bound, _digest(*columns))


def _digest(*arrays: np.ndarray[Any, Any]) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array, np.int64).tobytes() + b"|")
    return digest.hexdigest()[:32]


GOLDEN: dict[str, Callable[[], Golden]] = {
    "reference": lambda: _reference(warm=False),
    "warm start": lambda: _reference(warm=True),
    "scarce covering": lambda: _packed(scarce_covering(), 4),
    "plane": lambda: _packed(random_plane(400, 40, 8, 3, 0.9, seed=3), 6),
    "facility": lambda: _packed(_facility(), 6),
}


def kept() -> dict[str, Golden]:
    """The stored ones by name."""
    return {name: Golden(**found) for name, found in json.loads(KEPT.read_text()).items()}


def main(arguments: list[str]) -> int:
    """Compare, or with ``--keep`` store; 1 where something differs."""
    before, differing = kept() if KEPT.exists() else {}, 0
    found = {}
    for name, made in GOLDEN.items():
        found[name] = now = made()
        same = now == before.get(name)
        differing += not same
        said = f"cost {now.cost:,} bound {now.bound:,} plan {now.plan}"
        print(f"{'same' if same else 'differs':8} {name:16} {said}", flush=True)
    if "--keep" in arguments:
        KEPT.write_text(json.dumps({name: asdict(one) for name, one in found.items()}, indent=1) + "\n")
        return 0
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

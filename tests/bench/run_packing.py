"""Solve packing instances through the command line and compare with what is known of them.

Run from the root of the repository, for instance::

    python -m tests.bench.run_packing --gap FOLDER --sscflp FOLDER --seconds 60 --workers 2
    python -m tests.bench.run_packing --plane 10000,1000,20,3,0.85,1 --seconds 60
    python -m tests.bench.run_packing --packing FILE.npz

`FOLDER` holds an `instances.csv` whose first column is a file name relative to it and whose last two columns, if they
are numbers, are the best proven bound and the best known value. Every plan is checked by `python -m solver check`.
Prints a Markdown table; `--json FILE` also writes the rows as JSON.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from solver.packing import Packing, load
from tests.bench.instances import random_plane, read_gap, read_sscflp

_COLUMNS = ("instance", "granularity", "best_known", "cost", "off_best", "bound", "gap", "status", "unplaced")
_TIMES = ("seconds", "bound_seconds")


def listed(folder: Path, read: Callable[[Path], Packing], only: str) -> Iterator[tuple[str, Packing, int]]:
    """Name, packing and best known value of the instances in a folder's list whose name contains `only`."""
    with open(folder / "instances.csv", newline="") as file:
        for row in list(csv.reader(file))[1:]:
            if only in row[0]:
                yield row[0], read(folder / row[0]), int(float(row[-1]))


def run(packing: Packing, seconds: float, workers: int, seed: int) -> dict[str, Any]:
    """The solver's answer for a packing, its plan checked; raises if the checker objects."""
    with tempfile.TemporaryDirectory() as folder:
        file, plan = Path(folder) / "instance.npz", Path(folder) / "plan.npz"
        packing.save(file)
        command = [sys.executable, "-m", "solver"]
        limits = ["--seconds", str(seconds), "--workers", str(workers), "--seed", str(seed)]
        solved = subprocess.run(
            [*command, "solve", file, *limits, "--out", plan], check=True, capture_output=True, text=True
        )
        answer: dict[str, Any] = json.loads(solved.stdout)
        checked = subprocess.run([*command, "check", file, plan], check=True, capture_output=True, text=True)
        if json.loads(checked.stdout)["cost"] != answer["cost"]:
            raise RuntimeError("the checker finds another cost than the solver")
    return answer


def row_of(name: str, packing: Packing, best: int | None, answer: dict[str, Any]) -> dict[str, Any]:
    """One line of the table; `off_best` is the distance to the best known value, in percent of it."""
    copies = int(packing.item_count.sum())
    return {
        "instance": name,
        "granularity": f"{copies} copies, {packing.options} options, {packing.rows} rows",
        "best_known": best,
        "off_best": None if best is None else round(100 * (answer["cost"] - best) / best, 3),
        **answer,
        "gap": round(100 * answer["gap"], 3),
    }


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gap", type=Path, metavar="FOLDER", help="generalised assignment instances")
    parser.add_argument("--sscflp", type=Path, metavar="FOLDER", help="single-source facility location instances")
    parser.add_argument("--only", default="", help="only listed instances whose name contains this")
    parser.add_argument("--plane", action="append", default=[], metavar="ITEMS,NODES,OPTIONS,RESOURCES,LOAD,SEED")
    parser.add_argument("--packing", action="append", default=[], type=Path, metavar="FILE.npz")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, metavar="FILE")
    given = parser.parse_args()

    def instances() -> Iterator[tuple[str, Packing, int | None]]:
        if given.gap:
            yield from listed(given.gap, read_gap, given.only)
        if given.sscflp:
            yield from listed(given.sscflp, read_sscflp, given.only)
        for text in given.plane:
            items, nodes, options, resources, full, seed = text.split(",")
            packing = random_plane(int(items), int(nodes), int(options), int(resources), float(full), int(seed))
            yield f"plane {text}", packing, None
        for path in given.packing:
            yield path.name, load(path), None

    columns = (*_COLUMNS, *_TIMES)
    print("| " + " | ".join(columns) + " |\n|" + "---|" * len(columns), flush=True)
    rows = []
    for name, packing, best in instances():
        row = row_of(name, packing, best, run(packing, given.seconds, given.workers, given.seed))
        rows.append({**row, "seed": given.seed, "workers": given.workers, "limit_seconds": given.seconds})
        print("| " + " | ".join("" if row[c] is None else str(row[c]) for c in columns) + " |", flush=True)
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()

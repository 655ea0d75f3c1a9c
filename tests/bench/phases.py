"""What each phase of a solve earns: an instance solved with all of them, and with each that ran left out in turn.

``python -m tests.bench --phases`` runs this, one solve after the other, each in a process of its own, and writes phases.md
and phases.json. A gap is by the bound of its own solve, so it is also wider where only the proof is missing; a cost is not.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench.suites import BUNDLED, ROOT, Instance, edgewise, national, plane, reference, weights

Row = dict[str, Any]

_HEAD = (
    "instance", "left out", "its own s", "gap %", "gap % without", "cost without / with", "seconds", "seconds without"
)  # fmt: skip

#: Seconds that a process may take beyond its limit before it is given up.
_GRACE = 120.0


def instances(seed: int) -> list[Instance]:
    """The networks and the plane that count most, and one instance of each bundled family for the specialists."""
    return [
        reference(10.0),
        national(1_000, 10_000, seed, 20.0),
        plane(10_000, 1_000, 20, 3, 0.85, seed, 15.0),
        Instance("gap-c05100", "gap", "packing", ("gap", str(BUNDLED / "c05100.gz")), None, 10.0, 1931),
        Instance("sscflp-p1", "sscflp", "packing", ("sscflp", str(BUNDLED / "holmberg-p1.gz")), None, 10.0, 8848),
        weights(200, 30, 5, 12, seed, 10.0),
        edgewise(32, seed, 10.0),
    ]


def solved(instance: Instance, given: argparse.Namespace, out: Path, without: str | None) -> Row:
    """One solve in a process of its own: cost, bound, seconds, seconds of each phase; or a `failure`."""
    seconds = given.seconds or instance.seconds
    limits = [str(seconds), str(given.workers), str(given.seed), without or ""]
    command = [sys.executable, "-m", "tests.bench.phases", str(out), *limits, *instance.maker]
    try:
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=seconds + _GRACE, check=False)
    except subprocess.TimeoutExpired:
        return {"failure": f"no answer {_GRACE:.0f} s after its limit"}
    if ended.returncode:
        return {"failure": (ended.stderr.strip().splitlines() or ["no message"])[-1]}
    row: Row = json.loads(ended.stdout.splitlines()[-1])
    return row


def compared(instance: Instance, given: argparse.Namespace, out: Path) -> Row:
    """All solves of one instance."""
    record: Row = {"name": instance.name, "seconds": given.seconds or instance.seconds, "load": os.getloadavg()[0]}
    record["whole"] = whole = solved(instance, given, out, None)
    record["without"] = {}
    for phase in whole.get("phases", {}):
        print(f"{instance.name}: without {phase} ...", file=sys.stderr, flush=True)
        record["without"][phase] = solved(instance, given, out, phase)
    return record


def page(records: list[Row]) -> str:
    """The table as Markdown, a line for each phase that ran."""
    lines = [_HEAD, ("---", "---", *["---:"] * (len(_HEAD) - 2))]
    for record in records:
        lines.extend(_lines(record))
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _lines(record: Row) -> Iterator[tuple[str, ...]]:
    whole, name = record["whole"], f"{record['name']} ({record['seconds']:g} s)"
    if "failure" in whole:
        yield (name, whole["failure"], *[""] * (len(_HEAD) - 2))
    elif not whole["phases"]:
        # Column generation alone took the time of a large network.
        yield (name, "no phase ran", "", _percent(whole), "", "", f"{whole['seconds']:.1f}", "")
    for phase, row in record["without"].items():
        own, gap, seconds = f"{whole['phases'][phase]:.2f}", _percent(whole), f"{whole['seconds']:.1f}"
        if "failure" in row:
            yield name, phase, own, gap, row["failure"], "", seconds, ""
        else:
            ratio = f"{row['cost'] / max(1, whole['cost']):.5f}"
            yield name, phase, own, gap, _percent(row), ratio, seconds, f"{row['seconds']:.1f}"


def _percent(row: Row) -> str:
    return f"{100 * (row['cost'] - row['bound']) / max(1, abs(row['cost'])):.3f}"


def earn(given: argparse.Namespace, out: Path) -> int:
    """Run all, write and print the table; the exit code is 1 if a solve failed."""
    records: list[Row] = []
    for instance in instances(given.seed):
        if given.only in instance.name:
            print(f"{instance.name}: with all phases ...", file=sys.stderr, flush=True)
            records.append(compared(instance, given, out))
            (out / "phases.json").write_text(json.dumps(records, indent=1) + "\n")
            (out / "phases.md").write_text(page(records))
    print(json.dumps(records) if given.json else page(records))
    rows = [row for record in records for row in (record["whole"], *record["without"].values())]
    return 1 if any("failure" in row for row in rows) else 0


def main(arguments: list[str]) -> int:
    """``python -m tests.bench.phases OUT SECONDS WORKERS SEED WITHOUT MAKER ...``: one solve, told as a line of JSON."""
    from solver import Limits, SolveParams, place
    from solver.engines import solve
    from tests.bench.prepare import PACKINGS, generated
    from tests.bench.problems import load_problem

    out, seconds, workers, seed, without, what, *maker = arguments
    limits = Limits(float(seconds), int(workers), int(seed))
    params = SolveParams(without=frozenset({without} if without else ()))
    if what in PACKINGS:
        solution = solve(PACKINGS[what](*maker)[0], limits, params=params)
        found: Row = {"cost": solution.cost, "bound": solution.bound, "seconds": solution.seconds}
        phases = solution.phase_seconds
    else:
        folder = Path(maker[0]) if what == "folder" else generated(*maker, Path(out))
        result = place(load_problem(folder), limits, params=params)
        found, phases = {"cost": result.cost, "bound": result.bound, "seconds": result.seconds}, result.phase_seconds
    print(json.dumps(found | {"phases": dict(phases)}))
    return 0


if __name__ == "__main__":
    from solver.on_files import leave

    # An engine that did not heed the end may still be at work: an ordinary exit would wait for it, or crash in it.
    leave(main(sys.argv[1:]))

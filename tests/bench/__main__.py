"""Race Edgeplan against simple ways of placing and bare CP-SAT, on the reference network and on generated ones.

Makes the problems, runs each contestant in a process of its own, one after the other, and writes into the out folder
bench.md (the table), bench.json (every figure and the course of each run) and one SVG for each instance (cost and bound
over time). Generated networks are kept there and used again.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.bench.chart import draw
from tests.bench.table import page, sound

ROOT = Path(__file__).resolve().parents[2]
PEERS = ("nearest", "nearest+edge", "first-fit", "cheapest", "filter-and-score", "cp-sat")

#: What the generator takes, see `python -m data.generate --help`.
_NODES, _WORKLOADS = range(20, 100_001), range(1, 1_000_001)

Row = dict[str, Any]


def size(text: str) -> tuple[int, int]:
    """Nodes and workloads of `NODESxWORKLOADS`."""
    parts = text.lower().split("x")
    if len(parts) != 2 or not all(part.isascii() and part.isdigit() for part in parts):
        raise argparse.ArgumentTypeError(f"{text!r} is not NODESxWORKLOADS, for instance 300x1000")
    nodes, workloads = int(parts[0]), int(parts[1])
    if nodes not in _NODES or workloads not in _WORKLOADS:
        raise argparse.ArgumentTypeError(
            f"{text!r}: {_NODES[0]} to {_NODES[-1]} nodes and {_WORKLOADS[0]} to {_WORKLOADS[-1]} workloads can be made"
        )
    return nodes, workloads


def several_sizes(text: str) -> list[tuple[int, int]]:
    """Sizes with commas between them; nothing at all means no generated network."""
    return list(dict.fromkeys(size(part.strip()) for part in text.split(",") if text.strip()))


def several_peers(text: str) -> list[str]:
    """Names of baselines with commas between them."""
    names = [part.strip() for part in text.split(",") if text.strip()]
    for name in names:
        if name not in PEERS:
            raise argparse.ArgumentTypeError(f"{name!r} is not one of {', '.join(PEERS)}")
    return list(dict.fromkeys(names))


def positive(text: str) -> float:
    """A number of seconds above zero."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e6:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above zero")
    return seconds


def whole(least: int) -> Any:
    """Reads whole numbers from `least` to 2**31 - 1."""

    def number(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not least <= int(text) < 2**31:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least}")
        return int(text)

    return number


def options() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=several_sizes, default=[(300, 1000)], metavar="N1xW1,N2xW2",
                        help="generated networks: nodes x workloads (300x1000); '' for none")  # fmt: skip
    parser.add_argument("--no-reference", action="store_true", help="leave the reference network out")
    parser.add_argument("--peers", type=several_peers, default=list(PEERS), metavar="A,B",
                        help=f"baselines ({','.join(PEERS)}); '' for none")  # fmt: skip
    parser.add_argument("--seconds", type=positive, default=60.0, help="wall-clock limit of each run (60)")
    parser.add_argument("--workers", type=whole(1), default=os.cpu_count() or 1, help="cores of each run (all)")
    parser.add_argument("--seed", type=whole(0), default=1, help="seed of networks and solvers (1)")
    parser.add_argument("--out", type=Path, default=Path("var/bench"), help="folder to write to (var/bench)")
    parser.add_argument("--json", action="store_true", help="print bench.json instead of the table")
    return parser


def made(nodes: int, workloads: int, seed: int, out: Path) -> Path:
    """Folder of a generated network; made anew when it is missing or the generator is not what it was."""
    folder = out / f"{nodes}x{workloads}-seed{seed}"
    generator = hashlib.sha256(b"".join(path.read_bytes() for path in sorted((ROOT / "data").rglob("*.py")))).hexdigest()
    mark = folder / "generator"
    if not mark.exists() or mark.read_text() != generator:
        sizes = ["--nodes", str(nodes), "--workloads", str(workloads), "--seed", str(seed)]
        command = [sys.executable, "-m", "data.generate", *sizes, "--out", str(folder)]
        subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
        mark.write_text(generator)
    return folder


def run(who: str, folder: Path, offer: Path, given: argparse.Namespace) -> Row:
    """One row from a process of its own; a row that breaks says so in its status."""
    limits = ["--seconds", str(given.seconds), "--workers", str(given.workers), "--seed", str(given.seed)]
    command = [sys.executable, "-m", "tests.bench.row", who, str(folder), str(offer), *limits]
    try:
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=4 * given.seconds + 900)
    except subprocess.TimeoutExpired as late:
        return {"who": who, "status": f"failed: no answer after {late.timeout:.0f} s"}
    if ended.returncode != 0:
        last = (ended.stderr.strip().splitlines() or ["no message"])[-1]
        return {"who": who, "status": f"failed ({ended.returncode}): {last}"}
    answer: Row = json.loads(ended.stdout.splitlines()[-1])
    return answer


def race(name: str, seed: int | None, folder: Path, out: Path, given: argparse.Namespace) -> Row:
    """All contestants on one instance."""

    def told(who: str) -> Row:
        print(f"{name}: {who} ...", file=sys.stderr, flush=True)
        row = run(who, folder, offer, given)
        cost = f"cost {row['cost']:,} in {row['seconds']:g} s" if "cost" in row else row.get("status", "")
        print(f"{name}: {who}: {cost or 'done'}", file=sys.stderr, flush=True)
        return row

    offer = out / f"{name}.npz"
    facts = told("options")
    listed = "nodes" in facts
    rows = [told(who) for who in ("edgeplan", *given.peers)] if listed else []
    offer.unlink(missing_ok=True)
    return {"name": name, "seed": seed, "facts": facts, "rows": rows}


def main(arguments: list[str] | None = None) -> int:
    """Entry point of ``python -m tests.bench``: 0, or 1 if a run broke or gave a plan that is not legal."""
    given = options().parse_args(arguments)
    out: Path = given.out.resolve()
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        print(f"python -m tests.bench: cannot write to {given.out}: {error.strerror}", file=sys.stderr)
        return 2
    instances = [] if given.no_reference else [("reference", None, ROOT / "data" / "reference")]
    for nodes, workloads in given.sizes:
        name = f"{nodes}x{workloads}"
        instances.append((name, given.seed, made(nodes, workloads, given.seed, out)))
    record: Row = {"seconds": given.seconds, "workers": given.workers, "seed": given.seed, "instances": []}
    for name, seed, folder in instances:
        record["instances"].append(race(name, seed, folder, out, given))
        drawing = draw(name, record["instances"][-1]["rows"])
        if drawing:
            (out / f"{name}.svg").write_text(drawing)
        # After each instance, so that a run that is broken off leaves what it has.
        (out / "bench.json").write_text(json.dumps(record, indent=1) + "\n")
        (out / "bench.md").write_text(page(record))
    print(json.dumps(record) if given.json else page(record))
    return 0 if sound(record) else 1


if __name__ == "__main__":
    sys.exit(main())

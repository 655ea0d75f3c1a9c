"""Race Edgeplan against its peers, side by side: one table over all instances of a suite, as Markdown and as JSON.

Every contestant runs in a process of its own, one after the other, with the same instance, wall-clock limit and cores, and
its plan is judged from outside. The out folder gets bench.md (the table), bench.json (every figure and the course of each
run) and one SVG for each instance (cost and bound over time). Rows that are not run, fail or are killed say so.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.bench.chart import draw
from tests.bench.contestants import CONTESTANTS, OTHERS, PEERS, Contestant, Task
from tests.bench.extras import EXTRAS
from tests.bench.phases import earn
from tests.bench.race import READING, run
from tests.bench.suites import BUNDLED, PUBLIC, ROOT, SUITES, Instance, described, file, national, plane, suite
from tests.bench.table import page, sound

#: What the generator takes, see `python -m data.generate --help`.
_NODES, _WORKLOADS = range(20, 100_001), range(1, 1_000_001)

Row = dict[str, Any]


def network_size(text: str) -> tuple[int, int]:
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


def plane_size(text: str) -> tuple[int, int, int, int, float]:
    """Items, nodes, options, resources and load of `ITEMS,NODES,OPTIONS,RESOURCES,LOAD`."""
    try:
        items, nodes, options, resources, load = text.split(",")
        sizes = int(items), int(nodes), int(options), int(resources), float(load)
    except ValueError:
        sizes = 0, 0, 0, 0, 0.0
    if min(sizes) <= 0 or sizes[2] > sizes[1]:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not ITEMS,NODES,OPTIONS,RESOURCES,LOAD with no more options than nodes, such as 1000,99,9,3,0.7"
        )
    return sizes


def several_peers(text: str) -> list[str]:
    """Names of contestants with commas between them."""
    names = [part.strip() for part in text.split(",") if part.strip()]
    for name in names:
        if name not in CONTESTANTS:
            raise argparse.ArgumentTypeError(f"{name!r} is not one of {', '.join((*PEERS, *OTHERS))}")
    return [name for name in dict.fromkeys(names) if name != "edgeplan"]


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
    suites = "suites:\n" + "\n".join(f"  {line}" for line in described())
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description=__doc__, epilog=suites,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--suite", action="append", choices=SUITES, default=[],
                        help="instances to run, may be repeated (quick, if no instance is named)")  # fmt: skip
    parser.add_argument("--network", action="append", type=network_size, default=[], metavar="NODESxWORKLOADS",
                        help="a generated network on top")  # fmt: skip
    parser.add_argument("--plane", action="append", type=plane_size, default=[],
                        metavar="ITEMS,NODES,OPTIONS,RESOURCES,LOAD", help="a random-plane packing on top")  # fmt: skip
    parser.add_argument("--packing", action="append", type=Path, default=[], metavar="FILE.npz",
                        help="a packing file on top")  # fmt: skip
    parser.add_argument("--public", type=Path, default=PUBLIC, metavar="FOLDER",
                        help="folder with gap/ and sscflp/ and their instances.csv (../shared/bench)")  # fmt: skip
    parser.add_argument("--only", default="", metavar="TEXT", help="only instances whose name contains this")
    parser.add_argument(
        "--peers",
        type=several_peers,
        default=None,
        metavar="A,B",
        help=f"who else runs; '' for nobody ({','.join(PEERS)}; where installed {','.join(OTHERS)})",
    )
    parser.add_argument("--phases", action="store_true",
                        help="instead of a race: solve with each phase left out in turn, to see what it earns")  # fmt: skip
    parser.add_argument("--extras", action="store_true",
                        help=f"install {' and '.join(OTHERS)} into environments under var/bench/envs first")  # fmt: skip
    parser.add_argument("--seconds", type=positive, help="wall-clock limit of each run (the suite's own: 10, 60 or 240)")
    parser.add_argument("--workers", type=whole(1), default=os.cpu_count() or 1, help="cores of each run (all)")
    parser.add_argument("--seed", type=whole(0), default=1, help="seed of instances and solvers (1)")
    parser.add_argument("--out", type=Path, default=Path("var/bench"), help="folder to write to (var/bench)")
    parser.add_argument("--json", action="store_true", help="print bench.json instead of the table")
    return parser


def chosen(given: argparse.Namespace) -> tuple[list[Instance], list[str]]:
    """The instances that the command line asks for, and a sentence for each that had to be left out."""
    named = given.network or given.plane or given.packing
    instances: list[Instance] = []
    absent: list[str] = []
    for name in given.suite or ([] if named else ["quick"]):
        more, missing = suite(name, given.seed, given.public)
        instances.extend(more)
        absent.extend(missing)
    instances.extend(national(*size, given.seed) for size in given.network)
    instances.extend(plane(*size, given.seed) for size in given.plane)
    instances.extend(file(path) for path in given.packing)
    once = {instance.name: instance for instance in instances if given.only in instance.name}
    return list(once.values()), absent


def prepared(instance: Instance, packing: Path, seconds: float, workers: int) -> Row:
    """Make an instance; its facts, or a status that says why there are none."""
    limits = ["--out", str(packing), "--seconds", str(seconds), "--workers", str(workers)]
    command = [sys.executable, "-m", "tests.bench.prepare", *instance.maker, *limits]
    try:
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=READING + 4 * seconds)
    except subprocess.TimeoutExpired as late:
        return {"status": f"failed: not made after {late.timeout:.0f} s"}
    if ended.returncode:
        return {"status": f"failed: {(ended.stderr.strip().splitlines() or ['no message'])[-1]}"}
    facts: Row = json.loads(ended.stdout.splitlines()[-1])
    return facts


def row_of(contestant: Contestant, task: Task) -> Row:
    """One contestant's row: run, then judged; without a plan it has no cost."""
    excuse = contestant.excuse(task.instance, task.facts)
    if excuse:
        return {"who": contestant.name, "status": excuse}
    task.plan.unlink(missing_ok=True)
    environment = contestant.extra.environment() if contestant.extra else None
    answer = run(contestant.command(task), task.seconds, ROOT, environment)
    row: Row = {"who": contestant.name, "process_seconds": round(answer.process_seconds, 2)}
    if answer.failure:
        return row | {"status": answer.failure, "peak_mib": answer.peak_mib}
    ended = answer.ended
    judged = ended.get("judged")
    if judged is None:
        if not task.plan.exists():
            return row | {"status": f"no plan: {ended.get('status', 'it said nothing')}", "peak_mib": answer.peak_mib}
        judged = verdict_on(contestant, task)
    if "cost" not in judged:
        return row | {"status": f"not legal: {'; '.join(judged['faults'])}", "legal": False}
    # Only a bound on all options is a bound on the instance.
    whole = task.facts["every_legal_option"] or contestant.name == "edgeplan"
    bound = ended.get("bound") if whole else None
    first = ended.get("first_seconds", next((at for at, cost, _ in answer.course if cost is not None), None))
    seconds = ended["seconds"] + judged.pop("extra_seconds", 0.0)
    quick = not answer.course and bound is None
    return row | {
        "status": ended.get("status", ""), **judged, "bound": bound,
        "gap": None if bound is None else (judged["cost"] - bound) / max(1, abs(judged["cost"])),
        "first_seconds": round(seconds, 4) if first is None and quick and not contestant.extra else first,
        "seconds": round(seconds, 4), "bound_seconds": ended.get("bound_seconds"),
        "peak_mib": ended.get("peak_mib", answer.peak_mib), "series": answer.course,
    }  # fmt: skip


def verdict_on(contestant: Contestant, task: Task) -> Row:
    """What the judge says of a plan."""
    folder = ["--folder", task.facts["folder"]] if task.instance.kind == "network" else []
    anywhere = ["--anywhere"] if folder and contestant.anywhere else []
    command = [sys.executable, "-m", "tests.bench.judge", str(task.packing), str(task.plan), *folder, *anywhere]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if ended.returncode:
        return {"legal": False, "faults": [(ended.stderr.strip().splitlines() or ["the judge failed"])[-1]]}
    judged: Row = json.loads(ended.stdout.splitlines()[-1])
    return judged


def warm(out: Path) -> None:
    """Have the solver's kernels compiled on a tiny instance, so that no run is held to account for its compiler."""
    tiny = out / "warm.npz"
    limits = ["--seconds", "1", "--workers", str(os.cpu_count() or 1)]
    make = ["tests.bench.prepare", "gap", str(BUNDLED / "gap1-0.gz"), "--out", str(tiny)]
    for arguments in (make, ["solver", "solve", str(tiny), *limits]):
        subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, check=True)
    tiny.unlink()


def race(instance: Instance, who: list[Contestant], given: argparse.Namespace, out: Path) -> Row:
    """All contestants on one instance."""
    seconds = given.seconds or instance.seconds
    packing = out / f"{instance.name}.npz"
    print(f"{instance.name}: making it ...", file=sys.stderr, flush=True)
    facts = prepared(instance, packing, seconds, given.workers)
    rows = []
    for contestant in who if "options" in facts else ():
        if instance.kind not in contestant.kinds:
            continue
        print(f"{instance.name}: {contestant.name} ...", file=sys.stderr, flush=True)
        plan = out / f"{instance.name}.plan.npz"
        row = row_of(contestant, Task(instance, facts, packing, plan, seconds, given.workers, given.seed))
        cost = f"cost {row['cost']:,} in {row['seconds']:.2f} s" if "cost" in row else row["status"]
        print(f"{instance.name}: {contestant.name}: {cost}", file=sys.stderr, flush=True)
        rows.append(row)
        plan.unlink(missing_ok=True)
    for made in (packing, packing.with_suffix(".offer.npz")):
        made.unlink(missing_ok=True)
    return {
        "name": instance.name, "family": instance.family, "seed": instance.seed, "seconds": seconds,
        "best_known": instance.best_known, "facts": facts, "rows": rows,
    }  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Entry point of ``python -m tests.bench``: 0, or 1 if Edgeplan broke, or a plan or a bound is wrong."""
    given = options().parse_args(arguments)
    out: Path = given.out.resolve()
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        print(f"python -m tests.bench: cannot write to {given.out}: {error.strerror}", file=sys.stderr)
        return 2
    if given.phases:
        return earn(given, out)
    instances, absent = chosen(given)
    for name in OTHERS if given.extras else ():
        print(f"{name}: installing unless it is there ...", file=sys.stderr, flush=True)
        problem = EXTRAS[name].install()
        if problem:
            absent.append(f"{name}: {problem}")
    peers = given.peers if given.peers is not None else [*PEERS, *(n for n in OTHERS if given.extras or EXTRAS[n].ready())]
    who = [CONTESTANTS[name] for name in ("edgeplan", *peers)]
    if not hasattr(os, "sched_setaffinity"):
        return compete(instances, absent, who, given, out)
    # Children inherit it: nobody uses more cores than granted, whatever threads it starts.
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(cores)[: given.workers])
    try:
        return compete(instances, absent, who, given, out)
    finally:
        os.sched_setaffinity(0, cores)


def compete(
    instances: list[Instance], absent: list[str], who: list[Contestant], given: argparse.Namespace, out: Path
) -> int:
    """Every contestant on every instance; the exit code."""
    warm(out)
    record: Row = {"workers": given.workers, "seed": given.seed, "absent": absent, "instances": []}
    for instance in instances:
        record["instances"].append(race(instance, who, given, out))
        draw(instance.name, record["instances"][-1]["rows"], out / f"{instance.name}.svg")
        # After each instance, so that a run that is broken off leaves what it has.
        (out / "bench.json").write_text(json.dumps(record, indent=1) + "\n")
        (out / "bench.md").write_text(page(record))
    print(json.dumps(record) if given.json else page(record))
    return 0 if sound(record) else 1


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main())

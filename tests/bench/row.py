"""One contestant of this repository on one instance, in a process of its own; it speaks as :mod:`tests.bench.say` says.

    python -m tests.bench.row cp-sat INSTANCE.npz PLAN.npz --seconds 60              on a packing
    python -m tests.bench.row nearest INSTANCE.npz PLAN.npz --folder FOLDER          on a network's listed options
    python -m tests.bench.row edgeplan INSTANCE.npz PLAN.npz --folder FOLDER         from the network, options and all

PLAN.npz is what is judged. Edgeplan's plan of a network may use options that are not listed, so it is judged here, by the
verifier, which knows no packing.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from pathlib import Path
from typing import Any

from solver.packing import Packing, Placement, load, save_placement
from tests.bench.say import say

#: Contestants on a packing, and those that know what its options stand for.
PACKERS = ("first-fit", "cheapest", "best-score", "cp-sat", "highs", "scip")
PLACERS = ("nearest", "nearest+edge", "first-fit", "cheapest", "filter-and-score")


def pack(who: str, packing: Packing, plan: Path, seconds: float, workers: int, seed: int) -> dict[str, Any]:
    """Solve a packing by one of `PACKERS`, write the plan if there is one, and tell how it ended."""
    from tests.bench.simple import SIMPLE, place_simply

    _warm()
    say("began")
    began = time.monotonic()
    told: dict[str, Any] = {"status": "done", "bound": None}
    placement: Placement | None
    if who in SIMPLE:
        placement = place_simply(packing, who)
    else:
        start = place_simply(packing, "cheapest")
        left = seconds - (time.monotonic() - began)
        if who == "cp-sat":
            from tests.bench.bare import solve_bare

            def note(at: float, cost: int, bound: int) -> None:
                say("step", seconds=at, cost=cost, bound=bound)

            bare = solve_bare(packing, left, workers, seed, start, note)
            placement = bare.placement if bare.series else None
            told |= {"status": bare.status, "bound": bare.bound if bare.series else None}
        else:
            from tests.bench.mip import solve_mip

            mip = solve_mip(packing, who, left, seed, start)
            placement = mip.placement
            told |= {"status": mip.status, "bound": mip.bound}
    told["seconds"] = time.monotonic() - began
    if placement is not None:
        save_placement(plan, placement)
    return told


def _warm() -> None:
    """Load what is compiled, so that no contestant is timed for its compiler."""
    import numpy as np

    from tests.bench.simple import SIMPLE, place_simply

    one = np.ones(1, np.int64)
    zero_one = np.array([0, 1], np.int64)
    for way in SIMPLE:
        place_simply(Packing(zero_one, one, one, one, zero_one, np.zeros(1, np.int64), one, one), way)


def place_nodes(who: str, folder: Path, offer_file: Path, plan: Path) -> dict[str, Any]:
    """One of `PLACERS` on the listed options of a network."""
    from tests.bench.baselines import BASELINES
    from tests.bench.offer import load_offer, offer_of
    from tests.bench.problems import load_problem
    from tests.world import world

    problem, offer = load_problem(folder), load_offer(offer_file)
    BASELINES[who](world(), offer_of(world(), 1, 1.0)[1])
    say("began")
    began = time.monotonic()
    placement = BASELINES[who](problem, offer)
    seconds = time.monotonic() - began
    save_placement(plan, placement)
    return {"status": "done", "bound": None, "seconds": seconds}


def edgeplan(folder: Path, offer_file: Path, seconds: float, workers: int, seed: int) -> dict[str, Any]:
    """Edgeplan's own row on a network: the whole road from the problem in memory to a verified plan."""
    from solver.engines import Limits, Progress
    from solver.judging.verify import verify
    from solver.place import place
    from tests.bench.offer import accelerators_in_use, load_offer
    from tests.bench.problems import load_problem
    from tests.world import world

    problem = load_problem(folder)
    place(world(), Limits(1.0, workers))  # loads what is compiled; a running service has that behind it
    say("began")
    last: tuple[int, int] | None = None

    def note(step: Progress) -> None:
        nonlocal last
        if (step.cost, step.bound) != last:
            last = (step.cost, step.bound)
            say("step", seconds=step.seconds, cost=step.cost, bound=step.bound)

    began = time.monotonic()
    result = place(problem, Limits(seconds, workers, seed), on_progress=note)
    took = time.monotonic() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    say("step", seconds=took, cost=result.cost, bound=result.bound)
    verdict = verify(problem, result.plan)
    faults = [violation.sentence for violation in verdict.violations[:3]]
    if verdict.cost != result.cost:
        faults.append(f"the verifier finds a cost of {verdict.cost}, not {result.cost}")
    shards = sum(workload.shards for workload in problem.workloads)
    return {
        "status": result.status, "seconds": took, "bound": result.bound, "first_seconds": round(result.first_seconds, 3),
        "bound_seconds": round(result.bound_seconds, 2), "peak_mib": round(peak),
        "judged": {
            "cost": verdict.cost, "unplaced": len(verdict.unplaced), "placed": shards - len(verdict.unplaced),
            "legal": verdict.ok and not faults, "faults": faults,
            "accelerators_in_use": accelerators_in_use(problem, load_offer(offer_file), result.plan),
        },
    }  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Entry point of ``python -m tests.bench.row``."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.row", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("who", choices=list(dict.fromkeys(("edgeplan", *PLACERS, *PACKERS))))
    parser.add_argument("instance", type=Path, help="the packing")
    parser.add_argument("plan", type=Path, help="where to write the plan")
    parser.add_argument("--folder", type=Path, help="the network that the packing was listed from")
    parser.add_argument("--seconds", type=float, default=60.0, help="wall-clock limit (60)")
    parser.add_argument("--workers", type=int, default=1, help="cores (1)")
    parser.add_argument("--seed", type=int, default=0, help="start of random numbers (0)")
    given = parser.parse_args(arguments)
    offer = given.instance.with_suffix(".offer.npz")
    if given.who == "edgeplan" and given.folder:
        told = edgeplan(given.folder, offer, given.seconds, given.workers, given.seed)
    elif given.who in PLACERS and given.folder:
        told = place_nodes(given.who, given.folder, offer, given.plan)
    elif given.who in PACKERS:
        told = pack(given.who, load(given.instance), given.plan, given.seconds, given.workers, given.seed)
    else:
        parser.error(f"{given.who} takes a network: name its --folder")
    say("ended", **told)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""One row of the benchmark in a process of its own, so that the peak memory is this row's alone; prints one JSON line.

    python -m tests.bench.row options FOLDER OFFER.npz --seconds 60       lists the options, writes them to OFFER.npz
    python -m tests.bench.row edgeplan FOLDER OFFER.npz --seconds 60      solves the problem in FOLDER from scratch
    python -m tests.bench.row first-fit FOLDER OFFER.npz --seconds 60     a baseline on the options in OFFER.npz

Every plan is judged again here: by the packing's checker where there is a packing, and always by the verifier.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from solver.check_packing import check
from solver.engines import Limits, Progress
from solver.options import space_of
from solver.place import place
from solver.problem import Problem
from solver.verify import verify
from tests.bench.bare import MOST_OPTIONS, BareAnswer, solve_bare
from tests.bench.baselines import BASELINES, GO_ANYWHERE
from tests.bench.offer import accelerators_in_use, load_offer, offer_of, plan_for, second_chance
from tests.bench.problems import load_problem
from tests.world import world

Row = dict[str, Any]
Step = tuple[float, int, int]


def list_options(problem: Problem, file: Path, limits: Limits) -> Row:
    """List the options that every contestant is given, and say how large the instance is."""
    began = time.monotonic()
    space, offer = offer_of(problem, limits.workers, limits.seconds)
    seconds = time.monotonic() - began
    offer.save(file)
    items, nodes = len(space.items), len(problem.nodes)
    return {
        "nodes": nodes, "workloads": len(problem.workloads), "shards": len(offer.queue), "items": items,
        "items_per_node": round(items / nodes, 2), "rows": offer.packing.rows, "options": offer.packing.options,
        "every_legal_option": bool(offer.complete[0]), "listing_seconds": round(seconds, 2),
    }  # fmt: skip


def edgeplan(problem: Problem, file: Path, limits: Limits) -> Row:
    """Edgeplan's own row: the whole road from the problem to a verified plan, options and all."""
    place(world(), Limits(1.0, limits.workers))  # loads what is compiled; a running service has that behind it
    series: list[Step] = []

    def note(step: Progress) -> None:
        if not series or (step.cost, step.bound) != series[-1][1:]:
            series.append((round(step.seconds, 3), step.cost, step.bound))

    began = time.monotonic()
    result = place(problem, limits, on_progress=note)
    seconds = time.monotonic() - began
    peak = peak_mib()
    verdict = verify(problem, result.plan)
    return {
        "status": result.status, "first_seconds": round(result.first_seconds, 3), "cost": result.cost,
        "bound": result.bound, "gap": result.gap, "unplaced": len(verdict.unplaced), "seconds": round(seconds, 2),
        "bound_seconds": round(result.bound_seconds, 2), "peak_mib": peak,
        "verified": verdict.ok and verdict.cost == result.cost,
        "accelerators_in_use": accelerators_in_use(problem, load_offer(file), result.plan),
        "series": [*series, (round(seconds, 3), result.cost, result.bound)],
    }  # fmt: skip


def peer(name: str, problem: Problem, file: Path, limits: Limits) -> Row:
    """A baseline's row, on the options of an offer; the time is that of placing only.

    Where the offer is a partial list, what finds no room in it gets a second chance among all legal options, so that no
    baseline looks worse for the list's sake; `listed_only` is what it reached without.
    """
    offer = load_offer(file)
    if name == "cp-sat" and offer.packing.options > MOST_OPTIONS:
        return {"status": f"not run: {offer.packing.options:,} options"}
    warm = offer_of(world(), 1, 1.0)[1]
    answer: BareAnswer | None = None
    if name in BASELINES:
        BASELINES[name](world(), warm)
    began = time.monotonic()
    if name in BASELINES:
        placement = BASELINES[name](problem, offer)
    else:
        answer = solve_bare(offer.packing, limits.seconds, limits.workers, limits.seed)
        placement = answer.placement
    seconds = time.monotonic() - began
    if answer and not answer.series:
        return {"status": f"no plan: {answer.status} after {seconds:.0f} s"}
    peak = peak_mib()
    space, listed = space_of(problem), offer.listed
    cost, faults = check(listed.packing, placement.item, placement.option, placement.count)
    listed_only = {"cost": cost, "unplaced": len(offer.queue) - int(placement.count.sum())}
    if name in GO_ANYWHERE and not offer.complete[0] and not faults:
        began = time.monotonic()
        listed, placement = second_chance(space, offer, placement)
        seconds += time.monotonic() - began
        cost, faults = check(listed.packing, placement.item, placement.option, placement.count)
    row: Row = {
        "status": answer.status if answer else "feasible", "first_seconds": round(seconds, 3), "cost": cost,
        "bound": None, "gap": None, "unplaced": len(offer.queue) - int(placement.count.sum()),
        "seconds": round(seconds, 3 if answer is None else 2), "peak_mib": peak, "faults": faults[:3],
        "listed_only": listed_only, "series": [],
    }  # fmt: skip
    if answer:
        row |= {
            "bound": answer.bound, "gap": (cost - answer.bound) / max(1, cost), "series": answer.series,
            "first_seconds": round(answer.series[0][0], 3),
        }  # fmt: skip
    if faults:
        return row | {"verified": False, "accelerators_in_use": None}
    plan = plan_for(space, listed, placement, cost)
    verdict = verify(problem, plan)
    return row | {
        "verified": verdict.ok and verdict.cost == cost,
        "faults": [violation.sentence for violation in verdict.violations[:3]],
        "verified_cost": verdict.cost,
        "accelerators_in_use": accelerators_in_use(problem, offer, plan),
    }


def peak_mib() -> int:
    """The most memory that this process held so far, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (2**20 if sys.platform == "darwin" else 2**10))


def main(arguments: list[str] | None = None) -> int:
    """Entry point of ``python -m tests.bench.row``."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.row", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("who", choices=("options", "edgeplan", *BASELINES, "cp-sat"))
    parser.add_argument("folder", type=Path, help="network.json, catalogue.json, policies.json and request.json")
    parser.add_argument("offer", type=Path, help="the listed options")
    parser.add_argument("--seconds", type=float, default=60.0, help="wall-clock limit (60)")
    parser.add_argument("--workers", type=int, default=1, help="cores (1)")
    parser.add_argument("--seed", type=int, default=0, help="start of random numbers (0)")
    given = parser.parse_args(arguments)
    limits = Limits(given.seconds, given.workers, given.seed)
    problem = load_problem(given.folder)
    run = {"options": list_options, "edgeplan": edgeplan}.get(given.who)
    row = run(problem, given.offer, limits) if run else peer(given.who, problem, given.offer, limits)
    print(json.dumps({"who": given.who} | row))
    return 0


if __name__ == "__main__":
    sys.exit(main())

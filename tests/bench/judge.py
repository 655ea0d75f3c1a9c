"""Judge a contestant's plan in a process of its own; prints one JSON line. Nothing a contestant says of itself counts.

    python -m tests.bench.judge INSTANCE.npz PLAN.npz                      by the packing's checker
    python -m tests.bench.judge INSTANCE.npz PLAN.npz --folder FOLDER      by the checker, then by the verifier

Of a network's partial list of options, `--anywhere` first gives what found no room a second chance among all legal
options, so that no contestant that may go anywhere looks worse for the list's sake; `listed_only` is what it had without.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from solver.packing import PackingError, Placement, load, load_placement
from solver.packing.check import check

Judged = dict[str, Any]


def judge(instance: Path, plan: Path) -> Judged:
    """What a plan for a packing costs, how much it places, and whether it is legal."""
    packing = load(instance)
    try:
        placement = load_placement(plan)
    except PackingError as problem:
        return {"legal": False, "faults": [str(problem)]}
    cost, faults = check(packing, placement.item, placement.option, placement.count)
    placed = int(placement.count.sum())
    return {
        "cost": cost, "placed": placed, "unplaced": int(packing.item_count.sum()) - placed, "legal": not faults,
        "faults": faults[:3],
    }  # fmt: skip


def judge_network(folder: Path, instance: Path, placement: Placement, anywhere: bool) -> Judged:
    """The same for a plan on the listed options of a network, with the verifier's word on top."""
    from solver.judging.verify import verify
    from solver.space.compiling import space_of
    from tests.bench.offer import accelerators_in_use, load_offer, plan_for, second_chance
    from tests.bench.problems import load_problem

    problem, offer = load_problem(folder), load_offer(instance.with_suffix(".offer.npz"))
    space, listed, more = space_of(problem), offer.listed, 0.0
    judged: Judged = {}
    if anywhere and not offer.complete[0]:
        cost, _ = check(offer.packing, placement.item, placement.option, placement.count)
        judged["listed_only"] = {"cost": cost, "unplaced": len(offer.queue) - int(placement.count.sum())}
        began = time.monotonic()
        listed, placement = second_chance(space, offer, placement)
        more = time.monotonic() - began
    cost, faults = check(listed.packing, placement.item, placement.option, placement.count)
    if faults:
        return judged | {"cost": cost, "legal": False, "faults": faults[:3]}
    plan = plan_for(space, listed, placement)
    verdict = verify(problem, plan)
    placed = int(placement.count.sum())
    return judged | {
        "cost": verdict.cost, "placed": placed, "unplaced": len(offer.queue) - placed,
        "legal": verdict.ok and verdict.cost == cost, "extra_seconds": more,
        "faults": [violation.sentence for violation in verdict.violations[:3]],
        "accelerators_in_use": accelerators_in_use(problem, offer, plan),
    }  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Entry point of ``python -m tests.bench.judge``."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.judge", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("instance", type=Path, help="the packing")
    parser.add_argument("plan", type=Path, help="the plan: item, option, count")
    parser.add_argument("--folder", type=Path, help="the network that the packing was listed from")
    parser.add_argument("--anywhere", action="store_true", help="find room outside a partial list for what is left")
    given = parser.parse_args(arguments)
    judged = judge(given.instance, given.plan)
    if judged["legal"] and given.folder:
        judged = judge_network(given.folder, given.instance, load_placement(given.plan), given.anywhere)
    print(json.dumps(judged))
    return 0


if __name__ == "__main__":
    sys.exit(main())

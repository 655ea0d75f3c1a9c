"""Time single arrivals on a network, in process: `python -m tests.bench.online FOLDER --arrivals 5000`; one JSON line.

The folder holds a network and a request as `python -m data.generate` writes them. Items arrive in random order; the time
of each is from the call to its answer, room taken included.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np

from solver.online import Arrivals
from solver.space.compiling import space_of
from tests.bench.problems import load_problem


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--arrivals", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    space = space_of(load_problem(given.folder))
    arrivals = Arrivals(space)
    items = np.random.default_rng(given.seed).integers(len(space.items), size=given.arrivals)
    # The first loads the kernels.
    arrivals.place(0)
    seconds, placed = np.zeros(len(items)), 0
    for at, item in enumerate(items.tolist()):
        began = time.perf_counter()
        placed += arrivals.place(item) is not None
        seconds[at] = time.perf_counter() - began
    p50, p99 = (round(1e3 * float(np.percentile(seconds, q)), 3) for q in (50, 99))
    nodes, hosts = len(space.items.problem.nodes), len(space.hosts)
    answer = {"nodes": nodes, "hosts": hosts, "arrivals": given.arrivals, "placed": placed, "p50_ms": p50, "p99_ms": p99}
    print(json.dumps(answer | {"seed": given.seed}))


if __name__ == "__main__":
    main()

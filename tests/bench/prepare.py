"""Make one instance and say how large it is, in a process of its own; prints one JSON line.

    python -m tests.bench.prepare folder FOLDER --out INSTANCE.npz          a network: lists its options too
    python -m tests.bench.prepare national NODES WORKLOADS SEED --out ...   a generated network
    python -m tests.bench.prepare plane ITEMS NODES OPTIONS RESOURCES LOAD SEED --out ...
    python -m tests.bench.prepare weights ITEMS NODES MODELS OPTIONS SEED --out ...
    python -m tests.bench.prepare covering ITEMS ROWS ROOM OPTIONS APART PENALTY DEAREST LARGEST SEED --out ...
    python -m tests.bench.prepare median ITEMS PLACES MOST_OPEN ROOM SEED --out ...
    python -m tests.bench.prepare edgewise NODES SEED --out ...
    python -m tests.bench.prepare gap|sscflp|file FILE --out ...

INSTANCE.npz is the packing. Of a network, INSTANCE.offer.npz has the same options with the places they stand for.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from solver.packing import Packing, load
from tests.bench.instances import edgewise_application, random_plane, read_gap, read_sscflp, shared_weights
from tests.bench.scarce import capped_median, covering
from tests.bench.suites import ROOT

Facts = dict[str, Any]


def sizes(packing: Packing, nodes: int | None) -> Facts:
    """How large a packing is and how full: `load` is what the copies load on average over their options, over all
    capacity (where rows count different things, the sums weigh them by their numbers).
    """
    width = np.maximum(1, np.diff(packing.item_ptr))
    share = (packing.item_count / width)[packing.option_item]
    demand = float((np.repeat(share, np.diff(packing.load_ptr)) * packing.load_amount).sum())
    copies = int(packing.item_count.sum())
    return {
        "nodes": nodes, "items": packing.items, "copies": copies, "rows": packing.rows, "options": packing.options,
        "activations": packing.activations, "items_per_node": None if nodes is None else round(copies / nodes, 2),
        "load": round(demand / max(1, int(packing.row_capacity.sum())), 4),
    }  # fmt: skip


def _plane(items: str, nodes: str, options: str, resources: str, full: str, seed: str) -> tuple[Packing, int | None]:
    return random_plane(int(items), int(nodes), int(options), int(resources), float(full), int(seed)), int(nodes)


def _weights(*sizes: str) -> tuple[Packing, int | None]:
    items, nodes, models, options, seed = map(int, sizes)
    return shared_weights(items, nodes, models, options, seed), nodes


def _covering(*sizes: str) -> tuple[Packing, int | None]:
    items, rows, room, options, apart, penalty, dearest, largest, seed = map(int, sizes)
    drawn = covering(
        items, rows, room, options, seed, apart=apart, penalty=penalty, dearest=dearest, largest=largest
    )  # fmt: skip
    return drawn, rows


def _median(*sizes: str) -> tuple[Packing, int | None]:
    items, places, most_open, room, seed = map(int, sizes)
    return capped_median(items, places, most_open, seed, room or None), places


def _gap(path: str) -> tuple[Packing, int | None]:
    packing = read_gap(Path(path))
    return packing, packing.rows


def _sscflp(path: str) -> tuple[Packing, int | None]:
    packing = read_sscflp(Path(path))
    return packing, packing.rows


def _edgewise(nodes: str, seed: str) -> tuple[Packing, int | None]:
    return edgewise_application(int(nodes), int(seed)), int(nodes)


def _file(path: str) -> tuple[Packing, int | None]:
    return load(path), None


PACKINGS = {
    "plane": _plane, "weights": _weights, "covering": _covering, "median": _median, "gap": _gap, "sscflp": _sscflp,
    "edgewise": _edgewise, "file": _file,
}  # fmt: skip


def generated(nodes: str, workloads: str, seed: str, out: Path) -> Path:
    """Folder of a generated network; made anew when it is missing or the generator is not what it was."""
    folder = out / f"network-{nodes}x{workloads}-seed{seed}"
    generator = hashlib.sha256(b"".join(path.read_bytes() for path in sorted((ROOT / "data").rglob("*.py")))).hexdigest()
    mark = folder / "generator"
    if not mark.exists() or mark.read_text() != generator:
        wanted = ["--nodes", nodes, "--workloads", workloads, "--seed", seed]
        command = [sys.executable, "-m", "data.generate", *wanted, "--out", str(folder)]
        subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
        mark.write_text(generator)
    return folder


def network(folder: Path, out: Path, seconds: float, workers: int) -> Facts:
    """List the options of a network's request as the service would; `load` is that of the accelerators."""
    from tests.bench.offer import offer_of
    from tests.bench.problems import load_problem

    problem = load_problem(folder)
    began = time.monotonic()
    _, offer = offer_of(problem, workers, seconds)
    took = time.monotonic() - began
    packing = offer.packing
    packing.save(out)
    offer.save(out.with_suffix(".offer.npz"))
    permille = np.array([0 if p.accelerator is None else p.slice_permille for p in problem.profiles], np.int64)
    share = (packing.item_count / np.maximum(1, np.diff(packing.item_ptr)))[packing.option_item]
    cards = 1000 * sum(pool.count for n in np.unique(offer.node).tolist() for pool in problem.nodes[n].pools)
    nodes = len(problem.nodes)
    return sizes(packing, nodes) | {
        "folder": str(folder), "workloads": len(problem.workloads), "every_legal_option": bool(offer.complete[0]),
        "listing_seconds": round(took, 2), "items_per_node": round(len(offer.queue) / nodes, 2),
        "load": round(float((share * permille[offer.profile] * offer.servers).sum()) / max(1, cards), 4),
    }  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Entry point of ``python -m tests.bench.prepare``."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.prepare", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("folder", "national", *PACKINGS))
    parser.add_argument("given", nargs="+")
    parser.add_argument("--out", type=Path, required=True, metavar="INSTANCE.npz")
    parser.add_argument("--seconds", type=float, default=60.0, help="limit that the listing of options is laid out for (60)")
    parser.add_argument("--workers", type=int, default=1, help="cores (1)")
    given = parser.parse_args(arguments)
    if given.what in PACKINGS:
        packing, nodes = PACKINGS[given.what](*given.given)
        packing.save(given.out)
        facts = sizes(packing, nodes) | {"every_legal_option": True}
    else:
        made = given.what == "national"
        folder = generated(*given.given, given.out.parent) if made else Path(given.given[0])
        facts = network(folder, given.out, given.seconds, given.workers)
    print(json.dumps(facts))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The instances of the benchmark, and the suites that name several of them. Only the standard library: the process that
starts the contestants stays small, so that the peak memory it reads is theirs.

An instance is either a *network* (a folder of wire documents: routes, sizing and options are part of the work) or a
*packing* (a file with the options ready-made). What it takes to make one is a command line of `tests.bench.prepare`.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).resolve().parents[2]
BUNDLED = Path(__file__).resolve().parent / "data"

#: Where instances from the literature lie if nobody says otherwise: beside the repository.
PUBLIC = ROOT.parent / "shared" / "bench"


@dataclass(frozen=True)
class Instance:
    """One instance.

    Attributes
    ----------
    name, family : str
        What it is called, and the kind of problem it stands for.
    kind : "network" or "packing"
        Whether options have to be made, or are given.
    maker : tuple of str
        Arguments of `python -m tests.bench.prepare` that make it.
    seed : int, optional
        Seed it was drawn with; None for one that is not random here.
    seconds : float
        Wall-clock limit of each contestant unless the command line gives one.
    best_known : int, optional
        Least cost in the literature.
    """

    name: str
    family: str
    kind: Literal["network", "packing"]
    maker: tuple[str, ...]
    seed: int | None = None
    seconds: float = 60.0
    best_known: int | None = None


class Missing(ValueError):
    """Instances that a suite needs and that are not there; the text says which and where they were looked for."""


def reference(seconds: float = 60.0) -> Instance:
    """The reference network and its request."""
    return Instance("reference", "national", "network", ("folder", str(ROOT / "data" / "reference")), None, seconds)


def national(nodes: int, workloads: int, seed: int, seconds: float = 60.0) -> Instance:
    """A generated network of the reference's shape."""
    maker = ("national", str(nodes), str(workloads), str(seed))
    return Instance(f"national-{nodes}x{workloads}", "national", "network", maker, seed, seconds)


def plane(items: int, nodes: int, options: int, resources: int, load: float, seed: int, seconds: float = 60.0) -> Instance:
    """Workloads and nodes at random in the plane; each workload may go to one of its nearest nodes."""
    name = f"plane-{items}x{nodes}x{options}x{resources}-{100 * load:g}%"
    maker = ("plane", str(items), str(nodes), str(options), str(resources), str(load), str(seed))
    return Instance(name, "plane", "packing", maker, seed, seconds)


def weights(items: int, nodes: int, models: int, options: int, seed: int, seconds: float = 60.0) -> Instance:
    """Workloads of several models on nodes that load each model's weights once."""
    maker = ("weights", str(items), str(nodes), str(models), str(options), str(seed))
    return Instance(f"weights-{items}x{nodes}x{models}", "weights", "packing", maker, seed, seconds)


def covering(
    items: int, rows: int, room: int, options: int, apart: int, penalty: int, dearest: int, largest: int, seed: int,
    seconds: float = 60.0,
) -> Instance:  # fmt: skip
    """More items than there is room for, on rows drawn at random; parameters as of `tests.bench.scarce.covering`."""
    maker = tuple(map(str, ("covering", items, rows, room, options, apart, penalty, dearest, largest, seed)))
    kind = f"{'-apart' * (apart > 0)}{'-values' * (dearest > penalty)}{'-sizes' * (largest > 1)}"
    return Instance(f"covering-{items}x{rows}x{room}{kind}", "scarce", "packing", maker, seed, seconds)


def median(items: int, places: int, most_open: int, room: int, seed: int, seconds: float = 60.0) -> Instance:
    """Items served from at most so many open places, each with room for so many; 0 for any number."""
    maker = tuple(map(str, ("median", items, places, most_open, room, seed)))
    name = f"median-{items}x{places}-{most_open}" + (f"x{room}" if room else "")
    return Instance(name, "scarce", "packing", maker, seed, seconds)


def edgewise(nodes: int, seed: int, seconds: float = 60.0) -> Instance:
    """One application of eleven components and two devices on a random network, as EdgeWise was measured with."""
    return Instance(f"edgewise-{nodes}", "edgewise", "packing", ("edgewise", str(nodes), str(seed)), seed, seconds)


def file(path: Path) -> Instance:
    """A packing that the caller has."""
    return Instance(path.stem, "file", "packing", ("file", str(path.resolve())))


def public(family: Literal["gap", "sscflp"], folder: Path, wanted: Callable[[str], bool]) -> list[Instance]:
    """Instances of `folder/family/instances.csv`: a file name first, the best known value last.

    Raises
    ------
    Missing
        If the list is not there.
    """
    listing = folder / family / "instances.csv"
    if not listing.exists():
        raise Missing(f"{family}: left out, there is no {listing}")
    with open(listing, newline="") as lines:
        rows = [row for row in list(csv.reader(lines))[1:] if wanted(row[0])]
    return [
        Instance(
            f"{family}-{Path(row[0]).name.split('.')[0]}", family, "packing",
            (family, str((folder / family / row[0]).resolve())), None, 60.0, int(float(row[-1])),
        )
        for row in rows
    ]  # fmt: skip


def _bundled() -> list[Instance]:
    return [
        Instance("gap-c05100", "gap", "packing", ("gap", str(BUNDLED / "c05100.gz")), None, 10.0, 1931),
        Instance("sscflp-p1", "sscflp", "packing", ("sscflp", str(BUNDLED / "holmberg-p1.gz")), None, 10.0, 8848),
    ]


def _quick(seed: int, folder: Path) -> list[Instance]:
    return [
        reference(10.0), plane(1000, 20, 10, 3, 0.7, seed, 10.0), edgewise(32, seed, 10.0), *_bundled(),
    ]  # fmt: skip


def _gap(seed: int, folder: Path) -> list[Instance]:
    def wanted(name: str) -> bool:
        of = Path(name).name
        return of.endswith("-0.gz") or of[0] in "cd"

    return public("gap", folder, wanted)


def _gap_all(seed: int, folder: Path) -> list[Instance]:
    return public("gap", folder, lambda name: True)


def _sscflp(seed: int, folder: Path) -> list[Instance]:
    return public("sscflp", folder, lambda name: True)


def _plane(seed: int, folder: Path) -> list[Instance]:
    small = [plane(10_000, 1_000, 20, 3, load, seed) for load in (0.6, 0.7, 0.85)]
    return [*small, plane(10_000, 200, 20, 3, 0.85, seed), plane(100_000, 10_000, 20, 3, 0.85, seed, 240.0)]


def _weights(seed: int, folder: Path) -> list[Instance]:
    sizes = ((80, 15, 4, 15), (200, 30, 5, 12), (500, 60, 8, 12), (2000, 200, 6, 10))
    return [weights(*size, seed, 20.0) for size in sizes]


def _edgewise(seed: int, folder: Path) -> list[Instance]:
    return [edgewise(nodes, seed) for nodes in (16, 32, 64, 128, 256, 512)]


def _scarce(seed: int, folder: Path) -> list[Instance]:
    equal, valued = (100_000, 100_000), (10_000, 100_000)
    return [
        covering(100, 15, 6, 5, 0, *equal, 1, seed), covering(100, 15, 6, 5, 500, *equal, 1, seed),
        covering(1_000, 150, 6, 5, 0, *equal, 1, seed), covering(1_000, 150, 6, 5, 3, *valued, 1, seed),
        covering(1_000, 150, 12, 5, 0, *equal, 4, seed), covering(1_000, 150, 12, 5, 200, *valued, 4, seed),
        median(100, 20, 1, 0, seed), median(400, 60, 8, 0, seed), median(100, 20, 3, 30, seed),
        median(400, 60, 8, 40, seed), median(300, 50, 20, 12, seed),
    ]  # fmt: skip


def _national(seed: int, folder: Path) -> list[Instance]:
    return [
        reference(), national(300, 1_000, seed), national(1_000, 10_000, seed), national(10_000, 100_000, seed, 240.0),
    ]  # fmt: skip


_SUITES: dict[str, tuple[str, Callable[[int, Path], list[Instance]]]] = {
    "quick": ("the reference network and one small instance of every other family, 10 s each", _quick),
    "national": ("the reference network and generated ones up to 10,000 nodes x 100,000 workloads", _national),
    "plane": ("random plane: 10,000 x 1,000 at 60, 70, 85 % load; 50 items a node; 100,000 x 10,000", _plane),
    "gap": ("generalised assignment: all of types c and d, one of each Cattrysse group (needs the folder)", _gap),
    "gap-all": ("every listed generalised assignment instance (needs the folder)", _gap_all),
    "sscflp": ("single-source facility location of Holmberg et al. (needs the folder)", _sscflp),
    "weights": ("workloads of 4 to 8 models that share weights on a node, 80 on 15 nodes to 2,000 on 200", _weights),
    "scarce": ("more demand than room: places drawn at random, and medians of few places, 11 instances", _scarce),
    "edgewise": ("one application on 16 to 512 nodes", _edgewise),
}

SUITES = (*_SUITES, "full")


def described() -> Iterator[str]:
    """One line for each suite."""
    for name, (what, _) in _SUITES.items():
        yield f"{name:10}{what}"
    yield f"{'full':10}national, plane, gap, sscflp, weights, scarce and edgewise"


def suite(name: str, seed: int, folder: Path) -> tuple[list[Instance], list[str]]:
    """Instances of a suite, and a sentence for each family that had to be left out."""
    names = ("national", "plane", "gap", "sscflp", "weights", "scarce", "edgewise") if name == "full" else (name,)
    instances: list[Instance] = []
    absent = []
    for each in names:
        try:
            instances.extend(_SUITES[each][1](seed, folder))
        except Missing as problem:
            absent.append(str(problem))
    return instances, absent

"""Who takes part: one entry each, with what it can take and the command that runs it. Only the standard library.

Every command reads INSTANCE.npz, writes PLAN.npz and is timed, judged and held to its limit from outside. A contestant
that cannot take an instance says why; that is a row "not run", never one that was beaten.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.extras import EXTRAS, Extra
from tests.bench.suites import Instance

Facts = dict[str, Any]


@dataclass(frozen=True)
class Task:
    """One run: which instance, where its packing lies, where the plan goes, and what may be spent."""

    instance: Instance
    facts: Facts
    packing: Path
    plan: Path
    seconds: float
    workers: int
    seed: int

    @property
    def limits(self) -> list[str]:
        """The limits as arguments."""
        return ["--seconds", str(self.seconds), "--workers", str(self.workers), "--seed", str(self.seed)]


@dataclass(frozen=True)
class Contestant:
    """One contestant.

    Attributes
    ----------
    name, note : str
        What it is called, and what it is in a few words (settings included).
    kinds : tuple of str
        Kinds of instance that it takes.
    most_options : int, optional
        It is not given more options than this.
    activations : bool
        Whether it can be told of a cost that items share.
    places : bool
        Whether it is told, of a network, what the options stand for.
    anywhere : bool
        Whether it may use options of a network that a partial list does not hold.
    extra : Extra, optional
        The environment it needs, if it is not of this repository.
    """

    name: str
    note: str
    kinds: tuple[str, ...] = ("network", "packing")
    most_options: int | None = None
    activations: bool = True
    places: bool = False
    anywhere: bool = False
    extra: Extra | None = None

    def excuse(self, instance: Instance, facts: Facts) -> str:
        """Why it is not run on an instance; empty if it is."""
        if self.extra is not None and self.extra.excuse():
            return self.extra.excuse()
        if self.most_options is not None and facts["options"] > self.most_options:
            return f"not run: {facts['options']:,} options, more than the {self.most_options:,} it is given"
        if not self.activations and facts["activations"]:
            return "not run: it cannot be told of a cost that items share"
        return ""

    def command(self, task: Task) -> list[str]:
        """The command line of a run."""
        files = [str(task.packing), str(task.plan)]
        if self.extra is not None:
            return [*self.extra.command(), *files, *task.limits]
        if self.name == "edgeplan" and task.instance.kind == "packing":
            solve = [sys.executable, "-m", "solver", "solve", files[0], "--out", files[1], "--progress"]
            return [*solve, *task.limits]
        told = ["--folder", task.facts["folder"]] if task.instance.kind == "network" and self.places else []
        return [sys.executable, "-m", "tests.bench.row", self.name, *files, *told, *task.limits]


_ORDER = "in the order of the request or file"

CONTESTANTS = {
    c.name: c
    for c in (
        Contestant("edgeplan", "this repository", places=True),
        Contestant("nearest", f"nearest data centre with room, {_ORDER}", ("network",), places=True),
        Contestant(
            "nearest+edge", f"nearest node of any tier with room, {_ORDER}", ("network",), places=True, anywhere=True
        ),
        Contestant("first-fit", f"first option with room, {_ORDER}", places=True, anywhere=True),
        Contestant("cheapest", f"cheapest option with room, {_ORDER}", places=True, anywhere=True),
        Contestant(
            "filter-and-score", "LeastAllocated + BalancedAllocation of the node", ("network",), places=True, anywhere=True
        ),
        Contestant("best-score", "LeastAllocated + BalancedAllocation of the rows", ("packing",)),
        Contestant("cp-sat", "whole packing in one model, all cores, the cheapest plan as hint", most_options=400_000),
        Contestant(
            "highs", "whole packing in one model, gap 0, no start (its interface takes none)", most_options=3_000_000
        ),
        Contestant(
            "scip", "whole packing in one model, gap 0, the cheapest plan as start; one core", most_options=3_000_000
        ),
        Contestant("timefold", EXTRAS["timefold"].note, most_options=5_000, extra=EXTRAS["timefold"]),
        Contestant(
            "rebalancer", EXTRAS["rebalancer"].note, most_options=3_000_000, activations=False, extra=EXTRAS["rebalancer"]
        ),
    )
}

#: Everyone whom the repository's own environment can run, and everyone else.
PEERS = tuple(name for name, c in CONTESTANTS.items() if name != "edgeplan" and c.extra is None)
OTHERS = tuple(name for name, c in CONTESTANTS.items() if c.extra is not None)

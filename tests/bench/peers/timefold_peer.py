"""Timefold Solver on a packing file. Runs in an environment of its own: needs numpy, `timefold` and a Java.

    python timefold_peer.py INSTANCE.npz PLAN.npz --seconds 60 --workers 1 --seed 1

A planning entity is one copy of an item; its planning variable is one of the places where the item has an option, or
unassigned (its penalty). Places are shared by items, or no two copies could be swapped. Score by constraint streams,
calculated incrementally: overload of a row is hard, cost and penalties are soft. A construction heuristic, then late
acceptance with change, swap and ruin-and-recreate moves: without the last, the search never leaves the plan of the
construction where capacities are tight. The community edition has one thread and no nearby selection.
"""

from __future__ import annotations

import argparse
import gc
import json
import logging
import re
import sys
import time
from dataclasses import dataclass, field
from typing import Annotated, Any

import numpy as np
from timefold.solver import SolverFactory
from timefold.solver.config import (
    Duration,
    EnvironmentMode,
    ScoreDirectorFactoryConfig,
    SolverConfig,
    SolverConfigOverride,
    TerminationConfig,
)
from timefold.solver.domain import (
    PlanningEntityCollectionProperty,
    PlanningId,
    PlanningScore,
    PlanningVariable,
    ProblemFactCollectionProperty,
    ValueRangeProvider,
    planning_entity,
    planning_solution,
)
from timefold.solver.score import (
    Constraint,
    ConstraintCollectors,
    ConstraintFactory,
    HardSoftScore,
    Joiners,
    constraint_provider,
)


def say(event: str, **told: Any) -> None:
    """Tell the benchmark how far this is."""
    print(json.dumps({"event": event, **told}), flush=True)


@dataclass(eq=False)
class Place:
    """The rows that an option loads, and its activation (-1: none). Items share places, so that copies can be swapped."""

    id: Annotated[int, PlanningId]
    activation: int


@dataclass(eq=False)
class Load:
    """What an item loads on one row at a place; `key` stands for (item, place)."""

    id: Annotated[int, PlanningId]
    key: int
    row: int
    amount: int
    capacity: int


@dataclass(eq=False)
class Choice:
    """What an item saves at a place over staying unplaced."""

    id: Annotated[int, PlanningId]
    key: int
    gain: int


@dataclass(eq=False)
class Opening:
    """What an activation costs, once."""

    id: Annotated[int, PlanningId]
    cost: int


@planning_entity
@dataclass(eq=False)
class Copy:
    """One copy of an item, on one of its options or on none."""

    id: Annotated[int, PlanningId]
    base: int
    places: Annotated[list[Place], ValueRangeProvider]
    place: Annotated[Place | None, PlanningVariable(allows_unassigned=True)] = field(default=None)


@planning_solution
@dataclass
class Plan:
    """The packing and its plan. The score counts what is saved over leaving everything unplaced."""

    loads: Annotated[list[Load], ProblemFactCollectionProperty]
    choices: Annotated[list[Choice], ProblemFactCollectionProperty]
    openings: Annotated[list[Opening], ProblemFactCollectionProperty]
    copies: Annotated[list[Copy], PlanningEntityCollectionProperty]
    score: Annotated[HardSoftScore, PlanningScore] = field(default=None)


@constraint_provider
def constraints(factory: ConstraintFactory) -> list[Constraint]:
    """Rows, options and activations."""
    return [
        factory.for_each(Copy)
        .join(Load, Joiners.equal(lambda copy: copy.base + copy.place.id, lambda load: load.key))
        .group_by(
            lambda copy, load: load.row,
            lambda copy, load: load.capacity,
            ConstraintCollectors.sum(lambda copy, load: load.amount),
        )
        .filter(lambda row, capacity, used: used > capacity)
        .penalize(HardSoftScore.ONE_HARD, lambda row, capacity, used: used - capacity)
        .as_constraint("row overloaded"),
        factory.for_each(Copy)
        .join(Choice, Joiners.equal(lambda copy: copy.base + copy.place.id, lambda choice: choice.key))
        .reward(HardSoftScore.ONE_SOFT, lambda copy, choice: choice.gain)
        .as_constraint("placed"),
        factory.for_each(Copy)
        .join(Opening, Joiners.equal(lambda copy: copy.place.activation, lambda opening: opening.id))
        .group_by(lambda copy, opening: opening)
        .penalize(HardSoftScore.ONE_SOFT, lambda opening: opening.cost)
        .as_constraint("opened"),
    ]  # fmt: skip


_PHASES = """\
<solver xmlns="https://timefold.ai/xsd/solver">
  <constructionHeuristic/>
  <localSearch>
    <unionMoveSelector>
      <changeMoveSelector/>
      <swapMoveSelector/>
      <ruinRecreateMoveSelector/>
    </unionMoveSelector>
    <acceptor><lateAcceptanceSize>400</lateAcceptanceSize></acceptor>
    <forager><acceptedCountLimit>1</acceptedCountLimit></forager>
  </localSearch>
</solver>
"""


def problem(packing: dict[str, Any]) -> tuple[Plan, dict[int, int]]:
    """A packing as Timefold sees it, and the option of each (item, place)."""
    first = packing["item_ptr"].tolist()
    item_of = np.repeat(np.arange(len(packing["item_count"])), np.diff(packing["item_ptr"])).tolist()
    gain = (packing["item_penalty"][item_of] - packing["option_cost"]).tolist()
    activation = packing["option_activation"].tolist() or [-1] * len(gain)
    begin, row, amount = (packing[name].tolist() for name in ("load_ptr", "load_row", "load_amount"))
    capacity = packing["row_capacity"].tolist()
    places: dict[tuple[Any, ...], Place] = {}
    where: list[Place] = []
    seen: dict[tuple[Any, ...], int] = {}
    for o, item in enumerate(item_of):
        rows = (tuple(sorted(row[begin[o] : begin[o + 1]])), activation[o])
        nth = seen.get((item, rows), 0)
        seen[item, rows] = nth + 1
        where.append(places.setdefault((rows, nth), Place(len(places), activation[o])))
    width = len(places) + 1
    option_of = {item * width + where[o].id: o for o, item in enumerate(item_of)}
    loads = [
        Load(at, item * width + where[o].id, row[at], amount[at], capacity[row[at]])
        for o, item in enumerate(item_of)
        for at in range(begin[o], begin[o + 1])
        if amount[at]
    ]
    copies: list[Copy] = []
    for item, count in enumerate(packing["item_count"].tolist()):
        mine = where[first[item] : first[item + 1]]
        copies.extend(Copy(len(copies) + nth, item * width, mine) for nth in range(count if mine else 0))
    openings = [Opening(a, cost) for a, cost in enumerate(packing["activation_cost"].tolist())]
    choices = [Choice(o, key, gain[o]) for key, o in option_of.items()]
    return Plan(loads, choices, openings, copies), option_of


def factory(seed: int) -> SolverFactory:
    """What makes solvers; making it translates the model to Java, which takes seconds."""
    return SolverFactory.create(
        SolverConfig(
            solution_class=Plan,
            entity_class_list=[Copy],
            environment_mode=EnvironmentMode.NO_ASSERT,
            random_seed=seed,
            score_director_factory_config=ScoreDirectorFactoryConfig(constraint_provider_function=constraints),
            termination_config=TerminationConfig(spent_limit=Duration(milliseconds=100)),
            xml_source_text=_PHASES,
        )
    )


def solve(solvers: SolverFactory, packing: dict[str, Any], seconds: float) -> tuple[np.ndarray, str]:
    """The options taken (with repeats) and how it ended; time runs from the call."""
    began = time.monotonic()
    everything = int((packing["item_count"] * packing["item_penalty"]).sum())
    plan, option_of = problem(packing)
    left = max(0.5, seconds - (time.monotonic() - began))
    limit = TerminationConfig(spent_limit=Duration(milliseconds=int(1000 * left)))
    solver = solvers.build_solver(SolverConfigOverride(termination_config=limit))

    # An event listener would convert the whole plan to Python for each better one and slow the search down a
    # hundredfold; the log tells the score at the end of a phase for nothing.
    class Phases(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            score = re.search(r"phase.*best score \((-?\d+)hard/(-?\d+)soft\)", record.getMessage())
            if score and int(score[1]) >= 0:
                say("step", seconds=round(time.monotonic() - began, 3), cost=everything - int(score[2]), bound=None)

    if packing is not _TINY:
        logging.getLogger().addHandler(Phases())
        logging.getLogger().setLevel(logging.INFO)
    best = solver.solve(plan)
    keys = [copy.base + copy.place.id for copy in best.copies if copy.place is not None]
    taken = np.array([option_of[key] for key in keys], np.int64)
    return taken, f"score {best.score}"


#: One item with one option.
_TINY = {
    "item_ptr": np.array([0, 1]), "item_count": np.array([1]), "item_penalty": np.array([2]), "option_cost": np.array([1]),
    "load_ptr": np.array([0, 1]), "load_row": np.array([0]), "load_amount": np.array([1]), "row_capacity": np.array([1]),
    "option_activation": np.array([-1]), "activation_cost": np.zeros(0, int),
}  # fmt: skip


def main() -> int:
    """Read, solve, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("instance")
    parser.add_argument("plan")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--workers", type=int, default=1, help="not used: the community edition has one thread")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    gc.disable()
    with np.load(given.instance) as archive:
        packing = {name: archive[name] for name in archive.files}
    if packing["activation_load_row"].size:
        raise SystemExit("not run: an activation that loads rows itself is not part of the model")
    solvers = factory(given.seed)
    solve(
        solvers, _TINY, 0.5
    )  # starts Java and translates the model; other contestants load what is compiled beforehand too
    say("began")
    began = time.monotonic()
    taken, status = solve(solvers, packing, given.seconds)
    seconds = time.monotonic() - began
    option, count = np.unique(taken, return_counts=True)
    item = np.searchsorted(packing["item_ptr"], option, side="right") - 1
    with open(given.plan, "wb") as file:
        np.savez(file, item=item.astype(np.int64), option=option, count=count.astype(np.int64))
    say("ended", status=status, bound=None, seconds=seconds)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Meta's Rebalancer on a packing file. Runs in an environment of its own: needs nothing but numpy and `rebalancer`.

    python rebalancer_peer.py INSTANCE.npz PLAN.npz --seconds 60 --workers 2 --seed 1

How a packing becomes a Rebalancer problem: an object is one copy of an item; a container stands for the rows that an
option loads, so all options of an item at one place with different loads get containers of their own. Rows are coloured
so that no container loads two of a colour; each colour is a scope with one dimension and one capacity constraint. An
object loads a container only if it has an option there; anywhere else it counts as unplaced, which costs its penalty.
The goal is the sum of assignment affinities, an option's affinity being what it saves over staying unplaced.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import Any

import numpy as np
from rebalancer import ProblemSolver

#: More capacity dimensions than this make Rebalancer slower than it deserves to be shown.
MOST_COLOURS = 64

Arrays = dict[str, Any]


def say(event: str, **told: Any) -> None:
    """Tell the benchmark how far this is."""
    print(json.dumps({"event": event, **told}), flush=True)


def option_rows(packing: Arrays, o: int) -> dict[int, int]:
    """Rows that an option loads, and by how much."""
    loads: dict[int, int] = {}
    for at in range(packing["load_ptr"][o], packing["load_ptr"][o + 1]):
        row, amount = int(packing["load_row"][at]), int(packing["load_amount"][at])
        if amount:
            loads[row] = loads.get(row, 0) + amount
    return loads


def colours(places: list[tuple[int, ...]], rows: int) -> list[int]:
    """A colour for each row, different ones for rows that one container loads; greedy."""
    colour = [-1] * rows
    forbidden: list[set[int]] = [set() for _ in range(rows)]
    for place in places:
        for row in place:
            forbidden[row].update(place)
    for row in range(rows):
        taken = {colour[other] for other in forbidden[row] if other != row}
        free = 0
        while free in taken:
            free += 1
        colour[row] = free
    return colour


def cheapest_start(packing: Arrays, loads: list[dict[int, int]], items: list[int]) -> list[int]:
    """Each copy on its cheapest option with room, in the order of the file; -1 without one."""
    left = packing["row_capacity"].tolist()
    cost = packing["option_cost"].tolist()
    start = []
    for item in items:
        taken = -1
        for o in sorted(range(packing["item_ptr"][item], packing["item_ptr"][item + 1]), key=cost.__getitem__):
            if all(left[row] >= amount for row, amount in loads[o].items()):
                taken = o
                for row, amount in loads[o].items():
                    left[row] -= amount
                break
        start.append(taken)
    return start


def solve(packing: Arrays, seconds: float, seed: int) -> tuple[np.ndarray, str]:
    """The option of every copy (-1: unplaced) and how it ended."""
    began = time.monotonic()
    options = len(packing["option_cost"])
    item_of = np.repeat(np.arange(len(packing["item_count"])), np.diff(packing["item_ptr"])).tolist()
    loads = [option_rows(packing, o) for o in range(options)]
    # Options of one item with the same rows need containers apart: number them.
    seen: dict[tuple[int, tuple[int, ...]], int] = {}
    container: dict[tuple[tuple[int, ...], int], str] = {}
    where: list[str] = []
    rows_of: dict[str, tuple[int, ...]] = {}
    for o in range(options):
        rows = tuple(sorted(loads[o]))
        nth = seen.get((item_of[o], rows), 0)
        seen[item_of[o], rows] = nth + 1
        name = container.setdefault((rows, nth), f"c{len(container)}")
        rows_of[name] = rows
        where.append(name)
    colour = colours(list(set(rows_of.values())), len(packing["row_capacity"]))
    kinds = max(colour, default=-1) + 1
    if kinds > MOST_COLOURS:
        raise SystemExit(f"not run: {kinds} capacity dimensions, more than the {MOST_COLOURS} it is given")

    items = np.repeat(np.arange(len(packing["item_count"])), packing["item_count"]).tolist()
    copies: dict[int, list[str]] = {}
    for number, item in enumerate(items):
        copies.setdefault(item, []).append(f"o{number}")
    start = cheapest_start(packing, loads, items)
    assignment: dict[str, list[str]] = {name: [] for name in rows_of} | {"unplaced": []}
    for number, o in enumerate(start):
        assignment["unplaced" if o < 0 else where[o]].append(f"o{number}")

    solver = ProblemSolver("benchmark", "packing")
    solver.set_log_level("WARNING")
    solver.set_object_name("copy")
    solver.set_container_name("place")
    solver.set_assignment(assignment)
    for kind in range(kinds):
        row_at = {name: next((r for r in rows if colour[r] == kind), -1) for name, rows in rows_of.items()}
        solver.add_scope(f"scope{kind}", {name: f"r{row}" for name, row in row_at.items() if row >= 0})
        amounts: dict[str, dict[str, float]] = {}
        for o in range(options):
            row = row_at[where[o]]
            if row >= 0:
                of = amounts.setdefault(where[o], {})
                for copy in copies.get(item_of[o], ()):
                    of[copy] = float(loads[o][row])
        solver.add_dynamic_object_dimension(f"load{kind}", "place", amounts, 0.0)
        capacity = {f"r{row}": float(packing["row_capacity"][row]) for row in set(row_at.values()) if row >= 0}
        solver.add_scope_dimension(f"load{kind}", f"scope{kind}", capacity)
        spec = {"name": f"capacity{kind}", "scope": f"scope{kind}", "dimension": f"load{kind}"}
        solver.add_constraint({"capacitySpec": spec})
    saving = (packing["item_penalty"][item_of] - packing["option_cost"]).tolist()
    affinities = [
        {"objectName": copy, "scopeItemName": where[o], "affinity": float(saving[o])}
        for o in range(options)
        for copy in copies.get(item_of[o], ())
    ]
    solver.add_goal({"assignmentAffinitiesSpec": {"name": "cost", "scope": "place", "affinities": affinities}})

    near = {
        copy: {"scopeName": "place", "scopeItems": [*where[packing["item_ptr"][i]:packing["item_ptr"][i + 1]], "unplaced"]}
        for i, mine in copies.items()
        for copy in mine
    }  # fmt: skip
    fallback = {"scopeName": "place", "scopeItems": ["unplaced"]}
    explore = {"moveToScopeItems": {"defaultScopeItems": fallback, "objectToScopeItems": near}}
    moves = MOVES(explore)
    left = max(1, int(seconds - (time.monotonic() - began)))
    solver.add_solver({"localSearchSolverSpec": {"moveTypeList": moves, "solveTime": left, "randomSeed": seed, **EXTRA}})
    solution = solver.solve()
    chosen = np.full(len(items), -1, np.int64)
    at = {(item_of[o], where[o]): o for o in range(options)}
    for copy, place in solution["assignment"].items():
        number = int(copy[1:])
        chosen[number] = at.get((items[number], place), -1)
    reasons = [summary.get("endReason") or summary.get("reason") for summary in solution.get("solverSummaries", [])]
    return chosen, str(reasons)


EXTRA: dict[str, Any] = {}


def MOVES(explore):
    return [{"singleFastMoveTypeSpec": {"destinationsToExplore": explore}}, {"swapMoveTypeSpec": {}}]


def main() -> int:
    """Read, solve, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("instance")
    parser.add_argument("plan")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    with np.load(given.instance) as archive:
        packing = {name: archive[name] for name in archive.files}
    say("began")
    began = time.monotonic()
    chosen, status = solve(packing, given.seconds, given.seed)
    seconds = time.monotonic() - began
    option, count = np.unique(chosen[chosen >= 0], return_counts=True)
    item = np.searchsorted(packing["item_ptr"], option, side="right") - 1
    with open(given.plan, "wb") as file:
        np.savez(file, item=item.astype(np.int64), option=option, count=count.astype(np.int64))
    say("ended", status=status, bound=None, seconds=seconds)
    return 0


if __name__ == "__main__":
    sys.exit(main())

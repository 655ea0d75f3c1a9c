"""What is in force as a question to the solver: the rows of the allocation, in a world, on terms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from app.errors import Fault, Invalid
from app.schemas.entities import Workload
from app.schemas.requests import Terms
from app.store.port import Session
from app.store.records import DecisionRow
from app.world.question import Question
from app.world.running import Running, placement_of
from app.world.running import in_force as placements_in_force
from app.world.stored import World
from solver import Problem
from solver.facts import terms as solver_terms
from solver.facts import workloads as solver_workloads
from solver.facts.catalogue import Catalogue
from solver.facts.network import Network
from solver.facts.validate import ProblemError


def terms_in_force(session: Session, day: date) -> Terms:
    """The terms in force, as of a day: those of the plan applied last."""
    summary = session.allocation.summary()
    stored = {} if summary is None or summary.terms is None else dict(summary.terms)
    return Terms.model_validate({**stored, "horizon": day}).effective()


@dataclass(frozen=True, slots=True)
class _Ran:
    """What running workloads were made from, and they themselves in the solver's words.

    `ground` is what placements stand on: the links, profiles and accesses in force, and the ids of the nodes.
    """

    ground: tuple[object, ...]
    entities: tuple[Workload, ...]
    decisions: Sequence[DecisionRow]
    workloads: tuple[solver_workloads.Workload, ...]


class Posing:
    """Poses what is in force, and keeps what it posed last: what is equal is not made anew.

    It compares all that goes in, so there is nothing that could go stale; what is the same object is compared at once.
    """

    def __init__(self) -> None:
        self._ran: _Ran | None = None
        self._posed: Question | None = None

    def pose(self, world: World, decisions: Sequence[DecisionRow], terms: Terms) -> Question:
        """What the rows of the allocation say, as a question to the solver: every workload, with what it runs on.

        Raises
        ------
        Invalid
            If the solver does not take what is stored.
        """
        before, ran = self._ran, self._running(world, decisions)
        facts = world.network, world.catalogue, world.said("policies"), terms.solver(terms)
        last = self._posed
        if last is not None and before is not None and before.workloads is ran.workloads and facts == _facts(last.problem):
            problem = last.problem
        else:
            problem = _problem(*facts, ran.workloads)
        self._ran, self._posed = ran, Question(problem, world.generation, frozenset(), terms)
        return self._posed

    def _running(self, world: World, decisions: Sequence[DecisionRow]) -> _Ran:
        """The workloads of the rows, with what they run on."""
        ground = world.links, world.profiles, world.accesses, [node.id for node in world.nodes]
        wanted = {row.workload for row in decisions}
        entities = tuple(workload for workload in world.workloads if workload.id in wanted)
        last = self._ran
        if last is not None and last.ground == ground and last.entities == entities and _alike(last.decisions, decisions):
            return replace(last, decisions=decisions)
        runs, words = _runs(world, entities, decisions), {one.id: one for one in world.said("workloads")}
        made = []
        for entity in entities:
            workload, here = words[entity.id], runs.get(entity.id, {})
            current = tuple(here.get(shard) for shard in range(workload.shards)) if here else ()
            made.append(replace(workload, current=current))
        return _Ran(ground, entities, decisions, tuple(made))


def _facts(problem: Problem) -> tuple[object, ...]:
    return problem.network, problem.catalogue, problem.policies, problem.terms


def _problem(
    network: Network,
    catalogue: Catalogue,
    policies: tuple[solver_workloads.Policy, ...],
    terms: solver_terms.Terms,
    running: tuple[solver_workloads.Workload, ...],
) -> Problem:
    try:
        return Problem(network=network, catalogue=catalogue, policies=policies, workloads=running, terms=terms)
    except ProblemError as error:
        raise Invalid("What runs could not be judged any more.", (Fault(error.field, error.why),)) from error


def _alike(some: Sequence[DecisionRow], others: Sequence[DecisionRow]) -> bool:
    """Whether rows say the same of what runs where, in the same order, whatever else has become of it."""
    if len(some) != len(others):
        return False
    return all(one is other or _place(one) == _place(other) for one, other in zip(some, others, strict=True))


def _place(row: DecisionRow) -> tuple[object, ...]:
    return (
        row.workload, row.shard, row.node, row.role, row.profile, row.servers, row.cards, row.route, row.batch_limit,
    )  # fmt: skip


def _runs(world: World, workloads: Iterable[Workload], rows: Iterable[DecisionRow]) -> Running:
    """What the rows of the allocation say runs, as placements on the network of a world."""
    entry = {access.id: access.node for access in world.accesses}
    entries = {workload.id: entry[workload.access] for workload in workloads if workload.access in entry}
    running = (placement_of(row) for row in rows if row.node is not None)
    return placements_in_force(running, world.network, world.catalogue, entries)

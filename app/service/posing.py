"""What is in force as a question to the solver: the rows of the allocation, in a world, on terms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from app.errors import Fault, Invalid
from app.schemas.entities import Workload
from app.schemas.requests import Terms
from app.store.port import Session
from app.store.records import DecisionRow
from app.world.question import Question
from app.world.running import Running, RunningShard
from app.world.running import in_force as placements_in_force
from app.world.stored import World
from solver import Problem
from solver.facts.validate import ProblemError


def terms_in_force(session: Session, day: date) -> Terms:
    """The terms in force, as of a day: those of the plan applied last."""
    summary = session.allocation.summary()
    stored = {} if summary is None or summary.terms is None else dict(summary.terms)
    return Terms.model_validate({**stored, "horizon": day}).effective()


def posed_by(world: World, rows: Sequence[DecisionRow], terms: Terms) -> Question:
    """What the rows of the allocation say, as a question to the solver: every workload, with what it runs on.

    Raises
    ------
    Invalid
        If the solver does not take what is stored.
    """
    wanted = {row.workload for row in rows}
    entities = [workload for workload in world.workloads if workload.id in wanted]
    runs = _runs(world, entities, rows)
    workloads = []
    for entity in entities:
        workload, here = entity.solver(), runs.get(entity.id, {})
        current = tuple(here.get(shard) for shard in range(workload.shards)) if here else ()
        workloads.append(replace(workload, current=current))
    try:
        problem = Problem(
            network=world.network,
            catalogue=world.catalogue,
            policies=tuple(policy.solver() for policy in world.policies),
            workloads=tuple(workloads),
            terms=terms.solver(terms),
        )
    except ProblemError as error:
        raise Invalid("What runs could not be judged any more.", (Fault(error.field, error.why),)) from error
    return Question(problem, world.generation, frozenset(), terms)


def _runs(world: World, workloads: Iterable[Workload], rows: Iterable[DecisionRow]) -> Running:
    """What the rows of the allocation say runs, as placements on the network of a world."""
    entry = {access.id: access.node for access in world.accesses}
    entries = {workload.id: entry[workload.access] for workload in workloads if workload.access in entry}
    running = (
        RunningShard(
            workload=row.workload, shard=row.shard, node=row.node, role=row.role, profile=row.profile, servers=row.servers,
            cards=tuple((card, eighth) for card, eighth in row.cards), route=tuple(row.route), batch_limit=row.batch_limit,
        )
        for row in rows
        if row.node is not None
    )  # fmt: skip
    return placements_in_force(running, world.network, world.catalogue, entries)

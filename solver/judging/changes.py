"""A change of a question: one field of one entity, as data, carried out, and told as a request to somebody."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from typing import Any

from solver.facts.network import Pool
from solver.facts.problem import Problem
from solver.facts.terms import ShareCap

#: What a field of an entity may be changed to.
Value = int | str | bool | date | Enum | frozenset[str] | tuple[Pool, ...] | tuple[ShareCap, ...] | None


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one entity gets another value.

    `kind` is workloads, nodes, links, accesses, policies or terms (of which there is one; its `id` is empty).
    """

    kind: str
    id: str
    field: str
    value: Value


def apply_change(problem: Problem, change: Change) -> Problem:
    """The problem after a change.

    Raises
    ------
    KeyError
        If there is no such entity.
    ProblemError
        If the entity may not have that value.
    """
    new: dict[str, Any] = {change.field: change.value}
    if change.kind == "terms":
        return replace(problem, terms=replace(problem.terms, **new))
    if change.kind in ("workloads", "policies"):
        new = {change.kind: _changed(getattr(problem, change.kind), change.id, new)}
        return replace(problem, **new)
    if change.kind in ("nodes", "links", "accesses"):
        new = {change.kind: _changed(getattr(problem.network, change.kind), change.id, new)}
        return replace(problem, network=replace(problem.network, **new))
    raise KeyError(change.kind)


def _changed(entities: tuple[Any, ...], name: str, new: dict[str, Any]) -> tuple[Any, ...]:
    """The entities, of which the one called `name` has new values; a KeyError where there is none."""
    position = {one.id: position for position, one in enumerate(entities)}[name]
    return (*entities[:position], replace(entities[position], **new), *entities[position + 1 :])


def changed(problem: Problem, change: Change) -> Problem:
    """A problem after a change; one of a workload, which no part of the network depends on, is not validated again."""
    if change.kind == "workloads":
        workloads = tuple(
            replace(one, **{change.field: change.value}) if one.id == change.id else one  # type: ignore[arg-type]
            for one in problem.workloads
        )
        return problem.about(workloads)
    return apply_change(problem, change)


def told(problem: Problem, change: Change) -> str:
    """A change as a request to somebody."""
    new = change.value
    if change.kind == "terms":
        return _told_of_terms(problem, change)
    if change.kind == "policies":
        old = getattr(problem.policy_by_id[change.id], change.field)
        what = change.field.removesuffix("_permille").replace("_", " ")
        if isinstance(new, frozenset) and new:
            return f"let policy {change.id} also allow {', '.join(sorted(new - (old or frozenset())))} in its {what}"
        if isinstance(new, int) and not isinstance(new, bool):
            return f"let policy {change.id} allow {new:,} permille of {what} instead of {old:,}"
        return f"let policy {change.id} ask for {new or 'nothing'} in its {what}"
    if change.kind == "workloads":
        return _told_of_workload(problem, change)
    if change.kind == "nodes":
        return _told_of_node(problem, change)
    if change.kind == "links":
        link = problem.links[problem.link_index[change.id]]
        end, have = (link.target, link.capacity_kbps) if change.field == "capacity_kbps" else (link.source, link.back_kbps)
        return f"raise link {link.id} towards {end} to {new:,} kbit/s from {have:,}"
    access = problem.access_by_id[change.id]
    if change.field == "cells":
        return f"give access {access.id} {new:,} cells instead of {access.cells:,}"
    old = getattr(access, change.field)
    return f"raise the {change.field.removesuffix('_kbps')} of each cell of {access.id} to {new:,} kbit/s from {old:,}"


def _told_of_workload(problem: Problem, change: Change) -> str:
    old = problem.workloads[problem.workload_index[change.id]]
    match change.field, change.value:
        case "deadline_us", int(new):
            return f"allow {change.id} {new:,} us instead of {old.deadline_us:,}"
        case "tiers", frozenset() as new:
            return f"let {change.id} run in tier {', '.join(sorted(new - old.tiers))} too"
        case "pin", _:
            return f"lift the pin of {change.id} to its {old.pin}"
        case "spread_group", _:
            return f"let {change.id} share a failure domain with the rest of group {old.spread_group}"
        case "stays", _:
            return f"let {change.id} be moved"
        case _:
            return f"let the request decide about {change.id}"


def _told_of_node(problem: Problem, change: Change) -> str:
    node = problem.nodes[problem.node_index[change.id]]
    match change.field, change.value:
        case "pools", tuple() as pools:
            had = {pool.accelerator: pool.count for pool in node.pools}
            new = {pool.accelerator: pool.count for pool in pools if isinstance(pool, Pool)}
            more = [(kind, count, had.get(kind, 0)) for kind, count in new.items() if count != had.get(kind, 0)]
            return " and ".join(f"give {node.id} {count:,} {kind} instead of {old:,}" for kind, count, old in more)
        case "state", _:
            return f"bring {node.id}, which is {node.state}, back into service"
        case "available_from", new:
            return f"have {node.id} ready by {new}"
        case field, new:
            unit = {"vcpu": "vCPUs", "memory_mib": "MiB of memory", "power_w": "W of power"}[field]
            return f"give {node.id} {new:,} {unit} instead of {getattr(node, field):,}"


def _told_of_terms(problem: Problem, change: Change) -> str:
    terms = problem.terms
    match change.field, change.value:
        case "lowest_commitment", new:
            return f"admit capacity that is {str(new).replace('_', ' ')}"
        case "horizon", new:
            return f"ask for {new} instead of {terms.horizon}"
        case _, tuple() as caps:
            raised = [(old, new) for old, new in zip(terms.share_caps, caps, strict=True) if old != new]
            return " and ".join(
                f"raise the cap on {f'{new.of} {new.name}' if new.name else f'each {new.of}'} to {new.permille} permille "
                f"from {old.permille}"
                for old, new in raised
                if isinstance(new, ShareCap)
            )
        case field, _:
            raise KeyError(field)

"""A shard that is to stand apart from others runs only on nodes that say where they stand; what is not known may be the
same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from solver.facts.network import Domain, Node
from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.facts.workloads import Workload
from solver.rules.closing import open_nodes
from solver.rules.factors import Factor
from solver.rules.items import Hosts, Items
from solver.rules.violation import Violation, refused

_WORDS = {Domain.NODE: "node", Domain.SITE: "place", Domain.METRO: "metro area", Domain.POWER: "power domain"}


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    shards: Counter[tuple[str | None, Domain]] = Counter()
    for workload in problem.workloads:
        shards[workload.spread_group, workload.spread_over] += workload.shards

    def apart(workload: Workload) -> Domain | None:
        """The kind of domain that must be named for `workload`: that of its group, if it has a second shard."""
        if workload.spread_group is None or shards[workload.spread_group, workload.spread_over] < 2:
            return None
        return workload.spread_over

    return (open_nodes(problem, items, apart, lambda over, node: over is None or node.domain(over) is not None),)


def check(problem: Problem, plan: Plan) -> Iterator[Violation]:
    size: dict[tuple[str | None, Domain], int] = {}
    for w in problem.workloads:
        size[w.spread_group, w.spread_over] = size.get((w.spread_group, w.spread_over), 0) + w.shards

    def kind(w: Workload) -> Domain | None:
        alone = w.spread_group is None or size[w.spread_group, w.spread_over] == 1
        return None if alone else w.spread_over

    def objection(over: Domain | None, node: Node) -> str | None:
        if over is None or node.domain(over):
            return None
        return f"{node.id} does not say which {_WORDS[over]} it stands in"

    for w, shard, node, why in refused(problem, plan, kind, objection):
        why = f"{why}; group {w.spread_group} is spread over {w.spread_over}"
        yield Violation("failure_domain", w.id, shard, node.id, 1, 0, "named_domain", why)

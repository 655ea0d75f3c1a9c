"""Who tells of any shard where it could run beside everything else in a plan."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.judging.asked import Asked, prices_of
from solver.judging.beside import Beside
from solver.judging.candidates import Candidate, has_hardware, rank

Ints = npt.NDArray[np.int64]


class Judge(Beside):
    """Tells of any shard where it could run beside everything else in `plan`; what it learns for one serves the others."""

    def of(self, problem: Problem, *, same_use: bool) -> Judge:
        """A judge of the same plan where something in the problem has changed, though no link's ends or latency.

        `same_use` says that every placement uses as much of each account as before, whatever its capacity is now.
        """
        other = Judge(problem, self.plan)
        other._routes = self._routes
        if same_use:
            other.__dict__.update({"used": self.used, "before": self.before})
        return other

    def candidates(self, w: int, shard: int, hosts: Iterable[int] | None = None) -> list[Candidate]:
        """The best candidate of each node (of those in `hosts`), nearest first; the shard's own room counts as free."""
        problem, workload = self.problem, self.problem.workloads[w]
        nodes = list(range(len(problem.nodes)) if hosts is None else hosts)
        asked = Asked(self, w, shard)
        profiles = [f for f, profile in enumerate(problem.profiles) if profile.model == workload.model]
        # A profile that has its hardware on a node stands before all that have not.
        suits = {n: [f for f in profiles if has_hardware(problem.nodes[n], problem.profiles[f])] or profiles for n in nodes}
        found = [one for f in profiles for one in asked.on(f, [n for n in nodes if f in suits[n]])]
        found += asked.as_it_runs(nodes)
        ranked = sorted((rank(one), i) for i, one in enumerate(found))
        best: dict[str, Candidate] = {}
        for _, i in ranked:
            best.setdefault(found[i].node, found[i])
        return list(best.values())

    def fitting(self, w: int, shard: int) -> list[Candidate]:
        """The best candidates of the nodes that would take a shard, cheapest first."""
        workload = self.problem.workloads[w]
        profiles = [profile for profile in self.problem.profiles if profile.model == workload.model]
        hosts = [n for n, node in enumerate(self.problem.nodes) if any(has_hardware(node, profile) for profile in profiles)]
        closed = Asked(self, w, shard).closed(hosts)
        here = workload.runs_as(shard)
        stands = -1 if here is None else self.problem.node_index[here.node]
        return [one for one in self.candidates(w, shard, [n for n in hosts if n not in closed or n == stands]) if one.fits]

    def prices(self, w: int, trial: Plan) -> dict[str, Ints]:
        """What each placement of workload `w` in a trial adds to each goal, in money a month."""
        return prices_of(self.problem, w, trial)

"""A plan in figures: what is placed, how full everything is, how much time is to spare."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.schemas.figures import GroupUse, Margins, Summary, Tally, TierTally, TightShard, goals, permille, tightest
from app.store.records import DecisionRow, UsageRow
from solver import Problem, Verdict

#: How many of the shards with the least time to spare a summary lists.
LISTED = 10


def summed(problem: Problem, verdict: Verdict, decisions: Sequence[DecisionRow], uses: Sequence[UsageRow]) -> Summary:
    """The summary of a plan, from its decisions and its accounts."""
    placed = [row for row in decisions if row.node is not None]
    refused = [row for row in decisions if row.node is None]
    return Summary(
        placed=_tally(placed, {row.workload for row in refused}),
        refused=_tally(refused, set()),
        cost_month=verdict.cost,
        cost_by_goal=goals(verdict.cost_by_goal),
        by_tier=_by_tier(placed),
        use_by_tier=use_by_tier(problem, uses),
        use_by_province=use_by_province(problem, uses),
        tightest=tightest(uses),
        margins=_margins(placed),
    )


def use_by_tier(problem: Problem, uses: Iterable[UsageRow]) -> tuple[GroupUse, ...]:
    """How full the tiers are. Nodes that do not operate on the day of the problem's terms count only where they are used."""
    return _grouped(uses, {node.id: str(node.tier) for node in problem.nodes})


def use_by_province(problem: Problem, uses: Iterable[UsageRow]) -> tuple[GroupUse, ...]:
    """How full the provinces are; see :func:`use_by_tier`."""
    return _grouped(uses, {node.id: node.province for node in problem.nodes})


def _tally(rows: Sequence[DecisionRow], without: set[str]) -> Tally:
    return Tally(
        workloads=len({row.workload for row in rows} - without),
        shards=len(rows),
        devices=sum(row.devices for row in rows),
    )


def _by_tier(placed: Iterable[DecisionRow]) -> tuple[TierTally, ...]:
    tally: dict[str, list[int]] = {}
    for row in placed:
        entry = tally.setdefault(row.tier or "", [0, 0])
        entry[0] += 1
        entry[1] += row.devices
    return tuple(TierTally(tier=tier, shards=n, devices=devices) for tier, (n, devices) in sorted(tally.items()))


def _grouped(uses: Iterable[UsageRow], group_of: dict[str, str]) -> tuple[GroupUse, ...]:
    """The accounts of nodes, added up over groups of them. What does not operate has no account (:func:`solver.usage`)."""
    sums: dict[tuple[str, str, str], list[int]] = {}
    nodes: dict[tuple[str, str, str], set[str]] = {}
    for use in uses:
        node = use.account.part("node")
        if node not in group_of or use.account.rule != "node_capacity":
            continue
        key = group_of[node], use.account.resource, use.account.unit
        entry = sums.setdefault(key, [0, 0])
        entry[0] += use.used
        entry[1] += use.capacity
        nodes.setdefault(key, set()).add(node)
    return tuple(
        GroupUse(
            group=group,
            resource=resource,
            unit=unit,
            nodes=len(nodes[group, resource, unit]),
            used=used,
            capacity=capacity,
            used_permille=permille(used, capacity),
        )
        for (group, resource, unit), (used, capacity) in sorted(sums.items())
    )


def _margins(placed: Sequence[DecisionRow]) -> Margins | None:
    timed = sorted((row.margin_us, row.workload, row.shard, row) for row in placed if row.margin_us is not None)
    if not timed:
        return None

    def quantile(permille_of_rows: int) -> int:
        return timed[min(len(timed) - 1, len(timed) * permille_of_rows // 1000)][0]

    return Margins(
        least_us=timed[0][0],
        p05_us=quantile(50),
        median_us=quantile(500),
        p95_us=quantile(950),
        tightest=tuple(
            TightShard(
                workload=row.workload,
                shard=row.shard,
                node=row.node or "",
                deadline_us=row.deadline_us,
                margin_us=margin,
            )
            for margin, _, _, row in timed[:LISTED]
        ),
    )

"""Explanations on the wire."""

from __future__ import annotations

from collections.abc import Mapping

from app.schemas.columns import goals, said
from app.schemas.verdicts import Candidate, ExplanationOut, Latency, PlacedShard, Reason, Refusal
from solver import Explanation
from solver.explain import Candidate as SolverCandidate


def refusal_of(told: Explanation) -> Refusal | None:
    """Why a workload has unplaced shards, in short; None when it has none."""
    if not told.unplaced:
        return None
    nodes = len(told.candidates)
    fitting = sum(not candidate.refusals for candidate in told.candidates)
    if fitting:
        least = min(candidate.cost or 0 for candidate in told.candidates if not candidate.refusals)
        sentence = (
            f"{fitting} of {nodes} nodes would still take it, for {least:,} won a month or more: "
            "that is more than it is worth, or the search ended before it came to this."
        )
    else:
        counts = ", ".join(f"{rule} {count}" for rule, count in told.histogram.items())
        nearest = min(told.candidates, key=lambda c: len(c.refusals), default=None)
        sentence = f"None of {nodes} nodes takes it ({counts})."
        if nearest is not None and nearest.refusals:
            sentence += f" Nearest: {nearest.refusals[0].sentence}."
    return Refusal(sentence=sentence, reasons=_reasons(told.histogram), repairs=_reasons(told.repairs))


def story_of(plan_id: str, generation: int, told: Explanation, listed: int) -> ExplanationOut:
    """An explanation with its `listed` nearest candidates."""
    nearest = sorted(told.candidates, key=lambda c: (len(c.refusals), c.cost or 0, c.node))
    return ExplanationOut(
        plan=plan_id,
        workload=told.workload,
        generation=generation,
        placed=tuple(
            PlacedShard(
                shard=shard.shard,
                node=shard.node,
                profile=shard.profile,
                servers=shard.servers,
                route=shard.route,
                latency=Latency(
                    access_us=shard.latency.access_us,
                    transfer_us=shard.latency.transfer_us,
                    transport_us=shard.latency.transport_us,
                    service_us=shard.latency.service_us,
                    waiting_us=shard.latency.waiting_us,
                    margin_us=shard.latency.margin_us,
                    deadline_us=shard.latency.deadline_us,
                ),
                cost_by_goal=goals(shard.cost_by_goal),
                next_best=None if shard.next_best is None else _candidate(shard.next_best),
                extra_cost=shard.extra_cost,
            )
            for shard in told.placed
        ),
        unplaced=told.unplaced,
        refusal=refusal_of(told),
        candidates=tuple(_candidate(candidate) for candidate in nearest[:listed]),
        candidate_count=len(told.candidates),
    )


def _candidate(candidate: SolverCandidate) -> Candidate:
    return Candidate(
        node=candidate.node,
        profile=candidate.profile,
        servers=candidate.servers,
        cost=candidate.cost,
        refusals=tuple(said(violation) for violation in candidate.refusals),
    )


def _reasons(counts: Mapping[str, int]) -> tuple[Reason, ...]:
    return tuple(Reason(rule=rule, nodes=nodes) for rule, nodes in counts.items())

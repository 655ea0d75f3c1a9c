"""What planners are told: plans, their progress, their decisions."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from app.schemas.accounts import AccountOut
from app.schemas.figures import Cost, GoalCost, Micros, Summary
from app.schemas.money import WON, Money
from app.schemas.requests import Priority, SolveLimits, Terms
from app.schemas.verdicts import Latency, Refusal
from app.schemas.wire import Actor, Tenant, Wire, moment
from app.store.records import Body, DecisionRow, PlanRow, ProgressRow


def brief_of(request: Body) -> Body:
    """What lists show of a stored request."""
    return {
        "name": request.get("name"),
        "note": request.get("note"),
        "workloads": len(request.get("workloads", ())) + len(request.get("workload_ids", ())),
        "terms": request["terms"],
        "limits": request["limits"],
        "priority": request.get("priority", "normal"),
    }


class Price(AccountOut):
    """What one more unit of something scarce would save."""

    price: float


class Warned(Wire):
    """Something to know before a plan is believed."""

    code: Literal["bound.none", "better.lost", "cut_off", "restored.left_out", "restored.stays"]
    message: str


class LostRow(Wire):
    """A shard that ran and cannot run like that any more."""

    workload: str
    shard: int
    node: str
    why: str


class Restored(Wire):
    """Where a plan comes from that puts back what ran."""

    generation: int
    moment: Literal["after", "before"] = Field(description="What ran just after that generation, or just before it.")
    left_out_shards: int = Field(description="Shards that ran then and cannot run like that any more.")
    left_out: tuple[LostRow, ...] = Field(description="The first of them.")
    stays_shards: int = Field(description="Shards that were started since then and stay as they are.")
    stays: tuple[str, ...] = Field(description="The first of their workloads.")


class PlanResult(Wire):
    """What a solve came to. The figures are the verifier's."""

    warnings: tuple[Warned, ...] = Field(
        default=(),
        description="What has to be known first, the gravest first. `bound.none`: nothing is proven about how much less "
        "other plans cost. `better.lost`: a better plan was found and lost before it was verified. `cut_off`: this is the "
        "last plan that was verified before the solve was cut off. `restored.left_out`: some of what is put back cannot "
        "run as it did, and is left out. `restored.stays`: what was started since stays as it is.",
    )
    status: Literal["optimal", "feasible"]
    money: Money = Field(default=WON, description="What all amounts of the plan are counted in.")
    cost: Cost
    bound: Cost = Field(description="No legal plan costs less: proven.")
    bounded: bool = Field(
        default=True,
        description="Whether the bound says anything about what the plan decides; if not, it is what cannot be changed.",
    )
    gap: float = Field(description="(cost - bound) / cost.")
    cost_by_goal: tuple[GoalCost, ...]
    request_cost: Cost | None = Field(
        default=None,
        description="What the workloads of the request cost by themselves; null in plans of versions that did not say it.",
    )
    request_cost_by_goal: tuple[GoalCost, ...] = Field(
        default=(), description="The same by goal: hosting, energy, transport, moves, what is unplaced or disturbed of them."
    )
    placed_shards: int
    unplaced_shards: int
    disturbed_shards: int = Field(
        default=0, description="Placed shards that break a rule where they stay, which is tolerated at a price."
    )
    moved_shards: int = Field(
        default=0,
        description="Shards that run and are moved to another node, or resized: given another profile, servers or cards.",
    )
    not_operating: tuple[str, ...] = Field(
        default=(),
        description="Nodes that what this plan changes would use, and that did not operate on the day of the solve (by the "
        "service's clock): they are not operational, or open later.",
    )
    effective_terms: Terms | None = Field(
        default=None, description="The terms the plan was made on: those of the request, and what was in force for the rest."
    )
    seconds: float
    first_seconds: float = Field(description="Seconds to the first legal plan.")
    bound_seconds: float = Field(description="Seconds after which the bound last rose.")
    prices: tuple[Price, ...] = Field(description="What more of the scarcest things would save, dearest first.")
    summary: Summary
    started_from: str | None = Field(default=None, description="The plan where a warm start began; null for a cold one.")
    cut_off: str | None = Field(
        default=None,
        description="Why the solve was ended before it handed in a plan; this is the last one that had been verified.",
    )
    reported_cost: Cost | None = Field(
        default=None,
        description="What the best plan costs that was found, where a solve was cut off and that one lost before it was "
        "verified.",
    )
    restored: Restored | None = Field(
        default=None, description="For a plan that puts back what ran: when it did. Such a plan was not searched for."
    )


class Failure(Wire):
    """Why there is no plan."""

    code: str
    reason: str


def warnings_of(figures: PlanResult) -> tuple[Warned, ...]:
    """What has to be known before a plan is believed, the gravest first."""
    found = []
    # What puts back what ran was not searched for, and is not asked for because it is cheap.
    if figures.restored is None and (not figures.bounded or figures.gap >= 1):
        found.append(Warned(code="bound.none", message="The plan has no useful lower bound: others may cost far less."))
    if figures.reported_cost is not None:
        cost = figures.money.solver().said(figures.reported_cost)
        message = f"A plan for {cost} a month had been found, but was lost before it was verified."
        found.append(Warned(code="better.lost", message=message))
    if figures.cut_off is not None:
        message = f"The solve was cut off; this is the last plan that it had verified. {figures.cut_off}"
        found.append(Warned(code="cut_off", message=message))
    if figures.restored is not None:
        found += _restored_warnings(figures.restored)
    return tuple(found)


def _restored_warnings(restored: Restored) -> list[Warned]:
    found, lost, stays = [], restored.left_out_shards, restored.stays_shards
    if lost:
        names = ", ".join(f"{row.workload} (shard {row.shard + 1})" for row in restored.left_out)
        more = f" and {lost - len(restored.left_out):,} more" if lost > len(restored.left_out) else ""
        some = "1 shard cannot run as then and is" if lost == 1 else f"{lost:,} shards cannot run as then and are"
        found.append(Warned(code="restored.left_out", message=f"{some} left out: {names}{more}."))
    if stays:
        some = "1 shard started since then stays as it is" if stays == 1 else f"{stays:,} shards started since then stay"
        found.append(Warned(code="restored.stays", message=f"{some}, of {', '.join(restored.stays)}."))
    return found


def _result_of(body: Body) -> PlanResult:
    """A stored result; what older versions stored has its warnings worked out."""
    result = PlanResult.model_validate(body)
    return result if "warnings" in body else result.model_copy(update={"warnings": warnings_of(result)})


class ProgressPoint(Wire):
    """Best cost and proven bound after some seconds."""

    seconds: float
    cost: Cost
    bound: Cost
    gap: float
    unplaced: int
    phase: str

    @staticmethod
    def of(row: ProgressRow) -> ProgressPoint:
        return ProgressPoint(
            seconds=row.seconds,
            cost=row.cost,
            bound=row.bound,
            gap=gap_of(row.cost, row.bound),
            unplaced=row.unplaced,
            phase=row.phase,
        )


def gap_of(cost: int, bound: int) -> float:
    """(cost - bound) / cost, 0 where nothing costs anything."""
    return 0.0 if cost <= 0 else max(0.0, (cost - bound) / cost)


class ProgressSeries(Wire):
    """How a solve has gone so far, oldest point first."""

    plan: str
    status: str
    points: tuple[ProgressPoint, ...]


class PlanOut(Wire):
    """A plan, as far as it has come."""

    id: str
    name: str | None
    note: str | None
    status: Literal["queued", "running", "finished", "cancelled", "failed"]
    what_if: bool
    generation: int | None = Field(description="The generation the plan is made from; null until a solve begins.")
    applied_generation: int | None = Field(description="The generation in which it became the allocation, if it did.")
    tenant: Tenant
    actor: Actor
    submitted_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    workloads: int = Field(description="How many workloads the request names.")
    terms: Terms = Field(
        description="As asked; once the solve has begun, with what was in force in the place of what was left open."
    )
    limits: SolveLimits
    priority: Priority = Field(default="normal", description="As asked.")
    best: ProgressPoint | None = Field(
        description="Best so far while it runs, which is verified and put by; where it ended after that."
    )
    result: PlanResult | None
    failure: Failure | None

    @staticmethod
    def of(row: PlanRow, best: ProgressRow | None) -> PlanOut:
        brief = row.brief
        terms = Terms.model_validate(brief["terms"])
        return PlanOut(
            id=row.id,
            name=brief["name"],
            note=brief["note"],
            status=row.status,
            what_if=row.what_if,
            generation=row.generation,
            applied_generation=row.applied_generation,
            tenant=row.tenant,
            actor=row.actor,
            submitted_at=moment(row.submitted_ms),
            started_at=None if row.started_ms is None else moment(row.started_ms),
            finished_at=None if row.finished_ms is None else moment(row.finished_ms),
            workloads=brief["workloads"],
            terms=terms if row.generation is None else terms.effective(),
            limits=SolveLimits.model_validate(brief["limits"]),
            priority=brief.get("priority", "normal"),
            best=None if best is None else ProgressPoint.of(best),
            result=None if row.result is None else _result_of(row.result),
            failure=None if row.failure is None else Failure.model_validate(row.failure),
        )


class Disturbed(Wire):
    """Why a shard is disturbed: it breaks rules where it runs and is tolerated there, at a price."""

    rules: tuple[str, ...]
    sentence: str
    unlawful: bool = Field(description="Whether one of the rules is law; it moves once it can, and ending it is for people.")


class Decision(Wire):
    """Where one shard of one workload runs; node and what follows are null where it is unplaced."""

    workload: str
    shard: int
    status: Literal["placed", "unplaced", "disturbed", "ended"] = Field(
        description="`ended`, in a plan that puts back what ran: it was not in force then, and is taken out of force."
    )
    site: str
    access: str
    policy: str
    model: str
    devices: int
    in_request: bool = Field(description="False for what runs already and was not asked about.")
    previous_node: str | None = Field(description="Where it ran before.")
    node: str | None
    tier: str | None
    province: str | None
    profile: str | None
    servers: int | None
    route: tuple[str, ...] = Field(description="Links in order from the access's entry node.")
    latency: Latency | None
    refusal: Refusal | None
    role: Literal["primary"] = "primary"
    cards: tuple[tuple[int, int], ...] = Field(
        default=(),
        description="For each server the number of its card within the node and the kind of card, and the eighth of the "
        "card at which its slice begins; empty for what takes no card, and where an older version did not say.",
    )
    batch_limit: int = Field(
        default=0,
        description="Most requests that a server takes at once; the latency rests on it. 0: the number with the least time.",
    )
    disturbed: Disturbed | None = Field(default=None, description="Null unless the status is `disturbed`.")

    @staticmethod
    def of(row: DecisionRow) -> Decision:
        return Decision(**decision_fields(row))


def decision_fields(row: DecisionRow) -> dict[str, object]:
    """The fields of :class:`Decision` that a row holds."""
    return {
        "workload": row.workload,
        "shard": row.shard,
        "status": row.status,
        "site": row.site,
        "access": row.access,
        "policy": row.policy,
        "model": row.model,
        "devices": row.devices,
        "in_request": row.in_request,
        "previous_node": row.previous_node,
        "node": row.node,
        "tier": row.tier,
        "province": row.province,
        "profile": row.profile,
        "servers": row.servers,
        "route": tuple(row.route),
        "latency": None
        if row.margin_us is None
        else Latency(
            access_us=row.access_us or 0,
            transfer_us=row.transfer_us or 0,
            transport_us=row.transport_us or 0,
            service_us=row.service_us or 0,
            waiting_us=row.waiting_us or 0,
            margin_us=row.margin_us,
            deadline_us=row.deadline_us,
        ),
        "refusal": None if row.refusal is None else Refusal.model_validate(row.refusal),
        "role": row.role,
        "cards": tuple((card, eighth) for card, eighth in row.cards),
        "batch_limit": row.batch_limit,
        "disturbed": None if row.disturbed is None else Disturbed.model_validate(row.disturbed),
    }


class Unplaced(Wire):
    """A shard that runs nowhere, and why."""

    workload: str
    shard: int
    site: str
    access: str
    policy: str
    model: str
    devices: int
    in_request: bool
    previous_node: str | None = Field(description="Where it ran before, if it did.")
    deadline_us: Micros
    refusal: Refusal | None = Field(description="Null where reasons are only given on request: see explanations.")

    @staticmethod
    def of(row: DecisionRow) -> Unplaced:
        return Unplaced(
            workload=row.workload,
            shard=row.shard,
            site=row.site,
            access=row.access,
            policy=row.policy,
            model=row.model,
            devices=row.devices,
            in_request=row.in_request,
            previous_node=row.previous_node,
            deadline_us=row.deadline_us,
            refusal=None if row.refusal is None else Refusal.model_validate(row.refusal),
        )


class Applied(Wire):
    """A plan has become the allocation."""

    plan: str
    generation: int = Field(description="The generation that it made.")
    placed: int
    moved: int = Field(description="Shards that run on another node now.")
    resized: int = Field(
        default=0, description="Shards on the same node with another profile, other servers or other cards."
    )
    unplaced: int = Field(description="Shards of the request that did not run and do not run.")
    kept: int = Field(description="Shards that run on as they do, whether the plan is about them or not.")
    ended: int = Field(
        description="Shards that ran before and run no more: those that the plan ends, and, by the request's own act, those "
        "beyond the end of a workload that it gives with fewer shards than run."
    )
    disturbed: int = Field(default=0, description="Shards that run now and break a rule where they stay.")
    reverified: bool = Field(description="Whether it was judged on a newer generation than it was made from.")

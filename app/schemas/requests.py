"""What planners ask: a request for a plan, a what-if, a foreign plan to judge."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, JsonValue, model_validator

from app.schemas.entities import Part, Pool, Workload
from app.schemas.wire import Amount, Flag, Id, Index, Permille, Text, Wire, Word
from solver import problem

Weight = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]


class Weights(Part):
    """What each goal counts, in thousandths of its won."""

    stands_for = problem.Weights

    unplaced: Weight = 1000
    accelerators: Weight = 1000
    energy: Weight = 1000
    transport: Weight = 1000
    moves: Weight = 1000


class ShareCap(Part):
    """No single owner, operator or vendor serves more than `permille` of the request's devices."""

    stands_for = problem.ShareCap

    of: problem.ShareOf
    permille: Permille
    name: Annotated[Word | None, Field(description="Caps that one only; null caps each.")] = None


class Terms(Part):
    """As of which day, on how firm a commitment, at which weights and caps a plan is asked for."""

    stands_for = problem.Terms

    horizon: Annotated[date, Field(description="The day the plan is for; certificates must be valid on it.")]
    lowest_commitment: Annotated[
        problem.Commitment, Field(description="The least firm commitment that a node may have.")
    ] = problem.Commitment.OPERATIONAL
    weights: Weights = Weights()
    share_caps: tuple[ShareCap, ...] = ()


class SolveLimits(Wire):
    """How long to search, from which seed, and from where."""

    seconds: Annotated[
        float | None, Field(gt=0, le=86_400, description="Time to search; null takes the service's default.")
    ] = None
    seed: Annotated[int, Field(strict=True, ge=0, le=2**31 - 1)] = 0
    start: Annotated[
        Literal["warm", "cold"],
        Field(
            description="`warm` begins where the newest plan that was no what-if ended, as far as that is still legal, "
            "which after a small change saves most of the time; `cold` begins from nothing: only the request counts."
        ),
    ] = "warm"


class Scope(Wire):
    """Which running workloads, besides those of the request, may be moved to make room."""

    running: Annotated[Literal["keep", "move"], Field(description="`move` lets everything that runs take part.")] = "keep"
    from_nodes: Annotated[tuple[Id, ...], Field(description="What runs on these nodes may be moved.")] = ()
    from_sites: Annotated[tuple[Id, ...], Field(description="What runs for these sites may be moved.")] = ()


class NodeWhatIf(Wire):
    """A node as it might be: only the fields given (and not null) differ from what is stored."""

    id: Id
    state: problem.NodeState | None = None
    commitment: problem.Commitment | None = None
    available_from: date | None = None
    pools: tuple[Pool, ...] | None = None
    vcpu: Amount | None = None
    memory_mib: Amount | None = None
    power_w: Amount | None = None
    power_price_krw_kwh: Amount | None = None


class LinkWhatIf(Wire):
    """A link as it might be."""

    id: Id
    latency_us: Annotated[int | None, Field(strict=True, ge=0, le=10_000_000)] = None
    capacity_kbps: Amount | None = None
    price_krw_gbps_month: Amount | None = None


class AccessWhatIf(Wire):
    """An access as it might be."""

    id: Id
    rtt_p50_us: Annotated[int | None, Field(strict=True, ge=0, le=60_000_000)] = None
    rtt_p99_us: Annotated[int | None, Field(strict=True, ge=0, le=60_000_000)] = None
    uplink_kbps: Annotated[int | None, Field(strict=True, ge=1, le=problem.MAX_AMOUNT)] = None
    downlink_kbps: Annotated[int | None, Field(strict=True, ge=1, le=problem.MAX_AMOUNT)] = None
    cells: Annotated[int | None, Field(strict=True, ge=0, le=1_000_000)] = None


class WhatIf(Wire):
    """A network that does not exist: the stored one with these differences."""

    nodes: tuple[NodeWhatIf, ...] = ()
    links: tuple[LinkWhatIf, ...] = ()
    accesses: tuple[AccessWhatIf, ...] = ()


class Asked(Wire):
    """What is to be placed, and on what terms."""

    workloads: Annotated[tuple[Workload, ...], Field(max_length=200_000, description="Workloads given in full.")] = ()
    workload_ids: Annotated[
        tuple[Id, ...], Field(max_length=200_000, description="Stored workloads (`/v1/workloads`), by id.")
    ] = ()
    terms: Terms
    scope: Scope = Scope()
    what_if: Annotated[
        WhatIf | None,
        Field(description="Ask about a network that does not exist; such a plan is never applied."),
    ] = None

    @model_validator(mode="after")
    def _something_once(self) -> Self:
        names = [workload.id for workload in self.workloads] + list(self.workload_ids)
        if not names:
            raise ValueError("name at least one workload, in `workloads` or `workload_ids`")
        if len(names) != len(set(names)):
            twice = next(name for place, name in enumerate(names) if name in names[:place])
            raise ValueError(f"workload {twice!r} is named twice")
        return self


_TERMS_EXAMPLE: dict[str, JsonValue] = {"horizon": "2026-12-01", "lowest_commitment": "operational"}
_WORKLOAD_EXAMPLE: dict[str, JsonValue] = {
    "id": "ulsan-inspection",
    "access": "ulsan-wired",
    "model": "defect-detector",
    "devices": 40,
    "rate_mhz": 5000,
    "payload_up_bytes": 120000,
    "payload_down_bytes": 400,
    "deadline_us": 80000,
    "policy": "open",
    "value_krw_month": 90000000,
}


class PlanRequest(Asked):
    """A request for a plan."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"workloads": [_WORKLOAD_EXAMPLE], "terms": _TERMS_EXAMPLE, "limits": {"seconds": 10}},
                {
                    "workload_ids": ["ulsan-inspection"],
                    "terms": _TERMS_EXAMPLE,
                    "what_if": {"nodes": [{"id": "busan-mec", "state": "failed"}]},
                },
            ]
        }
    )

    name: Word | None = None
    note: Text | None = None
    limits: SolveLimits = SolveLimits()


class Placement(Wire):
    """One shard of a foreign plan: where it runs, on what, and which way its traffic goes."""

    workload: Id
    shard: Index = 0
    node: Id
    profile: Id
    servers: Annotated[int, Field(strict=True, ge=1, le=10_000_000)]
    route: Annotated[tuple[Id, ...], Field(description="Links in order from the access's entry node.")] = ()


class VerifyRequest(Asked):
    """A plan that nobody here made, and the question it claims to answer."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "workloads": [_WORKLOAD_EXAMPLE],
                    "terms": _TERMS_EXAMPLE,
                    "placements": [
                        {
                            "workload": "ulsan-inspection",
                            "node": "busan-mec",
                            "profile": "detector-l40s",
                            "servers": 2,
                        }
                    ],
                }
            ]
        }
    )

    placements: Annotated[
        tuple[Placement, ...],
        Field(
            max_length=1_000_000,
            description="What runs outside the request keeps its place in force and need not be named.",
        ),
    ]


class ApplyRequest(Wire):
    """How to make a plan the allocation."""

    on_stale: Annotated[
        Literal["refuse", "reverify"],
        Field(
            description="What to do when the world has changed since the plan was made: refuse with 409, or judge the "
            "plan against the world as it is now and apply it if it is still legal."
        ),
    ] = "refuse"


class StateChange(Wire):
    """Why the state of a node changes."""

    reason: Text | None = None


class Confirmation(Wire):
    """A bare acknowledgement."""

    ok: Flag = True

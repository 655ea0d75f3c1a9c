"""What planners ask: a request for a plan, a what-if, a foreign plan to judge."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal, Self, TypeAlias, get_args

from pydantic import ConfigDict, Field, JsonValue, model_validator
from pydantic_core import PydanticCustomError

from app.schemas.entities import (
    BatchLimit,
    Cards,
    LinkLatency,
    LinkPrice,
    Part,
    Pool,
    PowerPrice,
    Servers,
    Workload,
)
from app.schemas.wire import REAL, Amount, Day, Flag, Id, Index, Permille, Text, Wire, Word
from solver.facts import network, terms, validate
from solver.facts.validate import MAX_WEIGHT

#: How soon a plan is solved, the last first.
Priority: TypeAlias = Literal["low", "normal", "high"]
PRIORITIES: tuple[Priority, ...] = get_args(Priority)

Weight = Annotated[int, Field(strict=True, ge=0, le=MAX_WEIGHT)]


class Weights(Part):
    """What each goal counts, in thousandths of its money."""

    stands_for = terms.Weights

    unplaced: Weight = 1000
    accelerators: Weight = 1000
    energy: Weight = 1000
    transport: Weight = 1000
    moves: Weight = 1000


class ShareCap(Part):
    """No single owner, operator or vendor serves more than `permille` of the devices that are counted.

    A cap that is in force already counts all that runs and the request, each device once. A cap that is new counts the
    devices of the request.
    """

    stands_for = terms.ShareCap
    decided = frozenset({"standing"})

    of: terms.ShareOf
    permille: Permille
    name: Annotated[Word | None, Field(description="Caps that one only; null caps each.")] = None


class Terms(Part):
    """As of which day, on how firm a commitment, at which weights and caps a plan is asked for.

    What is absent or null, but for the day, is as in the terms in force: those of the plan that was applied last. Where
    nothing is in force it is `operational`, weights of 1000 and no caps. What is given takes the place of what is in force:
    with `share_caps` given, a cap that is not repeated ends.
    """

    stands_for = terms.Terms

    horizon: Annotated[Day, Field(description="The day the plan is for; certificates must be valid on it.")]
    lowest_commitment: Annotated[
        network.Commitment | None, Field(description="The least firm commitment that a node may have.")
    ] = None
    weights: Weights | None = None
    share_caps: Annotated[tuple[ShareCap, ...] | None, Field(max_length=10_000)] = None

    def effective(self, in_force: Terms | None = None) -> Terms:
        """These terms with nothing left open: from the terms in force, else as where nothing is."""
        least, weights = network.Commitment.OPERATIONAL, Weights()
        caps: tuple[ShareCap, ...] = ()
        for said in (in_force, self):
            if said is not None:
                least = least if said.lowest_commitment is None else said.lowest_commitment
                weights = weights if said.weights is None else said.weights
                caps = caps if said.share_caps is None else said.share_caps
        return Terms(horizon=self.horizon, lowest_commitment=least, weights=weights, share_caps=caps)

    def solver(self, in_force: Terms | None = None) -> terms.Terms:
        """The solver's value of these terms where `in_force` hold already: caps that are among those are standing."""
        whole = self.effective(in_force)
        standing = set() if in_force is None else set(in_force.share_caps or ())
        assert whole.lowest_commitment is not None
        assert whole.weights is not None
        return terms.Terms(
            horizon=whole.horizon,
            lowest_commitment=whole.lowest_commitment,
            weights=whole.weights.solver(),
            share_caps=tuple(replace(cap.solver(), standing=cap in standing) for cap in whole.share_caps or ()),
        )


#: A day of search is the most that is asked for.
Seconds = Annotated[float, REAL, Field(gt=0, le=86_400)]


class SolveLimits(Wire):
    """How long to search, from which seed, and from where."""

    seconds: Annotated[
        Seconds | None,
        Field(
            description="Time to search; null takes the service's default. Reading the request, a first plan and its check "
            "take their time even when this is less: about a second for a thousand workloads."
        ),
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
    """What a plan may do to what runs. Asked is what the request names.

    | `running` | asked, does not run | asked, runs | others that run | what may be ended |
    |---|---|---|---|---|
    | `repair` | placed | moved or resized if it is disturbed, else left alone | left alone | what `may_end` names |
    | `keep` | placed | moved, resized | left alone | what `may_end` names |
    | `move` | placed | moved, resized | moved, resized | what `may_end` names |
    | `preempt` | placed | moved, resized | moved, resized | all of these, at their value |

    With `repair` a request may name no workload: then all that is disturbed or has lost its place is asked about. Shards of
    a workload that runs with `movable` false are left alone, unless `may_end` names it. What is left alone keeps its node,
    its servers, its cards and its route, and counts.
    """

    running: Annotated[
        Literal["repair", "keep", "move", "preempt"], Field(description="How far a plan may go; see the table.")
    ] = "keep"
    may_end: Annotated[
        tuple[Id, ...],
        Field(
            max_length=200_000,
            description="Workloads that may be moved, resized and, at their value, ended, whatever `running` says.",
        ),
    ] = ()
    from_nodes: Annotated[
        tuple[Id, ...], Field(max_length=200_000, description="What runs on these nodes may be moved and resized.")
    ] = ()
    from_sites: Annotated[
        tuple[Id, ...], Field(max_length=200_000, description="What runs for these sites may be moved and resized.")
    ] = ()


class NodeWhatIf(Wire):
    """A node as it might be: only the fields given (and not null) differ from what is stored."""

    id: Id
    state: network.NodeState | None = None
    commitment: network.Commitment | None = None
    available_from: Day | None = None
    pools: tuple[Pool, ...] | None = None
    vcpu: Amount | None = None
    memory_mib: Amount | None = None
    power_w: Amount | None = None
    power_price_kwh: PowerPrice | None = None


class LinkWhatIf(Wire):
    """A link as it might be."""

    id: Id
    latency_us: LinkLatency | None = None
    capacity_kbps: Amount | None = None
    price_gbps_month: LinkPrice | None = None
    latency_back_us: LinkLatency | None = None
    capacity_back_kbps: Amount | None = None
    price_back_gbps_month: LinkPrice | None = None


class AccessWhatIf(Wire):
    """An access as it might be."""

    id: Id
    rtt_p50_us: Annotated[int | None, Field(strict=True, ge=0, le=60_000_000)] = None
    rtt_p99_us: Annotated[int | None, Field(strict=True, ge=0, le=60_000_000)] = None
    uplink_kbps: Annotated[int | None, Field(strict=True, ge=1, le=validate.MAX_AMOUNT)] = None
    downlink_kbps: Annotated[int | None, Field(strict=True, ge=1, le=validate.MAX_AMOUNT)] = None
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
        if not names and self.scope.running != "repair":
            raise PydanticCustomError(
                "nothing_asked", "name at least one workload, in `workloads` or `workload_ids`, or ask with scope `repair`"
            )
        seen: set[str] = set()
        for name in names:
            if name in seen:
                raise PydanticCustomError("twice", "workload {name} is named twice", {"name": repr(name)})
            seen.add(name)
        return self


_TERMS_EXAMPLE: dict[str, JsonValue] = {"horizon": "2026-12-01", "lowest_commitment": "operational"}
_WORKLOAD_EXAMPLE: dict[str, JsonValue] = {
    "id": "ulsan-inspection",
    "access": "hmc-ulsan-wired",
    "model": "retinanet",
    "devices": 40,
    "rate_mhz": 5000,
    "payload_up_bytes": 120000,
    "payload_down_bytes": 400,
    "deadline_us": 80000,
    "policy": "core_tech",
    "value_month": 90000000,
}


class PlanRequest(Asked):
    """A request for a plan."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"workloads": [_WORKLOAD_EXAMPLE], "terms": _TERMS_EXAMPLE, "limits": {"seconds": 10}},
                {
                    "workload_ids": ["hmc-ulsan-visual-inspection"],
                    "terms": _TERMS_EXAMPLE,
                    "what_if": {"nodes": [{"id": "co-usn", "state": "failed"}]},
                },
            ]
        }
    )

    name: Word | None = None
    note: Text | None = None
    limits: SolveLimits = SolveLimits()
    priority: Annotated[
        Priority,
        Field(description="Of the plans that wait, those of the highest priority are solved first; among them the oldest."),
    ] = "normal"


class Placement(Wire):
    """One shard of a foreign plan: where it runs, on what, and which way its traffic goes."""

    workload: Id
    shard: Index = 0
    node: Id
    profile: Id
    servers: Servers
    route: Annotated[tuple[Id, ...], Field(description="Links in order from the access's entry node.")] = ()
    cards: Cards = ()
    batch_limit: BatchLimit = 0


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
                            "node": "edge-hmc-ulsan",
                            "profile": "retinanet@l40s",
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
            "plan against the world as it is now and apply it if it is still legal. What the plan was not asked about and "
            "does not change is judged, and left, where it is by now; what it places gets other cards of the same node "
            "where its own have been taken."
        ),
    ] = "refuse"
    allow_not_operating: Annotated[
        Flag,
        Field(
            description="Apply it although it uses nodes that do not operate today; without it that is refused with 409 "
            "`plan.not_operating`."
        ),
    ] = False


class RestoreRequest(Wire):
    """How to go back to what ran."""

    moment: Annotated[
        Literal["after", "before"],
        Field(
            description="Go back to what ran just after the generation, or just before it. `before` undoes it: what it "
            "placed ends, what it moved goes back, what it ended returns."
        ),
    ] = "after"
    leave_out: Annotated[
        Flag,
        Field(
            description="Leave out what cannot run any more as it did, and say so in the plan; without it that is refused "
            "with 409 `history.rows_lost`, which names it."
        ),
    ] = False
    end_later: Annotated[
        Flag,
        Field(description="End what was started since then, too; without it that stays as it is, and the plan says so."),
    ] = False


class StateChange(Wire):
    """Why the state of a node changes."""

    reason: Text | None = None


class Confirmation(Wire):
    """A bare acknowledgement."""

    ok: Flag = True

"""What each list can be filtered and sorted by, and what holds for every query."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Literal

from fastapi import Request
from pydantic import BeforeValidator, Field, StringConstraints

from app.errors import Fault, Invalid
from app.former import spoken
from app.schemas.faults import FAULTS_TOLD
from app.schemas.wire import BESIDE_PATTERN, LATEST, PLAN_PATTERN, Country, Id, Paging, Word
from app.schemas.wire import Day as CalendarDay
from solver.facts import network, workloads
from solver.rules.account import FIELDS


def each_once(request: Request) -> None:
    """Refuse a query that gives a parameter twice: only the last would count, and nobody would be told.

    Raises
    ------
    Invalid
        Naming each such parameter.
    """
    if b"&" not in request.scope["query_string"]:
        return
    given = Counter(name for name, _ in request.query_params.multi_items())
    twice = [(name, count) for name, count in given.items() if count > 1]
    if twice:
        faults = (
            Fault(
                name,
                f"is given {count} times",
                "a parameter once; where it takes several values, parted by commas",
                code="twice",
            )
            for name, count in twice[:FAULTS_TOLD]
        )
        raise Invalid("A parameter of the query is given more than once.", tuple(faults))


def _named_now(sort: object) -> object:
    """What is sorted by, under the name that it has now."""
    return spoken(sort) if isinstance(sort, str) else sort


Sort = Field(description="Field to order by; `-` in front turns the order round. Ties are ordered by id.")


Day = Annotated[
    CalendarDay | None,
    Field(
        description="The day asked about, today if none is said: which nodes operate and which certificates hold on it. "
        "What runs is what runs now.",
        examples=["2027-06-30"],
    ),
]


class NodeQuery(Paging):
    """Which nodes."""

    tier: network.Tier | None = None
    state: network.NodeState | None = None
    commitment: network.Commitment | None = None
    province: Word | None = None
    metro: Word | None = None
    country: Country | None = None
    owner: Word | None = None
    operator: Word | None = None
    site: Id | None = None
    sort: Annotated[
        Literal[
            "id", "-id", "name", "-name", "province", "-province", "vcpu", "-vcpu", "memory_mib", "-memory_mib",
            "power_w", "-power_w",
        ],
        Sort,
    ] = "id"  # fmt: skip


class LinkQuery(Paging):
    """Which links."""

    source: Id | None = None
    target: Id | None = None
    sort: Annotated[
        Literal[
            "id",
            "-id",
            "latency_us",
            "-latency_us",
            "capacity_kbps",
            "-capacity_kbps",
            "length_m",
            "-length_m",
        ],
        Sort,
    ] = "id"


class SiteQuery(Paging):
    """Which sites."""

    kind: Word | None = None
    province: Word | None = None
    operator: Word | None = None
    sort: Annotated[Literal["id", "-id", "name", "-name", "kind", "-kind", "province", "-province"], Sort] = "id"


class AccessQuery(Paging):
    """Which accesses."""

    site: Id | None = None
    node: Id | None = None
    technology: Word | None = None
    sort: Annotated[
        Literal["id", "-id", "rtt_p99_us", "-rtt_p99_us", "uplink_kbps", "-uplink_kbps", "cells", "-cells"],
        Sort,
    ] = "id"


class AcceleratorQuery(Paging):
    """Which accelerators."""

    vendor: Word | None = None
    vendor_country: Country | None = None
    sort: Annotated[Literal["id", "-id", "memory_mib", "-memory_mib", "power_w", "-power_w"], Sort] = "id"


class ProfileQuery(Paging):
    """Which profiles."""

    model: Word | None = None
    accelerator: Id | None = None
    runtime: Word | None = None
    sort: Annotated[Literal["id", "-id", "model", "-model"], Sort] = "id"


class PolicyQuery(Paging):
    """Which policies."""

    sort: Annotated[Literal["id", "-id", "name", "-name"], Sort] = "id"


class WorkloadQuery(Paging):
    """Which workloads."""

    access: Id | None = None
    model: Word | None = None
    policy: Id | None = None
    pin: workloads.Pin | None = None
    spread_group: Word | None = None
    sort: Annotated[
        Literal[
            "id",
            "-id",
            "devices",
            "-devices",
            "deadline_us",
            "-deadline_us",
            "value_month",
            "-value_month",
        ],
        BeforeValidator(_named_now),
        Sort,
    ] = "id"


class PlanQuery(Paging):
    """Which plans. The newest come first."""

    status: Literal["queued", "running", "finished", "cancelled", "failed"] | None = None
    what_if: bool | None = None


class DecisionQuery(Paging):
    """Which decisions of a plan, in the order of the request."""

    status: Literal["placed", "unplaced", "disturbed"] | None = None
    node: Id | None = None
    workload: Id | None = None
    site: Id | None = None
    policy: Id | None = None


class UnplacedQuery(Paging):
    """Which unplaced shards of a plan."""

    workload: Id | None = None
    site: Id | None = None
    policy: Id | None = None


#: A plan by its name; what it may be written as.
PlanName = Annotated[str, StringConstraints(pattern=PLAN_PATTERN)]


class ComparisonQuery(Paging):
    """Compare with what."""

    with_: Annotated[
        str,
        Field(
            alias="with",
            pattern=BESIDE_PATTERN,
            description="A plan that has its decisions, by its id or as `latest`; or `allocation` for what is in force.",
            examples=["allocation", "latest"],
        ),
    ] = "allocation"


class UseQuery(Paging):
    """Which accounts."""

    rule: Word | None = None
    node: Annotated[Id | None, Field(description="Those of a node, also as a failure domain.")] = None
    accelerator: Annotated[Id | None, Field(description="Those of a kind of card.")] = None
    access: Annotated[Id | None, Field(description="Those of an access.")] = None
    link: Annotated[Id | None, Field(description="Those of a link, in both directions.")] = None
    group: Annotated[Word | None, Field(description="Those of a spread group.")] = None
    owner: Annotated[Word | None, Field(description="The shares of an owner.")] = None
    operator: Annotated[Word | None, Field(description="The shares of an operator.")] = None
    vendor: Annotated[Word | None, Field(description="The shares of a vendor.")] = None
    day: Day = None

    def parts(self) -> dict[str, str]:
        """The parts that a subject has to have."""
        names = set(FIELDS) & set(type(self).model_fields)
        return self.model_dump(include=names, exclude_none=True)


class AllocationQuery(Paging):
    """Which part of the allocation."""

    node: Id | None = None
    site: Id | None = None
    policy: Annotated[Id | None, Field(description="Data class.")] = None
    model: Word | None = None
    tier: network.Tier | None = None
    province: Word | None = None
    workload: Id | None = None
    plan: Annotated[PlanName | None, Field(description="What comes from this plan.", examples=[LATEST])] = None
    in_request: Annotated[bool | None, Field(description="Placed by request of the plan in force.")] = None
    status: Annotated[
        Literal["placed", "unplaced", "disturbed"] | None,
        Field(description="`disturbed` runs, and breaks a rule where it runs now."),
    ] = None
    sort: Annotated[Literal["id", "-id", "margin_us", "-margin_us", "devices", "-devices"], Sort] = "id"


Generation = Annotated[int, Field(ge=0, le=2**62)]


class ChangeQuery(Paging):
    """Which part of the history."""

    since: Annotated[Generation, Field(description="Only what newer generations changed.")] = 0
    kind: Annotated[Word | None, Field(description="A collection (`nodes`) or a document (`network`).")] = None
    id: Word | None = None


class AllocationChangeQuery(Paging):
    """Which part of the allocation's history."""

    since: Annotated[Generation, Field(description="Only what newer generations changed.")] = 0


#: Fields of stored documents and rows that are whole numbers.
NUMERIC = frozenset(
    {
        "vcpu", "memory_mib", "power_w", "latency_us", "capacity_kbps", "length_m", "rtt_p99_us", "uplink_kbps",
        "cells", "devices", "deadline_us", "value_month", "margin_us", "submitted_ms",
    }
)  # fmt: skip

"""The entities as they travel and are stored: the fields of :mod:`solver.facts`, and what people want to read
beside them.

Each class names the solver's dataclass it stands for; its fields are those of the dataclass (a test compares them)
plus names, places and provenance, which the solver never sees.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, PlainSerializer

from app.former import spoken
from app.schemas.wire import (
    REAL,
    WHOLE,
    Amount,
    Countries,
    Country,
    Day,
    Flag,
    Id,
    Names,
    Permille,
    Text,
    Wire,
    Word,
)
from solver.facts import catalogue, network, validate, workloads
from solver.facts.placement import EIGHTHS, Placement, Role, Slot
from solver.facts.validate import MAX_PRICE, MAX_SERVERS_IN_FORCE

Price = Annotated[int, Field(strict=True, ge=0, le=MAX_PRICE)]
LinkPrice = Annotated[int, Field(strict=True, ge=0, le=MAX_PRICE // 10)]
PowerPrice = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
LinkLatency = Annotated[int, Field(strict=True, ge=0, le=10_000_000)]

Latitude = Annotated[float, REAL, Field(ge=-90, le=90)]
Longitude = Annotated[float, REAL, Field(ge=-180, le=180)]


class Provenance(Wire):
    """Where figures come from: which fields, on what basis, from which source."""

    fields: tuple[Annotated[Word, AfterValidator(spoken)], ...] = Field(
        description="Names of the fields that this speaks of."
    )
    basis: Literal["published", "computed", "estimated"]
    source: Text


class Entity(Wire):
    """What all entities have: an id, and notes for people."""

    stands_for: ClassVar[type[Any]]
    #: Fields of the solver's value that no caller gives: the question decides them.
    decided: ClassVar[frozenset[str]] = frozenset()

    id: Id
    provenance: tuple[Provenance, ...] = ()
    note: Text | None = None

    def solver(self) -> Any:
        """The solver's value of this entity."""
        return self.stands_for(**_given(self, self.stands_for, self.decided))


class Part(Wire):
    """A value inside an entity that the solver has a dataclass for."""

    stands_for: ClassVar[type[Any]]
    #: As of an :class:`Entity`.
    decided: ClassVar[frozenset[str]] = frozenset()

    def solver(self) -> Any:
        """The solver's value of this part."""
        return self.stands_for(**_given(self, self.stands_for, self.decided))


def _given(value: Wire, stands_for: type[Any], decided: frozenset[str]) -> dict[str, Any]:
    """The fields of the solver's value that one of the wire gives."""
    return {f.name: plain(getattr(value, f.name)) for f in fields(stands_for) if f.name not in decided}


def plain(value: Any) -> Any:
    """A field's value as the solver has it."""
    if isinstance(value, Part):
        return value.solver()
    if isinstance(value, tuple):
        return tuple(plain(part) for part in value)
    return value


class Certification(Part):
    """A certificate; `expires` is its last valid day."""

    stands_for = network.Certification

    name: Word
    expires: Day | None = None


class Pool(Part):
    """Accelerators of one kind at a node."""

    stands_for = network.Pool

    accelerator: Id
    count: Annotated[int, Field(strict=True, ge=0, le=10_000_000)]
    price_month: Annotated[Price, Field(description="Money a month for one card.")] = 0


class Node(Entity):
    """A place with compute: where it is, whose it is, what it holds, and how firmly it is committed."""

    stands_for = network.Node

    name: Word | None = None
    name_ko: Word | None = None
    lat: Latitude | None = None
    lon: Longitude | None = None
    tier: network.Tier
    country: Country
    owner: Word
    owner_country: Country
    site: Annotated[Id | None, Field(description="The demand site at which an on-site node stands.")] = None
    place: Word = ""
    metro: Word = ""
    power_domain: Word = ""
    province: Annotated[Word, Field(description="ISO 3166-2 code.", examples=["KR-26"])] = ""
    foreign_equity_permille: dict[Country, Permille] | None = None
    operator: Word = ""
    operator_country: Country | None = None
    tenant_country: Country | None = None
    personnel_countries: Countries | None = None
    control_jurisdictions: Countries | None = None
    backup_countries: Countries | None = None
    key_custody: network.KeyCustody | None = None
    double_encryption: Flag | None = None
    certifications: tuple[Certification, ...] = ()
    commitment: network.Commitment = network.Commitment.OPERATIONAL
    available_from: Day | None = None
    state: network.NodeState = network.NodeState.ACTIVE
    pools: tuple[Pool, ...] = ()
    vcpu: Amount = 0
    memory_mib: Amount = 0
    power_w: Amount = 0
    pue_permille: Annotated[int, Field(strict=True, ge=1000, le=10_000)] = 1000
    vcpu_price_month: Price = 0
    memory_price_gib_month: Price = 0
    power_price_kwh: PowerPrice = 0


class Link(Entity):
    """A full-duplex connection of two nodes; a reply takes the links of its request back.

    `latency_us`, `capacity_kbps` and `price_gbps_month` hold from `source` to `target`; the fields with `back` say the
    same of the other way, and null there is as forward.
    """

    stands_for = network.Link

    source: Id
    target: Id
    latency_us: LinkLatency
    capacity_kbps: Amount
    jurisdictions: Countries
    price_gbps_month: LinkPrice = 0
    length_m: Amount = 0
    latency_back_us: LinkLatency | None = None
    capacity_back_kbps: Amount | None = None
    price_back_gbps_month: LinkPrice | None = None


class Site(Entity):
    """A factory, port or logistics hub: where devices are."""

    stands_for = network.Site

    name: Word | None = None
    name_ko: Word | None = None
    lat: Latitude | None = None
    lon: Longitude | None = None
    province: Word | None = None
    operator: Word | None = None
    kind: Word = ""


class Access(Entity):
    """How a site reaches the network: where it enters, after how long, through how many equal cells."""

    stands_for = network.Access

    site: Id
    node: Id
    technology: Word
    rtt_p50_us: Annotated[int, Field(strict=True, ge=0, le=60_000_000)]
    rtt_p99_us: Annotated[int, Field(strict=True, ge=0, le=60_000_000)]
    uplink_kbps: Annotated[int, Field(strict=True, ge=1, le=validate.MAX_AMOUNT)]
    downlink_kbps: Annotated[int, Field(strict=True, ge=1, le=validate.MAX_AMOUNT)]
    cells: Annotated[int, Field(strict=True, ge=0, le=1_000_000)] = 1


class Accelerator(Entity):
    """A kind of accelerator card."""

    stands_for = catalogue.Accelerator

    name: Word | None = None
    vendor: Word
    vendor_country: Country
    memory_mib: Amount
    power_w: Amount
    max_slices: Annotated[Literal[1, 2, 4, 8], WHOLE, Field(description="Isolated equal parts a card can be cut into.")] = 1


BatchPoint = tuple[
    Annotated[int, Field(strict=True, ge=1, le=1_000_000)],
    Annotated[int, Field(strict=True, ge=1, le=3_600_000_000)],
]


class Profile(Entity):
    """How fast one server of a model runs on one accelerator under one runtime."""

    stands_for = catalogue.Profile

    name: Word | None = None
    model: Word
    accelerator: Annotated[Id | None, Field(description="Null runs on vCPUs alone.")]
    runtime: Word
    batches: Annotated[
        tuple[BatchPoint, ...],
        Field(
            min_length=1,
            description="(batch size, microseconds) with sizes and times increasing from size 1.",
        ),
    ]
    memory_mib: Amount = 0
    slice_permille: Annotated[Literal[1000, 500, 250, 125], WHOLE] = 1000
    vcpu_milli: Annotated[int, Field(strict=True, ge=0, le=1_000_000)] = 0
    host_memory_mib: Annotated[int, Field(strict=True, ge=0, le=10_000_000)] = 0
    power_w: Annotated[int, Field(strict=True, ge=0, le=1_000_000)] = 0


class Policy(Entity):
    """What one class of data allows. What is null asks for nothing; what a node does not say counts as a no."""

    stands_for = workloads.Policy

    name: Word | None = None
    description: Text | None = None
    law: Text | None = None
    countries: Countries | None = None
    owner_countries: Countries | None = None
    max_foreign_equity_permille: Permille | None = None
    operator_countries: Countries | None = None
    tenant_countries: Countries | None = None
    personnel_countries: Countries | None = None
    control_jurisdictions: Countries | None = None
    key_custody: network.KeyCustody | None = None
    double_encryption: Flag = False
    certifications: Names = frozenset()
    transit: Countries | None = None


Tiers = Annotated[
    frozenset[network.Tier],
    Field(min_length=1, description="Where in the network it may run."),
    PlainSerializer(sorted, return_type=list[network.Tier]),
]


Eighth = Annotated[int, Field(strict=True, ge=0, lt=EIGHTHS)]
Card = tuple[Annotated[int, Field(strict=True, ge=0, le=10_000_000)], Eighth]
#: On which part of which card each server of a placement is.
Cards = Annotated[
    tuple[Card, ...],
    Field(
        max_length=MAX_SERVERS_IN_FORCE,
        description="For each server the number of its card, from 0 within the node and the kind of card, and the eighth of "
        "the card at which its slice begins; empty: nobody has said, or it takes no card.",
    ),
]
BatchLimit = Annotated[
    int,
    Field(
        strict=True,
        ge=0,
        le=1_000_000,
        description="Most requests that a server takes at once; 0: the number with the least time at the 99th percentile.",
    ),
]
Servers = Annotated[int, Field(strict=True, ge=1, le=MAX_SERVERS_IN_FORCE)]


class Current(Wire):
    """Where one shard runs now, on what, and which way its traffic goes."""

    role: Literal["primary"] = "primary"
    node: Id
    profile: Id
    servers: Servers
    cards: Cards = ()
    route: Annotated[tuple[Id, ...], Field(description="Links in order from the access's entry node.")] = ()
    batch_limit: BatchLimit = 0


class Workload(Entity):
    """One site's fleet for one model: how many devices ask how often, how soon they need the answer, what it is worth."""

    stands_for = workloads.Workload
    decided = frozenset({"free", "may_end", "asked", "stays"})

    name: Word | None = None
    access: Id
    model: Word
    devices: Annotated[int, Field(strict=True, ge=1, le=10_000_000)]
    rate_mhz: Annotated[
        int,
        Field(strict=True, ge=1, le=10_000_000_000, description="Requests a second of one device, x 1000."),
    ]
    payload_up_bytes: Annotated[int, Field(strict=True, ge=0, le=10**10)]
    payload_down_bytes: Annotated[int, Field(strict=True, ge=0, le=10**10)]
    deadline_us: Annotated[
        int, Field(strict=True, ge=1, le=3_600_000_000, description="End to end, at the 99th percentile.")
    ]
    policy: Id
    value_month: Amount
    tiers: Tiers = frozenset(network.Tier)
    pin: workloads.Pin = workloads.Pin.NONE
    shard_devices: Annotated[
        int, Field(strict=True, ge=0, le=10_000_000, description="Largest fleet served in one place; 0: any.")
    ] = 0
    spread_group: Word | None = None
    spread_over: network.Domain = network.Domain.SITE
    current: Annotated[
        tuple[Current | Id | Literal[""] | None, ...],
        Field(
            description="Where each shard runs now, as far as the caller knows: the whole placement, or the id of the node; "
            'null or "" where it does not run. What the allocation in force says of this workload takes its place.'
        ),
    ] = ()
    movable: Annotated[
        Flag,
        Field(description="False: while it runs no plan moves or resizes it, unless `scope.may_end` names it."),
    ] = True
    move_cost: Annotated[
        Amount,
        Field(
            description="Money a month that moving or resizing one shard that runs must save to be worth it; "
            "never counted as less than 1."
        ),
    ] = workloads.MOVE_COST

    def solver(self) -> workloads.Workload:
        """The solver's value of this workload, all of it to be decided about."""
        given = _given(self, workloads.Workload, self.decided)
        given["current"] = tuple(_placement(self.id, shard, here) for shard, here in enumerate(self.current))
        return workloads.Workload(**given)


def _placement(workload: str, shard: int, here: Current | str | None) -> Placement | None:
    """Where a shard runs, in the solver's words; None for nowhere."""
    if not here:
        return None
    if isinstance(here, str):
        return Placement(workload, shard, here)
    return Placement(
        workload,
        shard,
        here.node,
        here.profile,
        here.servers,
        tuple(Slot(*slot) for slot in here.cards),
        here.route,
        here.batch_limit,
        Role(here.role),
    )

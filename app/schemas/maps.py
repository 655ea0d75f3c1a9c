"""What is drawn: the network, what runs on it, and how full it is, in columns.

A table is one list for each of its columns, all of the same length; a national allocation has 112,000 rows, and in
columns it is a fifth of the size. Words that come again and again stand once in a list of words, and a column holds
their places in it; -1 stands for none.
"""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field

from app.schemas.figures import GroupUse, Micros, UseOut
from app.schemas.wire import Wire
from solver.facts.network import Commitment, NodeState, Tier

Sovereignty = Literal["domestic", "foreign_owned", "foreign_operated", "foreign_controlled", "unknown"]

#: Every answer to whose a node is, the first that applies.
SOVEREIGNTIES: tuple[Sovereignty, ...] = (
    "domestic",
    "foreign_owned",
    "foreign_operated",
    "foreign_controlled",
    "unknown",
)
#: A plan may take a shard out of force; the allocation in force has none such.
ShardStatus = Literal["placed", "unplaced", "disturbed", "ended"]
STATUSES: tuple[ShardStatus, ...] = get_args(ShardStatus)

Places = Annotated[tuple[int, ...], Field(description="Places in a list of words; -1: none.")]
Degrees = Annotated[tuple[float | None, ...], Field(description="Degrees; null where not known.")]


class NodeColumns(Wire):
    """Nodes, in the order of their ids."""

    id: tuple[str, ...]
    name: tuple[str | None, ...]
    name_ko: tuple[str | None, ...]
    lat: Degrees
    lon: Degrees
    tier: Places
    state: Places
    commitment: Places
    available_from: tuple[str | None, ...] = Field(description="ISO 8601 days.")
    province: Places
    owner: Places
    owner_country: Places = Field(description="Places in `countries`.")
    country: Places = Field(description="Places in `countries`.")
    sovereignty: Places
    cards: tuple[tuple[tuple[int, int], ...], ...] = Field(
        description="For each node its accelerators, as (place in `accelerators`, how many)."
    )
    power_w: tuple[int, ...]


class SiteColumns(Wire):
    """Demand sites, in the order of their ids."""

    id: tuple[str, ...]
    name: tuple[str | None, ...]
    name_ko: tuple[str | None, ...]
    lat: Degrees
    lon: Degrees
    kind: Places
    province: Places


class LinkColumns(Wire):
    """Links, in the order of their ids; the ends are places in the columns of `nodes`."""

    id: tuple[str, ...]
    source: Places
    target: Places
    latency_us: tuple[Micros, ...]
    capacity_kbps: tuple[int, ...]


class NetworkMap(Wire):
    """The network, for drawing."""

    generation: int = Field(description="The generation that last changed the network.")
    tiers: tuple[Tier, ...]
    states: tuple[NodeState, ...]
    commitments: tuple[Commitment, ...] = Field(description="The firmest first.")
    provinces: tuple[str, ...]
    countries: tuple[str, ...]
    owners: tuple[str, ...]
    kinds: tuple[str, ...]
    accelerators: tuple[str, ...]
    sovereignties: tuple[Sovereignty, ...] = Field(
        description="`domestic`: country, owner, operator and every jurisdiction in control are of one country. Then "
        "`foreign_owned`, `foreign_operated`, `foreign_controlled`: the first that applies. `unknown`: a fact is missing."
    )
    nodes: NodeColumns
    sites: SiteColumns
    links: LinkColumns


class ShardColumns(Wire):
    """Shards, by workload and number."""

    workload: tuple[str, ...]
    shard: tuple[int, ...]
    site: Places
    node: Places
    previous_node: Places = Field(description="Places in `nodes`.")
    model: Places
    policy: Places
    profile: Places
    status: Places
    devices: tuple[int, ...]
    servers: tuple[int, ...] = Field(description="0 where unplaced.")
    margin_us: tuple[Micros | None, ...] = Field(description="Null where unplaced.")
    deadline_us: tuple[Micros, ...]


class LoadColumns(Wire):
    """How full each node is, by its cards and by its fullest resource; nodes of which nothing is used are left out."""

    node: Places
    resource: Places = Field(description="The fullest resource, as places in `resources`.")
    used_permille: tuple[int, ...] = Field(description="How full that is.")
    cards_permille: tuple[int | None, ...] = Field(
        description="The share of the node's cards that is used, all kinds added up. Null where it has none."
    )


class LinkLoadColumns(Wire):
    """How full each link is, in the direction in which it is fuller; links that carry nothing are left out."""

    id: tuple[str, ...]
    used_kbps: tuple[int, ...]
    capacity_kbps: tuple[int, ...]
    used_permille: tuple[int, ...]


class PlacementMap(Wire):
    """What runs where, for drawing: the allocation in force, as full as it is now, or a plan."""

    generation: int = Field(
        description="The generation that last touched the allocation; of a plan, the one that it was made from."
    )
    plan: str | None = Field(description="The plan; of the allocation, the one applied last. Null while there is none.")
    sites: tuple[str, ...] = Field(description="Ids.")
    nodes: tuple[str, ...] = Field(description="Ids.")
    models: tuple[str, ...]
    policies: tuple[str, ...]
    profiles: tuple[str, ...]
    resources: tuple[str, ...]
    statuses: tuple[ShardStatus, ...]
    shards: ShardColumns
    load: LoadColumns
    link_load: LinkLoadColumns


class CapacityGroup(GroupUse):
    """How much of one resource the nodes of a tier or a province, or all cards of a kind, have and use.

    What nodes have counts if they operate on the day: today for the allocation, the day of its terms for a plan.
    """

    by: Literal["tier", "province", "accelerator"]


class PricedUse(UseOut):
    """How much of one limited thing is used, and what one more unit of it would save."""

    price: float | None = Field(
        description="Money a month; null where the plan knows no price. Prices belong to a plan: of the allocation they are "
        "those of the plan applied last, as it was solved, while used and capacity are those of now."
    )


class NodeAccounts(Wire):
    """How much of what each node has is used: one row for each node and resource, and for each of its kinds of cards."""

    nodes: tuple[str, ...] = Field(description="Ids.")
    resources: tuple[str, ...]
    units: tuple[str, ...] = Field(description="The unit of each of `resources`.")
    accelerators: tuple[str, ...]
    node: Places
    resource: Places
    accelerator: Places
    used: tuple[int, ...]
    capacity: tuple[int, ...]


class Capacity(Wire):
    """How full everything is: of the allocation, what runs now against the network of now; above 1000 it is over."""

    generation: int = Field(
        description="The generation that last touched the allocation; of a plan, the one that it was made from."
    )
    plan: str | None
    groups: tuple[CapacityGroup, ...]
    tightest: tuple[PricedUse, ...] = Field(
        description="The limits with the least left, and all that have a price; the fullest first."
    )
    accounts: NodeAccounts

"""The network and what runs on it, in columns."""

from __future__ import annotations

from typing_extensions import TypedDict


class NodeColumns(TypedDict):
    """Nodes, in the order of their ids; see :class:`NetworkMap`."""

    id: list[str]
    name: list[str | None]
    lat: list[float | None]
    lon: list[float | None]
    tier: list[int]
    state: list[int]
    commitment: list[int]
    province: list[int]
    owner: list[int]
    sovereignty: list[int]
    cards: list[list[tuple[int, int]]]


class SiteColumns(TypedDict):
    """Demand sites, in the order of their ids."""

    id: list[str]
    name: list[str | None]
    lat: list[float | None]
    lon: list[float | None]
    kind: list[int]


class LinkColumns(TypedDict):
    """Links; their ends are places in the columns of nodes."""

    id: list[str]
    source: list[int]
    target: list[int]


class NetworkMap(TypedDict):
    """The network in columns, which hold places in lists of words; -1 is none."""

    generation: int
    tiers: list[str]
    states: list[str]
    commitments: list[str]
    provinces: list[str]
    owners: list[str]
    kinds: list[str]
    accelerators: list[str]
    sovereignties: list[str]
    nodes: NodeColumns
    sites: SiteColumns
    links: LinkColumns


class ShardColumns(TypedDict):
    """Shards, as far as they are drawn."""

    site: list[int]
    node: list[int]
    status: list[int]
    margin_us: list[int | None]
    deadline_us: list[int]


class LoadColumns(TypedDict):
    """How full each node is: its fullest resource, and its cards together."""

    node: list[int]
    resource: list[int]
    used_permille: list[int]
    cards_permille: list[int | None]


class PlacementMap(TypedDict):
    """What runs where, in columns."""

    generation: int
    plan: str | None
    sites: list[str]
    nodes: list[str]
    resources: list[str]
    statuses: list[str]
    shards: ShardColumns
    load: LoadColumns

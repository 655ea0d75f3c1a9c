"""The network: nodes, links between them, and the sites with the accesses through which their devices reach it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import networkx as nx

from solver.facts.money import WON, Money


class Tier(StrEnum):
    """How deep in the network a node stands, from the demand site inwards."""

    ONSITE = "onsite"
    MEC = "mec"
    METRO = "metro"
    REGIONAL = "regional"
    CORE = "core"


class NodeState(StrEnum):
    """What an operator lets a node do: take work, lose its work in good order, or nothing at all."""

    ACTIVE = "active"
    DRAINING = "draining"
    FAILED = "failed"


class Commitment(StrEnum):
    """The ladder from a running hall to a wish, firmest first; the order of the members is the order of the steps."""

    OPERATIONAL = "operational"
    UNDER_CONSTRUCTION = "under_construction"
    CONTRACTED = "contracted"
    ANNOUNCED = "announced"
    MOU = "mou"
    ASPIRATION = "aspiration"

    @property
    def step(self) -> int:
        """Number of steps below `OPERATIONAL`."""
        return list(Commitment).index(self)


class Domain(StrEnum):
    """What fails together: a node, everything at one place, in one metro area, or on one power feed."""

    NODE = "node"
    SITE = "site"
    METRO = "metro"
    POWER = "power"


class KeyCustody(StrEnum):
    """Who holds the encryption keys of the data at a node."""

    CUSTOMER = "customer"
    PROVIDER = "provider"


@dataclass(frozen=True, slots=True)
class Certification:
    """A certificate that a node holds; `expires` is its last valid day, None when it has none."""

    name: str
    expires: date | None = None


@dataclass(frozen=True, slots=True)
class Pool:
    """`count` accelerators of one kind at a node, each at `price_month`."""

    accelerator: str
    count: int
    price_month: int = 0


@dataclass(frozen=True, slots=True)
class Node:
    """A place with compute.

    The jurisdiction facts (`operator_country` to `double_encryption`) are None when unknown; a policy that asks
    for one of them then says no. `site` is the demand site at which an on-site node stands. `place`, `metro` and
    `power_domain` name its failure domains. `available_from` is the first day it can be used (None: unknown,
    which is fine only for what is operational). `pue_permille` is power usage effectiveness x 1000.
    """

    id: str
    tier: Tier
    country: str
    owner: str
    owner_country: str
    site: str | None = None
    place: str = ""
    metro: str = ""
    power_domain: str = ""
    province: str = ""
    foreign_equity_permille: Mapping[str, int] | None = None
    operator: str = ""
    operator_country: str | None = None
    tenant_country: str | None = None
    personnel_countries: frozenset[str] | None = None
    control_jurisdictions: frozenset[str] | None = None
    backup_countries: frozenset[str] | None = None
    key_custody: KeyCustody | None = None
    double_encryption: bool | None = None
    certifications: tuple[Certification, ...] = ()
    commitment: Commitment = Commitment.OPERATIONAL
    available_from: date | None = None
    state: NodeState = NodeState.ACTIVE
    pools: tuple[Pool, ...] = ()
    vcpu: int = 0
    memory_mib: int = 0
    power_w: int = 0
    pue_permille: int = 1000
    vcpu_price_month: int = 0
    memory_price_gib_month: int = 0
    power_price_kwh: int = 0

    def domain(self, over: Domain) -> str | None:
        """The failure domain of kind `over` that this node belongs to; None where it does not say.

        Names that differ only in case, width or white space are one domain.
        """
        if over is Domain.NODE:
            return self.id
        named = {Domain.SITE: self.place, Domain.METRO: self.metro, Domain.POWER: self.power_domain}[over]
        return " ".join(unicodedata.normalize("NFKC", named).casefold().split()) or None


@dataclass(frozen=True, slots=True)
class Link:
    """A full-duplex connection of two nodes.

    From `source` to `target` traffic takes `latency_us`, shares `capacity_kbps`, and pays `price_gbps_month` a month
    for each Gbit/s. The fields ending in `_back` say the same of the way from `target` to `source`; None is as forward.
    `jurisdictions` are the countries whose law reaches the traffic on its way.
    """

    id: str
    source: str
    target: str
    latency_us: int
    capacity_kbps: int
    jurisdictions: frozenset[str]
    price_gbps_month: int = 0
    length_m: int = 0
    latency_back_us: int | None = None
    capacity_back_kbps: int | None = None
    price_back_gbps_month: int | None = None

    @property
    def back_us(self) -> int:
        """Latency from `target` to `source`."""
        return self.latency_us if self.latency_back_us is None else self.latency_back_us

    @property
    def back_kbps(self) -> int:
        """Capacity from `target` to `source`."""
        return self.capacity_kbps if self.capacity_back_kbps is None else self.capacity_back_kbps

    @property
    def back_price_gbps_month(self) -> int:
        """Price of a Gbit/s from `target` to `source`."""
        return self.price_gbps_month if self.price_back_gbps_month is None else self.price_back_gbps_month

    @property
    def round_trip_us(self) -> int:
        """Latency of a request over this link and its reply back over it, whichever way the request goes."""
        return self.latency_us + self.back_us


@dataclass(frozen=True, slots=True)
class Site:
    """A factory, port or logistics hub: where devices are."""

    id: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Access:
    """How a site reaches the network: it enters at node `node` after `rtt_p99_us` (round trip, 99th percentile).

    The medium is `cells` equal cells (1 for a wire), each carrying `uplink_kbps` and `downlink_kbps`; the stream
    of one device stays within one cell.
    """

    id: str
    site: str
    node: str
    technology: str
    rtt_p50_us: int
    rtt_p99_us: int
    uplink_kbps: int
    downlink_kbps: int
    cells: int = 1


@dataclass(frozen=True)
class Network:
    """Nodes, links between them, the sites with their accesses, and what all prices and values are counted in."""

    nodes: tuple[Node, ...]
    links: tuple[Link, ...] = ()
    sites: tuple[Site, ...] = ()
    accesses: tuple[Access, ...] = ()
    money: Money = WON

    @cached_property
    def graph(self) -> nx.MultiGraph[str]:
        """The links as a networkx multigraph: node ids as nodes, link ids as edge keys, the round trip as `latency_us`."""
        # Half as long to import as all other facts, and asked for by few.
        import networkx as nx

        graph: nx.MultiGraph[str] = nx.MultiGraph()
        graph.add_nodes_from(node.id for node in self.nodes)
        for link in self.links:
            graph.add_edge(link.source, link.target, key=link.id, latency_us=link.round_trip_us)
        return graph

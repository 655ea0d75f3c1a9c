"""The question: a network, what it can run, what must run on it, and on whose terms.

Every value here is frozen and validated when it is made; vary one with :func:`dataclasses.replace`.
Numbers are whole, with the unit in the name. Entities refer to each other by id; a :class:`Problem` resolves
every reference once and also numbers its nodes, links, profiles and workloads by their position, which is how
plans speak of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

import networkx as nx

#: Amounts above this are refused, so that sums over a whole nation stay within 64 bits.
MAX_AMOUNT = 10**12

#: Fractions of an accelerator that one server may take, in thousandths. Each divides the next larger one,
#: so slices fill cards without waste exactly when their sum does not exceed the cards.
SLICES_PERMILLE = (1000, 500, 250, 125)


class ProblemError(ValueError):
    """A question that contradicts itself: an unknown reference, a negative amount, a duplicate id.

    Attributes
    ----------
    field : str
        Where, as a path such as ``links[pus-tae].target``.
    why : str
        What is wrong with it, as a sentence.
    """

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field = field
        self.why = why


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


class Pin(StrEnum):
    """Whether a workload may leave the place where its devices are."""

    NONE = "none"
    SITE = "site"
    DEVICE = "device"


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


class ShareOf(StrEnum):
    """Whose share of a request is capped."""

    OWNER = "owner"
    OPERATOR = "operator"
    VENDOR = "vendor"


@dataclass(frozen=True, slots=True)
class Certification:
    """A certificate that a node holds; `expires` is its last valid day, None when it has none."""

    name: str
    expires: date | None = None


@dataclass(frozen=True, slots=True)
class Pool:
    """`count` accelerators of one kind at a node, each at `price_krw_month` (won a month)."""

    accelerator: str
    count: int
    price_krw_month: int = 0


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
    vcpu_price_krw_month: int = 0
    memory_price_krw_gib_month: int = 0
    power_price_krw_kwh: int = 0

    def domain(self, over: Domain) -> str:
        """The failure domain of kind `over` that this node belongs to; itself where none is named."""
        named = {Domain.SITE: self.place, Domain.METRO: self.metro, Domain.POWER: self.power_domain}
        return named.get(over) or self.id


@dataclass(frozen=True, slots=True)
class Link:
    """A full-duplex connection: `latency_us` one way, `capacity_kbps` in each direction.

    `jurisdictions` are the countries whose law reaches the traffic on its way. `price_krw_gbps_month` is the
    price of carrying one Gbit/s, counting both directions, for a month.
    """

    id: str
    source: str
    target: str
    latency_us: int
    capacity_kbps: int
    jurisdictions: frozenset[str]
    price_krw_gbps_month: int = 0
    length_m: int = 0


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


@dataclass(frozen=True, slots=True)
class Accelerator:
    """A kind of accelerator card. `max_slices` is how many isolated equal parts one card can be cut into."""

    id: str
    vendor: str
    vendor_country: str
    memory_mib: int
    power_w: int
    max_slices: int = 1


@dataclass(frozen=True, slots=True)
class Profile:
    """How fast one *server* of a model runs on one accelerator under one runtime.

    A server is `slice_permille` thousandths of a card (none for `accelerator` None, which runs on vCPUs alone),
    with `memory_mib` of card memory, `vcpu_milli`, `host_memory_mib` and `power_w`. `batches` is the curve
    (batch size, time of that batch in microseconds), sizes and times increasing, starting at size 1.
    """

    id: str
    model: str
    accelerator: str | None
    runtime: str
    batches: tuple[tuple[int, int], ...]
    memory_mib: int = 0
    slice_permille: int = 1000
    vcpu_milli: int = 0
    host_memory_mib: int = 0
    power_w: int = 0


@dataclass(frozen=True, slots=True)
class Policy:
    """What one class of data allows. A field that is None (or empty, or False) asks for nothing.

    Sets name what is allowed: where data and backups lie (`countries`), who owns, operates, rents and staffs the
    node, whose law may compel access (`control_jurisdictions`), and through which countries traffic may pass
    (`transit`). `max_foreign_equity_permille` caps what owners from outside `owner_countries` (or, where that is
    None, outside the node's own country) hold together. `certifications` are alternatives: one valid one is enough.
    """

    id: str
    countries: frozenset[str] | None = None
    owner_countries: frozenset[str] | None = None
    max_foreign_equity_permille: int | None = None
    operator_countries: frozenset[str] | None = None
    tenant_countries: frozenset[str] | None = None
    personnel_countries: frozenset[str] | None = None
    control_jurisdictions: frozenset[str] | None = None
    key_custody: KeyCustody | None = None
    double_encryption: bool = False
    certifications: frozenset[str] = frozenset()
    transit: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Workload:
    """One site's fleet for one model: `devices` devices, each asking `rate_mhz` thousandths of a request a second.

    Each request sends `payload_up_bytes` and gets `payload_down_bytes` back within `deadline_us` at the 99th
    percentile. A fleet of more than `shard_devices` devices (0: never) is split into equal shards, placed
    separately. `value_krw_month` is what leaving the whole of it unplaced costs. `current` names the node on which
    each shard runs now (empty: none does; "" for a shard that does not); moving one away costs `move_cost_krw`.
    A workload that is not `movable` is outside the request: it stays where it runs, or is given up.
    No two shards of one `spread_group` share a failure domain of kind `spread_over`.
    """

    id: str
    access: str
    model: str
    devices: int
    rate_mhz: int
    payload_up_bytes: int
    payload_down_bytes: int
    deadline_us: int
    policy: str
    value_krw_month: int
    tiers: frozenset[Tier] = frozenset(Tier)
    pin: Pin = Pin.NONE
    shard_devices: int = 0
    spread_group: str | None = None
    spread_over: Domain = Domain.SITE
    current: tuple[str, ...] = ()
    movable: bool = True
    move_cost_krw: int = 0

    @property
    def shards(self) -> int:
        """Number of equal parts that are placed separately."""
        return -(-self.devices // self.shard_devices) if self.shard_devices else 1

    @property
    def shard_size(self) -> int:
        """Devices that one shard is sized for: the fleet divided evenly, rounded up."""
        return -(-self.devices // self.shards)

    @property
    def uplink_kbps(self) -> int:
        """Stream of one device towards the network, rounded up to a kbit/s."""
        return -(-self.payload_up_bytes * 8 * self.rate_mhz // 1_000_000)

    @property
    def downlink_kbps(self) -> int:
        """Stream of one device from the network, rounded up to a kbit/s."""
        return -(-self.payload_down_bytes * 8 * self.rate_mhz // 1_000_000)

    def runs_at(self, shard: int) -> str:
        """Id of the node on which `shard` runs now, or "" when it does not run."""
        return self.current[shard] if shard < len(self.current) else ""


@dataclass(frozen=True, slots=True)
class ShareCap:
    """No single owner, operator or accelerator vendor serves more than `permille` of the request's devices.

    `name` restricts the cap to that one; None applies it to each.
    """

    of: ShareOf
    permille: int
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Weights:
    """What each goal counts, in thousandths: 1000 takes its won at face value, 0 ignores it."""

    unplaced: int = 1000
    accelerators: int = 1000
    energy: int = 1000
    transport: int = 1000
    moves: int = 1000


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms a plan is asked for: as of which day, on how firm a commitment, at which weights and caps."""

    horizon: date
    lowest_commitment: Commitment = Commitment.OPERATIONAL
    weights: Weights = field(default_factory=Weights)
    share_caps: tuple[ShareCap, ...] = ()


@dataclass(frozen=True)
class Network:
    """Nodes, links between them, and the sites with their accesses."""

    nodes: tuple[Node, ...]
    links: tuple[Link, ...] = ()
    sites: tuple[Site, ...] = ()
    accesses: tuple[Access, ...] = ()

    @cached_property
    def graph(self) -> nx.MultiGraph[str]:
        """The links as a networkx multigraph: node ids as nodes, link ids as edge keys, `latency_us` as weight."""
        graph: nx.MultiGraph[str] = nx.MultiGraph()
        graph.add_nodes_from(node.id for node in self.nodes)
        for link in self.links:
            graph.add_edge(link.source, link.target, key=link.id, latency_us=link.latency_us)
        return graph


@dataclass(frozen=True)
class Catalogue:
    """Kinds of accelerators, and how fast each model runs on them."""

    accelerators: tuple[Accelerator, ...]
    profiles: tuple[Profile, ...]


@dataclass(frozen=True)
class Problem:
    """One whole question, with every reference resolved.

    Raises
    ------
    ProblemError
        If an id is used twice, a reference leads nowhere, or an amount is out of range.
    """

    network: Network
    catalogue: Catalogue
    policies: tuple[Policy, ...]
    workloads: tuple[Workload, ...]
    terms: Terms

    def __post_init__(self) -> None:
        from solver.validate import validate

        validate(self)

    @property
    def nodes(self) -> tuple[Node, ...]:
        return self.network.nodes

    @property
    def links(self) -> tuple[Link, ...]:
        return self.network.links

    @property
    def profiles(self) -> tuple[Profile, ...]:
        return self.catalogue.profiles

    @cached_property
    def node_index(self) -> dict[str, int]:
        """Position of each node by id."""
        return _positions(node.id for node in self.network.nodes)

    @cached_property
    def workload_index(self) -> dict[str, int]:
        """Position of each workload by id."""
        return _positions(workload.id for workload in self.workloads)

    @cached_property
    def profile_index(self) -> dict[str, int]:
        """Position of each profile by id."""
        return _positions(profile.id for profile in self.catalogue.profiles)

    @cached_property
    def link_index(self) -> dict[str, int]:
        """Position of each link by id."""
        return _positions(link.id for link in self.network.links)

    @cached_property
    def access_by_id(self) -> dict[str, Access]:
        return {access.id: access for access in self.network.accesses}

    @cached_property
    def policy_by_id(self) -> dict[str, Policy]:
        return {policy.id: policy for policy in self.policies}

    @cached_property
    def accelerator_by_id(self) -> dict[str, Accelerator]:
        return {accelerator.id: accelerator for accelerator in self.catalogue.accelerators}

    def access_of(self, workload: Workload) -> Access:
        """The access through which `workload` reaches the network."""
        return self.access_by_id[workload.access]


def _positions(ids: Iterable[str]) -> dict[str, int]:
    return {name: position for position, name in enumerate(ids)}

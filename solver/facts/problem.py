"""The question: a network, what it can run, what must run on it, and on whose terms.

Every value here is frozen and validated when it is made; vary one with :func:`dataclasses.replace`.
Numbers are whole, with the unit in the name. Entities refer to each other by id; a :class:`Problem` resolves
every reference once and also numbers its nodes, links, profiles and workloads by their position, which is how
plans speak of them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any

import networkx as nx
import numpy as np
import numpy.typing as npt

from solver.facts.placement import Placement, Slot
from solver.facts.plan import Plan

#: Amounts above this are refused, so that sums over a whole nation stay within 64 bits.
MAX_AMOUNT = 10**12

#: Fractions of an accelerator that one server may take, in thousandths. Each divides the next larger one,
#: so slices fill cards without waste exactly when their sum does not exceed the cards.
SLICES_PERMILLE = (1000, 500, 250, 125)

#: What moving a shard costs where nobody says otherwise, in won; and the least that a move ever costs.
MOVE_KRW = 50_000
LEAST_MOVE_KRW = 1

#: Most servers that one shard is given. Solver, verifier and explanations share this limit.
MOST_SERVERS = 4096


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

    From `source` to `target` traffic takes `latency_us`, shares `capacity_kbps`, and pays `price_krw_gbps_month` a month
    for each Gbit/s. The fields ending in `_back` say the same of the way from `target` to `source`; None is as forward.
    `jurisdictions` are the countries whose law reaches the traffic on its way.
    """

    id: str
    source: str
    target: str
    latency_us: int
    capacity_kbps: int
    jurisdictions: frozenset[str]
    price_krw_gbps_month: int = 0
    length_m: int = 0
    latency_back_us: int | None = None
    capacity_back_kbps: int | None = None
    price_back_krw_gbps_month: int | None = None

    @property
    def back_us(self) -> int:
        """Latency from `target` to `source`."""
        return self.latency_us if self.latency_back_us is None else self.latency_back_us

    @property
    def back_kbps(self) -> int:
        """Capacity from `target` to `source`."""
        return self.capacity_kbps if self.capacity_back_kbps is None else self.capacity_back_kbps

    @property
    def back_krw_gbps_month(self) -> int:
        """Price of a Gbit/s from `target` to `source`."""
        return self.price_krw_gbps_month if self.price_back_krw_gbps_month is None else self.price_back_krw_gbps_month

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
    percentile. A fleet of more than `shard_devices` devices (0: never) is split into shards whose sizes differ by one
    device at most, placed separately. `value_krw_month` is what leaving the whole of it unplaced costs. No two shards of
    one `spread_group` share a failure domain of kind `spread_over`.

    `current` says where each shard runs now (None, or beyond the end: nowhere). Moving one that does costs `move_cost_krw`,
    though never less than `LEAST_MOVE_KRW`.

    What a plan may do: it decides about the shards in `free` (None: all of them); the others stay exactly as they are. Of
    those that run it ends none unless `may_end`. `asked` says that the workload belongs to the request, so that its terms
    speak of it. Where it `stays`, a shard that is known to run somewhere is placed on that node only.
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
    current: tuple[Placement | None, ...] = ()
    move_cost_krw: int = MOVE_KRW
    free: frozenset[int] | None = None
    may_end: bool = False
    asked: bool = True
    stays: bool = False

    @property
    def shards(self) -> int:
        """Number of parts that are placed separately."""
        return -(-self.devices // self.shard_devices) if self.shard_devices else 1

    @property
    def largest_shard(self) -> int:
        """Devices of the largest shard."""
        return -(-self.devices // self.shards)

    def devices_of(self, shard: int) -> int:
        """Devices that `shard` serves: an even part of the fleet, and one of the rest for each of the first shards."""
        each, more = divmod(self.devices, self.shards)
        return each + (shard < more)

    @property
    def uplink_kbps(self) -> int:
        """Stream of one device towards the network, rounded up to a kbit/s."""
        return -(-self.payload_up_bytes * 8 * self.rate_mhz // 1_000_000)

    @property
    def downlink_kbps(self) -> int:
        """Stream of one device from the network, rounded up to a kbit/s."""
        return -(-self.payload_down_bytes * 8 * self.rate_mhz // 1_000_000)

    def runs_as(self, shard: int) -> Placement | None:
        """The placement of `shard` in force, if it runs and that is known in full."""
        here = self.current[shard] if shard < len(self.current) else None
        return here if here is not None and here.whole else None

    def runs_at(self, shard: int) -> str:
        """Id of the node on which `shard` runs now, or "" when it does not run."""
        here = self.current[shard] if shard < len(self.current) else None
        return "" if here is None else here.node

    def is_free(self, shard: int) -> bool:
        """Whether a plan decides about `shard`."""
        return self.free is None or shard in self.free


@dataclass(frozen=True, slots=True)
class ShareCap:
    """No single owner, operator or accelerator vendor serves more than `permille` of the devices that are counted.

    `name` restricts the cap to that one; None applies it to each. A `standing` cap, one that is in force already, counts
    all that runs and the request, each device once; another one counts the devices of the request.
    """

    of: ShareOf
    permille: int
    name: str | None = None
    standing: bool = False


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
        """The links as a networkx multigraph: node ids as nodes, link ids as edge keys, the round trip as `latency_us`."""
        graph: nx.MultiGraph[str] = nx.MultiGraph()
        graph.add_nodes_from(node.id for node in self.nodes)
        for link in self.links:
            graph.add_edge(link.source, link.target, key=link.id, latency_us=link.round_trip_us)
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
        from solver.facts.validate import validate

        validate(self)

    def about(self, workloads: tuple[Workload, ...]) -> Problem:
        """The same question about other workloads, which are taken to be well formed: nothing is validated again."""
        other = object.__new__(Problem)
        other.__dict__.update({name: getattr(self, name) for name in (*_OF_THE_NETWORK, "terms")}, workloads=workloads)
        return other

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

    def devices_of(self, plan: Plan) -> npt.NDArray[np.int64]:
        """Devices that each placement of a plan serves."""
        each, more = self._devices_shared_out
        devices: npt.NDArray[np.int64] = each[plan.workload] + (plan.shard < more[plan.workload])
        return devices

    @cached_property
    def _devices_shared_out(self) -> npt.NDArray[np.int64]:
        """Devices that each shard of a workload serves, and how many shards serve one more, int64[2, workloads]."""
        shared = [divmod(workload.devices, workload.shards) for workload in self.workloads]
        return np.array(shared, np.int64).reshape(-1, 2).T.copy()

    @cached_property
    def access_number(self) -> npt.NDArray[np.int64]:
        """Position of the access of each workload, int64[workloads]."""
        number = {access.id: position for position, access in enumerate(self.network.accesses)}
        return np.array([number[workload.access] for workload in self.workloads], np.int64)

    @cached_property
    def entry_node(self) -> npt.NDArray[np.int64]:
        """Position of the node at which each workload enters the network, int64[workloads]."""
        node = np.array([self.node_index[access.node] for access in self.network.accesses], np.int64)
        entry: npt.NDArray[np.int64] = node[self.access_number] if len(self.workloads) else np.zeros(0, np.int64)
        return entry

    @cached_property
    def stream_kbps(self) -> npt.NDArray[np.int64]:
        """What one device of each workload sends and receives, int64[workloads, 2]."""
        streams = [(workload.uplink_kbps, workload.downlink_kbps) for workload in self.workloads]
        return np.array(streams, np.int64).reshape(-1, 2)

    def weights_for(self, workload: Workload) -> Weights:
        """The weights that count for leaving out or moving a workload: the request's for its own, face value for others."""
        return self.terms.weights if workload.asked else Weights()

    @cached_property
    def memo(self) -> dict[str, Any]:
        """What others have worked out from this problem alone and keep beside it, by name."""
        return {}

    @cached_property
    def first_shard(self) -> npt.NDArray[np.int64]:
        """Where the shards of each workload begin when all are counted through, and after the last: int64[workloads + 1]."""
        return np.concatenate(([0], np.cumsum([workload.shards for workload in self.workloads]))).astype(np.int64)

    def standing_row(self, plan: Plan) -> npt.NDArray[np.int64]:
        """For each placement of a plan, the row of :attr:`in_force` that is its shard's; -1 where it does not run."""
        row = np.full(int(self.first_shard[-1]), -1, np.int64)
        now = self.in_force
        row[self.first_shard[now.workload] + now.shard] = np.arange(len(now))
        found: npt.NDArray[np.int64] = row[self.first_shard[plan.workload] + plan.shard]
        return found

    def kept(self, plan: Plan) -> npt.NDArray[np.bool_]:
        """Which placements of a plan are those in force: same node, profile, servers and route, whatever the cards.

        Several rules ask it of the same plan, so the answer about the plan asked last is kept.
        """
        asked_last: tuple[Plan, npt.NDArray[np.bool_]] | None = self.memo.get("kept")
        if asked_last is not None and asked_last[0] is plan:
            return asked_last[1]
        now, old = self.in_force, self.standing_row(plan)
        same = old >= 0
        for name in ("node", "profile", "servers"):
            same[same] = getattr(plan, name)[same] == getattr(now, name)[old[same]]
        same = _same_stretch(same, old, (plan.route_ptr, plan.route_link), (now.route_ptr, now.route_link))
        same.flags.writeable = False
        self.memo["kept"] = plan, same
        return same

    def moved(self, plan: Plan) -> npt.NDArray[np.bool_]:
        """Which placements of a plan are changes of what runs: everything but what is kept on the same parts of cards.

        Cards that nobody has named are taken for the same. A shard of which only the node is known moves when that changes.
        """
        now, old = self.in_force, self.standing_row(plan)
        kept = self.kept(plan)
        told = kept & (np.diff(plan.card_ptr) > 0)
        told[told] = np.diff(now.card_ptr)[old[told]] > 0
        cut = told & ~_same_stretch(told, old, (plan.card_ptr, plan.card), (now.card_ptr, now.card))
        moved = ((old >= 0) & ~kept) | cut
        hinted = [any(here is not None and not here.whole for here in w.current) for w in self.workloads]
        known = np.flatnonzero((old < 0) & np.array(hinted, bool)[plan.workload])
        for row, w, shard, n in zip(
            known.tolist(), plan.workload[known].tolist(), plan.shard[known].tolist(), plan.node[known].tolist(), strict=True
        ):
            moved[row] = self.workloads[w].runs_at(shard) not in ("", self.nodes[n].id)
        return moved

    @cached_property
    def in_force(self) -> Plan:
        """What runs now, as far as that is known in full: every shard's current placement, as a plan."""
        return self.plan_of(
            here for workload in self.workloads for here in workload.current if here is not None and here.whole
        )

    @cached_property
    def fixed(self) -> npt.NDArray[np.bool_]:
        """Which placements of :attr:`in_force` stay exactly as they are, since no plan decides about their shards."""
        now = self.in_force
        free = [self.workloads[w].is_free(s) for w, s in zip(now.workload.tolist(), now.shard.tolist(), strict=True)]
        return ~np.array(free, bool)

    def plan_of(self, placements: Iterable[Placement]) -> Plan:
        """Placements by name as a plan in the numbers of this problem.

        Raises
        ------
        KeyError
            If a placement names what the problem does not have.
        """
        rows = [
            (self.workload_index[one.workload], one.shard, self.node_index[one.node], self.profile_index[one.profile],
             one.servers, one.batch_limit, len(one.route), len(one.cards), one)
            for one in placements
        ]  # fmt: skip
        table = np.array([row[:8] for row in rows], np.int64).reshape(-1, 8)
        ends = np.cumsum(table[:, 6:], axis=0)
        ptr = np.concatenate((np.zeros((1, 2), np.int64), ends))
        links = np.array([self.link_index[link] for row in rows for link in row[8].route], np.int64)
        slots = np.array([slot.number for row in rows for slot in row[8].cards], np.int64)
        workload, shard, node, profile, servers, batch = (np.ascontiguousarray(table[:, column]) for column in range(6))
        return Plan(
            workload, shard, node, profile, servers, np.ascontiguousarray(ptr[:, 0]), links,
            batch, np.ascontiguousarray(ptr[:, 1]), slots,
        )  # fmt: skip

    def placements(self, plan: Plan) -> Iterator[Placement]:
        """The placements of a plan in the numbers of this problem, by name, in the order of its rows."""
        links = [self.links[number].id for number in plan.route_link.tolist()]
        slots = [Slot.of(number) for number in plan.card.tolist()]
        way, part = plan.route_ptr.tolist(), plan.card_ptr.tolist()
        columns = (plan.workload, plan.shard, plan.node, plan.profile, plan.servers, plan.batch)
        for row, (w, shard, n, f, servers, batch) in enumerate(zip(*(c.tolist() for c in columns), strict=True)):
            yield Placement(
                self.workloads[w].id, shard, self.nodes[n].id, self.profiles[f].id, servers,
                tuple(slots[part[row] : part[row + 1]]), tuple(links[way[row] : way[row + 1]]), batch,
            )  # fmt: skip


#: What a problem knows that does not depend on its workloads.
_OF_THE_NETWORK = (
    "network", "catalogue", "policies", "node_index", "profile_index", "link_index", "access_by_id", "policy_by_id",
    "accelerator_by_id",
)  # fmt: skip


def _positions(ids: Iterable[str]) -> dict[str, int]:
    return {name: position for position, name in enumerate(ids)}


def _same_stretch(
    among: npt.NDArray[np.bool_],
    other: npt.NDArray[np.int64],
    ours: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]],
    theirs: tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]],
) -> npt.NDArray[np.bool_]:
    """Of the rows in `among`, those whose stretch (of pointer and entries) is that of row `other` of the others."""
    same = among.copy()
    length, their_length = np.diff(ours[0]), np.diff(theirs[0])
    same[same] = length[same] == their_length[other[same]]
    rows = np.flatnonzero(same)
    size = length[rows]
    step = np.arange(int(size.sum())) - np.repeat(np.cumsum(size) - size, size)
    entry, their_entry = np.repeat(ours[0][rows], size) + step, np.repeat(theirs[0][other[rows]], size) + step
    differs = ours[1][entry] != theirs[1][their_entry]
    same[np.repeat(rows, size)[differs]] = False
    return same

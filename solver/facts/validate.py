"""What makes a question well formed. Called once, when a :class:`solver.facts.problem.Problem` is made."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import Protocol

from solver.facts.catalogue import SLICES_PERMILLE, Catalogue, Profile
from solver.facts.network import Access, Link, Network, Node
from solver.facts.placement import EIGHTHS
from solver.facts.terms import ShareCap, Terms
from solver.facts.workloads import Policy, Workload

#: Amounts above this are refused, so that sums over a whole nation stay within 64 bits.
MAX_AMOUNT = 10**12

#: Largest price of anything (a month), largest weight (thousandths) and largest stream of one shard that are
#: taken. Together with the other limits they keep every product of a price, an amount and a weight within 64 bits.
MAX_PRICE = 10**9
MAX_WEIGHT = 100_000
MAX_STREAM_KBPS = 10**9

#: Most servers that what runs may have; what is placed anew gets `solver.facts.placement.MOST_SERVERS` at most.
MAX_SERVERS_IN_FORCE = 1_000_000


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


class _Named(Protocol):
    @property
    def id(self) -> str: ...


def validate(
    network: Network, catalogue: Catalogue, policies: tuple[Policy, ...], workloads: tuple[Workload, ...], terms: Terms
) -> None:
    """Check ids, references and ranges of the whole question.

    Raises
    ------
    ProblemError
        At the first contradiction, naming its path.
    """
    nodes, links, accesses = _network(network)
    accelerators, profiles = _catalogue(catalogue)
    names = _unique("policies", policies)
    for policy in policies:
        _policy(policy)
    _terms(terms)
    models = {profile.model for profile in catalogue.profiles}
    for node in network.nodes:
        for pool in node.pools:
            _known(f"nodes[{node.id}].pools", pool.accelerator, accelerators, "accelerator")
    _unique("workloads", workloads)
    for workload in workloads:
        where = f"workloads[{workload.id}]"
        _known(f"{where}.access", workload.access, accesses, "access")
        _known(f"{where}.policy", workload.policy, names, "policy")
        _known(f"{where}.model", workload.model, models, "model of the catalogue")
        _current(where, workload, nodes, links, profiles)
        _workload(where, workload)


def _network(network: Network) -> tuple[set[str], set[str], set[str]]:
    """The ids of nodes, links and accesses."""
    nodes = _unique("nodes", network.nodes)
    sites = _unique("sites", network.sites)
    links, accesses = _unique("links", network.links), _unique("accesses", network.accesses)
    for node in network.nodes:
        _node(node)
        if node.site is not None:
            _known(f"nodes[{node.id}].site", node.site, sites, "site")
    for link in network.links:
        _link(link, nodes)
    for access in network.accesses:
        where = f"accesses[{access.id}]"
        _known(f"{where}.site", access.site, sites, "site")
        _known(f"{where}.node", access.node, nodes, "node")
        _access(where, access)
    return nodes, links, accesses


def _node(node: Node) -> None:
    where = f"nodes[{node.id}]"
    for name in ("vcpu", "memory_mib", "power_w"):
        _amount(f"{where}.{name}", getattr(node, name))
    for name in ("vcpu_price_month", "memory_price_gib_month"):
        _between(f"{where}.{name}", getattr(node, name), 0, MAX_PRICE)
    _between(f"{where}.power_price_kwh", node.power_price_kwh, 0, 1_000_000)
    _between(f"{where}.pue_permille", node.pue_permille, 1000, 10_000)
    seen: set[str] = set()
    for pool in node.pools:
        if pool.accelerator in seen:
            raise ProblemError(f"{where}.pools", f"accelerator {pool.accelerator!r} is listed twice")
        seen.add(pool.accelerator)
        _between(f"{where}.pools[{pool.accelerator}].count", pool.count, 0, 10_000_000)
        _between(f"{where}.pools[{pool.accelerator}].price_month", pool.price_month, 0, MAX_PRICE)
    for country, share in (node.foreign_equity_permille or {}).items():
        _between(f"{where}.foreign_equity_permille[{country}]", share, 0, 1000)


def _link(link: Link, nodes: set[str]) -> None:
    where = f"links[{link.id}]"
    _known(f"{where}.source", link.source, nodes, "node")
    _known(f"{where}.target", link.target, nodes, "node")
    if link.source == link.target:
        raise ProblemError(f"{where}.target", "a link joins two different nodes")
    for name in ("latency_us", "latency_back_us"):
        _between(f"{where}.{name}", getattr(link, name) or 0, 0, 10_000_000)
    for name in ("capacity_kbps", "capacity_back_kbps", "length_m"):
        _amount(f"{where}.{name}", getattr(link, name) or 0)
    for name in ("price_gbps_month", "price_back_gbps_month"):
        _between(f"{where}.{name}", getattr(link, name) or 0, 0, MAX_PRICE // 10)


def _access(where: str, access: Access) -> None:
    _between(f"{where}.rtt_p50_us", access.rtt_p50_us, 0, 60_000_000)
    _between(f"{where}.rtt_p99_us", access.rtt_p99_us, access.rtt_p50_us, 60_000_000)
    _between(f"{where}.uplink_kbps", access.uplink_kbps, 1, MAX_AMOUNT)
    _between(f"{where}.downlink_kbps", access.downlink_kbps, 1, MAX_AMOUNT)
    _between(f"{where}.cells", access.cells, 0, 1_000_000)


def _catalogue(catalogue: Catalogue) -> tuple[set[str], set[str]]:
    """The ids of accelerators and profiles."""
    accelerators = _unique("accelerators", catalogue.accelerators)
    for accelerator in catalogue.accelerators:
        where = f"accelerators[{accelerator.id}]"
        _amount(f"{where}.memory_mib", accelerator.memory_mib)
        _amount(f"{where}.power_w", accelerator.power_w)
        if accelerator.max_slices not in (1, 2, 4, 8):
            raise ProblemError(f"{where}.max_slices", f"{accelerator.max_slices} is not one of 1, 2, 4, 8")
    profiles = _unique("profiles", catalogue.profiles)
    for profile in catalogue.profiles:
        where = f"profiles[{profile.id}]"
        _profile(where, profile)
        if profile.accelerator is not None:
            _known(f"{where}.accelerator", profile.accelerator, accelerators, "accelerator")
    return accelerators, profiles


def _profile(where: str, profile: Profile) -> None:
    if profile.slice_permille not in SLICES_PERMILLE:
        raise ProblemError(f"{where}.slice_permille", f"{profile.slice_permille} is not one of {SLICES_PERMILLE}")
    _amount(f"{where}.memory_mib", profile.memory_mib)
    _between(f"{where}.vcpu_milli", profile.vcpu_milli, 0, 1_000_000)
    _between(f"{where}.host_memory_mib", profile.host_memory_mib, 0, 10_000_000)
    _between(f"{where}.power_w", profile.power_w, 0, 1_000_000)
    if not profile.batches or profile.batches[0][0] != 1:
        raise ProblemError(f"{where}.batches", "the batch curve starts at batch size 1")
    size, time = 0, 0
    for batch, time_us in profile.batches:
        if batch <= size or time_us < time or not 0 < time_us <= 3_600_000_000:
            raise ProblemError(f"{where}.batches", "batch sizes and times increase, and times lie within an hour")
        size, time = batch, time_us


def _policy(policy: Policy) -> None:
    if policy.max_foreign_equity_permille is not None:
        _between(f"policies[{policy.id}].max_foreign_equity_permille", policy.max_foreign_equity_permille, 0, 1000)


def _terms(terms: Terms) -> None:
    for name in ("unplaced", "accelerators", "energy", "transport", "moves"):
        _between(f"terms.weights.{name}", getattr(terms.weights, name), 0, MAX_WEIGHT)
    seen: set[ShareCap] = set()
    for cap in terms.share_caps:
        _between("terms.share_caps.permille", cap.permille, 0, 1000)
        if cap in seen:
            raise ProblemError("terms.share_caps", "the same cap is given twice")
        seen.add(cap)


def _workload(where: str, workload: Workload) -> None:
    _between(f"{where}.devices", workload.devices, 1, 10_000_000)
    _between(f"{where}.rate_mhz", workload.rate_mhz, 1, 10_000_000_000)
    _between(f"{where}.payload_up_bytes", workload.payload_up_bytes, 0, 10**10)
    _between(f"{where}.payload_down_bytes", workload.payload_down_bytes, 0, 10**10)
    _between(f"{where}.deadline_us", workload.deadline_us, 1, 3_600_000_000)
    _amount(f"{where}.value_month", workload.value_month)
    _amount(f"{where}.move_cost", workload.move_cost)
    _between(f"{where}.shard_devices", workload.shard_devices, 0, 10_000_000)
    stream = (workload.uplink_kbps + workload.downlink_kbps) * workload.largest_shard
    _between(f"{where}.shard_devices: kbit/s of one shard", stream, 0, MAX_STREAM_KBPS)
    if workload.shards > 100_000:
        raise ProblemError(f"{where}.shard_devices", f"makes {workload.shards} shards; at most 100000 are taken")
    if len(workload.current) > workload.shards:
        raise ProblemError(f"{where}.current", f"names {len(workload.current)} places for {workload.shards} shards")


def _current(where: str, workload: Workload, nodes: set[str], links: set[str], profiles: set[str]) -> None:
    for shard, here in enumerate(workload.current):
        if here is None:
            continue
        at = f"{where}.current[{shard}]"
        if (here.workload, here.shard) != (workload.id, shard):
            raise ProblemError(at, f"is a placement of shard {here.shard} of {here.workload!r}")
        _known(at, here.node, nodes, "node")
        if not here.whole:
            continue
        _known(at, here.profile, profiles, "profile")
        for link in here.route:
            _known(at, link, links, "link")
        _between(f"{at}.servers", here.servers, 1, MAX_SERVERS_IN_FORCE)
        _between(f"{at}.batch_limit", here.batch_limit, 0, 1_000_000)
        for card, eighth in here.cards:
            _between(f"{at}.cards: card", card, 0, 10_000_000)
            _between(f"{at}.cards: eighth", eighth, 0, EIGHTHS - 1)


def _unique(kind: str, entities: Iterable[_Named]) -> set[str]:
    seen: set[str] = set()
    for name in _ids(entities):
        if not name:
            raise ProblemError(kind, "an id is empty")
        if name in seen:
            raise ProblemError(f"{kind}[{name}]", "this id is used twice")
        seen.add(name)
    return seen


def _ids(entities: Iterable[_Named]) -> Iterator[str]:
    return (entity.id for entity in entities)


def _known(field: str, name: str, among: Container[str], what: str) -> None:
    if name not in among:
        raise ProblemError(field, f"there is no {what} {name!r}")


def _amount(field: str, value: int) -> None:
    _between(field, value, 0, MAX_AMOUNT)


def _between(field: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise ProblemError(field, f"{value} is outside {low} to {high}")

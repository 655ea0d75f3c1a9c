"""Make a network like the reference one, at any size: ``python -m data.generate --nodes 300 --workloads 1000 --out DIR``.

Writes network.json, catalogue.json, policies.json, request.json and expectations.json (which workloads cannot be placed,
and why) into DIR, in the format of `data/reference`. The same arguments always give the same files. Places, owners and
fleets are made up; accelerators, model profiles and policies are those of the reference network.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from data.korea import catalogue, costs, policies
from data.korea.accesses import TECHNOLOGIES
from data.korea.classes import kinds
from data.korea.workloads import WORTH, serving_cost
from data.synthetic import demand, supply
from data.synthetic.demand import CURSES, DRAWS, Fleets
from data.synthetic.ground import FEWEST_NODES, Edge, Ground, edges, ground
from data.wire import FORMAT, MONEY, entity, estimated, write_document
from solver.facts.network import Access, Link, Site
from solver.facts.terms import Terms
from solver.facts.workloads import Pin, Workload

GBPS = 1_000_000
HORIZON = date(2026, 12, 1)

#: Most nodes and workloads that are taken; ten times the largest network aimed at.
MOST_NODES, MOST_WORKLOADS = 100_000, 1_000_000

#: Least capacity of each kind of link, kbit/s; more where the demand behind it asks for it.
_LEAST = {"backbone": 3_200, "core": 800, "regional": 400, "metro": 400, "mec": 100, "onsite": 100, "submarine": 200}

#: Policies that no generated node meets, by the rule that refuses them.
_CURSED_POLICY = {"residency": "fr_group_data", "control": "us_parent_core_tech", "certification": "gov_C"}

#: Spare capacity of accesses and links over what is asked of them.
_SPARE = 1.4


class Streams:
    """Who sends how much: the larger direction of every stream, by access and by the node where it enters."""

    def __init__(self, land: Ground, drawn: Fleets) -> None:
        self.entry = _entries(land)
        self.cells: dict[tuple[int, str], int] = defaultdict(int)
        self.kbps: dict[tuple[int, str], int] = defaultdict(int)
        self.at_node: dict[int, int] = defaultdict(int)
        for number in range(len(drawn)):
            kind = kinds()[DRAWS[drawn.draw[number]].kind]
            technology, site, devices = technology_of(drawn, number), int(drawn.site[number]), int(drawn.devices[number])
            spec, payloads = TECHNOLOGIES[technology], (kind.payload_up_bytes, kind.payload_down_bytes)
            streams = [-(-size * 8 * kind.rate_mhz // 1_000_000) for size in payloads]
            self.kbps[site, technology] += max(streams) * devices
            self.at_node[self.entry(site, technology)] += max(streams) * devices
            if technology != "wired":
                fits = [max(1, cell // max(1, s)) for cell, s in zip((spec.up_kbps, spec.down_kbps), streams, strict=True)]
                self.cells[site, technology] += max(-(-devices * 1000 // each) for each in fits)


def technology_of(drawn: Fleets, number: int) -> str:
    """The technology of a fleet; a fleet that is to miss its deadline comes over 4G."""
    if drawn.curse[number] >= 0 and CURSES[drawn.curse[number]] == "deadline":
        return "4g"
    return DRAWS[int(drawn.draw[number])].technologies[int(drawn.technology[number])]


def _entries(land: Ground) -> Callable[[int, str], int]:
    near = {kind: land.nearest(land.site_at, kind, 1)[:, 0] for kind in ("metro", "mec", "gateway")}
    rooms = land.span("onsite")

    def entry(site: int, technology: str) -> int:
        if technology in ("wired", "private-5g"):
            return rooms.start + site if site < len(rooms) else int(near["metro"][site])
        return int(near["mec" if technology == "5g-mec" else "gateway"][site])

    return entry


def site_id(site: int) -> str:
    """Id of a site."""
    return f"site-{site:05d}"


def links(land: Ground, streams: Streams, seed: int) -> Iterator[dict[str, Any]]:
    """The links, wide enough for what enters behind them, as wire entities."""
    behind: dict[int, int] = defaultdict(int, streams.at_node)
    for kind in ("mec", "onsite"):
        span = land.span(kind)
        for node, near in zip(span, land.nearest(land.at[span.start : span.stop], "metro", 1)[:, 0].tolist(), strict=True):
            behind[near] += streams.at_node[node]
    everything = sum(streams.at_node.values())
    origin = [estimated(f"generated, seed {seed}")]
    for edge in edges(land):
        need = everything // 4 if edge.kind == "backbone" else behind[edge.source] if edge.kind != "submarine" else 0
        capacity = max(_LEAST[edge.kind] * GBPS, -(-int(_SPARE * need) // (100 * GBPS)) * 100 * GBPS)
        yield entity(_link(land, edge, capacity), provenance=origin)


def _link(land: Ground, edge: Edge, capacity: int) -> Link:
    a, b = land.name(edge.source), land.name(edge.target)
    law = frozenset({"JP", "KR"}) if edge.kind == "submarine" else frozenset({"KR"})
    price = costs.link_price(edge.km, edge.kind == "submarine")
    return Link(f"{a}--{b}", a, b, edge.latency_us, capacity, law, price, round(edge.km * 1000))


def accesses(land: Ground, streams: Streams, seed: int) -> Iterator[dict[str, Any]]:
    """The accesses of every site, with as many cells as its fleets need and some to spare, as wire entities."""
    origin = [estimated(f"generated, seed {seed}; technology figures as in the reference network")]
    rooms = land.count("onsite")
    for site in range(len(land.site_at)):
        for name, spec in TECHNOLOGIES.items():
            if name == "private-5g" and site >= rooms:
                continue
            up, down, cells = spec.up_kbps, spec.down_kbps, max(2, -(-int(_SPARE * streams.cells[site, name]) // 1000))
            if name == "wired":
                up = down = max(10, -(-int(_SPARE * streams.kbps[site, name]) // (10 * GBPS)) * 10) * GBPS
                cells = 1
            entry = land.name(streams.entry(site, name))
            access = Access(f"{site_id(site)}-{name}", site_id(site), entry, name, spec.p50_us, spec.p99_us, up, down, cells)
            yield entity(access, provenance=origin)


def sites(land: Ground, seed: int) -> Iterator[dict[str, Any]]:
    """The demand sites, as wire entities."""
    origin = [estimated(f"generated, seed {seed}")]
    for site, point in enumerate(land.site_at):
        at = land.degrees(point)
        yield entity(
            Site(site_id(site), ("factory", "port", "logistics")[site % 3]), name=f"Site {site}", lat=at[0], lon=at[1],
            province="KR-41", operator=f"owner-{site:05d}", provenance=origin,
        )  # fmt: skip


def workloads(drawn: Fleets, refused: dict[str, str]) -> Iterator[dict[str, Any]]:
    """The workloads, as wire entities; notes in `refused` which of them cannot be placed, and by which rule."""
    worth: dict[tuple[int, int], int] = {}
    for number in range(len(drawn)):
        draw, devices = DRAWS[drawn.draw[number]], int(drawn.devices[number])
        kind = kinds()[draw.kind]
        policy = draw.rare_policy if drawn.rare[number] and draw.rare_policy else kind.policy
        shard = draw.shard if devices > draw.shard else 0
        model, pin, deadline, curse = kind.model, kind.pin, kind.deadline_us, int(drawn.curse[number])
        name = f"w{number:06d}-{draw.kind}"
        if curse >= 0:
            rule = CURSES[curse]
            refused[name] = rule
            policy = _CURSED_POLICY.get(rule, policy)
            pin = Pin.DEVICE if rule == "pin" else pin
            deadline = 100_000 if rule == "deadline" else deadline
            model = "pi0-3view" if rule == "accelerator" else model
        made = Workload(
            name, f"{site_id(int(drawn.site[number]))}-{technology_of(drawn, number)}", model, devices, kind.rate_mhz,
            kind.payload_up_bytes, kind.payload_down_bytes, deadline, policy, 0, kind.tiers, pin, shard,
        )  # fmt: skip
        key = int(drawn.draw[number]), devices
        if key not in worth:
            plain = Workload(name, made.access, kind.model, devices, kind.rate_mhz, kind.payload_up_bytes,
                             kind.payload_down_bytes, kind.deadline_us, policy, 0, shard_devices=shard)  # fmt: skip
            worth[key] = -(-round(WORTH[kind.availability] * serving_cost(plain)) // 100_000) * 100_000
        body = entity(made)
        body["value_month"] = worth[key]
        yield body


def generate(nodes: int, count: int, seed: int, out: Path) -> None:
    """Write a generated network of `nodes` nodes and a request of `count` workloads into the folder `out`."""
    out.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng([seed, nodes, count])
    land = ground(nodes, rng)
    drawn = demand.fleets(land, count, rng)
    held = supply.stock(land, *demand.wanted(land, drawn), rng)
    streams = Streams(land, drawn)
    head = {"format": FORMAT}
    write_document(
        out / "network.json",
        head | {"name": f"Generated: {nodes} nodes, {count} workloads, seed {seed}", "money": MONEY},
        [
            ("nodes", supply.nodes(land, held, seed, rng)), ("links", links(land, streams, seed)),
            ("sites", sites(land, seed)), ("accesses", accesses(land, streams, seed)),
        ],
    )  # fmt: skip
    write_document(
        out / "catalogue.json", head, [("accelerators", catalogue.accelerators()), ("profiles", catalogue.profiles())]
    )
    write_document(out / "policies.json", head, [("policies", policies.policies())])
    refused: dict[str, str] = {}
    origin = [estimated(f"generated, seed {seed}; class figures as in the reference request")]
    write_document(
        out / "request.json", {}, [("workloads", workloads(drawn, refused))], terms=Terms(HORIZON), provenance=origin
    )
    write_document(out / "expectations.json", {}, [], impossible=refused)


def main(arguments: list[str] | None = None) -> int:
    """Entry point of ``python -m data.generate``."""
    parser = argparse.ArgumentParser(
        prog="python -m data.generate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    number = _between(FEWEST_NODES, MOST_NODES)
    parser.add_argument("--nodes", type=number, required=True, metavar="N", help=f"nodes, {FEWEST_NODES} to {MOST_NODES}")
    parser.add_argument(
        "--workloads", type=_between(1, MOST_WORKLOADS), required=True, metavar="W", help=f"workloads, 1 to {MOST_WORKLOADS}"
    )
    parser.add_argument("--seed", type=_between(0, 2**32 - 1), default=0, metavar="S", help="start of random numbers (0)")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write to; made if missing")
    given = parser.parse_args(arguments)
    begun = time.monotonic()
    try:
        generate(given.nodes, given.workloads, given.seed, given.out)
    except OSError as error:
        print(f"{parser.prog}: cannot write to {given.out}: {error.strerror}", file=sys.stderr)
        return 2
    size = sum((given.out / f"{name}.json").stat().st_size for name in ("network", "request"))
    print(
        f"{given.nodes} nodes and {given.workloads} workloads, seed {given.seed}, in {given.out}: "
        f"{size / 1e6:.1f} MB in {time.monotonic() - begun:.1f} s"
    )
    return 0


def _between(low: int, high: int) -> Any:
    def number(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{value} is outside {low} to {high}")
        return value

    return number


if __name__ == "__main__":
    sys.exit(main())

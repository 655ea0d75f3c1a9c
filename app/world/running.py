"""What runs, as it was stored, and as the placements that hold on a network.

Placements stored by older versions do not say on which cards they are; they are given numbers here, the same whenever the
same is read. A placement that names what is not there any more says only on which node it runs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from app.schemas.wire import Wire
from solver.facts.catalogue import Catalogue, Profile
from solver.facts.network import Link, Network
from solver.facts.placement import EIGHTHS, Placement, Role, Slot

#: Workload -> shard -> its placement.
Running = dict[str, dict[int, Placement]]


class RunningShard(Wire):
    """Where one shard runs, on what, and which way its traffic goes. Older versions kept no more than the node."""

    workload: str
    shard: int
    node: str
    role: str = "primary"
    profile: str | None = None
    servers: int | None = None
    cards: tuple[tuple[int, int], ...] = ()
    route: tuple[str, ...] = ()
    batch_limit: int = 0


class Named(Protocol):
    """A placement by name: of the wire, or of the store."""

    @property
    def workload(self) -> str: ...
    @property
    def shard(self) -> int: ...
    @property
    def node(self) -> str | None: ...
    @property
    def profile(self) -> str | None: ...
    @property
    def servers(self) -> int | None: ...
    @property
    def route(self) -> Sequence[str]: ...
    @property
    def cards(self) -> Sequence[Sequence[int]]: ...
    @property
    def batch_limit(self) -> int: ...


class Runs(Named, Protocol):
    """What says where a shard runs: what was stored of it, or a row of the allocation."""

    @property
    def role(self) -> str: ...


def placement_of(here: Runs) -> Placement:
    """The placement that something which runs says.

    Raises
    ------
    ValueError
        If it says no node.
    """
    if here.node is None:
        raise ValueError(f"shard {here.shard} of {here.workload} runs nowhere")
    if not here.profile or not here.servers:
        return Placement(here.workload, here.shard, here.node, role=Role(here.role))
    slots = tuple(Slot(card, eighth) for card, eighth in here.cards)
    return Placement(
        here.workload, here.shard, here.node, here.profile, here.servers, slots, tuple(here.route), here.batch_limit,
        Role(here.role),
    )  # fmt: skip


def in_force(running: Iterable[Placement], network: Network, catalogue: Catalogue, entry: Mapping[str, str]) -> Running:
    """The placements that run on a network, of those that were stored, each with its cards.

    `entry` gives the entry node of each workload that counts; what runs of another workload, or on a node that is gone, is
    left out. A placement whose profile is gone, or whose route does not lead from the entry node to its node any more, is
    known by its node alone.
    """
    nodes = {node.id for node in network.nodes}
    profiles = {profile.id: profile for profile in catalogue.profiles}
    links = {link.id: link for link in network.links}
    found = [
        here if here.profile in profiles and _leads(here, entry[here.workload], links) else _only_where(here)
        for here in running
        if here.node in nodes and here.workload in entry
    ]
    by_workload: Running = {}
    for here in with_cards(found, profiles):
        by_workload.setdefault(here.workload, {})[here.shard] = here
    return by_workload


def _only_where(here: Placement) -> Placement:
    return Placement(here.workload, here.shard, here.node, role=here.role)


def _leads(here: Placement, at: str, links: Mapping[str, Link]) -> bool:
    """Whether the route of a placement leads from the node `at` to its node."""
    for name in here.route:
        link = links.get(name)
        if link is None or at not in (link.source, link.target):
            return False
        at = link.target if at == link.source else link.source
    return at == here.node


def with_cards(placements: Sequence[Placement], profiles: Mapping[str, Profile]) -> Iterator[Placement]:
    """The same placements in the same order, each saying on which cards its servers are.

    Cards that are said already stay. The others are given to the largest slices first, by workload and shard, each the
    first aligned free part of the card with the lowest number: since sizes divide each other this needs no more cards than
    any other way where nothing was said before. Where more runs than there are cards the numbers go on beyond them.
    """
    taken: dict[tuple[str, str], _Taken] = defaultdict(_Taken)
    missing: list[tuple[int, Placement, Profile]] = []
    for place, here in enumerate(placements):
        profile = profiles.get(here.profile)
        if profile is None or profile.accelerator is None:
            continue
        if len(here.cards) == here.servers:
            size = _eighths(profile)
            for slot in here.cards:
                taken[here.node, profile.accelerator].take(slot, size)
        else:
            missing.append((place, here, profile))
    given: dict[int, tuple[Slot, ...]] = {}
    missing.sort(key=lambda one: (-_eighths(one[2]), one[1].workload, one[1].shard))
    for place, here, profile in missing:
        cards = taken[here.node, profile.accelerator or ""]
        given[place] = tuple(cards.give(_eighths(profile)) for _ in range(here.servers))
    for place, here in enumerate(placements):
        yield replace(here, cards=given[place]) if place in given else here


def on_free_cards(
    placements: Iterable[Placement], stays: Iterable[Placement], profiles: Mapping[str, Profile]
) -> list[Placement]:
    """Placements on the cards that they name, as far as what `stays` leaves those free; the others name none."""
    taken: dict[tuple[str, str], _Taken] = defaultdict(_Taken)

    def settles(here: Placement) -> bool:
        """Whether the parts that a placement names are free; they are taken then."""
        profile = profiles.get(here.profile)
        if profile is None or profile.accelerator is None:
            return True
        cards, size = taken[here.node, profile.accelerator], _eighths(profile)
        if any(cards.holds(slot, size) for slot in here.cards):
            return False
        for slot in here.cards:
            cards.take(slot, size)
        return True

    for here in stays:
        settles(here)
    return [here if settles(here) else replace(here, cards=()) for here in placements]


def _eighths(profile: Profile) -> int:
    """Eighths of a card that one server takes."""
    return profile.slice_permille * EIGHTHS // 1000


class _Taken:
    """Which eighths of the cards of one kind on one node are taken: bit e of card c stands for its eighth e."""

    def __init__(self) -> None:
        self._cards: dict[int, int] = defaultdict(int)
        #: Size of a slice -> the first card that may have room for one: what is taken is never given back.
        self._first: dict[int, int] = {}

    def take(self, slot: Slot, size: int) -> None:
        """Mark a slice as taken."""
        self._cards[slot.card] |= ((1 << size) - 1) << slot.eighth

    def holds(self, slot: Slot, size: int) -> bool:
        """Whether a part of a slice is taken."""
        return bool(self._cards[slot.card] & ((1 << size) - 1) << slot.eighth)

    def give(self, size: int) -> Slot:
        """The first free slice of a size, which is then taken."""
        card = self._first.get(size, 0)
        while True:
            for eighth in range(0, EIGHTHS, size):
                if not self._cards[card] & ((1 << size) - 1) << eighth:
                    slot = Slot(card, eighth)
                    self.take(slot, size)
                    self._first[size] = card
                    return slot
            card += 1

"""Where a shard could run beside everything else in a plan: candidates, and which of them is nearest."""

from __future__ import annotations

from dataclasses import dataclass

from solver.facts.catalogue import Profile
from solver.facts.network import Node
from solver.facts.placement import Placement
from solver.rules.account import Account
from solver.rules.violation import Violation

#: Rules that are somebody's law or a place on the map; all others speak of what can be bought, built or waited for.
LAW = frozenset({"residency", "control", "certification", "transit", "pin"})

#: Rules that close a node whatever a shard would run on there, and however many servers it would have.
OF_NODES = frozenset({
    "scope", "pin", "tier", "node_state", "commitment", "residency", "control", "certification", "failure_domain", "transit",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shortage:
    """An account without room for a placement.

    The placement needs `needed` of the account, everything else uses `used`, and `limit` is what may be used together: the
    capacity, or what is used today where that is more.
    """

    account: Account
    needed: int
    used: int
    limit: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A node where a shard could run, or why it cannot.

    `placement` is what it would take there. `refusals` is empty exactly when the node would take it beside everything else
    in the plan. `price` is what it would cost, in money a month, whether or not it is refused; `hardware` says whether the
    node has, full or not, what a server of that profile runs on. `shortages` are the accounts without room.
    """

    placement: Placement
    price: int
    hardware: bool
    refusals: tuple[Violation, ...]
    shortages: tuple[Shortage, ...] = ()

    @property
    def node(self) -> str:
        return self.placement.node

    @property
    def profile(self) -> str:
        return self.placement.profile

    @property
    def servers(self) -> int:
        return self.placement.servers

    @property
    def fits(self) -> bool:
        """Whether no rule says no."""
        return not self.refusals

    @property
    def cost(self) -> int | None:
        """Money a month; None where it is refused."""
        return None if self.refusals else self.price

    @property
    def rules(self) -> frozenset[str]:
        """The rules that say no."""
        return frozenset(violation.rule for violation in self.refusals)


def rank(one: Candidate) -> tuple[bool, bool, int, int, float, int, int, str]:
    """Sorts candidates, nearest first.

    Those that would take the shard come first, by cost. Of the others those with hardware come first, then those with the
    fewest rules against them, then those whose rules can be mended rather than are somebody's law, then those that miss
    the least of what is needed.
    """
    missing = sum(_missing(violation) for violation in one.refusals)
    needed = sum(violation.needed for violation in one.refusals)
    rules = one.rules
    without = not one.hardware and not one.fits
    return not one.fits, without, len(rules), len(rules & LAW), missing, needed, one.price, one.node


def _missing(violation: Violation) -> float:
    """The part of what is needed that is not there, 0 to 1; all of it where it is a permission."""
    if violation.needed <= 0:
        return 1.0
    return 1.0 - max(0, violation.available) / violation.needed


def has_hardware(node: Node, profile: Profile) -> bool:
    """Whether a node has, full or not, what a server of a profile runs on."""
    if profile.accelerator is None:
        return 1000 * node.vcpu >= max(1, profile.vcpu_milli)
    return any(pool.accelerator == profile.accelerator and pool.count > 0 for pool in node.pools)

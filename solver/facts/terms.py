"""The terms of a question: as of which day, at which weights, under which caps on shares."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from solver.facts.network import Commitment


class ShareOf(StrEnum):
    """Whose share of a request is capped."""

    OWNER = "owner"
    OPERATOR = "operator"
    VENDOR = "vendor"


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
    """What each goal counts, in thousandths: 1000 takes its money at face value, 0 ignores it."""

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

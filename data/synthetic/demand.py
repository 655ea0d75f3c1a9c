"""What is asked of a generated network: fleets drawn by class and site, and the hardware that they would keep busy."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from data.korea.classes import Kind, kinds
from data.korea.onsite import load
from data.synthetic.ground import Ground
from solver.facts.network import Tier
from solver.facts.workloads import Pin

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: Part of the workloads that cannot be placed.
HOPELESS = 0.03


@dataclass(frozen=True)
class Draw:
    """How one class is drawn: its weight, median fleet, card (None: vCPUs), devices in a shard and technologies."""

    kind: str
    weight: float
    devices: float
    card: str | None
    shard: int
    technologies: tuple[str, ...]
    rare_policy: str | None = None


DRAWS = (
    Draw("safety-video", 14, 40, "l40s", 64, ("wired",)),
    Draw("asset-monitoring", 10, 250, "l4", 0, ("5g", "wired")),
    Draw("robot-llm", 10, 60, "rtx-pro-6000-bse", 0, ("5g", "wired", "4g"), "gov_O"),
    Draw("vla-manipulation", 12, 14, "rtx-pro-6000-bse", 24, ("wired", "5g-mec"), "sovereign"),
    Draw("amr-perception", 8, 18, "l40s", 48, ("5g-mec",)),
    Draw("amr-control", 8, 60, None, 200, ("5g-mec", "wired")),
    Draw("visual-inspection", 8, 14, "l4", 64, ("wired",)),
    Draw("safety-vlm", 7, 12, "h100-sxm", 24, ("wired",)),
    Draw("digital-twin", 7, 3, "rtx-pro-6000-bse", 8, ("wired",), "gov_S"),
    Draw("teleop-truck", 5, 5, "l40s", 12, ("5g-mec",)),
    Draw("crane-video", 4, 5, "l40s", 8, ("wired",)),
    Draw("humanoid-s2", 4, 6, "rtx-pro-6000-bse", 24, ("wired", "5g-mec")),
    Draw("openvla-legacy", 2, 4, "rtx-pro-6000-bse", 12, ("wired",)),
    Draw("remote-robot-haptic", 1, 3, None, 0, ("private-5g",)),
)

#: Ways in which a workload is made impossible, with the rule that refuses it.
CURSES = ("pin", "deadline", "accelerator", "residency", "control", "certification")


@dataclass(frozen=True)
class Fleets:
    """Drawn fleets as columns; `curse` is -1, or the number in `CURSES` of what makes a fleet impossible."""

    draw: Ints
    site: Ints
    devices: Ints
    technology: Ints
    rare: npt.NDArray[np.bool_]
    curse: Ints
    servers: Ints

    def __len__(self) -> int:
        return len(self.draw)


def fleets(land: Ground, count: int, rng: np.random.Generator) -> Fleets:
    """Draw `count` fleets: large sites get more of them, and larger ones."""
    weight = np.array([draw.weight for draw in DRAWS])
    draw = rng.choice(len(DRAWS), count, p=weight / weight.sum())
    site = rng.choice(len(land.site_weight), count, p=land.site_weight)
    needs_room = np.array([_kind(d).pin is Pin.SITE for d in DRAWS])[draw]
    site[needs_room] %= land.count("onsite")
    median = np.array([d.devices for d in DRAWS])[draw]
    devices = np.maximum(1, np.rint(median * rng.lognormal(0.0, 0.7, count))).astype(np.int64)
    technology = (rng.random(count) * np.array([len(d.technologies) for d in DRAWS])[draw]).astype(np.int64)
    rare = (rng.random(count) < 0.1) & np.array([d.rare_policy is not None for d in DRAWS])[draw]
    curse = np.where(rng.random(count) < HOPELESS, rng.integers(0, len(CURSES), count), -1)
    busy = np.array([_busy(d) for d in DRAWS])[draw] * devices
    return Fleets(draw, site, devices, technology, rare, curse, np.ceil(1.15 * busy + 0.5).astype(np.int64))


def wanted(land: Ground, drawn: Fleets) -> tuple[dict[tuple[Tier, str | None], int], dict[tuple[int, str | None], int]]:
    """Servers asked of each (tier, card), and of each (site, card) where there is an on-site node; cursed ones ask none."""
    tiers: dict[tuple[Tier, str | None], float] = {}
    sites: dict[tuple[int, str | None], float] = {}
    rooms = land.count("onsite")
    for number, draw in enumerate(DRAWS):
        mine = (drawn.draw == number) & (drawn.curse < 0)
        at_site = np.bincount(drawn.site[mine], weights=drawn.servers[mine], minlength=len(land.site_weight))
        share = _shares(_kind(draw))
        stays = at_site[:rooms] * share.pop(Tier.ONSITE, 0.0)
        for place in np.flatnonzero(stays).tolist():
            sites[place, draw.card] = sites.get((place, draw.card), 0.0) + float(stays[place])
        left = float(at_site.sum() - stays.sum())
        whole = sum(share.values())
        for tier, part in share.items():
            tiers[tier, draw.card] = tiers.get((tier, draw.card), 0.0) + left * part / whole
    return ({key: round(n) for key, n in tiers.items()}, {key: -int(-n // 1) for key, n in sites.items()})


def _shares(kind: Kind) -> dict[Tier, float]:
    if kind.pin is Pin.SITE:
        return {Tier.ONSITE: 1.0}
    plan = {Tier.ONSITE: 0.35, Tier.MEC: 0.35, Tier.METRO: 0.30, Tier.REGIONAL: 0.45, Tier.CORE: 0.35}
    return {tier: part for tier, part in plan.items() if tier in kind.tiers}


@cache
def _kind(draw: Draw) -> Kind:
    return kinds()[draw.kind]


@cache
def _busy(draw: Draw) -> float:
    kind = _kind(draw)
    return load(kind, kind.model, draw.card, 1)

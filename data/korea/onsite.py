"""What stands in the on-site rooms: enough for what is pinned there, and two fifths of what may stay."""

from __future__ import annotations

import math
from collections import defaultdict

from data.korea.classes import Kind, kinds
from data.korea.edge import places
from data.korea.fleets import PI05_SITES, Fleet, fleets
from data.korea.profiles import measured
from solver.facts.network import Tier
from solver.facts.workloads import Pin

#: The card on which a site would run each class that may stay on site; classes left out need none.
CARD = {
    "amr-perception": "l40s",
    "vla-manipulation": "rtx-pro-6000-bse",
    "vla-highrate": "rtx-pro-6000-bse",
    "crane-video": "l40s",
    "visual-inspection": "l4",
    "fab-inspection": "rtx-pro-6000-bse",
    "safety-video": "l40s",
}

#: Classes that need vCPUs and no card.
ON_VCPU = ("amr-control", "crane-remote", "remote-robot-haptic")

#: Part of the movable demand that the room is built for, and how full its cards are planned.
MOVABLE_SHARE = 0.40
FULL = 0.70


def needs() -> dict[str, tuple[dict[str, int], int]]:
    """Cards by kind, and vCPUs, for each site with an on-site node."""
    found = {}
    for place in places():
        if not place.onsite:
            continue
        cards: dict[str, float] = defaultdict(float)
        cores = 0.0
        for fleet in fleets():
            kind = kinds()[fleet.kind]
            if fleet.place.id != place.id or Tier.ONSITE not in kind.tiers:
                continue
            # Boards for pi0.5 stand nowhere else, so what needs them is as good as pinned.
            pinned = kind.pin is not Pin.NONE or model_of(fleet) == "pi0.5"
            share = 1.0 if pinned else MOVABLE_SHARE
            card, model = card_of(fleet), model_of(fleet)
            if fleet.kind in ON_VCPU:
                cores += share * load(kind, model, None, fleet.devices) / FULL + 1
            elif card is not None:
                cards[card] += share * load(kind, model, card, fleet.devices) / FULL + (1 if pinned else 0)
        whole = {card: max(2, math.ceil(count)) for card, count in sorted(cards.items())}
        found[place.id] = whole, 8 * math.ceil((16 + cores + 4.5 * sum(whole.values())) / 8)
    return found


def model_of(fleet: Fleet) -> str:
    """The model that serves a fleet: that of its class, but pi0.5 for the arms of a few sites."""
    if fleet.kind == "vla-manipulation" and fleet.place.id in PI05_SITES:
        return "pi0.5"
    return kinds()[fleet.kind].model


def card_of(fleet: Fleet) -> str | None:
    """The card on which a fleet's site would run it."""
    if model_of(fleet) == "pi0.5":
        return "jetson-thor-t5000"
    return CARD.get(fleet.kind)


def load(kind: Kind, model: str, card: str | None, devices: int) -> float:
    """Servers that `devices` devices keep busy at the best batch of the model on `card`."""
    times = [
        time / size
        for item in measured()
        if item.model == model and item.accelerator == card and item.slice_permille == 1000
        for size, time in item.batches
    ]
    return devices * kind.rate_mhz / 1000 * min(times) / 1e6

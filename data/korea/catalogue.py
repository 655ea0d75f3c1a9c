"""Accelerators and model profiles: how fast one server of each model runs on each kind of card.

A published figure is used as it is. Where only a throughput at many streams is published, it becomes the time of the
batch that it implies and never a latency; where it was measured at the limit of the card (mean latency of several frame
intervals), a fifth is taken off. A card that nobody measured gets a profile only where its speed is bounded by one that
was (newer cards of the same vendor: no faster; slices: no faster than their share), and no Korean NPU gets one at all
unless its vendor or MLPerf published that very network.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from data.korea.profiles import Measured, measured
from data.korea.sources import DOMAIN, table
from data.wire import Origin, entity, estimated, published
from solver.facts.catalogue import Accelerator, Profile

#: Equal isolated parts of one card (MIG), as recalled from its user guide. The H100 family cuts in seven; parts here
#: divide each other, so a quarter is the smallest.
MAX_SLICES = {"h100-sxm": 4, "h200-sxm": 4, "b200-sxm": 4, "gb200": 4, "rtx-pro-6000-bse": 4}

#: Part of a card's thermal design power that inference draws, and the host's share of each card's server.
LOAD_POWER = 0.75
HOST_POWER_W = 60
VCPU_POWER_W = 8

#: Host side of a server that takes a whole card.
HOST_VCPU_MILLI = 4_000
HOST_MEMORY_MIB = 16_384

#: What the estimated-column names of `accelerators.csv` are called here. Its `memory_gb` is the nominal figure, which is
#: not used: a driver leaves less.
_ESTIMATED = {"tdp_w": "power_w"}


def accelerators() -> Iterator[dict[str, Any]]:
    """The kinds of accelerators, as wire entities."""
    for row in table("accelerators"):
        card = Accelerator(
            row["id"], row["vendor"], row["vendor_country"], usable_mib(row["id"])[0], int(row["tdp_w"]),
            MAX_SLICES.get(row["id"], 1),
        )  # fmt: skip
        guessed = tuple(_ESTIMATED[name] for name in row["est_fields"].split(",") if name in _ESTIMATED)
        origins: list[Origin] = [published(row["published_source"] or f"vendor, {DOMAIN}"), usable_mib(row["id"])[1]]
        if guessed:
            origins.append(estimated(f"marked as an estimate in accelerators.csv, {DOMAIN}", *guessed))
        origins.append(estimated("NVIDIA MIG user guide, recalled; 1 where cards cannot be cut", "max_slices"))
        yield entity(card, name=row["name"], provenance=origins, note=row["note"] or None)


def usable_mib(card: str, permille: int = 1000) -> tuple[int, Origin]:
    """Memory that a driver leaves to programs on a card, or on a slice of `permille` thousandths, in MiB, and its origin.

    Raises
    ------
    LookupError
        If `usable_memory.csv` does not say: a figure is looked up, never guessed.
    """
    for row in table("usable_memory"):
        if (row["id"], int(row["slice_permille"])) == (card, permille):
            return int(row["mib"]), Origin(("memory_mib",), row["basis"], row["source"])
    raise LookupError(f"no usable memory of {permille} thousandths of {card}")


def profiles() -> Iterator[dict[str, Any]]:
    """The model profiles, as wire entities.

    Raises
    ------
    ValueError
        If one needs more memory than its card or slice leaves it.
    """
    tdp = {row["id"]: int(row["tdp_w"]) for row in table("accelerators")}
    for item in measured():
        if item.accelerator and item.memory_mib > usable_mib(item.accelerator, item.slice_permille)[0]:
            raise ValueError(f"{item.model} does not fit {item.slice_permille} thousandths of {item.accelerator}")
        profile = _profile(item, tdp)
        origins = [
            Origin(("batches",), item.basis, item.source),
            Origin(("memory_mib",), item.memory_basis, item.memory_source),
            estimated(
                "host share of a server: 4 vCPU and 16 GiB for a whole card (a quarter of that for a slice of one), "
                "75 % of the card's TDP and 60 W of host power; 8 W for each vCPU where no card is used"
            ),
        ]
        yield entity(profile, name=item.name, provenance=origins, note=item.note or None)


def _profile(item: Measured, tdp: dict[str, int]) -> Profile:
    suffix = "" if item.slice_permille == 1000 else f"-slice{item.slice_permille}"
    name = f"{item.model}@{item.accelerator or 'vcpu'}{suffix}"
    if item.accelerator is None:
        return Profile(
            name, item.model, None, item.runtime, item.batches, vcpu_milli=item.vcpu_milli,
            host_memory_mib=item.host_memory_mib, power_w=-(-item.vcpu_milli * VCPU_POWER_W // 1000),
        )  # fmt: skip
    share = item.slice_permille / 1000
    return Profile(
        name, item.model, item.accelerator, item.runtime, item.batches, item.memory_mib, item.slice_permille,
        max(1_000, round(HOST_VCPU_MILLI * share)), max(4_096, round(HOST_MEMORY_MIB * share)),
        round((tdp[item.accelerator] * LOAD_POWER + HOST_POWER_W) * share),
    )  # fmt: skip

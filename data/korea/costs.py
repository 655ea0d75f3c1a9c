"""Rules of thumb for prices, energy and power. None of these figures is published; each rule says its reasoning.

Hardware costs its purchase price spread over 36 months. A card at the edge is dearer than the same card in a large
hall: it is bought in small lots, shares its server, spares and staff with few others and stands idle more often. So
near means dear hardware but much time left to wait, and far means cheap hardware but less: the trade that is optimised.
"""

from __future__ import annotations

from solver.facts.network import Tier

KRW_PER_USD = 1400
MONTHS = 36

#: Server, network and spares that come with each won of accelerator.
SYSTEM_FACTOR = 1.5

#: Price of the same hardware by tier, as a multiple of the large hall's.
TIER_FACTOR = {Tier.CORE: 1.00, Tier.REGIONAL: 1.05, Tier.METRO: 1.12, Tier.MEC: 1.20, Tier.ONSITE: 1.30}

#: Power usage effectiveness x 1000: small rooms cool badly.
PUE_PERMILLE = {
    Tier.CORE: 1250, Tier.REGIONAL: 1400, Tier.METRO: 1550, Tier.MEC: 1650, Tier.ONSITE: 1600,
}  # fmt: skip

#: Industrial tariff, about the level after the rise of October 2024 (recalled, not re-read).
POWER_PRICE_KRW_KWH = 182

VCPU_KRW_MONTH = 8_000
MEMORY_KRW_GIB_MONTH = 1_200

#: Street price of one card in US dollars (recalled price levels of 2025, not quotations).
CARD_USD = {
    "jetson-agx-orin-64": 2_000,
    "jetson-thor-t5000": 3_500,
    "dgx-spark": 4_000,
    "l4": 2_200,
    "l40s": 7_000,
    "rtx-pro-6000-bse": 11_000,
    "h100-sxm": 28_000,
    "h200-sxm": 32_000,
    "b200-sxm": 40_000,
    "gb200": 60_000,
    "rtx-4090": 1_800,
    "rtx-2000e-ada": 1_000,
    "rngd": 10_000,
    "atom": 3_000,
    "atom-max": 9_000,
    "rebel100": 25_000,
    "sapeon-x330": 6_000,
}

PRICE_SOURCE = (
    "rule: recalled card price in USD x 1,400 KRW x 1.5 for server and spares / 36 months x tier factor "
    "(core 1.00, regional 1.05, metro 1.12, MEC 1.20, on-site 1.30); vCPU 8,000 KRW and memory 1,200 KRW/GiB a month "
    "x tier factor; power 182 KRW/kWh; PUE by tier"
)

#: Monthly price of carrying one Gbit/s over one link: equipment at both ends, and fibre by the kilometre.
LINK_KRW_GBPS = 60_000
LINK_KRW_GBPS_KM = 1_800
SUBMARINE_KRW_GBPS_KM = 5_000

TRANSPORT_SOURCE = (
    "rule: 60,000 KRW a link + 1,800 KRW a fibre kilometre for one Gbit/s a month (submarine 5,000), "
    "chosen so that crossing the country costs about 1 million KRW per Gbit/s"
)


def rounded(amount: float, step: int) -> int:
    """`amount` to the nearest multiple of `step`: an estimate should not look exact."""
    return round(amount / step) * step


def card_price(accelerator: str, tier: Tier) -> int:
    """Monthly price in won of one card of `accelerator` at a node of `tier`."""
    return rounded(CARD_USD[accelerator] * KRW_PER_USD * SYSTEM_FACTOR / MONTHS * TIER_FACTOR[tier], 1_000)


def vcpu_price(tier: Tier) -> int:
    """Monthly price in won of one vCPU at a node of `tier`."""
    return rounded(VCPU_KRW_MONTH * TIER_FACTOR[tier], 100)


def memory_price(tier: Tier) -> int:
    """Monthly price in won of one GiB of memory at a node of `tier`."""
    return rounded(MEMORY_KRW_GIB_MONTH * TIER_FACTOR[tier], 50)


def link_price(fibre_km: float, submarine: bool = False) -> int:
    """Monthly price in won of carrying one Gbit/s over a link of `fibre_km`."""
    per_km = SUBMARINE_KRW_GBPS_KM if submarine else LINK_KRW_GBPS_KM
    return rounded(LINK_KRW_GBPS + fibre_km * per_km, 1_000)

"""The workload classes: what one device asks for, how fast, and where the answer may come from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from data.korea.sources import table
from solver.facts.network import Tier
from solver.facts.workloads import Pin

#: The model that serves each class; profiles of it are in the catalogue.
MODELS = {
    "motion-control": "plc-cycle",
    "amr-control": "amr-fleet-controller",
    "amr-perception": "rt-detr-stereo",
    "vla-manipulation": "gr00t-n1.7-3b",
    "vla-highrate": "gr00t-n1.7-3b",
    "openvla-legacy": "openvla-7b",
    "humanoid-s2": "vlm-s2",
    "crane-remote": "crane-desk",
    "crane-video": "crane-vision",
    "visual-inspection": "retinanet",
    "fab-inspection": "fab-segmenter",
    "safety-video": "rt-detr-r50",
    "safety-vlm": "cosmos-reason2-8b",
    "digital-twin": "twin-sync",
    "teleop-truck": "teleop-assist",
    "av-fleet": "av-label",
    "remote-robot-haptic": "haptic-loop",
    "robot-llm": "llama-3.1-8b",
    "asset-monitoring": "resnet50",
}

#: The policy of each class's data, following `typical_data_class`.
POLICIES = {
    "motion-control": "operational",
    "amr-control": "operational",
    "amr-perception": "personal_video",
    "vla-manipulation": "trade_secret",
    "vla-highrate": "trade_secret",
    "openvla-legacy": "operational",
    "humanoid-s2": "personal_video",
    "crane-remote": "operational",
    "crane-video": "operational",
    "visual-inspection": "core_tech",
    "fab-inspection": "national_core_tech",
    "safety-video": "personal_video",
    "safety-vlm": "personal_video",
    "digital-twin": "core_tech",
    "teleop-truck": "map_personal",
    "av-fleet": "map_personal",
    "remote-robot-haptic": "operational",
    "robot-llm": "business",
    "asset-monitoring": "operational",
}

#: Never offloaded from the device or the site, whatever a latency number says.
PINS = {
    "motion-control": Pin.DEVICE,
    "remote-robot-haptic": Pin.SITE,
    "vla-highrate": Pin.SITE,
    "fab-inspection": Pin.SITE,
}

_TIERS = {
    "on-site": Tier.ONSITE,
    "MEC": Tier.MEC,
    "port MEC": Tier.MEC,
    "metro": Tier.METRO,
    "regional": Tier.REGIONAL,
    "core": Tier.CORE,
}


@dataclass(frozen=True)
class Kind:
    """A row of `workload_profiles.csv`: payloads in bytes a request, rate in thousandths of a request a second."""

    id: str
    name: str
    model: str
    policy: str
    pin: Pin
    tiers: frozenset[Tier]
    deadline_us: int
    rate_mhz: int
    payload_up_bytes: int
    payload_down_bytes: int
    availability: float


@cache
def kinds() -> dict[str, Kind]:
    """The workload classes by id."""
    found = {}
    for row in table("workload_profiles"):
        name = row["id"]
        found[name] = Kind(
            name, row["class"], MODELS[name], POLICIES[name], PINS.get(name, Pin.NONE), _tiers(row["movable_to"]),
            round(float(row["e2e_p99_ms"]) * 1000), round(float(row["rate_hz_per_device"]) * 1000),
            round(float(row["payload_up_kb"]) * 1000), round(float(row["payload_down_kb"]) * 1000),
            float(row["availability"]),
        )  # fmt: skip
    return found


def _tiers(movable_to: str) -> frozenset[Tier]:
    """Tiers named in `movable_to`; a class that is free within the country may use every one."""
    if movable_to == "anywhere in country":
        return frozenset(Tier)
    named = {_TIERS[part] for part in movable_to.split(" unless")[0].replace(" only", "").split(", ") if part in _TIERS}
    return frozenset(named or {Tier.ONSITE})

"""What a plan decides about shards, and where the time of their requests goes."""

from __future__ import annotations

from typing_extensions import TypedDict


class Latency(TypedDict):
    """Where the time of a request goes, at the 99th percentile."""

    access_us: int
    transfer_us: int
    transport_us: int
    service_us: int
    waiting_us: int
    margin_us: int
    deadline_us: int


class Disturbed(TypedDict):
    """Why a shard is disturbed: it breaks rules where it runs and is tolerated there, at a price."""

    rules: list[str]
    sentence: str
    unlawful: bool


class Decision(TypedDict):
    """Where one shard of one workload runs; node and what follows are null where it is unplaced."""

    workload: str
    shard: int
    status: str
    site: str
    policy: str
    model: str
    devices: int
    in_request: bool
    previous_node: str | None
    node: str | None
    tier: str | None
    profile: str | None
    servers: int | None
    route: list[str]
    latency: Latency | None
    role: str
    cards: list[tuple[int, int]]
    batch_limit: int
    disturbed: Disturbed | None

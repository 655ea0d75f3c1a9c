"""What is stored: its generations, nodes and workloads, and what an import has done."""

from __future__ import annotations

from typing_extensions import TypedDict


class Generations(TypedDict):
    """The newest generation, and the one that last changed each part."""

    generation: int
    network: int
    catalogue: int
    policies: int
    workloads: int
    allocation: int


class DocumentImported(TypedDict):
    """What became of one document."""

    document: str
    generation: int
    counts: dict[str, int]
    added: dict[str, int]
    changed: dict[str, int]
    removed: dict[str, int]


class Imported(TypedDict):
    """Documents have taken the place of others."""

    generation: int
    documents: list[DocumentImported]
    ended_shards: int
    backup: str | None
    sentence: str


class Pool(TypedDict):
    """Accelerators of one kind at a node."""

    accelerator: str
    count: int
    price_krw_month: int


class Certification(TypedDict):
    """A certificate of a node."""

    name: str
    expires: str | None


class Node(TypedDict):
    """A place with compute."""

    id: str
    name: str | None
    tier: str
    state: str
    commitment: str
    available_from: str | None
    province: str
    country: str
    owner: str
    owner_country: str
    operator: str
    operator_country: str | None
    control_jurisdictions: list[str] | None
    certifications: list[Certification]
    pools: list[Pool]
    vcpu: int
    memory_mib: int
    power_w: int


class Site(TypedDict):
    """Where devices are, and whose they are."""

    id: str
    name: str | None
    operator: str | None


class Workload(TypedDict):
    """What is to be placed."""

    id: str

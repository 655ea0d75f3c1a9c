"""Numbers that nobody has said and that are taken for zero: told aloud, as they decide what can run where, at what cost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.schemas.entities import Entity, Node, Pool
from app.schemas.silences import Silence

#: Ids that one warning names.
NAMED = 10


@dataclass(frozen=True, slots=True)
class _Zero:
    """A field that is 0 where nothing is said, and what follows from that; {} stands for who says nothing."""

    field: str
    follows: str


#: Kind -> the numbers that are 0 where nothing is said of them. A test looks for any that is in neither this nor `HARMLESS`.
ZEROS: dict[str, tuple[_Zero, ...]] = {
    "nodes": (
        _Zero("vcpu", "nothing that needs a vCPU can run there"),
        _Zero("memory_mib", "nothing that needs host memory can run there"),
        _Zero("power_w", "nothing that draws power can run there"),
        _Zero("vcpu_price_month", "vCPUs there cost nothing"),
        _Zero("memory_price_gib_month", "host memory there costs nothing"),
        _Zero("power_price_kwh", "energy there costs nothing"),
        _Zero("pools.price_month", "its cards cost nothing"),
    ),
    "links": (_Zero("price_gbps_month", "traffic over it costs nothing"),),
    "profiles": (
        _Zero("memory_mib", "it is taken to need no memory of a card"),
        _Zero("vcpu_milli", "it is taken to need no vCPU"),
        _Zero("host_memory_mib", "it is taken to need no host memory"),
        _Zero("power_w", "it is taken to draw no power"),
    ),
}
#: Numbers whose 0 means that there is nothing to say, by kind: a length for people, a shard of any size.
HARMLESS = {"links": {"length_m"}, "workloads": {"shard_devices"}}


def silences(entities: Mapping[str, Sequence[Entity]]) -> tuple[Silence, ...]:
    """What entities (by kind) do not say and are taken to be 0 for, one warning a field.

    What a merge left as it was counts as said. A node without any compute, which only carries traffic, is told of once.
    """
    found: list[Silence] = []
    for kind, zeros in ZEROS.items():
        values = entities.get(kind, ())
        if kind == "nodes":
            bare = [entity.id for entity in values if isinstance(entity, Node) and _carries_only(entity)]
            if bare:
                found.append(
                    _told("nodes.vcpu", bare, "say nothing of cards, vCPUs, memory and power", "nothing can run there")
                )
            values = [entity for entity in values if isinstance(entity, Node) and not _carries_only(entity)]
        for zero in zeros:
            silent = [entity.id for entity in values if _silent(entity, zero.field)]
            if silent:
                name = zero.field.replace("pools.", "the ") if "." in zero.field else zero.field
                of = " of a pool" if "." in zero.field else ""
                found.append(
                    _told(f"{kind}.{zero.field}", silent, f"say nothing of {name}{of}, so 0 is taken", zero.follows)
                )
    return tuple(found)


def _carries_only(node: Node) -> bool:
    """Whether a node says nothing of compute at all."""
    return not node.pools and not {"pools", "vcpu", "memory_mib", "power_w"} & node.model_fields_set


def _silent(entity: Entity, field: str) -> bool:
    within, _, name = field.rpartition(".")
    if within:
        return any(
            isinstance(part, Pool) and part.count and name not in part.model_fields_set for part in getattr(entity, within)
        )
    if field == "memory_mib" and getattr(entity, "accelerator", "a card") is None:
        return False  # a profile that takes no card needs none of its memory
    return field not in entity.model_fields_set


def _told(field: str, ids: Sequence[str], silence: str, follows: str) -> Silence:
    kind = field.partition(".")[0]
    if len(ids) == 1:
        who = f"{kind[:-1].capitalize()} {ids[0]!r} {silence.replace('say', 'says', 1)}"
    else:
        who = f"{len(ids):,} {kind} {silence}"
    return Silence(field=field, count=len(ids), ids=tuple(ids[:NAMED]), message=f"{who}: {follows}.")


def known_zeros() -> Iterator[tuple[str, str]]:
    """Every (kind, field) that is told of, or left untold on purpose."""
    told: Iterable[tuple[str, str]] = ((kind, zero.field) for kind, zeros in ZEROS.items() for zero in zeros)
    yield from told
    yield from ((kind, name) for kind, names in HARMLESS.items() for name in names)

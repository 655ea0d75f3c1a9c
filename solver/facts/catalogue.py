"""The catalogue: kinds of accelerators, and how fast each model runs on them."""

from __future__ import annotations

from dataclasses import dataclass

#: Fractions of an accelerator that one server may take, in thousandths. Each divides the next larger one,
#: so slices fill cards without waste exactly when their sum does not exceed the cards.
SLICES_PERMILLE = (1000, 500, 250, 125)


@dataclass(frozen=True, slots=True)
class Accelerator:
    """A kind of accelerator card. `max_slices` is how many isolated equal parts one card can be cut into."""

    id: str
    vendor: str
    vendor_country: str
    memory_mib: int
    power_w: int
    max_slices: int = 1


@dataclass(frozen=True, slots=True)
class Profile:
    """How fast one *server* of a model runs on one accelerator under one runtime.

    A server is `slice_permille` thousandths of a card (none for `accelerator` None, which runs on vCPUs alone),
    with `memory_mib` of card memory, `vcpu_milli`, `host_memory_mib` and `power_w`. `batches` is the curve
    (batch size, time of that batch in microseconds), sizes and times increasing, starting at size 1.
    """

    id: str
    model: str
    accelerator: str | None
    runtime: str
    batches: tuple[tuple[int, int], ...]
    memory_mib: int = 0
    slice_permille: int = 1000
    vcpu_milli: int = 0
    host_memory_mib: int = 0
    power_w: int = 0


@dataclass(frozen=True)
class Catalogue:
    """Kinds of accelerators, and how fast each model runs on them."""

    accelerators: tuple[Accelerator, ...]
    profiles: tuple[Profile, ...]

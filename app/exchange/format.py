"""What a format is: a name, what files of it are called, and how they are written and read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.errors import Fault
from app.schemas.documents import NetworkDocument
from app.schemas.wire import Wire


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file says, before anybody has judged it: :func:`app.world.examining.examine` does.

    Attributes
    ----------
    documents
        Document (`network`, `catalogue`, `policies`, `workloads`) -> its entities by kind, as JSON would say them.
    places
        Path of an entity or of one of its fields (`nodes[3].vcpu`) -> where in the file it stands (`sheet nodes, row 5`).
        What is not named stands where its path says.
    faults
        What in the file could not be read as the format says.
    """

    documents: Mapping[str, Mapping[str, Any]]
    places: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Format:
    """A form of files in which the network goes out or comes in.

    Attributes
    ----------
    name
        What it is called in addresses and on the command line: lower case letters and digits.
    title
        What people call it.
    media_type, suffix
        What its files are called, on the wire and on a disk.
    use
        What it is for, as a sentence.
    write
        The network as a file of this format. A function of a module, so that another process can find it.
    read
        What a file of this format says.
    schema
        The form of what is written, for the API's documentation, where it is JSON.
    """

    name: str
    title: str
    media_type: str
    suffix: str
    use: str
    write: Callable[[NetworkDocument], bytes] | None = None
    read: Callable[[bytes], Reading] | None = None
    schema: type[Wire] | None = None

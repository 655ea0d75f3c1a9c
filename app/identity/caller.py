"""Who does something, and on whose behalf. Decided once, before anything is read or written, and handed on from there."""

from __future__ import annotations

from dataclasses import dataclass

#: The most characters that the name of a tenant or an actor has.
NAME_LENGTH = 64


@dataclass(frozen=True, slots=True)
class Caller:
    """Who does something (`actor`), on behalf of whom (`tenant`). It can be pickled."""

    tenant: str
    actor: str


#: Whoever reaches the service: it asks nobody for a name, so all that may send it requests are one.
LOCAL = Caller("operator", "local")
#: The service itself: what it does unasked, as ending a solve, looking at what a new day has changed, keeping house.
SERVICE = Caller("operator", "service")

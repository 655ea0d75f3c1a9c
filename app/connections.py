"""The open connections of a server: how many there may be, of one client and of all, and which one gives way."""

from __future__ import annotations

import asyncio
import resource
from collections import Counter
from collections.abc import Mapping
from typing import Literal, Protocol, TypeAlias, get_args

import structlog

from app.errors import AppError, Busy, TooMany
from app.hosts import is_loopback
from app.settings import Settings

log = structlog.get_logger(__name__)

#: Why a connection was ended before its time.
Reason: TypeAlias = Literal[
    "address", "client", "full", "headers", "malformed", "room", "silent", "slow body", "slow headers", "stalled", "stopping"
]
REASONS: tuple[Reason, ...] = get_args(Reason)

#: Connections beyond the limit that are taken so that they can be told so.
SPARE = 64
#: File descriptors for everything that is no connection: the store's files, processes and pipes to them, logs.
DESCRIPTORS = 256
#: How long a connection without a request is left alone before another one may take its place.
SETTLED_SECONDS = 1.0


class Connection(Protocol):
    """What the limits of all connections know of one (:class:`app.protocol.Connection`)."""

    loop: asyncio.AbstractEventLoop
    #: Since when it reads what it reads, or is idle, on the clock of the loop.
    since: float

    @property
    def address(self) -> str:
        """The client's."""

    @property
    def idle(self) -> bool:
        """Whether nothing is being read or answered."""

    def look(self, now: float, passed: float) -> None:
        """End it if it keeps us waiting; `passed` is the time since the last look."""

    def end(self, reason: Reason) -> None:
        """Close it without a word."""


class Connections:
    """The open connections of one server. To be used from one event loop."""

    def __init__(self, settings: Settings, most: int) -> None:
        self.told = settings
        self.most = most
        self._all: set[Connection] = set()
        self._by_client: Counter[str] = Counter()
        self._looked: float | None = None
        self._ended: Counter[str] = Counter(dict.fromkeys(REASONS, 0))

    @property
    def open(self) -> int:
        """How many there are."""
        return len(self._all)

    @property
    def ended(self) -> Mapping[str, int]:
        """How many were ended before their time, by reason."""
        return self._ended

    def count(self, reason: Reason) -> None:
        """Note that a connection was ended before its time."""
        self._ended[reason] += 1

    def admit(self, new: Connection) -> AppError | None:
        """Take a new connection; answers why it can only be refused, if it can."""
        address = new.address
        self._all.add(new)
        self._by_client[address] += 1
        share = self.told.client_connections
        limited = share > 0 and (self.told.limit_loopback or not is_loopback(address))
        if limited and self._by_client[address] > share:
            return TooMany(f"At most {share} connections from one address are taken.")
        if len(self._all) > self.most and not self._make_room(new):
            return Busy(f"At most {self.most} connections are taken.")
        return None

    @property
    def overrun(self) -> bool:
        """Whether there are more than can even be told so."""
        return len(self._all) > self.most + SPARE

    def forget(self, gone: Connection) -> None:
        """A connection is there no longer."""
        if gone in self._all:
            self._all.remove(gone)
            self._by_client[gone.address] -= 1
            if not self._by_client[gone.address]:
                del self._by_client[gone.address]

    def look(self, now: float) -> None:
        """Look all of them over, and end those that keep us waiting."""
        passed = 0.0 if self._looked is None else now - self._looked
        self._looked = now
        for connection in list(self._all):
            try:
                connection.look(now, passed)
            except Exception:
                # A fault of ours with one client: it must not cost the others their service.
                log.exception("connection.broke")
                connection.end("malformed")

    def _make_room(self, new: Connection) -> bool:
        """End the connection that has been without a request for longest, if there is one."""
        now = new.loop.time()
        idle = [one for one in self._all if one.idle and now - one.since > SETTLED_SECONDS]
        if not idle:
            return False
        min(idle, key=lambda one: one.since).end("room")
        return True


def room_for(connections: int) -> int:
    """How many connections the descriptors of this process suffice for, once it is allowed as many as it may have."""
    wanted = connections + SPARE + DESCRIPTORS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    if soft != unlimited and soft < wanted:
        allowed = wanted if hard == unlimited else min(wanted, hard)
        if allowed > soft:
            resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
            log.info("descriptors.raised", before=soft, now=allowed)
            soft = allowed
    if soft == unlimited or soft >= wanted:
        return connections
    # With very few of them everything has to do with less, but a page alone opens six.
    room = max(1, soft - SPARE - DESCRIPTORS, (soft - SPARE) // 3)
    log.warning(
        "connections.fewer",
        wanted=connections,
        most=room,
        descriptors=soft,
        hint=f"`ulimit -n {wanted}` before the service is started gives it room for all",
    )
    return room

"""Who may ask from where: the checks that keep strange web pages out, and the headers that every answer carries.

A browser sends requests to this service for any page that is open in it. Three things tell such a request from one of a
person or a program. `Host` must be a name that this service is known by: with DNS rebinding, a page of a strange name
reaches this machine, but under that name. `Origin` and `Sec-Fetch-Site`, which no page can forge, must not be foreign where
something is to change. And bodies are JSON, which no form can send. Programs send neither header and are not concerned.

All this stands before everything else, polls included, so it has to be cheap.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.metrics import Metrics
from app.api.problems import answer
from app.errors import AppError, BadHost, ForeignOrigin, NotJson, UnknownHost
from app.hosts import Host, is_any, is_loopback, listened_at, read_host, read_origin, same_place, written

log = structlog.get_logger("app.request")

#: Methods that change nothing.
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

#: What an answer that is no page may do in a browser: nothing.
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"

#: Headers of every answer; one that an answer has already, as pages have a policy of their own, stays.
GUARDING: tuple[tuple[bytes, bytes], ...] = (
    (b"content-security-policy", DATA_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    # Not `no-referrer`: with that, browsers hide the origin of some requests from the very service they go to.
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
_GUARDING_NAMES = frozenset(name for name, _ in GUARDING)

#: What pages of listed origins may send, may read, and how long browsers remember that, in seconds.
_METHODS = b"GET, HEAD, POST, PUT, PATCH, DELETE"
_SENDS = b"Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, Prefer"
_READS = b"Edgeplan-Generation, ETag, Location, Preference-Applied, Retry-After"
_REMEMBER_SECONDS = b"600"

_SAME = frozenset({b"same-origin", b"none"})


class Guarded:
    """Refuses what strange pages send, and adds to every answer what browsers have to know."""

    def __init__(self, app: ASGIApp, bound: str, hosts: Iterable[str], origins: Collection[str], metrics: Metrics) -> None:
        self._app = app
        self._hosts = listened_at(bound) | frozenset(hosts)
        self._everywhere = is_any(bound)
        self._origins = frozenset(origins)
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked = _Asked(scope["headers"])
        listed = self._listed(asked.origins) if self._origins else None
        further = self._sharing(listed)

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _with(message.get("headers", ()), further)
            await send(message)

        refusal = self._refusal(scope, asked, listed)
        if refusal is not None:
            await self._refuse(refusal, scope, receive, guarded)
        elif listed is not None and scope["method"] == "OPTIONS" and asked.preflight:
            await _allow(guarded)
        else:
            await self._app(scope, receive, guarded)

    def _refusal(self, scope: Scope, asked: _Asked, listed: bytes | None) -> AppError | None:
        """Why a request is not carried out, if so."""
        host = read_host(asked.hosts[0].decode("latin-1")) if len(asked.hosts) == 1 else None
        if host is None:
            return BadHost("The request must name the host that it is for in one `Host` header.")
        if not self._known(host, scope):
            return UnknownHost(
                f"This service is not known as {host.name!r}. If it should be, start it with EDGEPLAN_HOSTS={host.name}."
            )
        if scope["method"] in SAFE:
            return None
        if listed is None and not _own(host, asked):
            return ForeignOrigin("A page of another origin may not change anything here.")
        if asked.has_body and not asked.is_json:
            return NotJson("The body must be JSON, and `Content-Type` must say so: application/json.")
        return None

    def _known(self, host: Host, scope: Scope) -> bool:
        """Whether this service is known by that host: as this machine, by its settings, or by the address reached."""
        if host.name in self._hosts or is_loopback(host.name):
            return True
        reached = scope.get("server") if self._everywhere else None
        found = read_host(f"[{reached[0]}]" if ":" in reached[0] else reached[0]) if reached else None
        return found is not None and found.name == host.name

    def _listed(self, origins: list[bytes]) -> bytes | None:
        """The origin that a request comes from, if that is one of the listed."""
        found = read_origin(origins[0].decode("latin-1")) if len(origins) == 1 else None
        return origins[0] if found is not None and written(*found) in self._origins else None

    def _sharing(self, listed: bytes | None) -> tuple[tuple[bytes, bytes], ...]:
        """The headers that let a page of a listed origin read an answer."""
        if not self._origins:
            return ()
        varies = (b"vary", b"Origin")
        if listed is None:
            return (varies,)
        return (varies, (b"access-control-allow-origin", listed), (b"access-control-expose-headers", _READS))

    async def _refuse(self, refusal: AppError, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        await answer(refusal, scope["path"])(scope, receive, send)
        seconds = time.perf_counter() - began
        self._metrics.answered(scope["method"], "refused", refusal.status, seconds)
        log.info("request", method=scope["method"], path=scope["path"], status=refusal.status, code=refusal.code)


class _Asked:
    """What the headers of a request say that matters here."""

    __slots__ = ("has_body", "hosts", "is_json", "origins", "preflight", "sites")

    def __init__(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        self.hosts: list[bytes] = []
        self.origins: list[bytes] = []
        self.sites: list[bytes] = []
        self.preflight = self.has_body = self.is_json = False
        for name, value in headers:
            if name == b"host":
                self.hosts.append(value)
            elif name == b"origin":
                self.origins.append(value)
            elif name == b"sec-fetch-site":
                self.sites.append(value)
            elif name == b"content-type":
                self.is_json = _is_json(value)
            elif name == b"transfer-encoding":
                self.has_body = True
            elif name == b"content-length":
                self.has_body = self.has_body or value.strip(b" 0") != b""
            elif name == b"access-control-request-method":
                self.preflight = True


def _own(host: Host, asked: _Asked) -> bool:
    """Whether a request comes from a page of this service, or from no page at all."""
    for value in asked.origins:
        found = read_origin(value.decode("latin-1"))
        if found is None or not same_place(*found, host):
            return False
    return all(site.lower() in _SAME for site in asked.sites)


def _is_json(content_type: bytes) -> bool:
    kind = content_type.partition(b";")[0].strip().lower()
    return kind == b"application/json" or (kind.startswith(b"application/") and kind.endswith(b"+json"))


def _with(headers: Iterable[tuple[bytes, bytes]], further: tuple[tuple[bytes, bytes], ...]) -> list[tuple[bytes, bytes]]:
    """The headers of an answer and those that guard it, each once."""
    own = list(headers)
    said = _GUARDING_NAMES.intersection(name.lower() for name, _ in own)
    return [*own, *(one for one in GUARDING if one[0] not in said), *further]


async def _allow(send: Send) -> None:
    """Tell a browser what a page of a listed origin may send."""
    headers = [
        (b"access-control-allow-methods", _METHODS),
        (b"access-control-allow-headers", _SENDS),
        (b"access-control-max-age", _REMEMBER_SECONDS),
    ]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})

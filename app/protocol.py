"""One connection: what a request may bring before its body, and how long anyone may keep us waiting.

The parser takes headers of any size and waits for them for ever, so each connection counts what it gets, and all of them
are looked over once a second. What is refused here is answered like any refusal (``application/problem+json``), as long as
no answer has been begun, and the connection is closed: what still comes is read and dropped for a moment, since a
connection that is closed on unread bytes takes the answer with it.
"""

from __future__ import annotations

import asyncio
from typing import Any, Literal

import httptools
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle
from uvicorn.server import ServerState

from app.api.limits import HEALTH
from app.api.problems import MEDIA_TYPE, answer, problem
from app.connections import Connections, Reason
from app.errors import AddressTooLong, AppError, Busy, HeadersTooLarge, NotReady, TooMany, TooSlow, Unreadable
from app.targets import TargetNamesHost

#: How long what still comes is dropped after an answer that did not wait for all of the body.
LINGER_SECONDS = 2.0
#: Requests that may follow on one connection before the answer to the first.
PIPELINED = 32
#: Bytes that frame one byte of a body in the smallest of chunks.
FRAME = 8


class _Refused(Exception):
    """Breaks off the parsing of a request that is refused."""


class Config(uvicorn.Config):
    """What uvicorn is told, and the connections that it hands to each of its protocols."""

    def __init__(self, app: Any, connections: Connections, **told: Any) -> None:
        super().__init__(app, http=Connection, **told)
        self.connections = connections


class Connection(TargetNamesHost):
    """One connection, with limits."""

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        assert isinstance(config, Config)
        self._house = config.connections
        self._told = config.connections.told
        #: What is being read: headers, a body, or nothing.
        self._reading: Literal["head", "body"] | None = None
        #: Since when that is so.
        self.since = self.loop.time()
        self._raw = self._fields = self._field_bytes = self._body_bytes = 0
        self._refusal: AppError | None = None
        self._reason: Reason = "malformed"
        self._stopping = False
        #: What is being answered, which is not what has been asked last.
        self._answering: RequestResponseCycle | None = None
        #: After this moment it is closed, whatever still comes.
        self._ends_at: float | None = None
        #: Since when so many bytes of an answer wait to be taken.
        self._left: tuple[float, int] | None = None

    @property
    def address(self) -> str:
        """The client's."""
        return self.client[0] if self.client else ""

    @property
    def idle(self) -> bool:
        """Whether nothing is being read or answered."""
        return self._reading is None and self._quiet and self._ends_at is None

    @property
    def _quiet(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        full = self._house.admit(self)
        if self._house.overrun:
            self.end("full")
        elif full is not None:
            self.app = _refusing(full, self.app)
            self._house.count("client" if isinstance(full, TooMany) else "full")

    def connection_lost(self, exc: Exception | None) -> None:
        self._house.forget(self)
        self._leave()
        super().connection_lost(exc)

    def eof_received(self) -> bool:  # type: ignore[override]
        """Nothing more is sent, though somebody may still listen: what has been asked is answered, if that has not begun."""
        if (
            self._reading is None
            and self._answering is not None
            and not self._quiet
            and not self._answering.response_started
        ):
            self.cycle.keep_alive = False
            return True
        self._leave()
        return False

    def _leave(self) -> None:
        """Nobody is there for what is being answered, and for what waits behind it."""
        self.pipeline.clear()
        if self._answering is not None and not self._answering.response_complete:
            self._answering.disconnected = True
            self._answering.message_event.set()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def data_received(self, data: bytes) -> None:
        """Parse what has come, unless the connection is only being emptied."""
        if self._refusal is not None or self.parser is None:
            return
        self._unset_keepalive_if_required()
        if self._reading is None and self._quiet:
            self._begin("head")
        try:
            self.parser.feed_data(data)
            self._weigh(len(data))
        except httptools.HttpParserUpgrade:
            # Nothing else is spoken here, and whoever asks for it may be answered in HTTP/1.1.
            return
        except (httptools.HttpParserError, _Refused):
            self._refuse(self._refusal or Unreadable("This is not an HTTP/1.1 request."), self._reason)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._begin("head")

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > self._told.max_url_bytes:
            self._break_off(
                AddressTooLong(f"At most {self._told.max_url_bytes} bytes of path and query are taken."), "address"
            )

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        self._fields += 1
        self._field_bytes += len(name) + len(value) + 4
        if self._fields > self._told.max_headers:
            self._break_off(HeadersTooLarge(f"At most {self._told.max_headers} headers are taken."), "headers")
        if self._field_bytes > self._told.max_header_bytes:
            self._break_off(self._too_large(), "headers")

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._begin("body")
        if len(self.pipeline) > PIPELINED:
            self._break_off(Busy(f"At most {PIPELINED} requests may wait on one connection."), "client")

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._reading = None
        self._ends_at = None
        self.since = self.loop.time()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        if self._refusal is not None and self._reading == "body" and len(self.pipeline) == 1:
            # All before it is answered, and this is the answer to what cannot be read.
            self.pipeline.clear()
            if not self.transport.is_closing():
                self._tell(self._refusal)
            return
        super().on_response_complete()
        self.since = self.loop.time()
        if self._reading == "body" and self._quiet:
            # The answer did not wait for the body. What is left of it may come, for a moment.
            self._ends_at = self.since + LINGER_SECONDS

    def shutdown(self) -> None:
        """The service stops: answer what is being made, and end everything else now."""
        self._stopping = True
        if self._refusal is not None:
            if self._quiet or self._ends_at is not None:
                self.transport.abort()
        elif self._reading == "body" and not self._quiet:
            self._refuse(NotReady("The service is stopping."), "stopping")
        else:
            super().shutdown()

    def look(self, now: float, passed: float) -> None:
        """End the connection if it keeps us waiting; `passed` is the time since the last look."""
        if self._ends_at is not None and now > self._ends_at:
            self.transport.abort()
        elif self._stalls(now):
            self.end("stalled")
        elif self._refusal is not None:
            # It has been told, or will be when its turn comes; what it still sends is not waited for.
            return
        elif self._reading == "head":
            if now - self.since > self._told.header_seconds:
                self._refuse(TooSlow(f"The headers did not arrive within {self._told.header_seconds:g} s."), "slow headers")
        elif self._reading == "body":
            self._look_at_body(now, passed)
        elif self.cycle is None and now - self.since > self._told.header_seconds:
            self.end("silent")

    def end(self, reason: Reason) -> None:
        """Close the connection without a word."""
        self._house.count(reason)
        self._house.forget(self)
        self.transport.abort()

    def _look_at_body(self, now: float, passed: float) -> None:
        if self.flow.read_paused:
            # It is we who do not read on.
            self.since += passed
            return
        told = self._told
        if now > self.since + told.body_seconds + self._body_bytes / told.min_bytes_per_second:
            self._refuse(
                TooSlow(
                    f"{self._body_bytes} bytes of the body arrived in {now - self.since:.0f} s. It may take "
                    f"{told.body_seconds:g} s, and a second more for each {told.min_bytes_per_second} bytes."
                ),
                "slow body",
            )

    def _stalls(self, now: float) -> bool:
        """Whether an answer is there to be taken, and is not."""
        size = self.transport.get_write_buffer_size()
        waits = self.flow.write_paused or self._quiet or self.transport.is_closing()
        if not size or not waits:
            self._left = None
        elif self._left is None:
            self._left = now, size
        elif now - self._left[0] > self._told.stall_seconds:
            taken = self._left[1] - size
            if taken < self._told.stall_seconds * self._told.min_bytes_per_second:
                return True
            self._left = now, size
        return False

    def pause_writing(self) -> None:
        self._left = None
        super().pause_writing()

    def _begin(self, what: Literal["head", "body"]) -> None:
        if what == "head" and self._reading != "head":
            self._fields = self._field_bytes = self._raw = 0
        if what == "body":
            self._body_bytes = self._raw = 0
        if self._reading != what:
            self._reading = what
            self.since = self.loop.time()

    def _weigh(self, size: int) -> None:
        """Count what has come beside the bodies: the parser keeps a header that has no end yet, and looks for chunks in
        whatever stands between them."""
        self._raw += size
        beside = self._raw - (FRAME + 1) * self._body_bytes
        if self._reading is not None and beside > self._told.max_header_bytes + self._told.max_url_bytes:
            self._refusal, self._reason = self._too_large(), "headers"
            raise _Refused

    def _too_large(self) -> HeadersTooLarge:
        return HeadersTooLarge(f"At most {self._told.max_header_bytes} bytes of headers are taken.")

    def _break_off(self, refusal: AppError, reason: Reason) -> None:
        self._refusal, self._reason = refusal, reason
        raise _Refused

    def _refuse(self, refusal: AppError, reason: Reason) -> None:
        """Answer the request that is being read with a refusal, and close the connection."""
        self._house.count(reason)
        self._refusal = refusal
        if not self._quiet:
            if self.pipeline or self._reading != "body":
                # It would be taken for the answer to a request before it.
                self.cycle.keep_alive = False
                return
            begun = self.cycle.response_started
            self.cycle.disconnected = True
            self.cycle.message_event.set()
            if begun:
                self.transport.abort()
                return
        self._tell(refusal)

    def _tell(self, refusal: AppError) -> None:
        """Write a refusal, after which nothing more is read."""
        self._unset_keepalive_if_required()
        self._ends_at = self.loop.time() + LINGER_SECONDS
        body = problem(refusal, self._path()).model_dump_json().encode()
        headers = [
            *self.server_state.default_headers,
            (b"content-type", MEDIA_TYPE.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        if refusal.retry_after is not None:
            headers.append((b"retry-after", str(refusal.retry_after).encode()))
        lines = [name + b": " + value + b"\r\n" for name, value in headers]
        self.transport.write(b"".join([STATUS_LINE[refusal.status], *lines, b"\r\n", body]))
        self.flow.resume_reading()
        if self.transport.can_write_eof():
            self.transport.write_eof()
        if self._stopping:
            # Nobody looks the connections over any more.
            self.transport.close()

    def _path(self) -> str:
        """The path of the request that is being read, as far as it is known."""
        path = bytes(getattr(self, "url", b"") or b"").partition(b"?")[0]
        return path[: self._told.max_url_bytes].decode("ascii", "replace") or "/"


def _refusing(refusal: AppError, app: Any) -> Any:
    """An application that refuses everything but a question whether the service is alive."""

    async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] in HEALTH:
            await app(scope, receive, send)
        else:
            await answer(refusal, scope["path"], {"Connection": "close"})(scope, receive, send)

    return refuse

"""A server that says what a test has written down, and keeps what it was asked: for the ways a service can be broken."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Asked:
    """One request."""

    path: str
    headers: dict[str, str]


@dataclass
class Said:
    """One answer. A stream is left open, or cut off, when all has been said."""

    status: int = 200
    body: bytes = b""
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False


#: What to answer, from a request and how many there were before it.
Script = Callable[[Asked, int], Said]


def as_json(value: Any, status: int = 200, **headers: str) -> Said:
    """An answer in JSON."""
    return Said(status, json.dumps(value).encode(), headers=headers)


@contextmanager
def scripted(script: Script) -> Iterator[tuple[str, list[Asked]]]:
    """The address of a server that follows a script, and what it has been asked."""
    asked: list[Asked] = []
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            request = Asked(self.path, {name.lower(): value for name, value in self.headers.items()})
            said = script(request, len(asked))
            asked.append(request)
            self.send_response(said.status)
            self.send_header("Content-Type", said.kind)
            for name, value in said.headers.items():
                self.send_header(name, value)
            if said.kind == "text/event-stream":
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                self.wfile.write(b"%x\r\n%s\r\n" % (len(said.body), said.body))
                self.wfile.flush()
                if not said.cut:
                    over.wait(60)
                self.close_connection = True
                return
            self.send_header("Content-Length", str(len(said.body)))
            self.end_headers()
            self.wfile.write(said.body)

        do_POST = do_PUT = do_DELETE = do_GET

        def log_message(self, format: str, *args: Any) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", asked
        finally:
            over.set()
            server.shutdown()
            thread.join()


def event(id: int, type: str = "node.failed", **more: Any) -> dict[str, Any]:
    """An event."""
    body = {
        "id": id,
        "at": "2026-11-22T20:00:00Z",
        "type": type,
        "severity": "info",
        "generation": 1,
        "plan": None,
        "node": "hub",
        "detail": {},
    }
    return body | more


def stream(*events: dict[str, Any], cut: bool = False) -> Said:
    """Server-sent events."""
    body = b"".join(f"id: {one['id']}\nevent: {one['type']}\ndata: {json.dumps(one)}\n\n".encode() for one in events)
    return Said(200, b"retry: 2000\n\n" + body, "text/event-stream", cut=cut)

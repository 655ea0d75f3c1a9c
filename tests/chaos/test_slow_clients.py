"""Clients that connect and say nothing, say it slowly, or do not listen: the others are served, and none of them stays."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from app.connections import SETTLED_SECONDS
from tests.chaos.scenes import tell
from tests.chaos.services import Process, running

#: What the service may have open at once, and how many say nothing: more than that.
DESCRIPTORS, SILENT = 256, 400
#: How many of each of the others.
SLOW = 15


def connected(port: int, said: bytes) -> socket.socket:
    """A client that has said this, and does not go on by itself."""
    line = socket.create_connection(("127.0.0.1", port), timeout=120)
    line.sendall(said)
    return line


def drip(lines: list[socket.socket], what: bytes) -> None:
    """Each says a little more, unless it was hung up on."""
    for line in lines:
        try:
            line.sendall(what)
        except OSError:
            continue


@pytest.mark.parametrize(
    "seconds",
    [pytest.param(5, marks=pytest.mark.slow, id="short"), pytest.param(25, marks=pytest.mark.chaos, id="long")],
)
@pytest.mark.timeout(900)
def test_slow_and_silent_clients_keep_nobody_out(tmp_path: Path, seconds: int) -> None:
    service = Process(tmp_path, run_jobs="false", descriptors=DESCRIPTORS)
    with running(service):
        tell(service)
        port, host = service.port, f"Host: 127.0.0.1:{service.port}\r\n".encode()
        headers = [connected(port, b"GET /healthz HTTP/1.1\r\n" + host) for _ in range(SLOW)]
        bodies = [
            connected(port, b"POST /v1/sites HTTP/1.1\r\n" + host + b"Content-Length: 1000\r\n\r\n{") for _ in range(SLOW)
        ]
        deaf = [connected(port, b"GET /v1/events HTTP/1.1\r\n" + host + b"\r\n") for _ in range(SLOW)]
        silent = [connected(port, b"") for _ in range(SILENT)]
        # Who has just come is given a moment to say something; then whoever is silent gives way.
        time.sleep(SETTLED_SECONDS + 0.5)
        longest = 0.0
        for _ in range(seconds):
            drip(headers, b"X: y\r\n")
            drip(bodies, b" ")
            began = time.monotonic()
            assert service.get("/healthz")[0] == 200
            status, answer = service.ask("PATCH", "/v1/links/n0-n1", {"note": str(began)})
            assert status == 200, answer["detail"]
            longest = max(longest, time.monotonic() - began)
            time.sleep(0.5)
        for line in (*headers, *bodies, *deaf, *silent):
            line.close()
        assert service.get("/readyz")[0] == 200
    print(
        f"beside {SILENT} silent and {3 * SLOW} slow clients at {DESCRIPTORS} descriptors "
        f"two requests took {longest:.2f} s at most"
    )

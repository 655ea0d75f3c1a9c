"""Slow, silent, greedy and malformed clients: each is told so where it can be, and none of them keeps the others out."""

from __future__ import annotations

import json
import re
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

import app
from app.connections import DESCRIPTORS, SPARE, room_for
from app.settings import Settings
from tests.app import world
from tests.app.conftest import load, refused
from tests.app.serving import PATIENCE, Listener, Served, served, until

GET = b"GET /v1/nodes HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture
def strict(settings: Settings) -> Settings:
    """Little patience and room."""
    return settings.model_copy(
        update={
            "run_jobs": False, "header_seconds": 0.3, "body_seconds": 0.3, "min_bytes_per_second": 10_000,
            "stall_seconds": 0.3, "max_url_bytes": 200, "max_headers": 20, "max_header_bytes": 2000,
        }
    )  # fmt: skip


@dataclass
class Answer:
    """An answer as it came over the line, and whether the connection was closed after it."""

    status_code: int
    headers: httpx.Headers
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


@contextmanager
def line(service: Served) -> Iterator[socket.socket]:
    """A bare connection."""
    host, _, port = service.base.removeprefix("http://").rpartition(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as open_line:
        yield open_line


def whole(open_line: socket.socket) -> bytes:
    """Everything that comes until the other side closes."""
    found = b""
    while piece := open_line.recv(65_536):
        found += piece
    return found


def parsed(text: bytes) -> Answer:
    head, _, body = text.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = httpx.Headers([tuple(one.split(": ", 1)) for one in lines])  # type: ignore[misc]
    return Answer(int(first.split()[1]), headers, body)


def closed_with(text: bytes, status: int, code: str) -> None:
    """A refusal, which says that the connection closes, and nothing after it."""
    answer = parsed(text)
    refused(answer, status, code)
    assert answer.headers["connection"] == "close"
    assert len(answer.body) == int(answer.headers["content-length"])


def is_well(service: Served) -> None:
    assert service.client.get("/healthz").status_code == 200
    assert service.client.get("/v1/nodes").status_code == 200


def dribble(open_line: socket.socket, piece: bytes) -> bytes:
    """Send a little again and again until the other side has had enough; and what it said."""
    open_line.settimeout(0.02)
    found = b""
    while True:
        try:
            heard = open_line.recv(65_536)
            if not heard:
                return found
            found += heard
        except TimeoutError:
            pass
        try:
            open_line.sendall(piece)
        except (BrokenPipeError, ConnectionResetError):
            return found


def test_what_is_too_much_before_the_body_is_refused(strict: Settings) -> None:
    many = b"".join(b"X-%d: 1\r\n" % i for i in range(30))
    chunked = b"POST /v1/nodes HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    with served(strict.model_copy(update={"header_seconds": 60, "body_seconds": 60})) as service:
        for sent, status, code in (
            (b"GET /v1/nodes?" + b"x" * 300 + b" HTTP/1.1\r\n", 414, "address.too_long"),
            (GET + many, 431, "headers.too_large"),
            (GET + b"X: " + b"x" * 3000 + b"\r\n", 431, "headers.too_large"),
            # A header without an end, which the parser would keep.
            (GET + b"X: " + b"x" * 3_000_000, 431, "headers.too_large"),
            (b"\r\n" * 10_000, 431, "headers.too_large"),
            (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, "body.unreadable"),
            (b"GET nowhere HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, "body.unreadable"),
            # What follows the last chunk is headers, too.
            (chunked + b"0\r\nX: " + b"x" * 300_000, 431, "headers.too_large"),
        ):
            with line(service) as client:
                client.sendall(sent)
                closed_with(whole(client), status, code)
        is_well(service)


def test_who_sends_too_slowly_is_told_so(strict: Settings) -> None:
    post = b"POST /v1/nodes HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
    with served(strict) as service:
        for beginning in (GET + b"X: ", post):
            with line(service) as client:
                client.sendall(beginning)
                said = dribble(client, b"x")
                closed_with(said, 408, "request.too_slow")
        with line(service) as client:
            # Nothing was asked, so nothing is answered.
            assert whole(client) == b""
        is_well(service)
        told = service.client.get("/metrics").text
        for reason in ("slow headers", "slow body", "silent"):
            assert f'edgeplan_connections_ended_total{{reason="{reason}"}} 1.0' in told


def test_who_stays_after_a_refusal_is_refused_once_and_hurts_nobody(strict: Settings) -> None:
    post = b"POST /v1/nodes HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
    lingers = strict.model_copy(update={"header_seconds": 0.1, "body_seconds": 0.1})
    with served(lingers) as service:
        connections = service.app.state.metrics._connections.connections
        with ExitStack() as open_lines:
            for beginning in (GET + b"X: ", post, GET + b"\r\n" + GET + b"X: ", b"\x16\x03\x01"):
                client = open_lines.enter_context(line(service))
                client.sendall(beginning)
            # They stay, and neither read nor close, until they are hung up on.
            until(lambda: connections.open == 4)
            until(lambda: connections.open == 0)
            is_well(service)
        told = service.client.get("/metrics").text
        for reason, times in (("slow headers", 2), ("slow body", 1), ("malformed", 1)):
            assert f'edgeplan_connections_ended_total{{reason="{reason}"}} {times:.1f}' in told


def test_a_body_that_keeps_coming_gets_its_time(strict: Settings) -> None:
    with served(strict.model_copy(update={"min_bytes_per_second": 10})) as service, line(service) as client:
        body = json.dumps(world.SITES[0]).encode()
        client.sendall(
            b"POST /v1/sites HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n"
            b"Content-Length: %d\r\n\r\n" % len(body)
        )
        client.settimeout(0.02)
        for i in range(0, len(body) - 4, 4):
            client.sendall(body[i : i + 4])
            with pytest.raises(TimeoutError):
                client.recv(1)
        client.settimeout(PATIENCE)
        client.sendall(body[i + 4 :])
        assert parsed(whole(client)).status_code == 201


def test_who_has_asked_all_and_still_listens_is_answered(strict: Settings) -> None:
    with served(strict) as service:
        for sent, answers in ((GET + b"\r\n", 1), ((GET + b"\r\n") * 3, 3)):
            with line(service) as client:
                client.sendall(sent)
                client.shutdown(socket.SHUT_WR)
                assert whole(client).count(b"HTTP/1.1 200") == answers
        is_well(service)


def test_a_stream_ends_when_its_listener_leaves_and_is_no_fault_of_the_service(
    strict: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    ask = b"GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with served(strict) as service:
        connections = service.app.state.metrics._connections.connections
        for leave in (lambda client: client.shutdown(socket.SHUT_WR), lambda client: client.close()):
            for behind in (b"", GET + b"\r\n"):
                with line(service) as client:
                    client.sendall(ask + behind)
                    assert client.recv(100).startswith(b"HTTP/1.1 200")
                    leave(client)
                    until(lambda: connections.open == 0)
        is_well(service)
        assert service.client.post("/v1/sites", json={"id": "heard", "kind": "factory"}).status_code in (201, 422)
        is_well(service)
    assert not [said.getMessage() for said in caplog.records if said.levelname in ("ERROR", "CRITICAL")]


def test_who_takes_no_answer_is_left(strict: Settings) -> None:
    with served(strict) as service:
        with line(service) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            # More answers than the buffers of both sides hold.
            client.sendall((b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n") * 30)
            until(lambda: 'reason="stalled"} 1.0' in service.client.get("/metrics").text)
        is_well(service)


def test_an_answer_that_does_not_wait_for_the_body_ends_the_connection_soon(strict: Settings) -> None:
    told = strict.model_copy(update={"max_body_bytes": 1024, "body_seconds": 600})
    with served(told) as service, line(service) as client:
        client.sendall(
            b"PUT /v1/network HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Type: application/json\r\nContent-Length: 100000000\r\n\r\n"
        )
        refused(parsed(whole(client)), 413, "body.too_large")


def test_what_is_sent_ahead_is_answered_in_order_or_not_at_all(strict: Settings) -> None:
    with served(strict.model_copy(update={"header_seconds": 60})) as service:
        with line(service) as client:
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" * 3 + b"garbage\r\n\r\n")
            said = whole(client)
        assert said.count(b'{"status":"ok"}') <= 3
        assert said.startswith((b"HTTP/1.1 200", b"HTTP/1.1 400"))
        with line(service) as client:
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" * 500)
            whole(client)
        is_well(service)


def test_a_body_behind_another_request_gets_its_time(strict: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.protocol.LINGER_SECONDS", 0.1)
    body = json.dumps(world.SITES[0]).encode()
    with served(strict.model_copy(update={"body_seconds": 60})) as service, line(service) as client:
        client.sendall(
            b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
            b"POST /v1/sites HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n"
            b"Content-Length: %d\r\n\r\n" % len(body)
        )
        # The connections are looked over a few times.
        time.sleep(1.5)
        client.sendall(body)
        said = whole(client)
        assert said.startswith(b"HTTP/1.1 200")
        assert said.count(b"HTTP/1.1 201") == 1


def test_a_request_behind_another_is_told_why_it_cannot_be_read(strict: Settings) -> None:
    post = b"POST /v1/sites HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    with served(strict) as service:
        for ahead in (1, 3):
            with line(service) as client:
                client.sendall((GET + b"\r\n") * ahead + post + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n")
                said = whole(client)
            assert said.count(b"HTTP/1.1 200") == ahead
            closed_with(said[said.rindex(b"HTTP/1.1 400") :], 400, "body.unreadable")


def test_a_stop_lets_an_answer_end_that_others_wait_behind(strict: Settings) -> None:
    post = b"POST /v1/sites HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
    stream = b"GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with ExitStack() as lines:
        with served(strict.model_copy(update={"body_seconds": 60})) as service:
            behind, broken = (lines.enter_context(line(service)) for _ in range(2))
            behind.sendall(stream + post)
            broken.sendall(stream + b"garbage\r\n\r\n")
            for client in (behind, broken):
                while b": listening" not in client.recv(65_536):
                    pass
            for connection in list(service.app.state.metrics._connections.connections._all):
                # Told to end before the stream has ended.
                connection.loop.call_soon_threadsafe(connection.shutdown)
            is_well(service)
        ended = b"0\r\n\r\n"
        _, _, refusal = whole(behind).partition(ended)
        closed_with(refusal, 503, "not_ready")
        assert whole(broken).endswith(ended)


def test_silent_connections_give_way(strict: Settings) -> None:
    told = strict.model_copy(update={"max_connections": 5, "header_seconds": 600})
    with served(told) as service, ExitStack() as lines:
        for _ in range(5):
            lines.enter_context(line(service))
        until(lambda: service.app.state.metrics._connections.connections.open >= 5)
        # Not at once: they may be about to ask. A client that is refused comes back.
        until(lambda: _asked(service, "/v1/nodes") == 200)
        for _ in range(3):
            lines.enter_context(line(service))
        assert _asked(service, "/healthz") == 200


def test_beyond_the_last_connection_only_health_is_answered(strict: Settings) -> None:
    told = strict.model_copy(update={"max_connections": 3, "header_seconds": 600})
    with served(told) as service:
        load(service.client)  # type: ignore[arg-type]
        service.client.close()
        with ExitStack() as listening:
            for _ in range(3):
                listening.enter_context(Listener(service.base))
            with httpx.Client(base_url=service.base, timeout=60) as client:
                answer = client.get("/v1/nodes")
                refused(answer, 503, "busy")
                assert answer.headers["connection"] == "close"
                assert answer.headers["retry-after"]
                assert client.get("/healthz").status_code == 200
        until(lambda: _asked(service, "/v1/nodes") == 200)


def test_one_client_gets_its_share_of_connections(strict: Settings) -> None:
    told = strict.model_copy(update={"client_connections": 2, "limit_loopback": True, "header_seconds": 600})
    with served(told) as service:
        with ExitStack() as lines:
            for _ in range(2):
                lines.enter_context(line(service))
            until(lambda: service.app.state.metrics._connections.connections.open == 2)
            answer = httpx.get(f"{service.base}/v1/nodes", timeout=60)
            refused(answer, 429, "client.too_many")
            assert httpx.get(f"{service.base}/healthz", timeout=60).status_code == 200
        until(lambda: _asked(service, "/v1/nodes") == 200)
    with served(told.model_copy(update={"limit_loopback": False})) as service, ExitStack() as lines:
        for _ in range(5):
            lines.enter_context(line(service))
        is_well(service)


def test_one_client_gets_its_share_of_requests(strict: Settings) -> None:
    told = strict.model_copy(update={"client_requests_per_second": 0.01, "limit_loopback": True})
    with served(told) as service:
        assert service.client.get("/v1/nodes").status_code == 200
        answer = service.client.get("/v1/nodes")
        refused(answer, 429, "client.too_many")
        assert 1 < int(answer.headers["retry-after"]) <= 100
        assert service.client.get("/healthz").status_code == 200
    with served(told.model_copy(update={"limit_loopback": False})) as service:
        for _ in range(3):
            is_well(service)


def _asked(service: Served, path: str) -> int:
    """The status of an answer over a connection of its own."""
    return httpx.get(service.base + path, timeout=PATIENCE).status_code


def test_a_stop_does_not_wait_for_connections(strict: Settings) -> None:
    patient = strict.model_copy(update={"header_seconds": 600, "body_seconds": 600})
    with ExitStack() as lines:
        with served(patient) as service:
            silent, begun, half = (lines.enter_context(line(service)) for _ in range(3))
            begun.sendall(GET)
            half.sendall(b"POST /v1/nodes HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n")
            half.sendall(b"Content-Length: 100\r\n\r\n{")
            connections = service.app.state.metrics._connections.connections
            until(lambda: connections.open >= 3)
            is_well(service)
        assert whole(silent) == whole(begun) == b""
        closed_with(whole(half), 503, "not_ready")


def test_as_many_connections_are_taken_as_there_are_descriptors_for() -> None:
    beside = SPARE + DESCRIPTORS
    cases = {
        (600, 700, 100): [100, 600],
        (400, 700, 300): [300, 300 + beside],
        (400, 700, 3000): [700 - beside, 700],
        # Fewer than are set aside for all else: a share of them, not a single one.
        (256, 256, 3000): [64, 256],
    }
    # All in one process, since it takes long to start: what a process may have at most is only ever lowered.
    code = (
        "import json, resource\n"
        "from app.connections import room_for\n"
        "found = []\n"
        f"for soft, hard, wanted in {list(cases)}:\n"
        "    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))\n"
        "    found.append([room_for(wanted), resource.getrlimit(resource.RLIMIT_NOFILE)[0]])\n"
        "print(json.dumps(found))"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, timeout=300, text=True).stdout
    found = json.loads(printed.splitlines()[-1])
    assert found == list(cases.values())
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert room_for(1) == 1 or soft < beside


def test_the_limits_are_documented_as_they_are() -> None:
    text = (Path(app.__file__).parents[1] / "docs" / "operations.md").read_text()
    table = text.partition("## What the service takes")[2]
    told: dict[str, str] = {}
    for row in re.findall(r"^\| (`[A-Z_]+`[^|]*)\|([^|]*)\|", table, re.MULTILINE):
        names, defaults = re.findall(r"`([A-Z_]+)`", row[0]), row[1].strip().split(", ")
        told |= {name.lower(): default for name, default in zip(names, defaults, strict=True)}
    assert len(told) > 15
    for name, default in told.items():
        known = Settings.model_fields[name].default
        assert default == (str(known).lower() if isinstance(known, bool) else f"{known:g}"), name

"""Whatever is sent, the service answers in its own words and goes on."""

from __future__ import annotations

import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.app.published import openapi_document
from tests.chaos import world
from tests.chaos.fuzz import Maker, fire
from tests.chaos.services import Process, running


class Broken(BaseHTTPRequestHandler):
    """A service that has all the faults that are looked for, one for each method."""

    def do_GET(self) -> None:
        self._answer(500, "application/problem+json", b'{"status": 500, "code": "internal"}')

    def do_PUT(self) -> None:
        self._answer(422, "text/plain", b"No.")

    def do_PATCH(self) -> None:
        self._answer(422, "application/problem+json", b'{"status": 400, "code": "invalid"}')

    def do_DELETE(self) -> None:
        self._answer(409, "application/problem+json", b"{")

    def do_POST(self) -> None:
        """Nobody answers."""
        self.close_connection = True

    def _answer(self, status: int, form: str, body: bytes) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(status)
        self.send_header("Content-Type", form)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""


def test_each_fault_of_a_broken_service_is_found() -> None:
    document = openapi_document()
    with ThreadingHTTPServer(("127.0.0.1", 0), Broken) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        outcome = fire(server.server_port, Maker(document, {"nodes": ["n"]}, 1).shots(150), 2)
        server.shutdown()
        thread.join()
    found = {(kind, method) for kind, method, *_ in outcome.faults}
    assert found >= {
        ("answer.broke", "GET"), ("answer.form", "PUT"), ("answer.form", "PATCH"), ("answer.form", "DELETE"),
        ("answer.none", "POST"),
    }  # fmt: skip


#: Requests that are sent at once.
THREADS = 4


@pytest.mark.parametrize(
    ("seed", "count"),
    [
        pytest.param(1, 600, marks=[pytest.mark.slow], id="short"),
        pytest.param(2, 10_000, marks=[pytest.mark.chaos, pytest.mark.timeout(1800)], id="long"),
    ],
)
def test_no_request_breaks_the_service_or_its_answers(tmp_path: Path, seed: int, count: int) -> None:
    service = Process(tmp_path, run_jobs="false", max_wait_seconds="0", log_level="warning")
    with running(service):
        for name, document in world.DOCUMENTS:
            assert service.ask("PUT", f"/v1/{name}", document)[0] == 200
        known = {kind: list(members) for kind, members in world.entities().items()}
        known["plans"] = [service.ask("POST", "/v1/plans", world.request("w1"))[1]["id"]]
        document = service.get("/openapi.json")[1]
        count = int(os.environ.get("CHAOS_COUNT", count))
        outcome = fire(service.port, Maker(document, known, seed).shots(count), THREADS)
        assert service.get("/healthz")[0] == 200
        assert service.alive
        print(f"{count} hostile requests: {dict(outcome.statuses)}; {sum(outcome.times.values())} faults")
    said = [f"{outcome.times[kind]} x {found}" for kind, found in sorted(outcome.faults.items(), key=str)]
    assert not said, "\n".join(said[:60])

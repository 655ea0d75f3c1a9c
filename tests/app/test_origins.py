"""No page of another site gets in through a browser: by its name, by its requests, or by what it can read."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError

from app.api.origins import DATA_POLICY
from app.api.polling import POLLED
from app.main import create_app
from app.settings import Settings
from tests.app import world
from tests.app.conftest import load, refused
from tests.app.serving import Served, served

EVIL = "https://evil.example"
NOC = "https://noc.example.net"

#: One path of each kind: of routes, polls, streams, files, those without a route, and what no person asks for.
PATHS = [
    "/v1/nodes", "/v1/nodes/hub", "/v1/map", "/v1/events", "/v1/events/log", "/metrics", "/healthz", "/readyz",
    "/openapi.json", "/docs", "/", "/assets/part-1a2b.js", "/nowhere",
]  # fmt: skip

KNOWN = [
    "localhost", "localhost:8000", "LocalHost:8000", "localhost.", "localhost.:80", "127.0.0.1", "127.0.0.1:9", "127.8.0.1",
    "[::1]", "[::1]:8000", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "edgeplan.example.net", "Edgeplan.Example.NET.:443",
    "10.1.2.3:8000", "[2001:db8::1]", "[2001:DB8:0::1]:80", "testserver",
]  # fmt: skip
UNKNOWN = [
    "evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example", "evil-localhost", "10.1.2.4",
    "0.0.0.0", "[::]", "[2001:db8::2]", "xn--bcher-kva.example", "sub.edgeplan.example.net", "example.net", "2130706433",
]  # fmt: skip
NO_HOST = [
    "", " ", "localhost:x", "localhost:99999", "local host", "localhost,evil.example", "localhost/", "localhost#", "[::1",
    "::1", "a@localhost", "http://localhost", "localhost..", ".", "[localhost]", "b\u00fccher.example", "*",
]  # fmt: skip


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    (folder / "assets").mkdir()
    (folder / "index.html").write_text("<!doctype html><title>Dashboard</title>")
    (folder / "docs.html").write_text("<!doctype html><title>Documentation</title>")
    (folder / "assets" / "part-1a2b.js").write_text("export {};")
    return folder


@pytest.fixture(scope="module")
def told(bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(
        data_dir=tmp_path_factory.mktemp("var"),
        web_dir=bundle,
        run_jobs=False,
        log_level="error",
        hosts=("testserver", "edgeplan.example.net", "10.1.2.3", "2001:db8::1"),
        origins=(NOC, "http://10.1.2.3:3000"),
    )


@pytest.fixture(scope="module")
def guarded(told: Settings) -> Iterator[TestClient]:
    """A service that some hosts and origins are named to. Streams end at once."""
    with TestClient(create_app(told)) as client:
        load(client)
        client.app.state.context.broadcast.close()  # type: ignore[attr-defined]
        yield client


@pytest.fixture
def alone(settings: Settings) -> Iterator[TestClient]:
    """A service as it is without any setting."""
    with TestClient(
        create_app(settings.model_copy(update={"hosts": (), "run_jobs": False})), base_url="http://localhost"
    ) as it:
        load(it)
        yield it


# --- Host --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_answered_under_a_strange_name(guarded: TestClient, path: str) -> None:
    for method in ("GET", "HEAD", "OPTIONS", "POST"):
        answer = guarded.request(method, path, headers={"Host": "evil.example:8000"})
        assert answer.status_code == 421, (method, path)
    refused(guarded.get(path, headers={"Host": "evil.example:8000"}), 421, "host.unknown")


@pytest.mark.parametrize("host", KNOWN)
def test_known_hosts_are_answered_however_they_are_written(guarded: TestClient, host: str) -> None:
    assert guarded.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", UNKNOWN)
def test_other_hosts_are_not(guarded: TestClient, host: str) -> None:
    problem = refused(guarded.get("/healthz", headers={"Host": host}), 421, "host.unknown")
    assert "EDGEPLAN_HOSTS" in problem["detail"]


@pytest.mark.parametrize("host", NO_HOST)
def test_what_is_no_host_is_refused_as_such(guarded: TestClient, host: str) -> None:
    refused(guarded.get("/healthz", headers={"Host": host.encode()}), 400, "host.invalid")


def test_by_default_only_this_machine_and_the_address_listened_at_are_known(alone: TestClient) -> None:
    for host in ("localhost:8000", "127.0.0.1:8000", "[::1]:8000"):
        assert alone.get("/v1/nodes", headers={"Host": host}).status_code == 200
    for host in ("testserver", "10.1.2.3", "edgeplan.example.net"):
        refused(alone.get("/v1/nodes", headers={"Host": host}), 421, "host.unknown")


@pytest.mark.parametrize(
    ("bound", "reached", "host", "known"),
    [
        ("10.9.9.9", "10.9.9.9", "10.9.9.9:8000", True),
        ("Edge.local", "10.9.9.9", "edge.local", True),
        ("edge.local", "10.9.9.9", "10.9.9.9", False),
        ("2001:db8::9", "2001:db8::9", "[2001:db8:0::9]", True),
        ("0.0.0.0", "10.9.9.9", "10.9.9.9:8000", True),
        ("0.0.0.0", "10.9.9.9", "10.9.9.8:8000", False),
        ("0.0.0.0", "10.9.9.9", "evil.example", False),
        ("::", "2001:db8::9", "[2001:db8::9]", True),
        ("", "10.9.9.9", "10.9.9.9", True),
        ("127.0.0.1", "127.0.0.1", "0.0.0.0", False),
    ],
)
def test_where_it_listens_it_is_known(told: Settings, bound: str, reached: str, host: str, known: bool) -> None:
    base = f"http://[{reached}]" if ":" in reached else f"http://{reached}"
    client = TestClient(create_app(told.model_copy(update={"host": bound, "hosts": ()})), base_url=base)
    assert client.get("/healthz", headers={"Host": host}).status_code == (200 if known else 421)


def test_a_poll_that_finds_nothing_changed_asks_first_who_asks(guarded: TestClient) -> None:
    for path in POLLED:
        tag = guarded.get(path).headers["etag"]
        assert guarded.get(path, headers={"If-None-Match": tag}).status_code == 304
        strange = {"If-None-Match": tag, "Host": "evil.example"}
        refused(guarded.get(path, headers=strange), 421, "host.unknown")


def test_what_a_gateway_says_of_the_host_opens_nothing(guarded: TestClient) -> None:
    for name in ("X-Forwarded-Host", "Forwarded", "X-Original-Host", "X-Host"):
        answer = guarded.get("/healthz", headers={"Host": "evil.example", name: "host=localhost"})
        refused(answer, 421, "host.unknown")


@pytest.mark.parametrize("hosts", ["*", "http://a.example", "a.example:80", "a.example/x", "a b", "[::1"])
def test_a_setting_that_is_no_host_is_told_at_the_start(hosts: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGEPLAN_HOSTS", hosts)
    with pytest.raises(ValidationError, match="not the name or address of a host"):
        Settings()


def test_settings_are_lists_between_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGEPLAN_HOSTS", "Edge.Example.net., 10.1.2.3,2001:DB8::1 , [::2],b\u00fccher.example")
    monkeypatch.setenv("EDGEPLAN_ORIGINS", "https://NOC.example.net:443/, http://10.1.2.3:3000")
    found = Settings()
    assert found.hosts == ("edge.example.net", "10.1.2.3", "2001:db8::1", "::2", "xn--bcher-kva.example")
    assert found.origins == ("https://noc.example.net", "http://10.1.2.3:3000")
    monkeypatch.setenv("EDGEPLAN_HOSTS", "")
    assert Settings().hosts == ()


# --- what changes something ---------------------------------------------------------------------------------------------


def state(client: TestClient) -> str:
    found: str = client.get("/v1/nodes/hub").json()["state"]
    return found


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": EVIL},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://testserver:8000"},
        {"Origin": "http://testserver.evil.example"},
        {"Origin": "https://noc.example.net.evil.example"},
        {"Origin": "https://noc.example.net:8443"},
        {"Origin": "http://noc.example.net"},
        {"Origin": "file://"},
        {"Origin": f"{NOC}, {EVIL}"},
        {"Origin": f"{NOC}/path"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "Cross-Site"},
        {"Sec-Fetch-Site": "something-new"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
        {"Sec-Fetch-Site": "same-origin", "Origin": EVIL},
    ],
)
def test_a_foreign_page_changes_nothing(guarded: TestClient, headers: Mapping[str, str]) -> None:
    plan = "00000000-0000-4000-8000-000000000000"
    for method, path, body in (
        ("POST", "/v1/nodes/hub/fail", None),
        ("POST", "/v1/nodes/hub/drain", None),
        ("POST", "/v1/nodes/hub/activate", None),
        ("POST", f"/v1/plans/{plan}/apply", None),
        ("POST", f"/v1/plans/{plan}/cancel", None),
        ("POST", "/v1/plans", {}),
        ("PATCH", "/v1/nodes/hub", {"vcpu": 1}),
        ("PUT", "/v1/network", world.NETWORK),
        ("DELETE", "/v1/nodes/hub", None),
        ("PROPFIND", "/v1/nodes/hub", None),
    ):
        answer = guarded.request(method, path, json=body, headers=dict(headers))
        refused(answer, 403, "origin.foreign")
        assert "access-control-allow-origin" not in answer.headers
    assert state(guarded) == "active"


def test_two_origins_are_none(guarded: TestClient) -> None:
    for pair in ((EVIL, "http://testserver"), ("http://testserver", EVIL), (NOC, EVIL), (EVIL, NOC)):
        headers = [("Origin", one) for one in pair]
        refused(guarded.post("/v1/nodes/hub/fail", headers=headers), 403, "origin.foreign")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://testserver:80"},
        {"Origin": "http://localhost:5173", "Host": "localhost:5173"},
        {"Origin": "http://[::1]:8000", "Host": "[0::1]:8000"},
        {"Origin": "https://edgeplan.example.net", "Host": "edgeplan.example.net"},
        {"Origin": "https://edgeplan.example.net", "Host": "edgeplan.example.net:443"},
        {"Origin": "https://edgeplan.example.net:8443", "Host": "Edgeplan.example.net:8443"},
        {"Origin": NOC, "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://10.1.2.3:3000"},
    ],
)
def test_own_pages_listed_ones_and_programs_do(guarded: TestClient, headers: Mapping[str, str]) -> None:
    assert guarded.post("/v1/nodes/hub/drain", headers=dict(headers)).json()["state"] == "draining"
    assert guarded.post("/v1/nodes/hub/activate", headers=dict(headers)).json()["state"] == "active"


def test_the_name_of_one_place_is_no_origin_of_another(guarded: TestClient) -> None:
    headers = {"Origin": "http://localhost:3000", "Host": "localhost:8000", "Sec-Fetch-Site": "same-site"}
    refused(guarded.post("/v1/nodes/hub/fail", headers=headers), 403, "origin.foreign")


def test_reading_asks_for_no_origin(guarded: TestClient) -> None:
    answer = guarded.get("/v1/nodes", headers={"Origin": EVIL, "Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"


# --- bodies --------------------------------------------------------------------------------------------------------------

BODY = json.dumps({"reason": "no one asked"}).encode()


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain", "text/plain;charset=UTF-8", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "",
        "text/json", "application/jsonp", "application/xml", "text/plain; application/json", "application/json-seq", None,
    ],
)  # fmt: skip
def test_what_a_form_can_send_is_not_taken(guarded: TestClient, kind: str | None) -> None:
    headers = {} if kind is None else {"Content-Type": kind}
    for method, path in (
        ("POST", "/v1/nodes/hub/fail"),
        ("POST", "/v1/plans"),
        ("PATCH", "/v1/nodes/hub"),
        ("PUT", "/v1/network"),
    ):
        refused(guarded.request(method, path, content=BODY, headers=headers), 415, "body.not_json")
        refused(guarded.request(method, path, content=iter([BODY]), headers=headers), 415, "body.not_json")
    assert state(guarded) == "active"


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=utf-8", "application/merge-patch+json"])
def test_json_by_any_of_its_names_is(guarded: TestClient, kind: str) -> None:
    content = json.dumps({"note": "seen"})
    assert guarded.patch("/v1/nodes/hub", content=content, headers={"Content-Type": kind}).status_code == 200


def test_without_a_body_no_type_is_asked_for(guarded: TestClient) -> None:
    for headers in ({}, {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": "0"}):
        assert guarded.post("/v1/nodes/hub/activate", headers=headers).status_code == 200
    assert guarded.delete("/v1/nodes/nowhere").status_code == 404


# --- other dashboards ----------------------------------------------------------------------------------------------------


def preflight(client: TestClient, origin: str, path: str = "/v1/nodes/hub/fail", method: str = "POST") -> Any:
    asked = {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": "content-type"}
    return client.options(path, headers=asked)


def test_a_listed_page_is_told_what_it_may_do(guarded: TestClient) -> None:
    for path in ("/v1/nodes/hub/fail", "/v1/map", "/v1/events"):
        answer = preflight(guarded, NOC, path)
        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.headers["access-control-allow-origin"] == NOC
        assert {"PATCH", "PUT", "DELETE", "POST"} <= set(answer.headers["access-control-allow-methods"].split(", "))
        sends = {name.strip().lower() for name in answer.headers["access-control-allow-headers"].split(",")}
        assert {"content-type", "if-match", "if-none-match", "idempotency-key", "last-event-id", "prefer"} <= sends
        assert "access-control-allow-credentials" not in answer.headers
        assert "Origin" in answer.headers["vary"]


def test_a_listed_page_reads_answers_and_refusals(guarded: TestClient) -> None:
    tag = guarded.get("/v1/map").headers["etag"]
    asked = {"Origin": NOC}
    for answer, status in (
        (guarded.get("/v1/map", headers=asked), 200),
        (guarded.get("/v1/map", headers=asked | {"If-None-Match": tag}), 304),
        (guarded.get("/v1/nodes/nowhere", headers=asked), 404),
        (guarded.post("/v1/nodes", headers=asked | {"Content-Type": "text/plain"}, content="{}"), 415),
    ):
        assert answer.status_code == status
        assert answer.headers["access-control-allow-origin"] == NOC
        assert "ETag" in answer.headers["access-control-expose-headers"]
        assert "Origin" in answer.headers["vary"]


def test_others_are_told_nothing(guarded: TestClient, alone: TestClient) -> None:
    for client, origin in ((guarded, EVIL), (guarded, "null"), (alone, NOC), (alone, "http://localhost")):
        for answer in (preflight(client, origin), client.get("/v1/map", headers={"Origin": origin})):
            assert not [name for name in answer.headers if name.startswith("access-control-")]
        assert preflight(client, origin).status_code in (404, 405)
    refused(alone.post("/v1/nodes/hub/fail", headers={"Origin": NOC}), 403, "origin.foreign")
    assert "Origin" in guarded.get("/v1/map").headers["vary"]
    assert "Origin" not in alone.get("/v1/map").headers.get("vary", "")


@pytest.mark.parametrize(
    "origins", ["*", "null", "noc.example.net", "https://noc.example.net/x", "ftp://a.example", "https://*.a"]
)
def test_a_setting_that_is_no_origin_is_told_at_the_start(origins: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDGEPLAN_ORIGINS", origins)
    with pytest.raises(ValidationError, match="not an origin"):
        Settings()


# --- headers -------------------------------------------------------------------------------------------------------------


def guards(answer: Any) -> dict[str, str]:
    """Check the headers that every answer carries, and return its content security policy by directive."""
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert len(answer.headers.get_list("content-security-policy")) == 1
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy["frame-ancestors"] == "'none'"
    return policy


def test_every_answer_is_guarded(guarded: TestClient) -> None:
    tag = guarded.get("/v1/map").headers["etag"]
    for answer in (
        *(guarded.get(path) for path in PATHS),
        guarded.get("/v1/map", headers={"If-None-Match": tag}),
        guarded.get("/v1/map", headers={"Host": "evil.example"}),
        guarded.post("/v1/nodes/hub/fail", headers={"Origin": EVIL}),
        guarded.post("/v1/nodes", content="x", headers={"Content-Type": "text/plain"}),
        guarded.post("/v1/nodes", json={"id": 3}),
        guarded.post("/healthz"),
        guarded.options("/v1/nodes"),
        guarded.get("/v1/network/graphml"),
        preflight(guarded, NOC),
    ):
        policy = guards(answer)
        page = answer.headers.get("content-type", "").startswith("text/html") or answer.url.path.startswith("/assets/")
        assert policy["default-src"] == ("'self'" if page else "'none'"), answer.url
    page = guarded.get("/")
    again = guarded.get("/", headers={"If-None-Match": page.headers["etag"]})
    # What comes with a 304 takes the place of what a browser has kept: it must be the page's own.
    assert (again.status_code, guards(again)) == (304, guards(page))


def test_what_breaks_is_guarded_too(told: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.service.entities.listed", None)
    with TestClient(create_app(told), raise_server_exceptions=False) as client:
        answer = client.get("/v1/nodes")
        refused(answer, 500, "internal")
        assert answer.headers["content-security-policy"] == DATA_POLICY


def test_what_is_refused_is_counted(told: Settings) -> None:
    with TestClient(create_app(told)) as client:
        client.get("/v1/map", headers={"Host": "evil.example"})
        assert 'edgeplan_requests_total{method="GET",route="refused",status="421"} 1.0' in client.get("/metrics").text


# --- as it travels -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wired(told: Settings) -> Iterator[Served]:
    with served(told) as found:
        yield found


def raw(found: Served, request: str) -> tuple[int, str]:
    """What a server answers to these bytes: the status and all the rest."""
    with socket.create_connection(("127.0.0.1", found.client.base_url.port or 0), timeout=60) as connection:
        connection.sendall(request.replace("\n", "\r\n").encode("latin-1"))
        whole = b""
        while part := connection.recv(65536):
            whole += part
    return int(whole.split(b" ", 2)[1]), whole.decode("latin-1")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ("GET /healthz HTTP/1.1\nHost: localhost\nConnection: close\n\n", 200),
        ("GET /healthz HTTP/1.1\nConnection: close\n\n", 400),
        ("GET /healthz HTTP/1.0\n\n", 400),
        ("GET /healthz HTTP/1.1\nHost: localhost\nHost: evil.example\nConnection: close\n\n", 400),
        ("GET /healthz HTTP/1.1\nHost: localhost\nHost: localhost\nConnection: close\n\n", 400),
        ("GET /healthz HTTP/1.1\nHost:\nConnection: close\n\n", 400),
        ("GET /healthz HTTP/1.1\nHost: evil.example\nConnection: close\n\n", 421),
        ("GET http://localhost/healthz HTTP/1.1\nHost: localhost\nConnection: close\n\n", 200),
        ("GET http://localhost:99/healthz HTTP/1.1\nHost: evil.example\nConnection: close\n\n", 200),
        ("GET http://evil.example/healthz HTTP/1.1\nHost: localhost\nConnection: close\n\n", 421),
        ("GET http://evil.example/healthz HTTP/1.1\nConnection: close\n\n", 400),
        ("GET http://[::1]:80/healthz HTTP/1.1\nHost: localhost\nConnection: close\n\n", 200),
        ("GET //evil.example/healthz HTTP/1.1\nHost: localhost\nConnection: close\n\n", 404),
    ],
)
def test_hosts_on_the_wire(wired: Served, request_: str, status: int) -> None:
    found, whole = raw(wired, request_)
    assert found == status, whole

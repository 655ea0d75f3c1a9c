"""The recipe for a gateway: its files say what they must, and Edgeplan is right behind it."""

from __future__ import annotations

import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from app.settings import Settings
from tests.app.conftest import load, refused
from tests.app.serving import PATIENCE, Served, served, until
from tests.forked import free_port

FOLDER = Path(__file__).parents[2] / "docker" / "gateway"
NAME = "edgeplan.example.net"
COOKIE = {"Cookie": "_oauth2_proxy=signed-in"}


class _Loader(yaml.SafeLoader):
    """Reads compose files, which have words of their own (`!reset`)."""


_Loader.add_constructor("!reset", lambda loader, node: [])


def compose(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.load(path.read_text(), _Loader)
    return found


def test_nothing_but_the_gateway_is_reached_from_outside() -> None:
    inner, outer = compose(FOLDER.parent / "compose.yaml")["services"], compose(FOLDER / "compose.yaml")["services"]
    assert outer["api"]["ports"] == []
    assert [name for name, service in (inner | outer).items() if service.get("ports")] == ["gateway"]
    assert set(outer) == {"api", "login", "gateway"}
    for service in ("login", "gateway"):
        tag = outer[service]["image"].rpartition(":")[2]
        assert re.fullmatch(r"v?\d+\.\d+(\.\d+)?(-\w+)?", tag), "an image of a named version"
        for volume in outer[service]["volumes"]:
            here, _, mode = volume.partition(":")[0], *volume.rpartition(":")[1:]
            assert mode == "ro"
            # Paths are seen from the folder of the first compose file.
            assert (FOLDER.parent / here).exists() or here.endswith("/tls")


def test_the_example_names_all_that_has_to_be_said() -> None:
    said = dict(
        line.split("=", 1) for line in (FOLDER / "gateway.env.example").read_text().splitlines() if not line.startswith("#")
    )
    for file in ("nginx.conf", "compose.yaml"):
        assert set(re.findall(r"\$\{(\w+)", (FOLDER / file).read_text())) <= said.keys()
    assert set(re.findall(r"OAUTH2_PROXY_\w+", (FOLDER / "oauth2-proxy.cfg").read_text())) <= said.keys()
    assert said["EDGEPLAN_NAME"] in said["EDGEPLAN_HOSTS"].split(",")
    assert "api" in said["EDGEPLAN_HOSTS"].split(","), "Prometheus asks for it by this name"
    assert not said["OAUTH2_PROXY_CLIENT_SECRET"]
    assert not said["OAUTH2_PROXY_COOKIE_SECRET"]
    assert (FOLDER / ".gitignore").read_text().split() == ["/gateway.env", "/tls/"]


def test_the_login_is_kept_safe() -> None:
    told = tomllib.loads((FOLDER / "oauth2-proxy.cfg").read_text())
    assert told["reverse_proxy"]
    assert told["cookie_secure"]
    assert told["cookie_httponly"]
    assert told["cookie_samesite"] in ("lax", "strict")
    assert told["upstreams"] == ["static://202"]
    assert not [name for name in told if "secret" in name]


def test_bodies_pass_as_far_as_the_service_takes_them() -> None:
    [size] = re.findall(r"client_max_body_size (\d+)m;", (FOLDER / "nginx.conf").read_text())
    assert int(size) * 2**20 >= Settings().max_body_bytes


# --- nginx itself ----------------------------------------------------------------------------------------------------------

NGINX = shutil.which("nginx")
needs_nginx = pytest.mark.skipif(NGINX is None, reason="nginx is not installed here")


class _Login(BaseHTTPRequestHandler):
    """What nginx asks of oauth2-proxy: whether a request has a session."""

    def do_GET(self) -> None:
        signed_in = "signed-in" in self.headers.get("Cookie", "")
        self.send_response((202 if signed_in else 401) if self.path.startswith("/oauth2/auth") else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *words: object) -> None:
        """Say nothing."""


@contextmanager
def gateway(folder: Path, api: int) -> Iterator[int]:
    """nginx with the recipe's file, before a service and a login; yields the port of TLS."""
    tls, plain = free_port(), free_port()
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", f"/CN={NAME}",
         "-addext", f"subjectAltName=DNS:{NAME}", "-keyout", "key.pem", "-out", "certificate.pem"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    with ThreadingHTTPServer(("127.0.0.1", 0), _Login) as login:
        threading.Thread(target=login.serve_forever, daemon=True).start()
        told = (FOLDER / "nginx.conf").read_text().replace("${EDGEPLAN_NAME}", NAME)
        for before, after in (
            ("api:8000", f"127.0.0.1:{api}"),
            ("login:4180", f"127.0.0.1:{login.server_address[1]}"),
            ("listen 443", f"listen 127.0.0.1:{tls}"),
            ("listen 80", f"listen 127.0.0.1:{plain}"),
            ("/etc/nginx/tls", str(folder)),
        ):
            assert before in told
            told = told.replace(before, after)
        temporary = "".join(
            f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        owner = "user root;" if os.geteuid() == 0 else ""
        (folder / "site.conf").write_text(told)
        (folder / "nginx.conf").write_text(
            f"{owner} daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;"
            f"events {{}} http {{ access_log off; {temporary} include {folder}/site.conf; }}"
        )
        command = [str(NGINX), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
        subprocess.run([*command, "-t"], check=True, capture_output=True)
        with subprocess.Popen(command) as process:
            try:
                until(lambda: _listens(tls))
                yield tls
            finally:
                process.terminate()
                process.wait(PATIENCE)
                login.shutdown()


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


class _Here(httpx.HTTPTransport):
    """Finds the name at the gateway of the test."""

    def __init__(self, folder: Path, port: int) -> None:
        super().__init__(verify=ssl.create_default_context(cafile=str(folder / "certificate.pem")))
        self.folder, self.port = folder, port

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        request.extensions["sni_hostname"] = host
        request.url = request.url.copy_with(host="127.0.0.1", port=self.port)
        return super().handle_request(request)


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, Served]]:
    """A browser's view of a service behind the gateway, and the service."""
    folder = tmp_path_factory.mktemp("gateway")
    told = Settings(data_dir=folder / "var", run_jobs=False, log_level="error", hosts=(NAME,))
    with served(told) as found:
        load(found.client)  # type: ignore[arg-type]
        with gateway(folder, found.client.base_url.port or 0) as port:
            transport = _Here(folder, port)
            with httpx.Client(base_url=f"https://{NAME}", transport=transport, timeout=PATIENCE) as client:
                yield client, found


@needs_nginx
def test_nobody_gets_by_the_login(behind: tuple[httpx.Client, Served]) -> None:
    client, _ = behind
    for path in ("/", "/docs", "/v1/nodes", "/v1/events", "/openapi.json", "/assets/x.js", "//v1/nodes", "/v1/../v1/nodes"):
        assert client.get(path).status_code == 401, path
        page = client.get(path, headers={"Sec-Fetch-Mode": "navigate"})
        assert page.status_code == 302
        assert page.headers["location"].startswith(f"/oauth2/sign_in?rd=https://{NAME}/")
    assert client.post("/v1/nodes/hub/fail").json()["code"] == "gateway.not_signed_in"
    forged = {"X-Auth-Request-User": "root", "X-Forwarded-Host": "localhost", "X-Forwarded-Uri": "/oauth2/callback"}
    assert client.post("/v1/nodes/hub/fail", headers=forged).status_code == 401
    for path in ("/metrics", "/healthz", "/readyz", "/oauth2/auth"):
        assert client.get(path, headers=COOKIE).status_code == 404, path


@needs_nginx
def test_who_is_signed_in_reads_and_changes(behind: tuple[httpx.Client, Served]) -> None:
    client, _ = behind
    answer = client.get("/v1/nodes/hub", headers=COOKIE)
    assert answer.json()["state"] == "active"
    assert answer.headers["strict-transport-security"]
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    own = {"Origin": f"https://{NAME}", "Sec-Fetch-Site": "same-origin"} | COOKIE
    assert client.post("/v1/nodes/hub/drain", headers=own).json()["state"] == "draining"
    assert client.post("/v1/nodes/hub/activate", headers=own).json()["state"] == "active"
    with client.stream("GET", "/v1/events", headers=COOKIE) as stream:
        assert next(stream.iter_lines()).startswith((":", "id", "retry"))


@needs_nginx
def test_another_sites_page_does_not_even_with_the_cookie(behind: tuple[httpx.Client, Served]) -> None:
    client, _ = behind
    for headers in ({"Origin": "https://evil.example"}, {"Origin": f"http://{NAME}:81"}, {"Sec-Fetch-Site": "same-site"}):
        refused(client.post("/v1/nodes/hub/fail", headers=headers | COOKIE), 403, "origin.foreign")
    assert client.get("/v1/nodes/hub", headers=COOKIE).json()["state"] == "active"


@needs_nginx
def test_another_name_gets_no_answer(behind: tuple[httpx.Client, Served]) -> None:
    client, _ = behind
    # On a connection that is open already, and on one of its own.
    assert client.get("/v1/nodes", headers=COOKIE | {"Host": "evil.example"}).status_code == 421
    transport: Any = client._transport
    with httpx.Client(transport=_Here(transport.folder, transport.port)) as fresh, pytest.raises(httpx.ConnectError):
        fresh.get("https://evil.example/v1/nodes", headers=COOKIE)

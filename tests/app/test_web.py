"""The dashboard's files, and the page in their place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from tests.app.conftest import refused

SCRIPT = "export const answer = 42;\n" * 100


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A bundle as the build leaves it, beside a file that is none of its own."""
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>Dashboard</title>")
    (folder / "docs.html").write_text("<!doctype html><title>Documentation</title>")
    (folder / "favicon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (folder / "assets" / "index-4f2a.js").write_text(SCRIPT)
    (tmp_path / "secret.txt").write_text("secret")
    return folder


@pytest.fixture
def served(bundle: Path, tmp_path: Path) -> Iterator[TestClient]:
    """A service with that bundle."""
    told = Settings(data_dir=tmp_path / "var", web_dir=bundle, run_jobs=False, log_level="warning")
    with TestClient(create_app(told)) as client:
        yield client


def test_the_page_is_looked_at_anew_and_its_parts_are_kept(served: TestClient) -> None:
    page = served.get("/")
    assert (page.status_code, page.headers["cache-control"]) == (200, "no-cache")
    assert page.headers["content-type"].startswith("text/html")
    assert "Dashboard" in page.text
    script = served.get("/assets/index-4f2a.js")
    assert script.text == SCRIPT
    assert script.headers["content-type"].startswith("text/javascript")
    assert script.headers["content-encoding"] == "gzip"
    assert "immutable" in script.headers["cache-control"]
    assert served.get("/favicon.svg").headers["cache-control"] == "no-cache"
    for answer in (page, script):
        policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
        assert policy["default-src"] == "'self'"
        assert not any(word in sources for sources in policy.values() for word in ("http:", "https:", "*", "unsafe"))
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert "Documentation" in served.get("/docs").text
    moved = served.get("/redoc", follow_redirects=False)
    assert (moved.status_code, moved.headers["location"]) == (308, "/docs")
    assert served.get("/", headers={"If-None-Match": page.headers["etag"]}).status_code == 304
    assert served.head("/").status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/assets/../../secret.txt", "/%2e%2e/secret.txt", "/assets", "/nowhere", "/v1/nowhere", "/%00", "/" + "a" * 5000],
)
def test_nothing_else_is_served(served: TestClient, path: str) -> None:
    refused(served.get(path), 404, "not_found")


def test_the_api_keeps_its_ways(served: TestClient) -> None:
    refused(served.post("/"), 404, "not_found")
    refused(served.delete("/nowhere"), 404, "not_found")
    refused(served.post("/healthz"), 405, "method_not_allowed")
    assert served.get("/healthz").json() == {"status": "ok"}


def test_without_a_bundle_the_page_says_so_until_there_is_one(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], bundle: Path
) -> None:
    later = tmp_path / "later"
    with TestClient(create_app(Settings(data_dir=tmp_path, web_dir=later, run_jobs=False))) as client:
        assert "web.not_built" in "".join(capfd.readouterr())
        page = client.get("/")
        assert page.status_code == 200
        assert "make web" in page.text
        assert page.headers["cache-control"] == "no-cache"
        assert "make web" in client.get("/docs").text
        refused(client.get("/index.html"), 404, "not_found")
        bundle.rename(later)
        assert "Dashboard" in client.get("/").text


def test_answers_are_compressed_where_it_pays(served: TestClient) -> None:
    assert served.get("/openapi.json").headers["content-encoding"] == "gzip"
    assert "content-encoding" not in served.get("/healthz").headers

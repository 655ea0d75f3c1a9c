"""What some format, file or terminal cannot hold is not taken, and what was stored before does no harm."""

from __future__ import annotations

import io
import json
import logging
import re
import sqlite3
from pathlib import Path
from xml.etree import ElementTree

import networkx as nx
import pytest
import structlog
from fastapi.testclient import TestClient
from pydantic import BaseModel
from rich.table import Table
from rich.text import Text

from app.cli.common.output import Output, tell
from app.cli.failures import Failure
from app.logs import configure_logs
from app.main import create_app
from app.schemas.documents import KINDS
from app.schemas.requests import PlanRequest, StateChange, VerifyRequest
from app.settings import Settings
from app.texts import clean_json, cleaned, escaped, objection, read_json, visible
from tests.app import world
from tests.app.conftest import load, planned, refused

BARRED = [
    *(chr(code) for code in range(0x20) if chr(code) not in "\t\n"), *(chr(code) for code in range(0x7F, 0xA0)),
    *"\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufffe\uffff",
    *"\xad\u180e\u200b\u2060\u2063\u206f\u3164\ufeff\uffa0\ufff9",
]  # fmt: skip
TAKEN = [
    "한국어",
    "naïve",
    "a\u00a0b",
    "\u200f\u05d0",
    "👩\u200d🚀",
    "می\u200cخواهم",
    "क\u094d\u200dष",
    "ㅋㅋ",
    "제주　국사",
    "\ufdfa",
    "<&>\"'",
    "=1+2",
    "\u2009",
    "\ue000",
    "\U0010fffd",
]


@pytest.mark.parametrize("char", [*BARRED, "\ud800"], ids=lambda char: f"U+{ord(char):04X}")
def test_it_is_known_and_taken_out(char: str) -> None:
    assert re.fullmatch(
        rf"character 3 is U\+{ord(char):04X}( \(.+\))?, which no text may hold", objection(f"ab{char}c") or ""
    )
    assert cleaned(f"ab{char}c") == ("ab\nc" if char == "\r" else "abc")
    assert len(visible(f"ab{char}c")) == 4
    assert char not in visible(f"ab{char}c")
    assert json.loads(escaped(json.dumps(f"ab{char}c", ensure_ascii=False))) == f"ab{char}c"
    if not 0xD800 <= ord(char) < 0xE000:
        for ascii in (False, True):
            stored = json.dumps({"a": [f"x{char}y"], f"k{char}": 1}, ensure_ascii=ascii)
            assert read_json(stored) == read_json(clean_json(stored.encode()).decode())
            assert read_json(stored) == {"a": ["x\ny" if char == "\r" else "xy"], "k\n" if char == "\r" else "k": 1}


@pytest.mark.parametrize("text", [*TAKEN, "a\tb\nc"])
def test_other_characters_stay_as_they_are(text: str) -> None:
    assert objection(text) is None
    assert (
        cleaned(text)
        == visible(text)
        == read_json(json.dumps(text))
        == read_json(json.dumps(text, ensure_ascii=False))
        == text
    )


def texts_of(model: type[BaseModel]) -> list[str]:
    """The fields of a model, and of all within it, that take any text."""
    schema = model.model_json_schema()
    found = []
    for name, definition in {model.__name__: schema, **schema.get("$defs", {})}.items():
        for field, what in definition.get("properties", {}).items():
            for one in [what, *what.get("anyOf", []), what.get("items", {})]:
                free = one.get("type") == "string" and not {"pattern", "enum", "const", "format"} & set(one)
                if free:
                    found.append(f"{name}.{field}")
    return found


def test_no_text_of_any_body_is_free() -> None:
    for model in (*KINDS.values(), PlanRequest, VerifyRequest, StateChange):
        assert texts_of(model) == [], model


@pytest.mark.parametrize(
    "char", ["\x01", "\x1b", "\r", "\x7f", "\x9b", "\u202e", "\u2066", "\u2028", "\u200b", "\u2060", "\ufeff", "\ufffe"]
)
def test_it_is_refused_wherever_it_is_written(client: TestClient, char: str) -> None:
    bad = f"a{char}b"
    node = world.NETWORK["nodes"][0]
    for method, path, body in (
        ("POST", "/v1/nodes", {**node, "id": "new", "name": bad}),
        ("POST", "/v1/nodes", {**node, "id": "new", "provenance": [{"fields": [], "basis": "computed", "source": bad}]}),
        ("PATCH", "/v1/nodes/hub", {"note": bad}),
        ("PATCH", "/v1/nodes/hub", {"owner": bad}),
        ("PATCH", "/v1/nodes/hub", {"certifications": [{"name": bad}]}),
        ("PUT", "/v1/network", {**world.NETWORK, "name": bad}),
        ("PUT", "/v1/network", {**world.NETWORK, "nodes": [{**node, "metro": bad}]}),
        ("POST", "/v1/nodes/hub/fail", {"reason": bad}),
        ("POST", "/v1/policies", {"id": "p", "certifications": [bad]}),
        ("POST", "/v1/plans", world.request(*world.WORKLOADS, name=bad)),
    ):
        refused(client.request(method, path, json=body), 422, "invalid")
    refused(client.get("/v1/nodes", params={"owner": bad}), 422, "invalid")
    assert client.get("/v1/nodes/hub").json()["state"] == "active"


def test_halves_of_characters_are_refused_too(client: TestClient) -> None:
    for body in (b'{"name": "a\\ud800b"}', b'{"\\ud800": 1}', b'{"note": "\\udfff"}', b'{"state": "\\ud800"}'):
        answer = client.patch("/v1/nodes/hub", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in (400, 422), answer.text


def test_lines_end_alike_and_names_have_one(client: TestClient) -> None:
    changed = client.patch("/v1/nodes/hub", json={"name": "a\tb\r\nc\nd", "note": "one\r\ntwo\tthree"}).json()
    assert (changed["name"], changed["note"]) == ("a b c d", "one\ntwo\tthree")


@pytest.fixture
def before(settings: Settings, tmp_path: Path) -> Path:
    """A store in which an older version has left what is not taken any more, in force."""
    with TestClient(create_app(settings)) as client:
        load(client)
        plan = planned(client, *world.WORKLOADS, name="NAME")
        client.patch("/v1/nodes/hub", json={"name": "NAME", "note": "NOTE"}).raise_for_status()
        client.patch("/v1/nodes/centre", json={"owner": "NAME"}).raise_for_status()
        client.post(f"/v1/plans/{plan['id']}/apply", json={"on_stale": "reverify"}).raise_for_status()
    with sqlite3.connect(tmp_path / "edgeplan.db") as database:
        for table, column in (("entity", "body"), ("plan", "brief"), ("request", "body"), ("change", "after")):
            for word, bad in (("NAME", "x\\u001b[31m\\u0001\\u202e\\n\x7fy"), ("NOTE", "one\\r\\ntwo\\u009b")):
                database.execute(f"UPDATE {table} SET {column} = replace({column}, ?, ?)", (word, bad))
        assert database.execute("SELECT count(*) FROM entity WHERE body LIKE '%u001b%'").fetchone() == (2,)
    return tmp_path


def test_what_was_stored_before_is_read_without_it(before: Path, settings: Settings) -> None:
    with TestClient(create_app(settings)) as client:
        hub = client.get("/v1/nodes/hub").json()
        assert (hub["name"], hub["note"]) == ("x[31m y", "one\ntwo")
        graph = client.get("/v1/network/graphml")
        ElementTree.fromstring(graph.content)
        assert nx.parse_graphml(graph.text).nodes["hub"]["name"] == "x[31m y"
        assert client.put("/v1/network", json=client.get("/v1/network").json()).status_code == 200
        for path in ("/v1/network/geojson", "/v1/map", "/v1/map/allocation", "/v1/capacity", "/v1/plans", "/v1/changes"):
            assert not {chr(0x1B), chr(1), chr(0x7F), chr(0x202E)} & set(
                json.dumps(client.get(path).json(), ensure_ascii=False)
            )
        assert client.post("/v1/nodes/hub/drain").status_code == 200
        [plan] = client.get("/v1/plans").json()["items"]
        assert client.get(f"/v1/plans/{plan['id']}/request").status_code == 200
        assert client.get("/v1/allocations/summary").status_code == 200


def test_an_id_that_begins_as_sites_do_is_no_site(client: TestClient) -> None:
    [site, *_] = client.get("/v1/sites").json()["items"]
    node = {**world.NETWORK["nodes"][0], "id": f"site:{site['id']}", "site": None}
    client.post("/v1/nodes", json=node).raise_for_status()
    graph = nx.parse_graphml(client.get("/v1/network/graphml").text)
    assert graph.nodes[f"site:{site['id']}"]["kind"] == "node"
    assert graph.nodes[f"site::{site['id']}"]["kind"] == "site"


EVIL = "\x1b]0;owned\x07\x1b[2Jred\x9b31m\u202etxt\x7f\rgone"


def shows_nothing_evil(printed: str) -> None:
    assert not set(printed) & (set(BARRED) | {"\r"}), ascii(printed)


def test_the_command_line_shows_escapes_and_carries_none_out(capsys: pytest.CaptureFixture[str]) -> None:
    out = Output(as_json=False)
    table = Table()
    table.add_column("name")
    table.add_row(Text(EVIL))
    out.show(Text(EVIL), table, EVIL)
    out.note(EVIL)
    tell(Failure(EVIL, EVIL, [EVIL], "code"))
    out.file(f"<graph>{EVIL}</graph>", is_json=False)
    out.file(json.dumps(EVIL, ensure_ascii=False), is_json=True)
    printed, aside = capsys.readouterr()
    for one in (printed, aside):
        shows_nothing_evil(one)
    assert "\u241b]0;owned" in printed
    assert "\u241b[2J" in aside


def test_json_of_the_command_line_says_the_same_without(capsys: pytest.CaptureFixture[str]) -> None:
    out = Output(as_json=True)
    out.document({"name": EVIL})
    out.line({"name": EVIL})
    printed = capsys.readouterr().out
    shows_nothing_evil(printed)
    assert [json.loads(line) for line in printed.splitlines()] == [{"name": EVIL}] * 2


@pytest.mark.parametrize("form", ["console", "json"])
def test_logs_show_escapes_and_carry_none_out(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    printed = io.StringIO()
    monkeypatch.setattr("sys.stderr", printed)
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    try:
        configure_logs("info", form)
        log = structlog.get_logger("test")
        log.info("request", path=f"/v1/{EVIL}")
        try:
            raise ValueError(EVIL)
        except ValueError:
            log.exception("broke")
    finally:
        logging.getLogger().handlers[:] = handlers
        logging.getLogger().setLevel(level)
        structlog.reset_defaults()
    said = printed.getvalue()
    assert "ValueError" in said
    for evil in ("\x1b]0", "\x1b[2J", "\x9b", "\u202e", "\x07", "\r"):
        assert evil not in said


def test_a_picture_with_such_a_name_is_one_that_programs_read(tmp_path: Path) -> None:
    from app.cli.drawing.page import page, save

    with page(2, 2) as figure:
        figure.text(0.5, 0.5, EVIL)
        save(figure, tmp_path / "picture.svg", EVIL)
    ElementTree.parse(tmp_path / "picture.svg")

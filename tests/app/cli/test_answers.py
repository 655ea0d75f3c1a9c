"""The types of answers: made of the service's OpenAPI document, and those of today."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.cli import answers, typed
from app.cli.common.client import Page
from tests.app.cli.conftest import asking, document, told
from tests.app.cli.scripted import as_json, scripted
from tests.app.published import openapi_document

PLAN = '''
class PlanOut(TypedDict):
    """A plan."""

    number: float
    perhaps: Inner | None
    words: list[str]
    pair: tuple[int, bool]
    counts: dict[str, int]
    anything: Any
'''


def made(read: str, description: str = "A plan", **properties: Any) -> str:
    """The module that types these fields of a schema with these properties."""
    inner = {"title": "Inner", "type": "object", "properties": {"id": {"type": "string"}}}
    plan = {"title": "PlanOut", "description": description, "type": "object", "properties": properties}
    schemas = {"PlanOut": plan, "Inner": inner, "Word": {"type": "string", "enum": ["on", "off"]}}
    return typed.module({"components": {"schemas": schemas}}, {"PlanOut": read, "Inner": "id"})


def test_the_types_are_those_of_the_document() -> None:
    now = openapi_document()
    assert Path(answers.__file__).read_text(encoding="utf-8") == typed.module(now), "run `make answers`"
    assert set(now["components"]["schemas"]["Page_PlanOut_"]["properties"]) == set(Page.__annotations__)


def test_what_each_schema_becomes() -> None:
    text = made(
        "number perhaps words pair counts anything",
        number={"type": "number"},
        perhaps={"anyOf": [{"$ref": "#/components/schemas/Inner"}, {"type": "null"}]},
        words={"type": "array", "items": {"$ref": "#/components/schemas/Word"}},
        pair={"type": "array", "prefixItems": [{"type": "integer"}, {"type": "boolean"}]},
        counts={"type": "object", "additionalProperties": {"type": "integer"}},
        anything={},
        unread={"type": "string"},
    )
    assert PLAN in text
    assert "class Inner(TypedDict):" in text
    assert "class Word" not in text


def test_long_descriptions_are_wrapped() -> None:
    text = made("id", "words and " * 40 + "an end.\n\nA second paragraph.", id={"type": "string"})
    assert max(map(len, text.splitlines())) <= 125
    assert 'an end.\n    """' in text
    assert "second paragraph" not in text


def test_a_newer_service_may_know_more_words_and_fields() -> None:
    record = {
        "generation": 3, "at": None, "plan": None, "name": None, "tenant": "operator", "actor": "local", "placed": 0,
        "moved": 0, "resized": 0, "ended": 1, "unplaced": 0, "in_force": False, "can_restore": False, "can_undo": False,
        "why_not": "history.of_tomorrow",
        "weather": "fine",
    }  # fmt: skip
    with scripted(lambda _, __: as_json({"items": [record], "next": None})) as (base, _):
        assert document(asking(base)("allocation", "history", "--json"))["items"] == [record]
        assert "what is stored was changed" in told(asking(base)("allocation", "history"))
        assert ",operator,local," in told(asking(base)("allocation", "history", "--csv"))

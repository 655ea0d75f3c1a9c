"""What the command line reads of answers is what the service's OpenAPI document says that they have."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from app.cli import answers
from app.main import create_app
from app.settings import Settings

SCHEMAS: dict[str, Any] = create_app(Settings()).openapi()["components"]["schemas"]
READ = [
    kind
    for kind in vars(answers).values()
    if inspect.isclass(kind) and kind.__module__ == answers.__name__ and kind is not answers.Page
]


@pytest.mark.parametrize("kind", READ, ids=lambda kind: kind.__name__)
def test_what_is_read_is_what_is_answered(kind: type) -> None:
    answered = SCHEMAS[kind.__name__]["properties"]
    for name, annotation in inspect.get_annotations(kind, eval_str=True).items():
        assert name in answered
        assert ("null" in str(answered[name])) == ("None" in str(annotation)), name


def test_pages_have_items_and_a_cursor() -> None:
    assert set(SCHEMAS["Page_PlanOut_"]["properties"]) == set(answers.Page.__annotations__)

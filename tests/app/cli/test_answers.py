"""What the command line reads of answers is what the service's OpenAPI document says that they have."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from typing import Any

import pytest

from app.cli import answers
from app.cli.answers.paging import Page
from app.main import create_app
from app.settings import Settings

SCHEMAS: dict[str, Any] = create_app(Settings()).openapi()["components"]["schemas"]
MODULES = [importlib.import_module(found.name) for found in pkgutil.iter_modules(answers.__path__, f"{answers.__name__}.")]
READ = [
    kind
    for module in MODULES
    for kind in vars(module).values()
    if inspect.isclass(kind) and kind.__module__ == module.__name__ and kind is not Page
]


@pytest.mark.parametrize("kind", READ, ids=lambda kind: kind.__name__)
def test_what_is_read_is_what_is_answered(kind: type) -> None:
    answered = SCHEMAS[kind.__name__]["properties"]
    for name, annotation in inspect.get_annotations(kind, eval_str=True).items():
        assert name in answered
        assert ("null" in str(answered[name])) == ("None" in str(annotation)), name


def test_pages_have_items_and_a_cursor() -> None:
    assert set(SCHEMAS["Page_PlanOut_"]["properties"]) == set(Page.__annotations__)

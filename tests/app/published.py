"""The published document of the API, made once a process: that takes a second."""

from __future__ import annotations

from functools import cache
from typing import Any

from app.main import create_app
from app.settings import Settings


@cache
def openapi_document() -> dict[str, Any]:
    """The OpenAPI document. Not to be changed."""
    return create_app(Settings()).openapi()

"""Whole documents in the forms in which they go out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.schemas.documents import MODELS
from app.service.entities import document
from app.store.port import Store


def exported(store: Store, name: str, write: Callable[[Any], bytes]) -> tuple[int, bytes]:
    """The generation that last changed a document, and the document as `write` writes it."""
    generation, bodies = document(store, name)
    return generation, write(MODELS[name].model_validate(bodies))

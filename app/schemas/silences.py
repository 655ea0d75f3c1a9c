"""What was left unsaid and is taken for zero, as it is told of what was just written."""

from __future__ import annotations

from typing import cast

from pydantic import Field, create_model

from app.schemas.documents import KINDS
from app.schemas.entities import Entity
from app.schemas.wire import Wire


class Silence(Wire):
    """Something that was not said, and what is taken in its place."""

    field: str = Field(description="The field, such as `nodes.vcpu`.")
    count: int = Field(description="How many entities say nothing of it.")
    ids: tuple[str, ...] = Field(description="Their ids; the first ten.")
    message: str


def _written(kind: str) -> type[Entity]:
    """The model of an entity that was just created or changed: the entity, and what was left unsaid."""
    about = "What was not said and is taken for zero; not part of what is stored."
    model = create_model(
        f"Written{KINDS[kind].__name__}",
        __base__=KINDS[kind],
        __doc__=KINDS[kind].__doc__,
        warnings=(tuple[Silence, ...], Field(default=(), description=about)),
    )
    return cast(type[Entity], model)


#: Kind -> the model of an entity that was just created or changed.
WRITTEN: dict[str, type[Entity]] = {kind: _written(kind) for kind in KINDS}

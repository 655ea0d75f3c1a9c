"""What every wire model has in common: strictness, and the kinds of scalars with their ranges."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, PlainSerializer, StringConstraints
from pydantic_core import PydanticCustomError

from app.texts import BARRED, objection
from solver.problem import MAX_AMOUNT

#: The identifier of the file format and of whole documents on the wire.
FORMAT: Literal["edgeplan/1"] = "edgeplan/1"

#: What an id may look like: it has to survive in a URL path and in a log line.
ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._:@+~-]*$"

Id = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=ID_PATTERN)]


def _lines(text: str) -> str:
    """A text of any number of lines that every format, file and terminal that it goes to can hold."""
    return _holdable(text.replace("\r\n", "\n"))


def _line(text: str) -> str:
    """The same on one line: with a space for each tab and end of a line."""
    return _holdable(text if text.isprintable() else _BREAK.sub(" ", text))


def _holdable(text: str) -> str:
    why = objection(text)
    if why is not None:
        raise PydanticCustomError("text_barred", "{why}", {"why": why})
    return text


_BREAK = re.compile(r"\r\n|[\t\n]")
_NO_BARRED: dict[str, JsonValue] = {"pattern": f"^[^{BARRED}]*$"}

#: What people write: lines of text, without control characters but tabs and line feeds; see :mod:`app.texts`.
Text = Annotated[str, Field(max_length=4000, json_schema_extra=_NO_BARRED), AfterValidator(_lines)]
#: A name, or a word: the same on one line.
Word = Annotated[str, Field(max_length=200, json_schema_extra=_NO_BARRED), AfterValidator(_line)]
#: Only the form is part of the type, so that whatever is stored can be read; `soundness` asks whether the code is assigned.
Country = Annotated[
    str, StringConstraints(pattern=r"^[A-Z]{2}$"), Field(description="A code that ISO 3166-1 alpha-2 assigns officially.")
]

Amount = Annotated[int, Field(strict=True, ge=0, le=MAX_AMOUNT)]
Permille = Annotated[int, Field(strict=True, ge=0, le=1000)]
Index = Annotated[int, Field(strict=True, ge=0, le=10_000_000)]
Flag = Annotated[bool, Field(strict=True)]

#: A set on the wire is a list without order; it is answered sorted.
Names = Annotated[frozenset[Word], PlainSerializer(sorted, return_type=list[str])]
Countries = Annotated[frozenset[Country], PlainSerializer(sorted, return_type=list[str])]


class Wire(BaseModel):
    """A value on the wire: frozen, and closed to fields it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Item = TypeVar("Item", bound=BaseModel)


class Page(Wire, Generic[Item]):
    """One page of a list. `next` is the cursor of the page after it; null on the last one."""

    items: tuple[Item, ...]
    next: str | None = Field(default=None, description="Pass as `cursor` to get the next page; null on the last one.")


class Paging(Wire):
    """How every list is asked for."""

    limit: Annotated[int, Field(ge=1, le=1000, description="Rows on the page.")] = 100
    cursor: Annotated[
        str | None,
        Field(max_length=2000, description="The `next` of the page before; keep the other parameters."),
    ] = None


def moment(at_ms: int) -> datetime:
    """The UTC moment `at_ms` milliseconds after the epoch."""
    return datetime.fromtimestamp(at_ms / 1000, UTC)

"""What every wire model has in common: strictness, and the kinds of scalars with their ranges."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    PlainSerializer,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

from app.texts import BARRED, objection
from solver.facts.validate import MAX_AMOUNT

#: The identifier of the file format and of whole documents on the wire.
FORMAT: Literal["edgeplan/1"] = "edgeplan/1"

#: What an id may look like: it has to survive in a URL path and in a log line.
ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._:@+~-]*$"

#: How the id of a plan is written; the word stands for the plan that was asked for last.
LATEST = "latest"
_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
PLAN_PATTERN = rf"^({LATEST}|{_UUID})$"
#: What a plan is compared with: another one, or what is in force.
BESIDE_PATTERN = rf"^(allocation|{LATEST}|{_UUID})$"

TEXT_PATTERN = f"^[^{BARRED}]*$"
COUNTRY_PATTERN = r"^[A-Z]{2}$"
CURRENCY_PATTERN = r"^[A-Z]{3}$"

#: Who did something, and on whose behalf.
Tenant = Annotated[str, Field(description="On whose behalf it was done.")]
Actor = Annotated[str, Field(description="Who did it; `service` is the service itself.")]

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
_NO_BARRED: dict[str, JsonValue] = {"pattern": TEXT_PATTERN}

#: What people write: lines of text, without control or invisible characters but tabs and line feeds; see :mod:`app.texts`.
Text = Annotated[str, Field(max_length=4000, json_schema_extra=_NO_BARRED), AfterValidator(_lines)]
#: A name, or a word: the same on one line.
Word = Annotated[str, Field(max_length=200, json_schema_extra=_NO_BARRED), AfterValidator(_line)]
#: Only the form is part of the type, so that whatever is stored can be read; `soundness` asks whether the code is assigned.
Country = Annotated[
    str, StringConstraints(pattern=COUNTRY_PATTERN), Field(description="A code that ISO 3166-1 alpha-2 assigns officially.")
]

Amount = Annotated[int, Field(strict=True, ge=0, le=MAX_AMOUNT)]
Permille = Annotated[int, Field(strict=True, ge=0, le=1000)]
Index = Annotated[int, Field(strict=True, ge=0, le=10_000_000)]
Flag = Annotated[bool, Field(strict=True)]


def _day(value: Any) -> Any:
    """Only a day written as one is a day: no number of seconds, no text with an hour in it."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass  # refused below like all that is no day
    raise PydanticCustomError("day", "not a day")


def _whole(value: Any) -> Any:
    """Only a whole number is one: neither true nor 1.0, which Python takes for equal to 1."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise PydanticCustomError("int_type", "not a whole number")
    return value


Day = Annotated[date, BeforeValidator(_day)]
#: Put before a choice of whole numbers.
WHOLE = BeforeValidator(_whole)
#: A number that need not be whole.
REAL = Field(strict=True, allow_inf_nan=False)

#: A set on the wire is a list without order; it is answered sorted.
Names = Annotated[frozenset[Word], PlainSerializer(sorted, return_type=list[str])]
Countries = Annotated[frozenset[Country], PlainSerializer(sorted, return_type=list[str])]


@dataclass(frozen=True, slots=True)
class Spelling:
    """How people are told of a pattern: what it asks for, what is wrong with what does not match, and what was meant."""

    words: str
    fault: str
    mended: Callable[[str], str | None] = lambda value: None


def _as_id(value: str) -> str | None:
    """The id that is most like some text; None if that would be a guess."""
    mended = re.sub(r"[^A-Za-z0-9._:@+~-]+", "-", value.strip()).strip("-")
    return mended if re.match(ID_PATTERN, mended) and len(mended) <= 128 and sum(map(str.isalnum, mended)) > 1 else None


def _as_country(value: str) -> str | None:
    mended = value.strip().upper()
    return mended if re.match(COUNTRY_PATTERN, mended) else None


def _as_currency(value: str) -> str | None:
    mended = value.strip().upper()
    return mended if re.match(CURRENCY_PATTERN, mended) else None


_PLAN = f"the whole id of a plan, such as '0b5e3f6a-3c1d-4e0f-9a51-2f6f0c7d8e9b' (see /v1/plans), or '{LATEST}'"


def _as_plan(value: str) -> str | None:
    plain = value.strip().lower()
    return LATEST if plain in (LATEST, "newest", "last") else plain if re.match(PLAN_PATTERN, plain) else None


#: Pattern -> how people are told of it: none of them is shown a regular expression.
PATTERNS: dict[str, Spelling] = {
    ID_PATTERN: Spelling(
        "an id of letters, digits and . _ : @ + ~ - that begins with a letter or a digit",
        "cannot be an id",
        _as_id,
    ),
    PLAN_PATTERN: Spelling(_PLAN, "is not the id of a plan", _as_plan),
    BESIDE_PATTERN: Spelling(f"{_PLAN}, or 'allocation' for what is in force", "is not the id of a plan", _as_plan),
    TEXT_PATTERN: Spelling("text without control or invisible characters", "holds a character that is not taken"),
    CURRENCY_PATTERN: Spelling(
        "the code of a currency, three capitals such as 'KRW' (ISO 4217)", "is not the code of a currency", _as_currency
    ),
    COUNTRY_PATTERN: Spelling(
        "the code of a country, two capital letters such as 'KR' (ISO 3166-1)", "is not the code of a country", _as_country
    ),
}  # fmt: skip


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

"""From the bytes of a body to a checked value.

A body is JSON in UTF-8 (RFC 8259) that every reader understands alike: no name stands twice in an object, no number is none,
no character is half of one. However much is wrong with it, only the first faults are put together, once, and a collection is
looked at only as far as it takes to find them: what a refusal costs does not grow with what is wrong.

Fields of money may have the names that they had while all money was won (:mod:`app.former`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Any, NoReturn, TypeVar, get_args

from pydantic import BaseModel, ValidationError, ValidationInfo, ValidatorFunctionWrapHandler
from pydantic_core import InitErrorDetails, PydanticCustomError, SchemaValidator, core_schema

from app.errors import Fault, Invalid, Unreadable
from app.former import FORMER, MARK, renamed
from app.schemas.expecting import path
from app.schemas.faults import FAULTS_TOLD, all_worded

Kind = TypeVar("Kind", bound=BaseModel)

#: Fields of one object that are taken. No model has a tenth of it, and no table of names either.
MOST_FIELDS = 1_000
#: Values in one body that are taken: an empty object takes thirty times as much memory as it takes room in a body.
MOST_VALUES = 10_000_000

#: How a character begins that stands for itself only together with the next one.
_HALVES = (b"\\ud", b"\\uD")
_MARK = b"\xef\xbb\xbf"
#: Schemas of which a value may hold any number of others.
_COLLECTIONS = frozenset({"list", "tuple", "set", "frozenset"})
#: What stands in a schema and holds none.
_NO_SCHEMAS = frozenset({"metadata", "serialization", "cls", "config", "default", "expected"})
#: Types of errors that are pydantic's own.
_KNOWN = frozenset(get_args(core_schema.ErrorType))


def read(kind: type[Kind], data: bytes, most_faults: int = FAULTS_TOLD, former: set[str] | None = None) -> Kind:
    """The value of a kind that a body says. To `former` are added the former names that are used.

    Raises
    ------
    Unreadable
        If the body is not JSON that every reader understands alike.
    Invalid
        If it is not of this kind, with no more than so many of its faults.
    """
    return judged(kind, parsed(data, former), most_faults)


def judged(kind: type[Kind], value: Any, most_faults: int = FAULTS_TOLD) -> Kind:
    """The value of a kind that some JSON says.

    Raises
    ------
    Invalid
        If it is not of this kind, with no more than so many of its faults.
    """
    try:
        found: Kind = _validator(kind).validate_python(value, context=most_faults)
    except ValidationError as error:
        errors = error.errors(include_url=False)
        faults = all_worded(errors, kind)
        more = f" Told are the first {most_faults} faults; there are more." if len(errors) > most_faults else ""
        raise Invalid(f"Some fields are not as expected.{more}", tuple(faults[:most_faults])) from None
    return found


def parsed(data: bytes, former: set[str] | None = None) -> Any:
    """What a body says, of whatever kind. To `former` are added the former names that are used.

    Raises
    ------
    Unreadable
        If it is not JSON that every reader understands alike.
    """
    if data.startswith(_MARK):
        _refuse("it begins with a byte order mark, which JSON does not have")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        _refuse(f"byte {error.start} is not UTF-8")
    if sum(map(data.count, (b",", b"[", b"{"))) > MOST_VALUES:
        _refuse(f"it holds more than {MOST_VALUES} values")
    objects = _Objects()
    try:
        made_of = objects.renamed_of if MARK in text else objects.made_of
        value = json.loads(text, object_pairs_hook=made_of, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        _refuse(f"{error.msg} at line {error.lineno}, column {error.colno}")
    except RecursionError:
        _refuse("it is nested too deeply")
    except ValueError:
        # Nothing else is refused by what makes numbers.
        _refuse(f"a number has more than {sys.get_int_max_str_digits()} digits")
    if former is not None:
        former |= objects.former
    if objects.odd or any(half in data for half in _HALVES):
        faults = tuple(_oddities(value))
        if faults:
            raise Unreadable(f"The body cannot be read: {faults[0].message}.", faults)
    return value


class _Odd(dict[str, Any]):
    """An object that says one thing twice, or too much. `within` is the field that is at fault, where it is known which."""

    why = ""
    within: tuple[str, ...] = ()


class _Objects:
    """Makes the objects of a body, and notes whether one of them is odd, and which former names fields have."""

    def __init__(self) -> None:
        self.odd = False
        self.former: set[str] = set()

    def made_of(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """The object of these fields."""
        return self._made_of(pairs, dict(pairs))

    def renamed_of(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """The object of these fields, under the names that they have now."""
        self.former.update(name for name, _ in pairs if name in FORMER)
        return self._made_of(pairs, dict(renamed(pairs)))

    def _made_of(self, pairs: list[tuple[str, Any]], made: dict[str, Any]) -> dict[str, Any]:
        if len(made) == len(pairs) <= MOST_FIELDS:
            return made
        self.odd = True
        odd = _Odd() if len(pairs) > MOST_FIELDS else _Odd(made)
        odd.why = f"an object has more than {MOST_FIELDS} fields"
        if len(pairs) <= MOST_FIELDS:
            odd.why, odd.within = _twice(pairs)
        return odd


def _twice(pairs: list[tuple[str, Any]]) -> tuple[str, tuple[str, ...]]:
    """What is said of an object that says something twice; and which field that is, where its former name is one of them."""
    seen: dict[str, str] = {}
    for name, _ in pairs:
        now = FORMER.get(name, name)
        if now in seen:
            said = f"an object says {path((now,))!r} twice"
            if seen[now] == name:
                return said, ()
            return f"{said}, once by its former name {name if name in FORMER else seen[now]!r}", (now,)
        seen[now] = name
    raise AssertionError("no name stands twice")


def _oddities(value: Any) -> Iterator[Fault]:
    """The first objects that are odd, and the first strings that are none, with their places."""
    told = 0
    open_: list[tuple[tuple[str | int, ...], Iterator[tuple[str | int, Any]]]] = [((), iter([("", value)]))]
    while open_ and told < FAULTS_TOLD:
        above, parts = open_[-1]
        name, one = next(parts, (None, None))
        if name is None:
            open_.pop()
            continue
        at = (*above, name) if len(open_) > 1 else ()
        if why := _objection(one):
            told += 1
            at_fault = (*at, *one.within) if isinstance(one, _Odd) else at
            yield Fault(path(at_fault) or "body", why)
        if isinstance(one, dict | list):
            open_.append((at, iter(one.items() if isinstance(one, dict) else enumerate(one))))


def _objection(one: Any) -> str | None:
    """What is odd about a value by itself."""
    if isinstance(one, _Odd):
        return one.why
    if isinstance(one, dict) and not all(map(_whole, one)):
        return "a name has half of a character (a surrogate that stands alone)"
    if isinstance(one, str) and not _whole(one):
        return "a string has half of a character (a surrogate that stands alone)"
    return None


def _whole(text: str) -> bool:
    """Whether every character of a string is one."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _no_number(name: str) -> NoReturn:
    _refuse(f"{name} is no number in JSON")


def _refuse(why: str) -> NoReturn:
    raise Unreadable(f"The body cannot be read: {why}.", (Fault("body", why, "JSON in UTF-8"),))


@cache
def _validator(kind: type[BaseModel]) -> SchemaValidator:
    """Judges values of a kind, and stops where enough is wrong with a collection."""
    kind.model_rebuild()
    schema: core_schema.CoreSchema = _bounded(kind.__pydantic_core_schema__)
    # What stands inside would else be judged as its own class does, which looks at all of a collection.
    return SchemaValidator(schema, _use_prebuilt=False)


def _bounded(schema: Any) -> Any:
    """A schema in which every collection is looked at no further than it takes to find enough faults."""
    if isinstance(schema, list | tuple):
        return type(schema)(_bounded(part) for part in schema)
    if not isinstance(schema, dict):
        return schema
    bounded = {name: part if name in _NO_SCHEMAS else _bounded(part) for name, part in schema.items()}
    if bounded.get("type") not in _COLLECTIONS or "items_schema" not in bounded or _has_places(bounded):
        return bounded
    return core_schema.with_info_wrap_validator_function(_first_faults, {**bounded, "fail_fast": True})


def _has_places(schema: dict[str, Any]) -> bool:
    """Whether a collection has so many places and no more."""
    return schema["type"] == "tuple" and schema.get("variadic_item_index") is None


def _first_faults(value: Any, judge: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
    """A collection as it is judged; where it is refused, with the first faults of its items instead of the first item's."""
    try:
        return judge(value)
    except ValidationError as error:
        if not isinstance(value, list) or not error.errors(include_url=False)[0]["loc"]:
            raise
        most = FAULTS_TOLD if info.context is None else info.context
        found = list(islice(_faults_of_items(value, judge, error), most))
        raise ValidationError.from_exception_data(error.title, found) from None


def _faults_of_items(
    items: list[Any], judge: ValidatorFunctionWrapHandler, error: ValidationError | None
) -> Iterator[InitErrorDetails]:
    """The errors of one refused item after the other, beginning with those of the first."""
    begin = 0
    while error is not None:
        place: Any = 0
        for one in error.errors(include_url=False):
            place, *rest = one["loc"]
            known = one["type"] in _KNOWN
            kind = one["type"] if known else PydanticCustomError(one["type"], one["msg"], one.get("ctx"))
            yield InitErrorDetails(type=kind, loc=(begin + int(place), *rest), input=one["input"], ctx=one.get("ctx", {}))
        begin += int(place) + 1
        error = _refused(items[begin:], judge)


def _refused(items: list[Any], judge: ValidatorFunctionWrapHandler) -> ValidationError | None:
    """Why items are refused; None if they are not."""
    try:
        if items:
            judge(items)
    except ValidationError as error:
        return error
    return None

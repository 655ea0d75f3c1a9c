"""From what pydantic says of a value to a :class:`~app.errors.Fault` that a person can act on.

What is expected somewhere is told by :mod:`app.schemas.expecting`; names that are nearly right are answered with the ones
that there are (:mod:`app.schemas.naming`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from app.errors import FAULT_CODES, Fault, FaultCode
from app.schemas.expecting import Place, Schema, expected_at, place_of, words_of
from app.schemas.naming import LISTED, count, either, listed, meant, quoted, shown
from app.schemas.wire import PATTERNS

#: Faults that one answer tells of; how many more there are is said.
FAULTS_TOLD = 50


def worded(error: Mapping[str, Any], kind: Any = None) -> Fault:
    """One of pydantic's errors in words.

    Parameters
    ----------
    error
        An item of `ValidationError.errors()`; it needs no `url`.
    kind
        What was validated, if it is known: then what was expected is told, and what may have been meant.
    """
    return _told(error, place_of(tuple(error["loc"]), kind))


def all_worded(errors: Iterable[Mapping[str, Any]], kind: Any = None) -> list[Fault]:
    """Errors of one value in words, in their order; those of one place that takes several kinds of values are one fault."""
    places = [(error, place_of(tuple(error["loc"]), kind)) for error in errors if not _follows(error)]
    inside = {at for error, place in places for at in place.unions if len(error["loc"]) > len(at) + 1}
    told: list[Fault] = []
    merged: set[tuple[Any, ...]] = set()
    for error, place in places:
        union = next((at for at in place.unions if len(error["loc"]) == len(at) + 1), None)
        if union is None:
            told.append(_told(error, place))
        elif union not in inside and union not in merged:
            # No kind of value that it could be is nearer than another.
            merged.add(union)
            told.append(_told({**error, "type": "union"}, place_of(union, kind)))
    return told


def _follows(error: Mapping[str, Any]) -> bool:
    """Whether a list is only said to be too short since some of its entries are wrong, which is told already."""
    context = error.get("ctx") or {}
    given = error.get("input")
    return error["type"] == "too_short" and isinstance(given, list | tuple) and len(given) >= context.get("min_length", 0)


def _told(error: Mapping[str, Any], place: Place) -> Fault:
    kind, value = str(error["type"]), error.get("input")
    schema = place.resolved(place.schema)
    if kind == "missing":
        return Fault(place.path, "is missing", expected_at(schema, place), code="missing")
    if kind == "extra_forbidden":
        return _no_such_field(error, place, value)
    if kind == "value_error":
        # What a validator of ours says is whole by itself.
        return Fault(place.path, str((error.get("ctx") or {}).get("error") or "is not taken here"))
    if kind in FAULT_CODES and kind not in _SENTENCES:
        return Fault(place.path, str(error["msg"]), code=kind)
    expected = expected_at(schema, place)
    code, say = _SENTENCES.get(kind, _NOT_TAKEN)
    message = say(value, error.get("ctx") or {}, schema)
    return Fault(place.path, message, expected, shown(value), _fix(value, schema), code=code, **_limits(schema))


def _limits(schema: Schema) -> dict[str, Any]:
    """What a schema takes, where that is a range of values or sizes, or one of a few words."""
    words = words_of(schema)
    ends = ("minimum", "minLength", "minItems"), ("maximum", "maxLength", "maxItems")
    least, most = (next((schema[name] for name in names if name in schema), None) for names in ends)
    return {"least": least, "most": most, "among": tuple(words) if len(words) <= LISTED else ()}


def _no_such_field(error: Mapping[str, Any], place: Place, value: Any) -> Fault:
    name = str(error["loc"][-1])
    known = list((place.around or {}).get("properties", {}))
    fix = meant(name, known)
    expected = listed(known, "one of the fields") if fix is None or len(known) <= LISTED else None
    if expected is None and fix is None and known:
        needed = (place.around or {}).get("required", known)
        expected = f"one of its {len(known)} fields, such as {either([repr(one) for one in needed[:5]])}"
    return Fault(place.path, f"there is no field {quoted(name)} here", expected, shown(value), fix, code="unknown_field")


def _fix(value: Any, schema: Schema) -> str | None:
    """How to mend a value, where a way is plain."""
    words = words_of(schema)
    if words and isinstance(value, str):
        return meant(value, words)
    if isinstance(value, str) and schema.get("type") in ("integer", "number"):
        bare = value.strip().replace(",", "").replace("_", "")
        if _is_number(bare, whole=schema["type"] == "integer"):
            return f"write it without quotes: {bare}"
    if isinstance(value, str) and schema.get("type") == "boolean" and value.strip().lower() in ("true", "false"):
        return f"write it without quotes: {value.strip().lower()}"
    if isinstance(value, float) and schema.get("type") == "integer" and value.is_integer() and abs(value) < 1e15:
        return f"write it without a fraction: {int(value)}"
    if isinstance(value, str) and schema.get("pattern") in PATTERNS:
        mended = PATTERNS[schema["pattern"]].mended(value)
        return None if mended is None else f"did you mean {mended!r}?"
    if schema.get("type") == "array" and isinstance(value, str | int | float) and not isinstance(value, bool):
        return f"write it as a list: [{shown(value)}]"
    return None


def _is_number(text: str, whole: bool) -> bool:
    if len(text) > 20:
        return False
    try:
        return math.isfinite(int(text) if whole else float(text))
    except ValueError:
        return False


Sentence = Callable[[Any, Mapping[str, Any], Schema], str]


def _not_a(what: str) -> Sentence:
    return lambda value, context, schema: f"{_value_named(value)}, not {what}"


def _value_named(value: Any) -> str:
    """A value and what it is, as the beginning of a sentence that says what it is not."""
    if isinstance(value, str):
        return f"{shown(value)} is text"
    if isinstance(value, bool) or value is None:
        return f"this is {shown(value)}"
    if isinstance(value, float) and not math.isfinite(value):
        return f"{shown(value)} is no number that can be counted with"
    if isinstance(value, int | float):
        return f"{shown(value)} is a number"
    return f"this is {shown(value)}"


def _not_whole(value: Any, context: Mapping[str, Any], schema: Schema) -> str:
    if isinstance(value, float) and math.isfinite(value):
        return f"{shown(value)} is not a whole number"
    return f"{_value_named(value)}, not a whole number"


def _size(value: Any, context: Mapping[str, Any], schema: Schema) -> str:
    if isinstance(value, str):
        return f"{shown(value)} is {'empty' if not value else f'of {len(value):,} characters'}"
    actual = context.get("actual_length")
    return (
        "this is empty" if actual == 0 else f"this has {count(actual, 'entry', 'entries')}" if actual else "of another size"
    )


def _pattern(value: Any, context: Mapping[str, Any], schema: Schema) -> str:
    known = PATTERNS.get(str(context.get("pattern", schema.get("pattern"))))
    return f"{shown(value)} {'is not taken here' if known is None else known.fault}"


def _too(what: str) -> Sentence:
    return lambda value, context, schema: f"{shown(value)} is too {what}"


_day: Sentence = lambda value, context, schema: (  # noqa: E731
    f"{shown(value)} is not a day" + (": there is no such day" if _looks_like_a_day(value) else "")
)


def _looks_like_a_day(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 10 and value.replace("-", "").isdigit()


_NOT_TAKEN: tuple[FaultCode, Sentence] = ("not_taken", lambda value, context, schema: f"{shown(value)} is not taken here")


def _every(code: FaultCode, say: Sentence, *kinds: str) -> dict[str, tuple[FaultCode, Sentence]]:
    return dict.fromkeys(kinds, (code, say))


#: Type of an error of pydantic's -> its code, and what is said of the value.
_SENTENCES: dict[str, tuple[FaultCode, Sentence]] = {
    **_every("not_whole", _not_whole, "int_type", "int_parsing", "int_from_float", "int_parsing_size"),
    **_every("not_number", _not_a("a number"), "float_type", "float_parsing", "finite_number"),
    **_every("not_boolean", _not_a("true or false"), "bool_type", "bool_parsing"),
    **_every("not_text", _not_a("text"), "string_type", "string_sub_type"),
    **_every("not_object", _not_a("an object"), "model_type", "model_attributes_type", "dict_type", "mapping_type"),
    **_every("not_list", _not_a("a list"), "tuple_type", "list_type", "frozen_set_type", "set_type", "iterable_type"),
    **_every("too_short", _size, "string_too_short", "too_short"),
    **_every("too_long", _size, "string_too_long", "too_long"),
    **_every("too_small", _too("small"), "greater_than", "greater_than_equal"),
    **_every("too_large", _too("large"), "less_than", "less_than_equal"),
    **_every(
        "not_among", lambda value, context, schema: f"{shown(value)} is not among what there is", "enum", "literal_error"
    ),
    **_every(
        "not_day", _day, "date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact", "day"
    ),
    **_every("malformed", _pattern, "string_pattern_mismatch"),
    **_every(
        "not_json",
        lambda value, context, schema: "this is not said to be JSON (Content-Type: application/json)",
        "json_type",
    ),
    **_every(
        "barred",
        lambda value, context, schema: f"{shown(value)}: {context.get('why', 'this text is not taken')}",
        "text_barred",
    ),
    **_every("not_taken", lambda value, context, schema: f"{_value_named(value)} that is not taken here", "union"),
}

"""From what pydantic says of a value to a :class:`~app.errors.Fault` that a person can act on.

What is expected somewhere is told from the JSON schema of what is validated, so that the sentence, the documentation and the
check never differ: a range, the words of an enumeration, the fields of an object. Names that are nearly right are answered
with the ones that there are.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property, lru_cache
from itertools import islice
from typing import Any

from pydantic import TypeAdapter

from app.errors import FAULT_CODES, Fault, FaultCode
from app.schemas.wire import PATTERNS

#: Faults that one answer tells of; how many more there are is said.
FAULTS_TOLD = 50
#: The path of a value as a whole.
WHOLE = "body"
#: Most characters of a value, and of a name in a path, that are shown.
SHOWN = 60
#: Sets of at most so many names are listed where a name is not among them.
LISTED = 12
#: Names longer than this, and more than so many names to compare with, are not looked at for what was meant.
_LONGEST, _MOST_COMPARED = 80, 2000
#: How alike two names are, from 0 to 1, of which one may be meant by the other.
_ALIKE = 0.7

Schema = Mapping[str, Any]


def worded(error: Mapping[str, Any], kind: Any = None) -> Fault:
    """One of pydantic's errors in words.

    Parameters
    ----------
    error
        An item of `ValidationError.errors()`; it needs no `url`.
    kind
        What was validated, if it is known: then what was expected is told, and what may have been meant.
    """
    return _told(error, _place(tuple(error["loc"]), kind))


def all_worded(errors: Iterable[Mapping[str, Any]], kind: Any = None) -> list[Fault]:
    """Errors of one value in words, in their order; those of one place that takes several kinds of values are one fault."""
    places = [(error, _place(tuple(error["loc"]), kind)) for error in errors if not _follows(error)]
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
            told.append(_told({**error, "type": "union"}, _place(union, kind)))
    return told


def _follows(error: Mapping[str, Any]) -> bool:
    """Whether a list is only said to be too short since some of its entries are wrong, which is told already."""
    context = error.get("ctx") or {}
    given = error.get("input")
    return error["type"] == "too_short" and isinstance(given, list | tuple) and len(given) >= context.get("min_length", 0)


def shown(value: Any) -> str:
    """A value as JSON has it: shortened, and with nothing in it that a terminal would obey."""
    if isinstance(value, Mapping):
        return f"an object of {_count(len(value), 'field')}"
    if isinstance(value, list | tuple | set | frozenset):
        return f"a list of {_count(len(value), 'entry', 'entries')}"
    if isinstance(value, bytes):
        return f"{len(value):,} bytes"
    if isinstance(value, int) and value.bit_length() > 200:
        return f"a whole number of about {round(value.bit_length() * math.log10(2)):,} digits"
    text = value if isinstance(value, str) else None
    if text is not None and len(text) > SHOWN:
        return f"{_printable(json.dumps(text[:SHOWN], ensure_ascii=False)[:-1])}..."
    return _printable(json.dumps(value if text is None else text, ensure_ascii=False, default=str))


class Names(Collection[str]):
    """Names to compare with again and again."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    @cached_property
    def plain(self) -> dict[str, str]:
        """Name without what people write differently -> the name."""
        return {_plain(name): name for name in sorted(self._names, reverse=True)}


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The one of `known` that somebody who wrote `name` may have meant; None if none is near."""
    if not name or len(name) > _LONGEST:
        return None
    names = known if isinstance(known, Names) else Names(known)
    same = names.plain.get(_plain(name))
    if same is not None and same != name:
        return same
    far = max(3, len(name) // 3)
    candidates = islice((one for one in names if one != name and abs(len(one) - len(name)) <= far), _MOST_COMPARED)
    matcher = SequenceMatcher(b=name)

    def alike(one: str) -> float:
        matcher.set_seq1(one)
        if matcher.real_quick_ratio() < _ALIKE or matcher.quick_ratio() < _ALIKE:
            return 0.0
        return matcher.ratio()

    score, best = max(((alike(one), one) for one in candidates), default=(0.0, ""))
    return best if score >= _ALIKE else None


def meant(name: Any, known: Iterable[str]) -> str | None:
    """The question whether one of the known names was meant, for `Fault.fix`."""
    found = nearest(name, known) if isinstance(name, str) else None
    return None if found is None else f"did you mean {found!r}?"


def listed(names: Collection[str], what: str = "one of") -> str | None:
    """`one of 'a', 'b' or 'c'`, where there are few; None where there are many, or none."""
    if not names or len(names) > LISTED:
        return None
    return f"{what} {_either([repr(name) for name in names])}"


def unknown(field: str, what: str, name: str, known: Collection[str], where: str | None = None) -> Fault:
    """The fault of naming something that is not there.

    Parameters
    ----------
    what, known
        What it should be, such as `node`, and the ids that there are.
    where
        Where they can be looked up, such as `/v1/nodes`; told where there are too many to list.
    """
    some = listed(sorted(known)) if len(known) <= LISTED else None
    if some is None:
        some = f"the id of {a(what)}, such as {min(known)!r}" if known else f"the id of {a(what)}; there is none yet"
        some += f" (see {where})" if where and known else ""
    return Fault(field, f"there is no {what} {_quoted(name)}", some, shown(name), meant(name, known), code="unknown")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an error is: its path in words, the schema of what belongs there, and of the object that it stands in.

    `unions` are the beginnings of the location at which one of several kinds of values was taken.
    """

    path: str
    schema: Schema | None
    around: Schema | None
    definitions: Schema
    unions: tuple[tuple[Any, ...], ...] = ()

    def resolved(self, schema: Schema | None) -> Schema:
        return _resolved(schema or {}, self.definitions)


@lru_cache(maxsize=256)
def _schema_of(kind: Any) -> Schema:
    schema: Schema = TypeAdapter(kind).json_schema()
    return schema


def _place(loc: tuple[Any, ...], kind: Any) -> _Place:
    """Follow a location of pydantic's through the schema of what was validated."""
    whole: Schema = _schema_of(kind) if kind is not None else {}
    definitions = whole.get("$defs", {})
    schema: Schema | None = whole or None
    around: Schema | None = None
    said = ""
    unions: list[tuple[Any, ...]] = []
    for at, part in enumerate(loc):
        if part == "[key]":
            schema = {"type": "string", **_names_of(around or {})}
            continue
        here = _resolved(schema or {}, definitions)
        branches = [_resolved(one, definitions) for one in here.get("anyOf", ())]
        if len([one for one in branches if one.get("type") != "null"]) > 1:
            label = next((one for one in branches if _is_label(part, one)), None)
            if label is not None:
                unions.append(loc[:at])
                schema = label
                continue
        around = _container(here, branches, part)
        schema = _within(around, part)
        said = _joined(said, part)
    return _Place(said or WHOLE, schema, around, definitions, tuple(unions))


def _resolved(schema: Schema, definitions: Schema) -> Schema:
    """A schema itself, where it only refers to one; of one or null the one."""
    while "$ref" in schema:
        schema = {
            **definitions.get(schema["$ref"].rpartition("/")[2], {}),
            **{k: v for k, v in schema.items() if k != "$ref"},
        }
    others = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    if len(others) == 1:
        return {**_resolved(others[0], definitions), "nullable": True}
    return schema


def _is_label(part: Any, branch: Schema) -> bool:
    """Whether a part of a location only says which of several kinds of values was tried."""
    if not isinstance(part, str):
        return False
    if part == branch.get("title"):
        return branch.get("type") == "object"
    if part.startswith("literal["):
        return "const" in branch or "enum" in branch
    return part in _LABELS.get(str(branch.get("type")), ()) and "const" not in branch


#: Type of a schema -> how pydantic calls it in a location.
_LABELS = {
    "string": ("str", "constrained-str"),
    "integer": ("int", "constrained-int"),
    "number": ("float", "constrained-float"),
    "boolean": ("bool",),
}


def _container(here: Schema, branches: Sequence[Schema], part: Any) -> Schema:
    """What holds a part: the schema itself, or the one of several that can."""
    wanted = "array" if isinstance(part, int) else "object"
    return next((one for one in branches if one.get("type") == wanted), here)


def _within(around: Schema, part: Any) -> Schema | None:
    if isinstance(part, int):
        items = around.get("prefixItems", ())
        found = items[part] if part < len(items) else around.get("items")
    else:
        more = around.get("additionalProperties") or next(iter(around.get("patternProperties", {}).values()), None)
        found = around.get("properties", {}).get(part, more if isinstance(more, Mapping) else None)
    return found if isinstance(found, Mapping) else None


def _names_of(around: Schema) -> Schema:
    """What the names in an object may be, where any are taken that look so."""
    pattern = next(iter(around.get("patternProperties", ())), None)
    return {**(around.get("propertyNames") or {}), **({} if pattern is None else {"pattern": pattern})}


def _joined(path: str, part: Any) -> str:
    """A path and one more part of it."""
    if isinstance(part, int):
        return f"{path}[{part}]"
    name = _printable(str(part)[:SHOWN])
    return f"{path}.{name}" if path else name


def path(parts: Iterable[Any]) -> str:
    """The path that some names and places make: `workloads`, 3 and `devices` are `workloads[3].devices`."""
    said = ""
    for part in parts:
        said = _joined(said, part)
    return said


def _told(error: Mapping[str, Any], place: _Place) -> Fault:
    kind, value = str(error["type"]), error.get("input")
    schema = place.resolved(place.schema)
    if kind == "missing":
        return Fault(place.path, "is missing", _expected(schema, place), code="missing")
    if kind == "extra_forbidden":
        return _no_such_field(error, place, value)
    if kind == "value_error":
        # What a validator of ours says is whole by itself.
        return Fault(place.path, str((error.get("ctx") or {}).get("error") or "is not taken here"))
    if kind in FAULT_CODES and kind not in _SENTENCES:
        return Fault(place.path, str(error["msg"]), code=kind)
    expected = _expected(schema, place)
    code, say = _SENTENCES.get(kind, _NOT_TAKEN)
    message = say(value, error.get("ctx") or {}, schema)
    return Fault(place.path, message, expected, shown(value), _fix(value, schema), code=code, **_limits(schema))


def _limits(schema: Schema) -> dict[str, Any]:
    """What a schema takes, where that is a range of values or sizes, or one of a few words."""
    words = _words_of(schema)
    ends = ("minimum", "minLength", "minItems"), ("maximum", "maxLength", "maxItems")
    least, most = (next((schema[name] for name in names if name in schema), None) for names in ends)
    return {"least": least, "most": most, "among": tuple(words) if len(words) <= LISTED else ()}


def _no_such_field(error: Mapping[str, Any], place: _Place, value: Any) -> Fault:
    name = str(error["loc"][-1])
    known = list((place.around or {}).get("properties", {}))
    fix = meant(name, known)
    expected = listed(known, "one of the fields") if fix is None or len(known) <= LISTED else None
    if expected is None and fix is None and known:
        needed = (place.around or {}).get("required", known)
        expected = f"one of its {len(known)} fields, such as {_either([repr(one) for one in needed[:5]])}"
    return Fault(place.path, f"there is no field {_quoted(name)} here", expected, shown(value), fix, code="unknown_field")


def _fix(value: Any, schema: Schema) -> str | None:
    """How to mend a value, where a way is plain."""
    words = _words_of(schema)
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


def _words_of(schema: Schema) -> list[str]:
    """The words of an enumeration of words; none of anything else."""
    words = schema.get("enum") or ([schema["const"]] if "const" in schema else [])
    return [word for word in words if isinstance(word, str)] if all(isinstance(word, str) for word in words) else []


def _expected(schema: Schema, place: _Place, deep: int = 0) -> str | None:
    """What belongs where a schema stands, in words; None where nothing is known of it."""
    schema = place.resolved(schema)
    said = _plainly(schema, place, deep)
    if said is None:
        return None
    return f"{said}, or null" if schema.get("nullable") else said


def _plainly(schema: Schema, place: _Place, deep: int) -> str | None:
    if "anyOf" in schema:
        parts = [_expected(one, place, deep + 1) for one in schema["anyOf"]]
        return "; or ".join(dict.fromkeys(part for part in parts if part)) or None
    words = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if words is not None:
        said = [json.dumps(word) if not isinstance(word, str) else repr(word) for word in words]
        return said[0] if len(said) == 1 else f"one of {_either(said)}"
    kind = schema.get("type")
    if kind in ("integer", "number"):
        return _number(schema)
    if kind == "string":
        return _text(schema)
    if kind == "array":
        return _list(schema, place, deep)
    if kind == "object":
        return _object(schema, place, deep)
    return {"boolean": "true or false", "null": "null"}.get(str(kind))


def _number(schema: Schema) -> str:
    what = "a whole number" if schema["type"] == "integer" else "a number"
    low, high = schema.get("minimum"), schema.get("maximum")
    above = schema.get("exclusiveMinimum")
    parts = [
        f"from {_figure(low)}" if low is not None and high is not None else "",
        f"to {_figure(high)}" if low is not None and high is not None else "",
        f"of at least {_figure(low)}" if low is not None and high is None else "",
        f"above {_figure(above)}" if above is not None else "",
        f"{'and ' if above is not None else 'of '}at most {_figure(high)}" if high is not None and low is None else "",
    ]
    return " ".join((what, *(part for part in parts if part)))


def _text(schema: Schema) -> str:
    if schema.get("format") == "date":
        return "a day written as '2026-12-01'"
    if schema.get("format") == "date-time":
        return "a moment written as '2026-12-01T09:00:00Z'"
    known = PATTERNS.get(str(schema.get("pattern")))
    most = schema.get("maxLength")
    return ("text" if known is None else known.words) + ("" if most is None else f", at most {most:,} characters")


def _list(schema: Schema, place: _Place, deep: int) -> str:
    parts = schema.get("prefixItems")
    if parts:
        inner = [_expected(part, place, deep + 1) or "a value" for part in parts]
        return f"a list of {len(inner)}: " + ", then ".join(inner)
    inside = _expected(schema.get("items", {}), place, deep + 1) if deep < 1 else None
    least, most = schema.get("minItems"), schema.get("maxItems")
    size = f" of at least {_count(least, 'entry', 'entries')}" if least else f" of at most {most:,} entries" if most else ""
    return f"a list{size}" + (f", each {inside}" if inside else "")


def _object(schema: Schema, place: _Place, deep: int) -> str:
    needed = schema.get("required", [])
    if needed and deep < 2:
        return f"an object with {_and([str(name) for name in needed])}"
    names = list(schema.get("properties", {}))
    if names and deep < 1:
        return f"an object with any of {_and(names[:LISTED])}"
    inside = _within(schema, "")
    if inside is not None and deep < 1:
        kind_of_name = _text({"type": "string", **_names_of(schema)})
        return f"an object: each name {kind_of_name}, each value {_expected(inside, place, deep + 1)}"
    return "an object"


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
        "this is empty" if actual == 0 else f"this has {_count(actual, 'entry', 'entries')}" if actual else "of another size"
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


def _figure(value: float) -> str:
    return f"{int(value):,}" if float(value).is_integer() else f"{value:,}"


def _either(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _and(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def a(what: str) -> str:
    """A word with its article."""
    return f"{'an' if what[0] in 'aeiou' else 'a'} {what}"


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _quoted(name: str) -> str:
    """A name in quotes, shortened, with nothing in it that a terminal would obey."""
    short = name if len(name) <= SHOWN else f"{name[:SHOWN]}..."
    return f"'{_printable(short)}'"


def _printable(text: str) -> str:
    """Text without what a terminal would obey or nobody could see."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _plain(name: str) -> str:
    """A name without what people write differently: case, spaces, dashes and underscores."""
    return "".join(char for char in name.casefold() if char.isalnum())

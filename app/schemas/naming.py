"""Values, names and lists of names in words, and what was meant by a name that is nearly right."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from functools import cached_property
from itertools import islice
from typing import Any

from app.errors import Fault

#: Most characters of a value, and of a name in a path, that are shown.
SHOWN = 60
#: Sets of at most so many names are listed where a name is not among them.
LISTED = 12
#: Names longer than this, and more than so many names to compare with, are not looked at for what was meant.
_LONGEST, _MOST_COMPARED = 80, 2000
#: How alike two names are, from 0 to 1, of which one may be meant by the other.
_ALIKE = 0.7


def shown(value: Any) -> str:
    """A value as JSON has it: shortened, and with nothing in it that a terminal would obey."""
    if isinstance(value, Mapping):
        return f"an object of {count(len(value), 'field')}"
    if isinstance(value, list | tuple | set | frozenset):
        return f"a list of {count(len(value), 'entry', 'entries')}"
    if isinstance(value, bytes):
        return f"{len(value):,} bytes"
    if isinstance(value, int) and value.bit_length() > 200:
        return f"a whole number of about {round(value.bit_length() * math.log10(2)):,} digits"
    text = value if isinstance(value, str) else None
    if text is not None and len(text) > SHOWN:
        return f"{printable(json.dumps(text[:SHOWN], ensure_ascii=False)[:-1])}..."
    return printable(json.dumps(value if text is None else text, ensure_ascii=False, default=str))


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
    return f"{what} {either([repr(name) for name in names])}"


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
    return Fault(field, f"there is no {what} {quoted(name)}", some, shown(name), meant(name, known), code="unknown")


def figure(value: float) -> str:
    """A number with its thousands apart, without a fraction where it is whole."""
    return f"{int(value):,}" if float(value).is_integer() else f"{value:,}"


def either(words: Sequence[str]) -> str:
    """`a, b or c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def all_of(words: Sequence[str]) -> str:
    """`a, b and c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def a(what: str) -> str:
    """A word with its article."""
    return f"{'an' if what[0] in 'aeiou' else 'a'} {what}"


def count(number: int, one: str, many: str | None = None) -> str:
    """A number and what is counted, in the singular for one."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def quoted(name: str) -> str:
    """A name in quotes, shortened, with nothing in it that a terminal would obey."""
    short = name if len(name) <= SHOWN else f"{name[:SHOWN]}..."
    return f"'{printable(short)}'"


def printable(text: str) -> str:
    """Text without what a terminal would obey or nobody could see."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _plain(name: str) -> str:
    """A name without what people write differently: case, spaces, dashes and underscores."""
    return "".join(char for char in name.casefold() if char.isalnum())

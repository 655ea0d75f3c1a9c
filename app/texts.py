"""Characters that no text may hold, because something that texts go to cannot hold them, or is led astray by them.

Control characters end a GraphML document, and drive the terminal that shows a name. Surrogates and the two last code
points are no characters at all. Overrides of the direction of writing, and the further line ends of Unicode, make a line
read as another one; signs that nobody can see, such as a space of no width or a soft hyphen, make two texts that are not the
same read alike. What is written with such signs in some script keeps them: joiners (Persian, Hindi, emoji) and marks of
direction (Arabic, Hebrew). What is new is refused with any of them (`app.schemas.wire`); what was stored before is read
without them (:func:`read_json`), and what is shown on a terminal or in a log shows a sign in their place
(:func:`visible`).
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

#: The characters, as they stand between the brackets of a regular expression in Python, Rust and JavaScript alike.
BARRED = r"\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u180e\u200b\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff"
_SURROGATES = r"\ud800-\udfff"

_ODD = re.compile(f"[{BARRED}{_SURROGATES}]")
_LINE_END = re.compile(r"\r\n?")
#: One of these stands in a JSON document of ASCII alone where a text in it holds a barred character, and seldom elsewhere.
_MARKS = (
    "\\u00", "\\u18", "\\u20", "\\u31", "\\ufe", "\\uFE", "\\uff", "\\uFF", "\\b", "\\f", "\\r", "\x7f",
)  # fmt: skip


def objection(text: str) -> str | None:
    """Why a text is not taken, if so."""
    # What is printable and ASCII throughout holds none of them, and this is the quickest way to know.
    found = None if text.isascii() and text.isprintable() else _ODD.search(text)
    if found is None:
        return None
    return f"character {found.start() + 1} is {_named(found[0])}, which no text may hold"


def _named(char: str) -> str:
    """A character by its number, and by its name where it has one: it cannot be seen."""
    name = unicodedata.name(char, "").lower()
    return f"U+{ord(char):04X}" + (f" ({name})" if name else "")


def cleaned(text: str) -> str:
    """A text without them; each end of a line is a line feed."""
    return _ODD.sub("", _LINE_END.sub("\n", text)) if _ODD.search(text) else text


def visible(text: str) -> str:
    """A text as a terminal can show it: each of them is one sign, a picture of a control character where there is one."""
    return _ODD.sub(_sign, text) if _ODD.search(text) else text


def escaped(text: str) -> str:
    """A JSON text that says the same without holding any of them: in JSON they can only stand in strings."""
    return _ODD.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def read_json(text: str) -> Any:
    """What a JSON document says that an older version may have stored, each text in it cleaned."""
    value = json.loads(text)
    return _cleaned(value) if _suspicious(text) else value


def clean_json(document: bytes) -> bytes:
    """A JSON document that an older version may have stored, with each text in it cleaned."""
    text = document.decode()
    return json.dumps(_cleaned(json.loads(text))).encode() if _suspicious(text) else document


def _suspicious(document: str) -> bool:
    """Whether a JSON document may hold a barred character. Nearly none does, which saves the walk through its texts."""
    # All marks but the last begin with a backslash, which few documents hold.
    marked = any(mark in document for mark in _MARKS) if "\\" in document else _MARKS[-1] in document
    return marked or not (document.isascii() or _ODD.search(document) is None)


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return cleaned(value)
    if isinstance(value, list):
        return [_cleaned(part) for part in value]
    if isinstance(value, dict):
        return {_cleaned(name): _cleaned(part) for name, part in value.items()}
    return value


def _sign(found: re.Match[str]) -> str:
    code = ord(found[0])
    return chr(0x2400 + code) if code < 0x20 else "\u2421" if code == 0x7F else "\ufffd"

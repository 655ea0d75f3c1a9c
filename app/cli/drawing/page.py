"""A page to draw on, its letters, and how it becomes a file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text

from app.cli.drawing.colours import LIGHT, Colours
from app.cli.failures import BadInput
from app.texts import cleaned

#: Endings of files that can be written.
ENDINGS = (".svg", ".png")
#: The face of all letters; it comes with matplotlib.
_FACE = "DejaVu Sans"
#: Faces that have Korean letters, of which the first that is installed is taken.
_KOREAN = ("Noto Sans CJK KR", "Noto Sans KR", "NanumGothic", "Apple SD Gothic Neo", "Malgun Gothic", "UnDotum")
#: Dots an inch of a PNG.
_DPI = 200


@contextmanager
def page(width: float, height: float, colours: Colours = LIGHT) -> Iterator[Figure]:
    """An empty page of so many inches, in these colours; draw and save within."""
    settings: dict[Any, Any] = {
        "font.family": [_FACE, *_korean()],
        "font.size": 9,
        "text.color": colours.ink,
        "axes.facecolor": colours.page,
        "figure.facecolor": colours.page,
        "axes.edgecolor": colours.faint,
        "axes.labelcolor": colours.ink,
        "xtick.color": colours.faint,
        "ytick.color": colours.faint,
        # Letters stay letters, which can be searched and read aloud; the same picture is the same file.
        "svg.fonttype": "none",
        "svg.hashsalt": "edgeplan",
        # A price of $5 is no formula.
        "text.parse_math": False,
    }
    with matplotlib.rc_context(settings):
        yield Figure(figsize=(width, height), layout="constrained")


def save(figure: Figure, path: Path, title: str) -> None:
    """Write a page, as its file's ending says.

    Raises
    ------
    BadInput
        If it cannot be written.
    """
    check_ending(path)
    vector = path.suffix.lower() == ".svg"
    for text in figure.findobj(Text):
        # A name with a control character would make the picture one that no program reads.
        text.set_text(cleaned(text.get_text()))
    title = cleaned(title)
    try:
        figure.savefig(
            path,
            format=path.suffix.lower()[1:],
            dpi=_DPI,
            facecolor=figure.get_facecolor(),
            metadata={"Title": title, "Date": None} if vector else {"Title": title},
        )
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror}.") from error


def check_ending(path: Path) -> None:
    """See that a picture can be written to a file of this name.

    Raises
    ------
    BadInput
        If its ending is none that can be written.
    """
    if path.suffix.lower() not in ENDINGS:
        raise BadInput(f"{path} must end in {' or '.join(ENDINGS)}.")


def legible(text: str, otherwise: str = "") -> str:
    """The text, if the letters at hand can write it."""
    known = _letters()
    return text if all(ord(letter) in known for letter in text) else otherwise


def _korean() -> list[str]:
    installed = {font.name for font in font_manager.fontManager.ttflist}
    return [name for name in _KOREAN if name in installed][:1]


@cache
def _letters() -> frozenset[int]:
    """Every character that the faces in use can write."""
    known: set[int] = set()
    for name in (_FACE, *_korean()):
        path = font_manager.findfont(name)
        known |= FT2Font(path).get_charmap().keys()
    return frozenset(known)

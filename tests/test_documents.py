"""Documents lead to what is there: their links, their headings, and the files of this project that they name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

DOCUMENTS = sorted(
    str(path.relative_to(ROOT))
    for path in (
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "data/README.md")),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "docker").rglob("*.md"),
    )
)

_LINK = re.compile(r"\]\((?!https?:|mailto:)([^)\s#]*)(?:#([^)\s]*))?\)")
#: Folders from which the documents name files as seen from the root.
_ROOMS = ("solver", "app", "tests", "data", "docs", "docker")
_NAMED = re.compile(rf"`((?:{'|'.join(_ROOMS)})/[\w./-]*)`")
#: A history names what was there then.
_HISTORY = ("CHANGELOG.md",)
#: Characters of the longest line of the README.
_WIDTH = 125


def anchors(text: str) -> Iterator[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    for heading in re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", text, flags=re.DOTALL), re.MULTILINE):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name: str) -> None:
    document = ROOT / name
    for path, anchor in _LINK.findall(document.read_text(encoding="utf-8")):
        target = document.parent / path if path else document
        assert target.exists(), path
        assert target.resolve().is_relative_to(ROOT), path
        if anchor:
            assert anchor in anchors(target.read_text(encoding="utf-8")), f"{path}#{anchor}"


@pytest.mark.parametrize("name", sorted(set(DOCUMENTS) - set(_HISTORY)))
def test_named_files_are_there(name: str) -> None:
    for path in _NAMED.findall((ROOT / name).read_text(encoding="utf-8")):
        assert (ROOT / path).exists() or (ROOT / f"{path}.py").exists(), path


def test_the_rooms_of_the_architecture_are_there() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = re.split(r"^### `(\w+)/`.*$", text, flags=re.MULTILINE)
    for room, said in zip(rooms[1::2], rooms[2::2], strict=True):
        table = re.split(r"^##", said, maxsplit=1, flags=re.MULTILINE)[0]
        names = [
            name for row in re.findall(r"^\| (`[^|]*) \|", table, re.MULTILINE) for name in re.findall(r"`([^`]+)`", row)
        ]
        assert len(names) > 5
        for name in names:
            assert (ROOT / room / name).exists(), f"{room}/{name}"


def test_every_document_is_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    ahead = [ROOT / "README.md"]
    while ahead:
        document = ahead.pop()
        if document in reached:
            continue
        reached.add(document)
        links = (document.parent / path for path, _ in _LINK.findall(document.read_text(encoding="utf-8")) if path)
        ahead.extend(link.resolve() for link in links if link.suffix == ".md")
    assert {ROOT / name for name in DOCUMENTS} <= reached


def test_the_readme_is_narrow() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if len(line) > _WIDTH] == []

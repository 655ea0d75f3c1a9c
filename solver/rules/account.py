"""What can be full: accounts, and the subjects that they are of, structured.

An account is named by codes and by the ids of what it is of, never by a sentence. What people read is made of it in one
place for each language: :mod:`solver.rules.wording` for the sentences of the verifier and the explainer.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

#: The fields that a subject may have, in the order in which they are written: a spread group; a node, a kind of card there,
#: and the least slice of one, in thousandths of a card; an access; a link, and the node towards which its traffic goes; a
#: place, a metro area or a power domain; who owns, operates or sells. `name` is of what is known by a name alone.
FIELDS: Final = (
    "group", "node", "accelerator", "slice_permille", "access", "link", "direction", "site", "metro", "power_domain",
    "owner", "operator", "vendor", "name",
)  # fmt: skip
_PLACE = {field: place for place, field in enumerate(FIELDS)}

#: What an account is of: (field, value) for each part, in the order of the fields.
Subject: TypeAlias = tuple[tuple[str, str], ...]


_WRITTEN = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def subject_of(parts: Mapping[str, str]) -> Subject:
    """A subject of its parts, in whatever order they come; a KeyError where a field is not known."""
    return tuple(sorted(parts.items(), key=lambda part: _PLACE[part[0]]))


def text_of(subject: Subject) -> str:
    """The canonical text of a subject, the same for equal subjects only: JSON with its parts in the order of the fields."""
    return _WRITTEN.encode(dict(subject))


@dataclass(frozen=True, slots=True, order=True)
class Account:
    """One thing that can be full: the rule that says so, the resource and its unit by their codes, and what it is of."""

    rule: str
    resource: str
    unit: str
    subject: Subject

    def part(self, field: str) -> str | None:
        """One part of the subject; None where it has no such part."""
        return next((value for name, value in self.subject if name == field), None)


class Subjects(Sequence[Subject]):
    """Subjects of one kind in columns, one for each field: a nation's hundred thousand are a few sequences of ids.

    Parameters
    ----------
    columns : mapping
        Field -> its value in each subject; all columns have one length.
    """

    __slots__ = ("_columns", "fields")

    def __init__(self, columns: Mapping[str, Sequence[str]]) -> None:
        #: The fields, in their order.
        self.fields = tuple(sorted(columns, key=_PLACE.__getitem__))
        self._columns = tuple(columns[field] for field in self.fields)
        if len({len(column) for column in self._columns}) != 1:
            raise ValueError("the columns of subjects have to have one length")

    def __len__(self) -> int:
        return len(self._columns[0])

    def __getitem__(self, at: int) -> Subject:  # type: ignore[override]
        return tuple((field, column[at]) for field, column in zip(self.fields, self._columns, strict=True))

    def __iter__(self) -> Iterator[Subject]:
        fields = self.fields
        for values in zip(*self._columns, strict=True):
            yield tuple(zip(fields, values, strict=True))

    def find(self, subject: Subject) -> list[int]:
        """The places at which a subject stands: found by its first part, as there may be many of them."""
        if self.fields != tuple(field for field, _ in subject):
            return []
        first = subject[0][1]
        return [at for at, value in enumerate(self._columns[0]) if value == first and self[at] == subject]

    def column(self, field: str) -> Sequence[str]:
        """The values of one field."""
        return self._columns[self.fields.index(field)]

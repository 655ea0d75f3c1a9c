"""Documents that are imported together, and what became of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field, model_validator

from app.schemas.documents import CatalogueDocument, Format, NetworkDocument, PoliciesDocument, WorkloadsDocument, one
from app.schemas.silences import Silence
from app.schemas.wire import FORMAT, Amount, Flag, Wire, Word

#: How many workloads an answer names.
NAMED = 20

DocumentName = Literal["network", "catalogue", "policies", "workloads"]


class ImportRequest(Wire):
    """Documents to put in the place of what is stored: judged together, then stored whole or not at all."""

    format: Format = FORMAT
    name: Word | None = None
    catalogue: CatalogueDocument | None = None
    network: NetworkDocument | None = None
    policies: PoliciesDocument | None = None
    workloads: WorkloadsDocument | None = None
    fresh: Annotated[
        Flag,
        Field(
            description="Start over: documents that are not given become empty, and all that is in force ends. "
            "Without it they stay, and what takes away from things that run what they stand on is refused."
        ),
    ] = False
    may_end: Annotated[
        Flag, Field(description="Whether what runs for workloads that are left out may end; refused with 409 otherwise.")
    ] = False
    expected: Annotated[
        dict[DocumentName, Amount],
        Field(
            default_factory=dict,
            description="Document -> the generation that must have changed it last; another one is refused with 412.",
        ),
    ]

    @model_validator(mode="after")
    def _something_is_given(self) -> ImportRequest:
        # Not even a fresh import: whoever forgets the documents does not mean to lose what is stored.
        if not any((self.catalogue, self.network, self.policies, self.workloads)):
            raise ValueError("no document is given: one of catalogue, network, policies, workloads")
        return self


class DocumentImported(Wire):
    """What became of one document. What an import leaves as it was is in none of the last three."""

    document: DocumentName
    generation: int = Field(description="The one that last changed the document.")
    counts: Mapping[str, int] = Field(description="Entities that are stored now, by kind.")
    added: Mapping[str, int] = {}
    changed: Mapping[str, int] = {}
    removed: Mapping[str, int] = {}


class Imported(Wire):
    """What an import has done; where it changed nothing, no generation was made."""

    generation: int = Field(description="The newest, which this import made if it changed anything.")
    documents: tuple[DocumentImported, ...]
    ended_shards: int = Field(description="Shards that ran and were ended.")
    ended_workloads: tuple[str, ...] = Field(description="Workloads of these; the first twenty.")
    backup: str | None = Field(description="File beside the store with what was stored before; null where none was made.")
    sentence: str = Field(description="What was added, changed, removed and ended, for people.")
    warnings: tuple[Silence, ...] = Field(default=(), description="Numbers that were not said and are taken for 0.")

    @staticmethod
    def of(
        generation: int,
        documents: Sequence[DocumentImported],
        ended: Sequence[tuple[str, int]],
        backup: str | None = None,
    ) -> Imported:
        """What an import has done, with its sentence."""
        workloads = tuple(sorted({workload for workload, _ in ended}))
        return Imported(
            generation=generation,
            documents=tuple(documents),
            ended_shards=len(ended),
            ended_workloads=workloads[:NAMED],
            backup=backup,
            sentence=" ".join(_sentences(documents, len(ended), len(workloads), backup)),
        )


def _sentences(documents: Sequence[DocumentImported], shards: int, workloads: int, backup: str | None) -> list[str]:
    said = []
    for what in ("added", "changed", "removed"):
        counts: Counter[str] = Counter()
        for document in documents:
            counts.update(getattr(document, what))
        if counts:
            listed = ", ".join(many(count, kind) for kind, count in counts.items())
            said.append(f"{what.capitalize()}: {listed}.")
    if shards:
        said.append(f"Ended: {many(shards, 'shards')} of {many(workloads, 'workloads')} that ran.")
    if backup is not None:
        said.append(f"What was stored before is in {backup}.")
    return said or ["Nothing differs from what is stored; nothing was changed."]


def many(count: int, kind: str) -> str:
    """`1 access`, `2 nodes`."""
    return f"{count:,} {kind if count != 1 else one(kind)}"

"""Validates files on this machine, by the same rules as the service does; the one command that needs them here."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from app.cli.common.documents import documents
from app.cli.common.output import Output
from app.cli.failures import No, fault_line
from app.former import renewed_within
from app.world.examining import examine


def check_documents(path: Path, parts: list[str], as_json: bool) -> None:
    """Validate the documents in a file or folder.

    Raises
    ------
    No
        If anything is wrong with them.
    """
    given, former = documents(path, parts), set[str]()
    examined = examine(renewed_within(given, former), former=former)
    out = Output(as_json)
    if as_json:
        out.document(
            {
                "faults": [asdict(fault) for fault in examined.faults],
                "more": examined.more,
                "warnings": [silence.model_dump(mode="json") for silence in examined.silences],
            }
        )
    else:
        for silence in examined.silences:
            out.note(f"warning: {silence.message}")
    refusal = examined.refusal()
    if refusal is not None:
        faults = [asdict(fault) for fault in examined.faults]
        raise No(refusal.detail, None, [fault_line(fault) for fault in faults], refusal.code, faults)
    if not as_json:
        out.show(f"{', '.join(given)}: valid.")

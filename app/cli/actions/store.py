"""What `edgeplan backup`, `restore` and `doctor` do: they work on the store themselves, whether or not a service runs."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.cli.actions.service import settings_from
from app.cli.common.output import Output
from app.cli.failures import BadInput, No
from app.doctor import examine
from app.keeping import CannotKeep
from app.keeping import backup as save
from app.keeping import restore as bring_back


def backup(file: Path | None, data_dir: Path | None, as_json: bool) -> None:
    """Save the store as one file, beside the store unless a file is given."""
    out = Output(as_json)
    try:
        with out.waiting("Saving"):
            made = save(settings_from(_given(data_dir)), file)
    except CannotKeep as error:
        raise BadInput(str(error)) from error
    size = made.stat().st_size
    out.answer(lambda: {"backup": str(made), "bytes": size}, lambda: f"Saved as {made}, {size:,} bytes.")


def restore(file: Path, data_dir: Path | None, yes: bool, as_json: bool) -> None:
    """Put a backup in the place of the store; asks first, unless `yes`."""
    out, settings = Output(as_json), settings_from(_given(data_dir))
    if not yes:
        out.confirm(f"Replace all that is stored by {file}?", f"edgeplan restore {file} --yes")
    try:
        with out.waiting("Restoring"):
            kept = bring_back(settings, file)
    except CannotKeep as error:
        raise BadInput(str(error)) from error
    before = "" if kept is None else f" What was stored before is in {kept}."
    out.answer(
        lambda: {"restored": str(file), "kept": None if kept is None else str(kept)}, lambda: f"Restored {file}.{before}"
    )


def doctor(data_dir: Path | None, as_json: bool) -> None:
    """Check the store and this machine.

    Raises
    ------
    No
        If something is wrong.
    """
    out = Output(as_json)
    with out.waiting("Examining"):
        found = list(examine(settings_from(_given(data_dir))))
    wrong = [one for one in found if one.state == "wrong"]
    widest = max(len(one.check) for one in found)
    out.answer(
        lambda: {"ok": not wrong, "checks": [asdict(one) for one in found]},
        lambda: tuple(f"{one.state:8} {one.check:{widest}}  {one.sentence}" for one in found),
    )
    if wrong:
        raise No(f"Something is wrong: {', '.join(one.check for one in wrong)}.")


def _given(data_dir: Path | None) -> dict[str, Any]:
    return {} if data_dir is None else {"data_dir": data_dir}

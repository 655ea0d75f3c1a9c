"""`edgeplan backup`, `edgeplan restore` and `edgeplan doctor`: the store on this machine, with or without a service."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.commands.options import AsJson, Yes

DataDir = Annotated[
    Path | None, typer.Option("--data-dir", metavar="DIR", help="Where the service keeps what it stores (default ./var).")
]


def backup(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="File to write, or a folder to write into; beside the store unless given."),
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Save the store as one file, while the service goes on.

    Copying edgeplan.db by hand is not enough: the newest changes are in a second file beside it. A backup has
    everything that was stored when it was begun. It is as large as the store and for your eyes alone; keep it on
    another disk.

    \b
    Example:
      edgeplan backup
      edgeplan backup /mnt/backups/
      edgeplan backup --data-dir /var/lib/edgeplan /mnt/backups/edgeplan-monday.db
    """
    from app.cli.commands.service import settings_from
    from app.cli.common.output import Output
    from app.cli.failures import BadInput
    from app.keeping import CannotKeep
    from app.keeping import backup as save

    out = Output(as_json)
    try:
        with out.waiting("Saving"):
            made = save(settings_from(_given(data_dir)), file)
    except CannotKeep as error:
        raise BadInput(str(error)) from error
    size = made.stat().st_size
    if as_json:
        out.document({"backup": str(made), "bytes": size})
    else:
        out.show(f"Saved as {made}, {size:,} bytes.")


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup, of this version or an older one.")],
    data_dir: DataDir = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Put a backup in the place of the store, while no service runs on it.

    What was stored until then is saved first, in a file beside the store that the answer names. The backup is
    checked before anything is replaced.

    \b
    Example:
      edgeplan restore /mnt/backups/edgeplan-monday.db
      edgeplan restore var/edgeplan-20261201T080000.000000Z-before-import.db --yes
    """
    from app.cli.commands.service import settings_from
    from app.cli.common.output import Output
    from app.cli.failures import BadInput
    from app.keeping import CannotKeep
    from app.keeping import restore as bring_back

    out, settings = Output(as_json), settings_from(_given(data_dir))
    if not yes:
        out.confirm(f"Put {file} in the place of all that is stored?", f"edgeplan restore {file} --yes")
    try:
        with out.waiting("Restoring"):
            kept = bring_back(settings, file)
    except CannotKeep as error:
        raise BadInput(str(error)) from error
    if as_json:
        out.document({"restored": str(file), "kept": None if kept is None else str(kept)})
    else:
        out.show(f"Restored {file}." + ("" if kept is None else f" What was stored before is in {kept}."))


def doctor(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Check the store and this machine: is the file sound, and is there room for it to work?

    Nothing is changed, and a service may go on meanwhile. Checked are: who uses the store, who may read it, whether
    its file is sound, its version, whether everything named is stored, the clock, free disk space, open files
    allowed, and whether the solver is compiled. Leaves with 1 if something is wrong; a warning leaves with 0.

    \b
    Example:
      edgeplan doctor
      edgeplan doctor --data-dir /var/lib/edgeplan --json
    """
    from dataclasses import asdict

    from app.cli.commands.service import settings_from
    from app.cli.common.output import Output
    from app.cli.failures import No
    from app.doctor import examine

    out = Output(as_json)
    with out.waiting("Examining"):
        found = list(examine(settings_from(_given(data_dir))))
    wrong = [one for one in found if one.state == "wrong"]
    if as_json:
        out.document({"ok": not wrong, "checks": [asdict(one) for one in found]})
    else:
        widest = max(len(one.check) for one in found)
        out.show(*(f"{one.state:8} {one.check:{widest}}  {one.sentence}" for one in found))
    if wrong:
        raise No(f"Something is wrong: {', '.join(one.check for one in wrong)}.")


def _given(data_dir: Path | None) -> dict[str, Any]:
    return {} if data_dir is None else {"data_dir": data_dir}

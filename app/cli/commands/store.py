"""`edgeplan backup`, `edgeplan restore` and `edgeplan doctor`: the store on this machine, with or without a service."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

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
    from app.cli.actions import store as actions

    actions.backup(file, data_dir, as_json)


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A backup, of this version or an older one.")],
    data_dir: DataDir = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Replace the store by a backup, while no service runs on it.

    What was stored until then is saved first, in a file beside the store that the answer names. The backup is
    checked before anything is replaced.

    \b
    Example:
      edgeplan restore /mnt/backups/edgeplan-monday.db
      edgeplan restore var/edgeplan-20261201T080000.000000Z-before-import.db --yes
    """
    from app.cli.actions import store as actions

    actions.restore(file, data_dir, yes, as_json)


def doctor(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Check the store and this machine: is the file sound, and is there room for it to work?

    Nothing is changed, and a service may go on meanwhile. Checked are: who uses the store, who may read it, whether
    its file is sound, its version, whether everything named is stored, the clock, free disk space, open files
    allowed, and whether the solver is compiled. Exits with 1 if something is wrong; a warning exits with 0.

    \b
    Example:
      edgeplan doctor
      edgeplan doctor --data-dir /var/lib/edgeplan --json
    """
    from app.cli.actions import store as actions

    actions.doctor(data_dir, as_json)

"""Copies of an embedded store, made while it is used (https://sqlite.org/backup.html).

The newest commits of a store are in a file beside the database's; so the database file copied by itself lacks them. A
backup made here is one file with everything that had been committed when it was begun.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import structlog

from app.errors import StoreDamaged, StoreFull
from app.store.files import FILE_MODE, existing
from app.store.refusing import refusal

log = structlog.get_logger(__name__)

#: How many of the backups are kept that the service makes by itself.
KEPT = 5
#: Bytes that are left free beside a backup.
SPARE_BYTES = 16 * 2**20
#: When a backup was made, in its name; so names sort by age.
_STAMP = "%Y%m%dT%H%M%S.%fZ"


def before(file: Path, what: str) -> Path:
    """Make a backup beside the store before something is done to it (`import`, `migration`, `restore`); the newest five such
    backups are kept.

    Raises
    ------
    StoreFull
        If there is not enough room for it.
    StoreUnusable
        If the store cannot be read, or the backup not be written.
    """
    made = named(file, what)
    copy(file, made)
    prune(file, made)
    log.info("store.backed_up", file=str(made), before=what, mib=round(made.stat().st_size / 2**20, 1))
    return made


def named(file: Path, what: str) -> Path:
    """The name of a backup made now before something is done."""
    return file.with_name(f"{file.stem}-{datetime.now(UTC).strftime(_STAMP)}-before-{what}{file.suffix}")


def made_before(file: Path) -> list[Path]:
    """The backups of a store that were made by themselves, oldest first."""
    such = re.compile(rf"{re.escape(file.stem)}-\d{{8}}T[\d.]+Z-before-\w+{re.escape(file.suffix)}")
    return sorted(one for one in file.parent.iterdir() if such.fullmatch(one.name))


def prune(file: Path, newest: Path) -> None:
    """Forget backups that were made by themselves, all but the newest few and the one just made."""
    others = [one for one in made_before(file) if one != newest]
    for old in others[: max(0, len(others) + 1 - KEPT)]:
        old.unlink()


def copy(source: Path, target: Path) -> None:
    """Copy a store into a single file, whole or not at all; the source may be in use.

    Raises
    ------
    StoreFull
        If there is not enough room for it.
    StoreUnusable
        If the source cannot be read (`StoreDamaged` if it is damaged), or the target not be written.
    """
    check_room(target.parent, source)
    partial = target.with_name(f".{target.name}.partial")
    partial.unlink(missing_ok=True)
    os.close(os.open(partial, os.O_RDWR | os.O_CREAT | os.O_EXCL, FILE_MODE))
    try:
        _copy(source, partial)
        sync(partial)
        partial.replace(target)
        sync(target.parent)
    except sqlite3.Error as error:
        refused = refusal(error)
        if refused is None:
            raise
        raise refused from error
    finally:
        partial.unlink(missing_ok=True)


def check_room(folder: Path, source: Path) -> None:
    """Refuse to begin what there is no room for."""
    needed = source.stat().st_size + wal_bytes(source) + SPARE_BYTES
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise StoreFull(f"A backup needs {needed // 2**20} MiB in {folder}, and {free // 2**20} MiB are free.")


def wal_bytes(file: Path) -> int:
    """How large the log beside a database is."""
    wal = file.with_name(file.name + "-wal")
    return wal.stat().st_size if wal.exists() else 0


def _copy(source: Path, target: Path) -> None:
    with (
        closing(sqlite3.connect(existing(source), uri=True)) as given,
        closing(sqlite3.connect(target, isolation_level=None)) as taken,
    ):
        given.backup(taken)
        # A file that is all there is: without a log beside it.
        taken.execute("PRAGMA journal_mode=DELETE").close()
        [(found,)] = taken.execute("PRAGMA quick_check(1)")
        if found != "ok":
            raise StoreDamaged(f"The copy of {source} is not sound: {found}.")


def sync(path: Path) -> None:
    """Have a file or folder survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

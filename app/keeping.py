"""A store saved and brought back by hand: `edgeplan backup` and `edgeplan restore`."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from app.errors import StoreBusy, StoreUnusable
from app.settings import Settings
from app.store import backups
from app.store.files import FILE_MODE, InUse, beside, create_folder, existing, file_of, narrow
from app.store.migrations import NewerStore, check_known


class CannotKeep(Exception):
    """It was not saved, or not brought back; says why, and that nothing was changed."""


def backup(settings: Settings, to: Path | None) -> Path:
    """Save the store as one file, also while services use it: to a file or into a folder, or beside the store.

    Raises
    ------
    CannotKeep
        If it cannot be read or written, or the file is there already.
    """
    source = _file(settings)
    if not source.exists():
        raise CannotKeep(f"There is no store at {source}.")
    name = f"{source.stem}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}{source.suffix}"
    target = source.with_name(name) if to is None else to / name if to.is_dir() else to
    if target.exists():
        raise CannotKeep(f"There is a file {target} already; it was left as it is.")
    try:
        backups.copy(source, target)
    except OSError as error:
        raise CannotKeep(f"{target} cannot be written: {error.strerror}.") from error
    except StoreUnusable as error:
        raise CannotKeep(f"The store was not saved ({error.code}): {error.detail}") from error
    return target


def restore(settings: Settings, source: Path) -> Path | None:
    """Put a backup in the place of the store; answers where what was stored is kept now, if there was anything.

    Raises
    ------
    CannotKeep
        If a service uses the store, or the file is no sound store of this version or an older one. Nothing was changed.
    """
    target = _file(settings)
    staged = target.with_name(f".{target.name}.restored")
    try:
        if not source.is_file():
            raise CannotKeep(f"There is no file {source}.")
        if source.resolve() == target.resolve():
            raise CannotKeep(f"{source} is the store itself.")
        if settings.database_url is None:
            create_folder(settings.data_dir)
        with InUse(target, alone=True):
            backups.copy(source, staged)
            _check(staged, source)
            kept = _put_aside(target) if target.exists() else None
            for old in beside(target)[1:3]:
                old.unlink(missing_ok=True)
            staged.replace(target)
            backups.sync(target.parent)
            return kept
    except StoreBusy as error:
        raise CannotKeep(f"{error.detail} Stop it first: edgeplan serve, edgeplan worker.") from error
    except StoreUnusable as error:
        raise CannotKeep(f"Nothing was restored ({error.code}): {error.detail}") from error
    except OSError as error:
        raise CannotKeep(f"Nothing was restored: {error.filename or source}: {error.strerror}.") from error
    finally:
        staged.unlink(missing_ok=True)


def _file(settings: Settings) -> Path:
    file = file_of(settings.store_url)
    if file is None:
        raise CannotKeep(
            "The store is a database of its own (EDGEPLAN_DATABASE_URL): save it with its own tools, such as pg_dump."
        )
    return file


def _check(staged: Path, source: Path) -> None:
    """Refuse what is no store, or one that a newer version has written."""
    with closing(sqlite3.connect(existing(staged), uri=True)) as db:
        try:
            stored = db.execute("SELECT version_num FROM alembic_version").fetchone()
            db.execute("SELECT generation FROM generation").fetchall()
        except sqlite3.DatabaseError as error:
            raise CannotKeep(f"{source} is no store of Edgeplan: {error}. Nothing was restored.") from error
    try:
        check_known("nothing" if stored is None else stored[0])
    except NewerStore as error:
        raise CannotKeep(f"{error} Nothing was restored.") from error


def _put_aside(target: Path) -> Path:
    """Keep what is stored now: as a backup; a store that cannot be read any more as its files are."""
    try:
        with closing(sqlite3.connect(existing(target), uri=True, timeout=0, isolation_level=None)) as db:
            # Only whoever has a store for himself can do this; and what its log held is then in the one file.
            db.execute("PRAGMA journal_mode=DELETE").close()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            raise StoreBusy("Another process uses this store.") from error
    except sqlite3.DatabaseError:
        # Damaged: what there is of it is kept below.
        pass
    try:
        return backups.before(target, "restore")
    except StoreUnusable as error:
        if isinstance(error, StoreBusy):
            raise
        kept = backups.named(target, "restore")
        for file, copy in zip(beside(target)[:2], beside(kept)[:2], strict=True):
            if file.exists():
                shutil.copyfile(file, copy)
                narrow(copy, FILE_MODE)
        return kept

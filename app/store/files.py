"""The files of an embedded store: which they are, who may read them, and who is using them.

A process must never open and close the database file by itself while SQLite has it open: closing any descriptor of a file
gives up all POSIX locks that the process holds on it, SQLite's among them. So modes are changed by path, and what tells
whether the store is in use is a file of its own.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import structlog
from sqlalchemy import URL
from sqlalchemy.engine import make_url

from app.errors import StoreBusy

log = structlog.get_logger(__name__)

#: What a store's files and their folder may be: for their owner alone.
FILE_MODE, FOLDER_MODE = 0o600, 0o700
#: Bits that let others in.
_OTHERS = 0o077
#: A folder in which anyone may put files is nobody's own.
_STICKY = 0o1000


def file_of(url: str | URL) -> Path | None:
    """The database file at a URL; None where the store is no file."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite" or address.database in (None, "", ":memory:"):
        return None
    return Path(str(address.database))


def beside(file: Path) -> tuple[Path, ...]:
    """The database file and what SQLite and we keep beside it."""
    return (file, *(file.with_name(file.name + ending) for ending in ("-wal", "-shm", "-lock")))


def existing(file: Path) -> str:
    """How SQLite is told to open a file that must be there: one that has been taken away is no empty store."""
    return f"file:{quote(str(file))}?mode=rw"


def create(file: Path) -> None:
    """Make an empty database file for its owner alone, unless there is one; narrow the modes of one that is there."""
    if not file.exists():
        try:
            os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, FILE_MODE))
        except FileExistsError:
            # Another process was quicker.
            return
        with closing(sqlite3.connect(existing(file), uri=True)) as db:
            # To be said before the first table is made: free pages can be given back in small steps.
            db.execute("PRAGMA auto_vacuum=INCREMENTAL").close()
            db.execute("PRAGMA journal_mode=WAL").close()
    for one in beside(file):
        if one.exists():
            narrow(one, FILE_MODE)


def create_folder(folder: Path) -> None:
    """Make a folder for its owner alone, or narrow one that is there.

    Left as they are: what belongs to others or to all (`/tmp`), the working folder, the home, and what these lie in.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    here = folder.resolve()
    shared = here.stat().st_mode & _STICKY
    if not shared and not any(place == here or here in place.parents for place in (Path.cwd(), Path.home())):
        narrow(here, FOLDER_MODE)


def too_wide(path: Path) -> bool:
    """Whether others than the owner may read or write a file or folder."""
    return bool(path.stat().st_mode & _OTHERS)


def narrow(path: Path, mode: int) -> None:
    """Shut others out of a file or folder, where that is ours to do."""
    if not too_wide(path):
        return
    try:
        path.chmod(path.stat().st_mode & mode)
    except OSError as error:
        log.warning("store.modes_kept", path=str(path), mode=oct(path.stat().st_mode & 0o777), why=error.strerror)


class InUse:
    """Says to other processes that a store is in use, for as long as it is held."""

    def __init__(self, file: Path, alone: bool = False) -> None:
        """Hold it together with others, or `alone`.

        Raises
        ------
        StoreBusy
            If somebody holds it alone; or, to have it alone, if anybody holds it.
        """
        self._descriptor = os.open(file.with_name(file.name + "-lock"), os.O_RDWR | os.O_CREAT, FILE_MODE)
        try:
            fcntl.flock(self._descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._descriptor)
            who = "A service or a worker uses this store." if alone else "This store is being restored."
            raise StoreBusy(who) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of it."""
        os.close(self._descriptor)

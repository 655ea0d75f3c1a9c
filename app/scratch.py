"""The temporary files of a process in one folder, and the end of what crashed processes have left.

Temporary folders and the names of semaphores outlive a process that is killed. All of ours begin with the name of a folder
on which their process holds a lock, which the kernel lets go of however the process ends: what nobody holds is left over.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import process
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

#: How our temporary folders begin.
_PREFIX = "edgeplan-run-"
_LOCK = "lock"
#: Longest path of a folder in which ours can hold a socket: 107 bytes, less what comes behind it.
_MOST_BYTES = 50
#: Where Linux keeps named semaphores, and what it puts before their names.
_SEMAPHORES, _SEM = Path("/dev/shm"), "sem."


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A folder for everything temporary of this process and its children, gone when the block ends.

    What earlier processes of this user have left is removed first.
    """
    before = tempfile.tempdir, os.environ.get("TMPDIR")
    clear_left_over()
    folder, lock = _held_folder()
    tempfile.tempdir = os.environ["TMPDIR"] = str(folder)
    # There is no public way to name semaphores, nor to say where sockets are: left to itself multiprocessing makes a folder
    # for them inside ours, and complains at the very end that it is gone. Tests see to it that this way works.
    names: dict[str, str | None] = process.current_process()._config  # type: ignore[attr-defined]
    named = {name: names.get(name) for name in ("semprefix", "tempdir")}
    names |= {"semprefix": f"/{folder.name}", "tempdir": str(folder)}
    try:
        yield folder
    finally:
        names |= named
        tempfile.tempdir, previous = before
        os.environ.pop("TMPDIR")
        if previous is not None:
            os.environ["TMPDIR"] = previous
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _held_folder() -> tuple[Path, int]:
    """A new folder and the lock on it, which is not passed on to children: they may outlive this process for a moment."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_base()))
        lock = os.open(folder / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (folder / _LOCK).exists():
            return folder, lock
        # Somebody who started at the same moment took it for left over.
        os.close(lock)


def _base() -> Path:
    """Where temporary folders are made: what TMPDIR says, unless a socket could not be bound so far down."""
    told = tempfile.gettempdir()
    return Path(told if len(os.fsencode(told)) <= _MOST_BYTES else "/tmp")


def clear_left_over() -> None:
    """Remove what crashed processes of this user have left."""
    for folder in _base().glob(f"{_PREFIX}*"):
        try:
            if folder.is_symlink() or folder.stat().st_uid != os.getuid():
                continue
            lock = os.open(folder / _LOCK, os.O_RDWR | os.O_NOFOLLOW)
        except OSError:
            # It is being made or removed just now.
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        else:
            log.info("scratch.left_over", folder=str(folder))
            for semaphore in _SEMAPHORES.glob(f"{_SEM}{folder.name}-*"):
                with suppress(OSError):
                    semaphore.unlink()
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(lock)

"""How the store of a process's settings is opened; what keeps it from being opened is said in a sentence."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.errors import StoreUnusable
from app.settings import Settings
from app.store.backups import check_room
from app.store.files import create_folder, existing, file_of
from app.store.migrations import NewerStore
from app.store.sql import SqlStore, open_store

log = structlog.get_logger(__name__)

#: SQLite's word for files whose free pages can be given back in small steps.
_INCREMENTAL = 2


class CannotOpen(Exception):
    """The store cannot be opened; says why, and what to do."""


def open_own(settings: Settings, busy_ms: int | None = None) -> SqlStore:
    """Open the store that settings name: its folder made, its files for their owner alone, its tables brought up to date.

    `busy_ms` is how long a writer waits for the one before it, where that is not the store's own patience.

    Raises
    ------
    CannotOpen
        If that cannot be done.
    """
    url = settings.store_url
    try:
        file = file_of(url)
        if settings.database_url is None:
            create_folder(settings.data_dir)
        if file is not None and file.exists():
            _able_to_shrink(file)
        return open_store(url, settings.events_kept, busy_ms)
    except OSError as error:
        raise CannotOpen(f"The folder {settings.data_dir} cannot be used: {error.strerror}.") from error
    except ImportError as error:
        raise CannotOpen(
            f"The database of EDGEPLAN_DATABASE_URL needs a driver that is not installed: {error}. Install it into the "
            "environment that Edgeplan runs in."
        ) from error
    except StoreUnusable as error:
        raise CannotOpen(f"The store at {_shown(settings)} cannot be opened ({error.code}): {error.detail}") from error
    except NewerStore as error:
        raise CannotOpen(str(error)) from error
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise CannotOpen(f"The store at {_shown(settings)} cannot be opened: {str(error).splitlines()[0]}") from error


def _shown(settings: Settings) -> str:
    """Where the store is, without what is secret of a URL."""
    return settings.store_url if settings.database_url is None else "EDGEPLAN_DATABASE_URL"


def _able_to_shrink(file: Path) -> None:
    """Rewrite a file once that was made before free pages could be given back, if there is room and nobody uses it.

    SQLite does that in one transaction: whatever happens, the file is as it was or rewritten whole.
    """
    with closing(sqlite3.connect(existing(file), uri=True, isolation_level=None, timeout=0)) as db:
        try:
            [(mode,)] = db.execute("PRAGMA auto_vacuum")
            [(pages,)] = db.execute("PRAGMA page_count")
            if mode == _INCREMENTAL or pages == 0:
                return
            check_room(file.parent, file)
            db.execute(f"PRAGMA auto_vacuum={_INCREMENTAL}").close()
            db.execute("VACUUM").close()
        except (sqlite3.OperationalError, StoreUnusable) as error:
            # It is as good as before; the next start tries again.
            log.warning("store.not_rewritten", file=str(file), why=str(error))
        else:
            log.info("store.rewritten", file=str(file))

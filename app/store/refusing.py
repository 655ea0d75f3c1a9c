"""What the errors of a database mean to whoever asked: busy, full, read-only, damaged, or not to be reached."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError, TimeoutError

from app.errors import StoreBusy, StoreDamaged, StoreFull, StoreReadOnly, StoreUnusable

#: SQLite's primary result codes (https://sqlite.org/rescode.html) of what is the store's trouble, not ours.
_PRIMARY: dict[int, type[StoreUnusable]] = {
    sqlite3.SQLITE_BUSY: StoreBusy,
    sqlite3.SQLITE_LOCKED: StoreBusy,
    sqlite3.SQLITE_PROTOCOL: StoreBusy,
    sqlite3.SQLITE_FULL: StoreFull,
    sqlite3.SQLITE_READONLY: StoreReadOnly,
    sqlite3.SQLITE_PERM: StoreReadOnly,
    sqlite3.SQLITE_CORRUPT: StoreDamaged,
    sqlite3.SQLITE_NOTADB: StoreDamaged,
    sqlite3.SQLITE_IOERR: StoreUnusable,
    sqlite3.SQLITE_CANTOPEN: StoreUnusable,
}
#: Extended codes that say more: a quota or a limit on the size of files fails a write with these, not with SQLITE_FULL.
_EXTENDED: dict[int, type[StoreUnusable]] = {
    sqlite3.SQLITE_IOERR_WRITE: StoreFull,
    sqlite3.SQLITE_IOERR_SHMSIZE: StoreFull,
}
#: The same for SQLSTATE, by its longest prefix (https://www.postgresql.org/docs/current/errcodes-appendix.html).
_STATES: dict[str, type[StoreUnusable]] = {
    "08": StoreUnusable,
    "25006": StoreReadOnly,
    "40001": StoreBusy,
    "40P01": StoreBusy,
    "53": StoreUnusable,
    "53100": StoreFull,
    "55P03": StoreBusy,
    "57P": StoreUnusable,
    "58": StoreUnusable,
    "XX001": StoreDamaged,
    "XX002": StoreDamaged,
}


def refusal(error: Exception) -> StoreUnusable | None:
    """The refusal that an error of the database, or of its driver, is; None for an error that is our own fault."""
    if isinstance(error, TimeoutError):
        return StoreBusy()
    cause = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(cause, "sqlite_errorcode", None)
    if isinstance(code, int):
        kind = _EXTENDED.get(code) or _PRIMARY.get(code & 0xFF)
        return None if kind is None else kind()
    state = getattr(cause, "sqlstate", None)
    if isinstance(state, str):
        known = max((prefix for prefix in _STATES if state.startswith(prefix)), key=len, default=None)
        return None if known is None else _STATES[known]()
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return StoreUnusable()
    return None

"""What is newest in an SQLite store, at a glance.

A connection of its own asks the one question that is asked hundreds of times a second. It begins no transaction that
outlasts the statement, so each look sees the last commit of any process. What it found is used again only while SQLite
says that nobody has committed since.
"""

from __future__ import annotations

import sqlite3
import threading

from sqlalchemy import URL

from app.store.files import existing, file_of
from app.store.records import Versions

_NEWEST = "SELECT part, generation FROM generation UNION ALL SELECT NULL, coalesce(max(id), 0) FROM event"
#: A number that changes whenever another connection, of any process, has committed.
_VERSION = "PRAGMA data_version"


class VersionProbe:
    """Looks at the newest generations and events without a session. Safe to use from several threads."""

    def __init__(self, url: URL) -> None:
        self._lock = threading.Lock()
        self._at: int | None = None
        self._found = Versions({}, 0)
        # Readers do not wait for writers in WAL mode; what else could make one wait is left to a session.
        file = file_of(url)
        where = ":memory:" if file is None else existing(file)
        self._db = sqlite3.connect(where, uri=file is not None, timeout=0, isolation_level=None, check_same_thread=False)

    def look(self) -> Versions | None:
        """What is newest; None if that cannot be told at once."""
        if not self._lock.acquire(blocking=False):
            return None
        try:
            [(version,)] = self._db.execute(_VERSION)
            if version != self._at:
                found = dict(self._db.execute(_NEWEST))
                # Commits between the two statements are in what was found, and asked for once more the next time.
                self._at, self._found = version, Versions(found, found.pop(None))
            return self._found
        except sqlite3.Error:
            # A session meets the same, and says what it is.
            return None
        finally:
            self._lock.release()

    def close(self) -> None:
        """Let go of the connection."""
        with self._lock:
            self._db.close()

"""The generations of an SQLite store at a glance.

A connection of its own asks the one question that is asked hundreds of times a second. It begins no transaction that
outlasts the statement, so each look sees the last commit of any process: nothing is remembered that could go stale.
"""

from __future__ import annotations

import sqlite3
import threading

from sqlalchemy import URL


class Peephole:
    """Looks at the generations without a session. Safe to use from several threads."""

    def __init__(self, url: URL) -> None:
        self._lock = threading.Lock()
        # Readers do not wait for writers in WAL mode; what else could make one wait is left to a session.
        self._db = sqlite3.connect(url.database or ":memory:", timeout=0, isolation_level=None, check_same_thread=False)

    def look(self) -> dict[str, int] | None:
        """Part -> the generation that last changed it; None if that cannot be told at once."""
        if not self._lock.acquire(blocking=False):
            return None
        try:
            found = dict(self._db.execute("SELECT part, generation FROM generation"))
        except sqlite3.OperationalError:
            return None
        finally:
            self._lock.release()
        return found

    def close(self) -> None:
        """Let go of the connection."""
        with self._lock:
            self._db.close()

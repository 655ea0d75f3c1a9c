"""Whether a store can be written to, found out by writing to it."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

from app.errors import StoreUnusable
from app.store.files import existing
from app.store.refusing import refusal

#: How long a trial waits for the writer before it.
WAIT_SECONDS = 2.0
#: How long a finding is good for: whoever asks more often has it answered without another trial.
GOOD_SECONDS = 1.0


class Trial:
    """Writes something of no meaning to an SQLite store. Safe to use from several threads; they share one finding."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._until = float("-inf")
        self._found: StoreUnusable | None = None

    def run(self) -> None:
        """Commit a change.

        Raises
        ------
        StoreUnusable
            If that could not be done, a moment ago at the latest.
        """
        with self._lock:
            if time.monotonic() >= self._until:
                self._found = self._try()
                self._until = time.monotonic() + GOOD_SECONDS
            found = self._found
        if found is not None:
            raise type(found)(found.detail) from found

    def _try(self) -> StoreUnusable | None:
        try:
            with closing(sqlite3.connect(existing(self._file), uri=True, isolation_level=None, timeout=WAIT_SECONDS)) as db:
                db.execute("BEGIN IMMEDIATE").close()
                # A number in the file's header that is there for whoever uses SQLite. An update of a row that leaves it as
                # it is would not be written at all.
                [(number,)] = db.execute("PRAGMA user_version")
                db.execute(f"PRAGMA user_version={(number + 1) % 2**31}").close()
                db.execute("COMMIT").close()
        except sqlite3.Error as error:
            refused = refusal(error)
            if refused is None:
                raise
            refused.__cause__ = error
            return refused
        return None

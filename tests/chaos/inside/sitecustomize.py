"""What a test changes inside the processes of a service under test: imported by Python itself before anything else, where
this folder is on PYTHONPATH (child processes and the forkserver included).

`CHAOS_CLOCK` names a file with seconds that the clock is ahead. `CHAOS_READ_ONLY` names a file: as long as it is there every
SQLite database refuses to be written to. Both are read again each time, so that they can be changed while the process runs.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from datetime import date, datetime
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any


def _turn_the_clock(file: Path) -> None:
    real = time.time_ns

    def ahead() -> int:
        try:
            return int(float(file.read_text() or 0) * 1e9)
        except FileNotFoundError:
            return 0

    time.time_ns = lambda: real() + ahead()
    time.time = lambda: time.time_ns() / 1e9

    def today() -> date:
        return datetime.fromtimestamp(time.time()).date()

    # `date.today` looks at the clock by itself and cannot be replaced; the product asks for the day in one place.
    _once_loaded("app.clock", lambda clock: setattr(clock, "today", today))


def _once_loaded(name: str, change: Callable[[ModuleType], None]) -> None:
    """Change a module as soon as it has been loaded."""
    import sys

    class Finder:
        @staticmethod
        def find_spec(asked: str, path: Any = None, target: Any = None) -> Any:
            spec = PathFinder.find_spec(asked, path) if asked == name else None
            if spec is None or spec.loader is None:
                return None
            load = spec.loader.exec_module

            def loaded(module: ModuleType) -> None:
                load(module)
                change(module)

            spec.loader.exec_module = loaded  # type: ignore[method-assign]
            return spec

    sys.meta_path.insert(0, Finder)  # type: ignore[arg-type]


def _refuse_writes_while(file: Path) -> None:
    real = sqlite3.connect

    class Cursor(sqlite3.Cursor):
        def execute(self, *args: Any) -> sqlite3.Cursor:
            self._turn()
            return super().execute(*args)

        def executemany(self, *args: Any) -> sqlite3.Cursor:
            self._turn()
            return super().executemany(*args)

        def _turn(self) -> None:
            connection, wanted = self.connection, file.exists()
            if getattr(connection, "refuses", False) != wanted:
                super().execute(f"PRAGMA query_only = {'ON' if wanted else 'OFF'}")
                connection.refuses = wanted  # type: ignore[attr-defined]

    class Connection(sqlite3.Connection):
        def cursor(self, factory: Any = None) -> Any:
            return super().cursor(Cursor)

        def execute(self, *args: Any) -> sqlite3.Cursor:
            found: sqlite3.Cursor = self.cursor().execute(*args)
            return found

    def connect(*args: Any, **kwargs: Any) -> sqlite3.Connection:
        return real(*args, **{"factory": Connection, **kwargs})

    sqlite3.connect = connect
    sqlite3.dbapi2.connect = connect


if "CHAOS_CLOCK" in os.environ:
    _turn_the_clock(Path(os.environ["CHAOS_CLOCK"]))
if "CHAOS_READ_ONLY" in os.environ:
    _refuse_writes_while(Path(os.environ["CHAOS_READ_ONLY"]))

"""`edgeplan doctor`: is the store sound, and will a service find what it needs here?"""

from __future__ import annotations

import importlib
import resource
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from app.clock import now_ms
from app.errors import StoreBusy
from app.settings import Settings
from app.store import backups
from app.store.files import InUse, beside, existing, file_of, too_wide
from app.store.migrations import NewerStore, check_known, newest

#: Connections, files and pipes that a service may hold; it works with fewer, and refuses connections sooner.
DESCRIPTORS = 4096
#: How far ahead of the clock something stored may be, in milliseconds.
_AHEAD_MS = 60_000
#: What must be none, and how much of it there is.
_LOST = {
    "references to what is not stored": """
        SELECT count(*) FROM reference r LEFT JOIN entity e ON e.kind = r.target_kind AND e.id = r.target
        WHERE e.id IS NULL AND r.target_kind != 'models'""",
    "placements in force on nodes that are not stored": """
        SELECT count(*) FROM allocation a LEFT JOIN entity e ON e.kind = 'nodes' AND e.id = a.node
        WHERE a.node IS NOT NULL AND e.id IS NULL""",
    "placements in force of workloads that are not stored": """
        SELECT count(*) FROM allocation a LEFT JOIN entity e ON e.kind = 'workloads' AND e.id = a.workload
        WHERE e.id IS NULL""",
    "plans in force that are not stored": """
        SELECT count(*) FROM summary s LEFT JOIN plan p ON p.id = s.plan_id WHERE p.id IS NULL""",
}
_NEWEST = "SELECT max(coalesce((SELECT max(at_ms) FROM event), 0), coalesce((SELECT max(at_ms) FROM change), 0))"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check has found: `ok`, `warning` (it works, but not well or not for long) or `wrong`."""

    check: str
    state: Literal["ok", "warning", "wrong"]
    sentence: str


def examine(settings: Settings) -> Iterator[Finding]:
    """All checks, one after the other. Nothing is changed, and a service may go on beside them."""
    file = file_of(settings.store_url)
    if file is None:
        yield Finding("store", "ok", "The store is a database of its own; it is looked after with its own tools.")
    elif not file.exists():
        yield Finding("store", "warning", f"There is no store at {file} yet; the first start makes one.")
    else:
        yield from _store(file)
    yield _disk(settings, file)
    yield _descriptors()
    yield _kernels()


def _store(file: Path) -> Iterator[Finding]:
    yield _in_use(file)
    yield _modes(file)
    checks: tuple[Callable[[sqlite3.Connection], Finding], ...] = (_integrity, _version, _references, _clock)
    with closing(sqlite3.connect(existing(file), uri=True, isolation_level=None)) as db:
        for check in checks:
            try:
                yield check(db)
            except sqlite3.DatabaseError as error:
                yield Finding(check.__name__.strip("_"), "wrong", f"{file} cannot be read: {error}. {_BRING_BACK}")


def _in_use(file: Path) -> Finding:
    try:
        with InUse(file, alone=True):
            return Finding("in use", "ok", f"No service uses {file} now.")
    except StoreBusy:
        return Finding("in use", "ok", f"A service or a worker uses {file} now.")


def _modes(file: Path) -> Finding:
    open_to_others = [
        one for one in (file.parent, *beside(file), *backups.made_before(file)) if one.exists() and too_wide(one)
    ]
    if not open_to_others:
        return Finding("modes", "ok", "The store, its backups and their folder are for their owner alone.")
    named = " ".join(str(one) for one in open_to_others)
    return Finding("modes", "warning", f"Others may get at the store: chmod go= {named}")


def _integrity(db: sqlite3.Connection) -> Finding:
    [(first,), *more] = db.execute("PRAGMA integrity_check(10)").fetchall()
    if first == "ok":
        return Finding("integrity", "ok", "The file is sound.")
    return Finding("integrity", "wrong", f"The file is damaged in {1 + len(more)} places or more: {first}. {_BRING_BACK}")


def _version(db: sqlite3.Connection) -> Finding:
    stored = db.execute("SELECT version_num FROM alembic_version").fetchone()
    try:
        check_known("nothing" if stored is None else stored[0])
    except NewerStore as error:
        return Finding("version", "wrong", str(error))
    if stored[0] != newest():
        return Finding("version", "ok", f"It is of version {stored[0]}; the next start carries it over to {newest()}.")
    return Finding("version", "ok", f"It is of version {stored[0]}, the newest.")


def _references(db: sqlite3.Connection) -> Finding:
    found = {what: int(db.execute(query).fetchone()[0]) for what, query in _LOST.items()}
    lost = [f"{count} {what}" for what, count in found.items() if count]
    if lost:
        return Finding("references", "wrong", f"There are {', '.join(lost)}.")
    return Finding("references", "ok", "Everything that is named is stored.")


def _clock(db: sqlite3.Connection) -> Finding:
    [(last,)] = db.execute(_NEWEST)
    ahead = last - now_ms()
    if ahead > _AHEAD_MS:
        return Finding(
            "clock",
            "warning",
            f"The newest entry is {ahead / 60_000:,.0f} minutes in the future: the clock is or was wrong.",
        )
    return Finding("clock", "ok", "Nothing stored is in the future.")


def _disk(settings: Settings, file: Path | None) -> Finding:
    folder = settings.data_dir if file is None else file.parent
    while not folder.exists():
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    stored = 0 if file is None or not file.exists() else file.stat().st_size + backups.wal_bytes(file)
    needed = stored + backups.SPARE_BYTES
    sentence = f"{usage.free / 2**30:.1f} GiB are free in {folder}; a backup takes {needed / 2**20:.0f} MiB."
    if usage.free < backups.SPARE_BYTES:
        return Finding("disk", "wrong", sentence)
    return Finding("disk", "ok" if usage.free > 2 * needed else "warning", sentence)


def _descriptors() -> Finding:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < DESCRIPTORS:
        return Finding(
            "descriptors", "warning", f"A process may open {soft:,} files here (ulimit -n); {DESCRIPTORS:,} is better."
        )
    return Finding("descriptors", "ok", f"A process may open {soft:,} files here.")


def _kernels() -> Finding:
    importlib.import_module("solver.prepare")
    kernels: dict[int, Any] = {
        id(value): value._cache._cache_file
        for name, module in list(sys.modules.items())
        if name.startswith("solver.") and module is not None
        for value in list(vars(module).values())
        if hasattr(getattr(value, "_cache", None), "_cache_file")
    }
    compiled = sum(bool(cached._load_index()) for cached in kernels.values())
    if not kernels:
        return Finding("kernels", "warning", "The solver runs without compilation (NUMBA_DISABLE_JIT): slowly.")
    if not compiled:
        return Finding(
            "kernels", "warning", "The solver is not compiled; the first solve pays for it: python -m solver prepare"
        )
    return Finding("kernels", "ok", f"The solver is compiled ({compiled} of {len(kernels)} kernels are kept).")


_BRING_BACK = "Stop the service, and bring a backup back: edgeplan restore FILE"

"""The tables through time, kept by Alembic and configured in code.

Alembic is loaded where it has something to do: most starts of a service, and all of its processes, find their tables as they
should be.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, column, inspect, select, table

if TYPE_CHECKING:
    from alembic.config import Config


class NewerStore(Exception):
    """The store was written by a newer version of Edgeplan."""


def configuration() -> Config:
    """Alembic's configuration, pointing at this folder."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    return config


@cache
def newest() -> str:
    """The revision that this version of Edgeplan writes: that of the last file, whose name begins with it."""
    return max(file.name for file in (Path(__file__).parent / "versions").glob("[0-9]*_*.py")).partition("_")[0]


def migrate(engine: Engine, before: Callable[[], object] = lambda: None) -> None:
    """Bring the tables up to date; safe to call from several processes at once.

    `before` is called when tables that hold something are about to be changed, and nobody can write any more.

    Raises
    ------
    NewerStore
        If a newer version of Edgeplan has written them; nothing is changed.
    """
    # Whoever writes need not be waited for to see that nothing is to be done.
    with engine.connect().execution_options(writes=False) as connection:
        if _stored(connection) == newest():
            return
    with engine.begin() as connection:
        stored = _stored(connection)
        if stored == newest():
            return
        if stored is not None:
            check_known(stored)
            before()
        from alembic import command

        config = configuration()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _stored(connection: Connection) -> str | None:
    """The revision of the tables; None where there are none."""
    kept = table("alembic_version", column("version_num"))
    if not inspect(connection).has_table(kept.name):
        return None
    found: str | None = connection.scalar(select(kept.c.version_num))
    return found


def check_known(stored: str) -> None:
    """Refuse a revision that this version does not know.

    Raises
    ------
    NewerStore
        Saying so.
    """
    if stored == newest():
        return
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    try:
        ScriptDirectory.from_config(configuration()).get_revision(stored)
    except CommandError as error:
        raise NewerStore(
            f"The store is of version {stored}; this Edgeplan knows versions up to {newest()}. Start the Edgeplan that "
            "wrote it, or a newer one, or restore a backup made before the upgrade."
        ) from error

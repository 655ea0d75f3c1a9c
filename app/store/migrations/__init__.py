"""The tables through time, kept by Alembic and configured in code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Engine


class NewerStore(Exception):
    """The store was written by a newer version of Edgeplan."""


def configuration() -> Config:
    """Alembic's configuration, pointing at this folder."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    return config


def newest() -> str | None:
    """The revision that this version of Edgeplan writes."""
    return ScriptDirectory.from_config(configuration()).get_current_head()


def migrate(engine: Engine, before: Callable[[], object] = lambda: None) -> None:
    """Bring the tables up to date; safe to call from several processes at once.

    `before` is called when tables that hold something are about to be changed, and nobody can write any more.

    Raises
    ------
    NewerStore
        If a newer version of Edgeplan has written them; nothing is changed.
    """
    config = configuration()
    with engine.begin() as connection:
        stored = MigrationContext.configure(connection).get_current_revision()
        if stored == newest():
            return
        if stored is not None:
            check_known(stored)
            before()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def check_known(stored: str) -> None:
    """Refuse a revision that this version does not know.

    Raises
    ------
    NewerStore
        Saying so.
    """
    try:
        ScriptDirectory.from_config(configuration()).get_revision(stored)
    except CommandError as error:
        raise NewerStore(
            f"The store is of version {stored}; this Edgeplan knows versions up to {newest()}. Start the Edgeplan that "
            "wrote it, or a newer one, or restore a backup made before the upgrade."
        ) from error

"""Whose a row is and who wrote it: said of every row by the session that writes it, so that nobody can leave it out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.identity.caller import Caller


class Signing:
    """Signs rows for the caller of a session; a session that only reads has none."""

    def __init__(self, caller: Caller | None) -> None:
        self._caller = caller

    @property
    def caller(self) -> Caller:
        """For whom rows are written.

        Raises
        ------
        ValueError
            In a session that only reads.
        """
        if self._caller is None:
            raise ValueError("a session that only reads writes nothing")
        return self._caller

    def owned(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The columns of a row, and whose it is."""
        return {**row, "tenant": self.caller.tenant}

    def signed(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The columns of a row, whose it is, and who wrote it."""
        return {**row, "tenant": self.caller.tenant, "actor": self.caller.actor}

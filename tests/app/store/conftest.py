"""The stores that keep the promises of the port; each test of them is made once for each database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.store.port import Store
from app.store.sql import open_store

#: Database -> opens an empty store of it; whatever it keeps in files lies in the folder. Another one joins by an entry.
DATABASES: dict[str, Callable[[Path], Store]] = {
    "sqlite": lambda folder: open_store(f"sqlite:///{folder / 'contract.db'}"),
}


@pytest.fixture(params=sorted(DATABASES))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store of each database."""
    opened = DATABASES[request.param](tmp_path)
    yield opened
    opened.close()

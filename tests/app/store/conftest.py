"""The stores that keep the promises of the port; each test of them is made once for each database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.store.port import Store
from app.store.sql import open_store

#: Database -> the fixture that has the URL of an empty store of it. Another one joins by an entry.
DATABASES = {"sqlite": "store_url"}


@pytest.fixture(params=sorted(DATABASES))
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """An empty store of each database."""
    opened = open_store(request.getfixturevalue(DATABASES[request.param]))
    yield opened
    opened.close()

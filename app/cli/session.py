"""What a command works with: the service, and where its answer goes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.cli.client import Service
    from app.cli.output import Output


@contextmanager
def session(server: str, as_json: bool) -> Iterator[tuple[Service, Output]]:
    """The service at this address, for as long as the command takes."""
    # An HTTP client and tables take a quarter of a second to import, which `--help` need not pay.
    from app.cli.client import Service
    from app.cli.output import Output

    with Service(server) as service:
        yield service, Output(as_json)

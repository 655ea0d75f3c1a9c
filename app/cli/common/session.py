"""What a command works with: the service, and where its answer goes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.cli.common.client import Service
    from app.cli.common.output import Output


@contextmanager
def session(server: str, as_json: bool, as_csv: bool = False) -> Iterator[tuple[Service, Output]]:
    """The service at this address, for as long as the command takes.

    Raises
    ------
    BadInput
        If the answer is wanted in two forms.
    """
    # An HTTP client and tables take a quarter of a second to import, which `--help` need not pay.
    from app.cli.answers import System
    from app.cli.common.client import Service
    from app.cli.common.output import Output
    from app.cli.failures import BadInput
    from app.cli.views.parts.words import counting

    if as_json and as_csv:
        raise BadInput("--json and --csv: an answer has one form.")
    with Service(server) as service, counting(lambda: service.get("/v1/system", System)["money"]):
        yield service, Output(as_json, as_csv)

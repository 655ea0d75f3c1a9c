"""Log lines: one event each, as JSON for machines or readable on a terminal."""

from __future__ import annotations

import io
import logging
import sys
from typing import TextIO

import structlog
from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

from app.texts import visible


def configure_logs(level: str, form: str) -> None:
    """Set up logging for this process; lines go to standard error."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    readable = form == "console" or (form == "auto" and sys.stderr.isatty())
    last: list[Processor] = (
        [_without_escapes, structlog.dev.ConsoleRenderer(exception_formatter=_traceback)]
        if readable
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    logging.getLogger("alembic").setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _without_escapes(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A line whose texts do not drive the terminal: a path, for one, is what a stranger sent."""
    return {name: visible(value) if isinstance(value, str) else value for name, value in event.items()}


def _traceback(out: TextIO, failure: ExcInfo) -> None:
    """An exception as Python prints it, with what it quotes made visible."""
    printed = io.StringIO()
    structlog.dev.plain_traceback(printed, failure)
    out.write(visible(printed.getvalue()))

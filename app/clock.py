"""The service's one clock."""

from __future__ import annotations

import time
from datetime import date


def now_ms() -> int:
    """Milliseconds since the epoch."""
    return time.time_ns() // 1_000_000


def today() -> date:
    """The day it is where the service runs (its time zone is the host's, or `TZ`)."""
    return date.today()

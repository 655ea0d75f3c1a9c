"""What a contestant tells while it runs: JSON lines on standard output, one event each.

`began` (the instance is in memory: the clock starts), `step` (seconds, cost, bound: either may be null) and `ended`
(status, seconds, and what else is known). Anything else a contestant prints is passed over.
"""

from __future__ import annotations

import json
from typing import Any


def say(event: str, **told: Any) -> None:
    """Print one event at once."""
    print(json.dumps({"event": event} | told), flush=True)

"""`python -m tests.chaos.poller PORT`: asks for `/healthz` again and again, as a process of its own.

For each line on standard input it prints how often it was answered since the line before, and the longest time from one
answer to the next; it ends with standard input.
"""

from __future__ import annotations

import json
import select
import sys
import time
from http.client import HTTPConnection, HTTPException

#: Pause between two polls.
PAUSE_SECONDS = 0.05


def main() -> None:
    """Poll until standard input ends."""
    connection = HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=600)
    answered, longest, last = 0, 0.0, time.monotonic()
    while True:
        if select.select([sys.stdin], [], [], PAUSE_SECONDS)[0]:
            if not sys.stdin.readline():
                return
            print(json.dumps({"answered": answered, "longest": max(longest, time.monotonic() - last)}), flush=True)
            answered, longest, last = 0, 0.0, time.monotonic()
        try:
            connection.request("GET", "/healthz")
            good = connection.getresponse().read() != b""
        except (OSError, HTTPException):
            connection.close()
            continue
        now = time.monotonic()
        answered, longest, last = answered + good, max(longest, now - last), now


if __name__ == "__main__":
    main()

"""`python -m app`: another door to `edgeplan serve`, for where the command is not installed."""

from __future__ import annotations

import sys

from app.cli.main import run

if __name__ == "__main__":
    run(["serve", *sys.argv[1:]])

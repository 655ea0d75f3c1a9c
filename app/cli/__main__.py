"""`python -m app.cli`: another door to `edgeplan`, for where the command is not installed."""

from __future__ import annotations

from app.cli.main import run

if __name__ == "__main__":
    run()

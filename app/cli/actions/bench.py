"""What `edgeplan bench` does: become the contest of the checkout that this installation is."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

from app.cli.failures import BadInput

#: The folder that holds the project.
_ROOT = Path(__file__).parents[3]


def race(arguments: list[str], root: Path = _ROOT) -> NoReturn:
    """Run the contest in place of this process, so that signals and its exit code are its own.

    Raises
    ------
    BadInput
        If there is no checkout to run it from.
    """
    if not (root / "tests" / "bench" / "__main__.py").is_file():
        raise BadInput(
            "The benchmark is not here: this edgeplan was installed without its source tree.",
            "Run it from a checkout of the project: make bench",
        )
    found = [str(root), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(found)}
    os.execve(sys.executable, [sys.executable, "-m", "tests.bench", *arguments], environment)

"""The README's five minutes, as printed: every command of the tour, against the reference network."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.cli.conftest import PATIENCE

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TOUR = re.findall(r"^edgeplan .*?(?=\s+#|$)", README.split("## Five minutes")[1].split("\n## ")[0], re.MULTILINE)


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service as `make run` starts it, once its first plan has ended; its address."""
    environment = {**os.environ, "EDGEPLAN_LOG_LEVEL": "error", "EDGEPLAN_DEFAULT_SECONDS": "4"}
    folder = str(tmp_path_factory.mktemp("tour"))
    command = [sys.executable, "-m", "app", "--port", "0", "--data-dir", folder, "--seed-reference"]
    with subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            [base] = next(filter(None, (re.findall(r"dashboard\s+(\S+)/$", line) for line in process.stdout)))
            yield base
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)


@pytest.mark.slow
def test_the_tour_works_as_printed(seeded: str, tmp_path: Path) -> None:
    assert len(TOUR) >= 8
    for line in TOUR:
        words = shlex.split(line)
        done = subprocess.run(
            [sys.executable, "-c", "import sys; from app.cli.main import run; run(sys.argv[1:])", *words[1:]],
            env={**os.environ, "EDGEPLAN_SERVER": seeded, "PYTHONPATH": str(ROOT)}, cwd=tmp_path, capture_output=True,
            text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        assert done.returncode == 0, (line, done.stdout, done.stderr)
    assert (tmp_path / "map.svg").read_text().startswith("<?xml")

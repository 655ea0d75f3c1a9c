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
from typing import Any

import httpx
import pytest

from tests.app.cli.conftest import PATIENCE

ROOT = Path(__file__).parents[3]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TOUR = re.findall(r"^edgeplan .*?(?=\s+#|$)", README.split("## Five minutes")[1].split("\n## ")[0], re.MULTILINE)

Shard = tuple[str, int]
Placed = dict[str, Any]
#: What a placement is made of.
PLACEMENT = ("node", "profile", "servers", "cards", "route", "batch_limit", "role")


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


def in_force(base: str) -> tuple[dict[Shard, Placed], set[Shard]]:
    """Where every shard in force runs and on what, and which of them are disturbed."""
    placed: dict[Shard, Placed] = {}
    disturbed: set[Shard] = set()
    with httpx.Client(base_url=base, timeout=PATIENCE) as client:
        cursor: str | None = ""
        while cursor is not None:
            page = client.get("/v1/allocations", params={"limit": 1000, **({"cursor": cursor} if cursor else {})}).json()
            for row in page["items"]:
                shard = row["workload"], row["shard"]
                if row["node"] is not None:
                    placed[shard] = {field: row[field] for field in PLACEMENT}
                if row["status"] == "disturbed":
                    disturbed.add(shard)
            cursor = page["next"]
    return placed, disturbed


def edgeplan(base: str, words: list[str], folder: Path) -> None:
    """Run a command line in a process of its own, as somebody types it."""
    done = subprocess.run(
        [sys.executable, "-c", "import sys; from app.cli.main import run; run(sys.argv[1:])", *words],
        env={**os.environ, "EDGEPLAN_SERVER": base, "PYTHONPATH": str(ROOT)}, cwd=folder, capture_output=True,
        text=True, timeout=PATIENCE * 2, check=False,
    )  # fmt: skip
    assert done.returncode == 0, (words, done.stdout, done.stderr)


@pytest.mark.slow
def test_the_tour_works_as_printed_and_its_repair_moves_what_is_disturbed_and_nothing_else(
    seeded: str, tmp_path: Path
) -> None:
    repair = TOUR.index("edgeplan plan submit --scope repair --seconds 5 --watch")
    assert TOUR.index("edgeplan node fail mec-usn --yes") < repair
    assert "edgeplan plan apply latest --yes" in TOUR[repair:]
    before: dict[Shard, Placed] = {}
    disturbed: set[Shard] = set()
    for place, line in enumerate(TOUR):
        if place == repair:
            before, disturbed = in_force(seeded)
            assert disturbed
        edgeplan(seeded, shlex.split(line)[1:], tmp_path)
    assert (tmp_path / "map.svg").read_text().startswith("<?xml")
    seconds = 10
    while in_force(seeded)[1] == disturbed and seconds < PATIENCE:
        # On a machine that is busy with other things the tour's seconds may not have been enough to find a place.
        edgeplan(seeded, ["plan", "submit", "--scope", "repair", "--seconds", str(seconds), "--apply", "--yes"], tmp_path)
        seconds *= 2
    after, left = in_force(seeded)
    assert left < disturbed
    assert after.keys() == before.keys()
    assert {shard for shard in before if after[shard] != before[shard]} == disturbed - left

"""What shells complete."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import httpx
import pytest

from tests.app.cli.conftest import asking, document


def completed(base: str, *words: str) -> str:
    """What is offered after these words, the last of which is being typed."""
    line = ["edgeplan", *words]
    asked = {
        "_EDGEPLAN_COMPLETE": "complete_bash", "COMP_WORDS": " ".join(line), "COMP_CWORD": str(len(line) - 1),
        "EDGEPLAN_SERVER": base,
    }  # fmt: skip
    ended = subprocess.run([sys.executable, "-m", "app.cli"], env={**os.environ, **asked}, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == ""
    return ended.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_has_its_script(shell: str) -> None:
    asked = {"_EDGEPLAN_COMPLETE": f"source_{shell}"}
    ended = subprocess.run([sys.executable, "-m", "app.cli"], env={**os.environ, **asked}, capture_output=True, text=True)
    assert ended.returncode == 0
    assert "_EDGEPLAN_COMPLETE=complete_" in ended.stdout
    if shutil.which(shell):
        assert subprocess.run([shell, "-n"], input=ended.stdout, text=True).returncode == 0


def test_commands_and_options_are_completed() -> None:
    assert completed("", "pl").split() == ["plan", "plot"]
    assert "--watch" in completed("", "plan", "submit", "--w").split()
    assert completed("", "plan", "submit", "--scope", "").split() == ["repair", "keep", "move", "preempt"]


def test_ids_are_completed_from_the_service(tiny: httpx.Client) -> None:
    id = document(asking(tiny)("plan", "submit", "--workloads", "cameras", "--json"))["id"]
    base = str(tiny.base_url)
    assert id in completed(base, "plan", "show", id[:4])
    assert completed(base, "plan", "show", "lat").split() == ["latest"]
    assert completed(base, "node", "drain", "").split() == ["centre", "hub"]
    assert completed(base, "explain", "st").split() == ["stop-button"]
    assert completed("http://127.0.0.1:9", "--server", base, "node", "drain", "h").split() == ["hub"]


def test_without_a_service_nothing_is_offered_and_nothing_said() -> None:
    assert completed("http://127.0.0.1:9", "node", "drain", "").strip() == ""
    assert completed("nonsense", "node", "drain", "").strip() == ""

"""What a person sees who starts the service for the first time, and for the second."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.forked import free_port


def start(folder: Path, port: int) -> subprocess.Popen[str]:
    told = {"EDGEPLAN_DEFAULT_SECONDS": "3", "EDGEPLAN_LOG_LEVEL": "warning"}
    command = [sys.executable, "-m", "app", "--port", str(port), "--data-dir", str(folder), "--seed-reference"]
    return subprocess.Popen(command, env={**os.environ, **told}, stdout=subprocess.PIPE, text=True)


def said_until(process: subprocess.Popen[str], words: str) -> str:
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if words in line:
            return said
    raise AssertionError(said)


@pytest.mark.slow
def test_the_first_start_plans_and_the_second_keeps(tmp_path: Path) -> None:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    with start(tmp_path, port) as first:
        try:
            said = said_until(first, "/apply")
            assert "718 workloads" in said
            assert re.search(r"Placed \d+ workloads .*verified", said, re.DOTALL)
            assert f"{base}/docs" in said
            [unplaced] = re.findall(r"curl -s '(\S+)'", said)
            [apply] = re.findall(r"curl -s -X POST (\S+)", said)
            assert len(httpx.get(unplaced, timeout=60).json()["items"]) == 5
            assert httpx.post(apply, timeout=60).json()["placed"] > 700
            kept = httpx.get(f"{base}/v1/generation", timeout=60).json()
        finally:
            first.send_signal(signal.SIGTERM)
        assert first.wait(60) == 0
    with start(tmp_path, port) as second:
        try:
            said = said_until(second, "/v1/plans")
            assert "stored before" in said
            assert "Loaded" not in said
            assert httpx.get(f"{base}/v1/generation", timeout=60).json() == kept
            assert len(httpx.get(f"{base}/v1/plans", timeout=60).json()["items"]) == 1
        finally:
            second.send_signal(signal.SIGKILL)

"""Run one contestant in a process of its own and hold it to its wall-clock time. Only the standard library.

The clock starts when the contestant says that its instance is in memory. One that has not ended `GRACE` seconds after
its limit is killed with all its children, and the row says so; it never counts as beaten.
"""

from __future__ import annotations

import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

#: Seconds after its limit that a contestant may take to stop and write its plan.
GRACE = 30.0

#: Seconds to start and to read an instance.
READING = 900.0

Step = tuple[float, int | None, int | None]

_PROGRESS = re.compile(r"^ *([\d.]+) s  cost (\d+)  bound (-?\d+)")
_HIGHS = re.compile(r"%\s+(\S+)\s+(\S+)\s+(?:\S+%|Large|inf)\s+.*?([\d.]+)s\s*$")


@dataclass
class Run:
    """How a run went. `failure` is empty if it ended by itself with exit code 0; `ended` is what it said at its end."""

    failure: str = ""
    ended: dict[str, Any] = field(default_factory=dict)
    course: list[Step] = field(default_factory=list)
    process_seconds: float = 0.0
    peak_mib: int = 0


def run(command: Sequence[str], seconds: float, cwd: Path, environment: Mapping[str, str] | None = None) -> Run:
    """Run a command that speaks as :mod:`tests.bench.say` says, or as `python -m solver solve --progress` does."""
    answer = Run()
    began = time.monotonic()
    try:
        process = subprocess.Popen(
            command, cwd=cwd, env=None if environment is None else dict(environment), text=True, errors="replace",
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
    except OSError as problem:
        answer.failure = f"not run: {problem}"
        return answer
    lines: queue.SimpleQueue[tuple[str, str | None]] = queue.SimpleQueue()
    pumps = []
    for name, pipe in (("out", process.stdout), ("err", process.stderr)):
        assert pipe is not None
        thread = threading.Thread(target=_pump, args=(name, pipe, lines), daemon=True)
        thread.start()
        pumps.append((thread, pipe))
    own_clock = "tests.bench.row" in command or any("peers" in part for part in command)
    deadline = began + (READING if own_clock else seconds + GRACE)
    start, open_pipes, last = began, 2, ""
    try:
        while open_pipes:
            try:
                name, line = lines.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                _kill(process)
                late = time.monotonic() - start - seconds
                answer.failure = f"killed: no answer {late:.0f} s after its limit"
                break
            if line is None:
                open_pipes -= 1
                continue
            told = _read(line, time.monotonic() - start)
            if isinstance(told, tuple):
                answer.course.append(told)
            elif told.get("event") == "began":
                start = time.monotonic()
                deadline = start + seconds + GRACE
            elif told.get("event", "ended") == "ended" and told:
                answer.ended = told
            elif name == "err" and line.strip():
                last = line.strip()
    except BaseException:
        # Whoever breaks the benchmark off leaves no contestant running.
        _kill(process)
        raise
    _, status, used = _wait(process)
    for thread, pipe in pumps:
        thread.join()
        pipe.close()
    answer.process_seconds = time.monotonic() - began
    answer.peak_mib = round(used.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10))
    if not answer.failure and status != 0:
        code = os.waitstatus_to_exitcode(status)
        how = f"ended by signal {-code}" if code < 0 else f"exit code {code}"
        answer.failure = last if last.startswith("not run: ") else f"failed ({how}): {last or 'no message'}"
    return answer


def _pump(name: str, pipe: Any, lines: queue.SimpleQueue[tuple[str, str | None]]) -> None:
    for line in pipe:
        lines.put((name, line))
    lines.put((name, None))


def _kill(process: subprocess.Popen[str]) -> None:
    """Kill a contestant and its children; it leads a session of its own."""
    os.killpg(process.pid, signal.SIGKILL)


def _wait(process: subprocess.Popen[str]) -> Any:
    """Wait for a process that has closed its output, and give what it used."""
    until = time.monotonic() + 10.0
    while True:
        pid, status, used = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return pid, status, used
        if time.monotonic() > until:
            _kill(process)
            until += 10.0
        time.sleep(0.01)


def _read(line: str, at: float) -> Any:
    """A step, an event, or {} for a line that says nothing of interest."""
    if line.startswith("{"):
        try:
            told = json.loads(line)
        except ValueError:
            return {}
        if told.get("event") == "step":
            return (round(float(told["seconds"]), 3), told["cost"], told["bound"])
        return told
    match = _PROGRESS.match(line)
    if match:
        return (float(match[1]), int(match[2]), int(match[3]))
    return _solver_log(line, at) or {}


def _solver_log(line: str, at: float) -> Step | None:
    """Cost and bound in a line of HiGHS's or SCIP's log, timed by its arrival."""
    if line.count("|") > 12:
        cells = line.split("|")
        return _step(at, cells[-3], cells[-4])
    match = _HIGHS.search(line)
    return _step(at, match[2], match[1]) if match else None


def _step(at: float, cost: str, bound: str) -> Step | None:
    def number(text: str) -> int | None:
        try:
            value = float(text.strip())
        except ValueError:
            return None
        return None if abs(value) > 1e17 else round(value)

    known = (number(cost), number(bound))
    return None if known == (None, None) else (round(at, 3), *known)

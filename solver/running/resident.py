"""What another process holds, and what it has had."""

from __future__ import annotations

import os

_MIB = 2**20


def resident_mib(pid: int) -> float:
    """Resident memory of a process in MiB, shared pages included; 0 where it cannot be told, as when it has ended.

    This is what the machine has to find room for. The address space says nothing: compilers and solvers map far more
    than they touch, so a limit on it (RLIMIT_AS) would fail them at a fraction of the memory meant.
    """
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / _MIB
    except (OSError, IndexError):
        return 0.0


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has had; 0 where it cannot be told, as when it has ended."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, IndexError, ValueError):
        return 0.0

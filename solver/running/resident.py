"""How much memory another process holds."""

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

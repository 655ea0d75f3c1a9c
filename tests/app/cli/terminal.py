"""A command in a terminal of its own, as a person has one."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess

from tests.app.cli.conftest import PATIENCE
from tests.forked import typed

#: What moves the cursor, sets colours, and the like.
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """A running command and the terminal that it runs in."""

    def __init__(self, process: BaseProcess, end: int) -> None:
        self._process = process
        self._end = end
        #: Everything that has been printed, control sequences included.
        self.printed = ""

    @property
    def text(self) -> str:
        """Everything that has been printed, as letters; what was printed over stands in lines of its own."""
        return CONTROL.sub("", self.printed).replace("\r\n", "\n").replace("\r", "\n")

    def wait_for(self, words: str) -> None:
        """Read until these words have been printed."""
        until = time.monotonic() + PATIENCE
        while words not in self.text:
            assert time.monotonic() < until, self.text
            assert self._read(), self.text

    def type(self, keys: str) -> None:
        """Press keys; `\\x03` is Ctrl-C."""
        os.write(self._end, keys.encode())

    def leave(self, keys: str) -> int:
        """Press keys that end the command, and again as long as it has not ended; the exit code.

        Ctrl-C between a prompt's last letter and the reading of what is typed there is noticed only at the next key.
        """
        until = time.monotonic() + PATIENCE
        while self._process.is_alive():
            assert time.monotonic() < until, self.text
            self.type(keys)
            while select.select([self._end], [], [], 2.0)[0]:
                if not self._read():
                    return self._left()
        return self.ended()

    def ended(self) -> int:
        """Read to the end; the exit code."""
        while self._read():
            continue
        return self._left()

    def _left(self) -> int:
        self._process.join(PATIENCE)
        assert self._process.exitcode is not None, self.text
        return self._process.exitcode

    def _read(self) -> bool:
        """Read what there is; False at the end."""
        if not select.select([self._end], [], [], PATIENCE)[0]:
            raise TimeoutError(self.text)
        try:
            read = os.read(self._end, 65_536)
        except OSError:
            # The last one to hold the other end of the terminal has gone.
            return False
        self.printed += read.decode(errors="replace")
        return bool(read)


@contextmanager
def terminal(base: str, *arguments: str, columns: int = 100, **environment: str) -> Iterator[Terminal]:
    """Run `edgeplan` with these arguments on the service at `base`, in a terminal of so many columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    plain = {
        name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR")
    }
    told = {**plain, "TERM": "xterm-256color", "EDGEPLAN_SERVER": base, **environment}
    process = typed(os.ttyname(theirs), told, *arguments)
    os.close(theirs)
    try:
        yield Terminal(process, ours)
    finally:
        process.kill()
        process.join(PATIENCE)
        os.close(ours)

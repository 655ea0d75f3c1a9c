"""A process that solves, between the one that wants the answer and the one that looks for it.

The caller tells it to stop, watches it, and kills it whenever it likes (:class:`Child`). The process hears that, and ends
when its caller is gone (:class:`Caller`). What it reaches it puts into mailboxes (:mod:`solver.running.handover`), which
outlive it. A contained solve and the solves of the service are both made of this.
"""

from __future__ import annotations

import multiprocessing
import os
import select
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from typing import Any

from solver.running.resident import cpu_seconds, resident_mib

#: Exit code of a child whose caller is gone.
ORPHANED = 17
#: What the caller sends to have the best plan so far handed in.
_STOP = b"stop"
#: What a child is said to have ended with when the server that started it is gone and nobody knows.
_LOST = 255
#: How long such a server is given to say how a child has ended, in seconds.
_SERVER_SECONDS = 5.0


class Child:
    """A child process, as the kernel knows it. `target` is called there with `args` and a :class:`Caller`.

    Whether it lives is asked of the kernel, since a server that has started it may be gone.

    Raises
    ------
    OSError, EOFError
        If it cannot be started.
    """

    def __init__(
        self, context: BaseContext, target: Callable[..., object], args: tuple[object, ...], name: str, daemon: bool = False
    ) -> None:
        #: Leads to the child: what it sends can be received here.
        self.line, theirs = multiprocessing.Pipe()
        # A fork inherits this end, too, and would not notice that the caller is gone.
        inherited = self.line if context.get_start_method() == "fork" else None
        # Not typed as the context of any kind of process that it is.
        make: Any = context
        try:
            self._process = make.Process(target=target, args=(*args, Caller(theirs, inherited)), name=name, daemon=daemon)
            self._process.start()
        except BaseException:
            self.line.close()
            raise
        finally:
            theirs.close()
        self.pid: int = self._process.pid or 0
        try:
            self._handle: int | None = os.pidfd_open(self.pid)
        except ProcessLookupError:
            self._handle = None

    @property
    def alive(self) -> bool:
        """Whether it has not ended."""
        return self._handle is not None and not select.select([self._handle], [], [], 0)[0]

    @property
    def exitcode(self) -> int | None:
        """How it ended: a code, minus a signal, or None where nobody can say because its server is gone, too."""
        self._process.join(_SERVER_SECONDS)
        code: int | None = self._process.exitcode
        return None if code == _LOST else code

    @property
    def cpu_seconds(self) -> float:
        """Processor time that it has had."""
        return cpu_seconds(self.pid)

    @property
    def resident_mib(self) -> float:
        """Memory that it holds."""
        return resident_mib(self.pid)

    def stop(self) -> bool:
        """Tell it to stop; False where it is ending by itself."""
        try:
            self.line.send_bytes(_STOP)
        except OSError:
            return False
        return True

    def kill(self) -> None:
        """End it, whatever it does."""
        if self._handle is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)

    def wait(self, seconds: float | None = None) -> bool:
        """Whether it has ended, after waiting for that."""
        return self._handle is None or bool(select.select([self._handle], [], [], seconds)[0])

    def close(self) -> None:
        """Let go of one that has ended, or is about to."""
        with suppress(ValueError):
            # Raised where it has not been heard that it has ended.
            self._process.close()
        self.line.close()
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


class Caller:
    """The caller, as its child has it. To be made by :class:`Child` alone."""

    def __init__(self, line: Connection, inherited: Connection | None) -> None:
        self._line = line
        self._inherited = inherited

    def listen(self) -> threading.Event:
        """Begin to listen: the event is set when the caller says stop, and the process ends when it is gone.

        To stop is the caller's to say from now on: a signal to a whole group reaches both.
        """
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if self._inherited is not None:
            self._inherited.close()
        stop = threading.Event()
        threading.Thread(target=self._hear, args=(stop,), name="caller", daemon=True).start()
        return stop

    def tell(self, thing: object) -> None:
        """Send something to the caller."""
        self._line.send(thing)

    def _hear(self, stop: threading.Event) -> None:
        try:
            while True:
                if self._line.recv_bytes() == _STOP:
                    stop.set()
        except (EOFError, OSError):
            # Nobody is there to solve for.
            os._exit(ORPHANED)


def ending(exitcode: int | None) -> str:
    """How a process ended, as a sentence goes on after its name."""
    if exitcode is None:
        return "ended, and nobody saw how"
    if exitcode < 0:
        return f"was ended by signal {-exitcode}"
    return f"ended with code {exitcode}"

"""Processes beside the service for what holds the interpreter, so that it never holds up the service.

There are two. The judge reads large bodies, checks requests, judges plans, explains them, and carries out what changes the
world. The reader makes answers that are large. Each does one thing at a time. The first argument of what is called there is
the process's own: the judge's cache, which holds a store, or the reader's store. What a function is given and what it
answers is pickled, so large things travel as bytes.

A process that dies is set up again. One that takes longer than the settings allow for one thing is ended.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Concatenate, ParamSpec, TypeVar

import structlog

from app.errors import AppError, NotReady, OutcomeUnknown, Unavailable
from app.jobs.processes import context
from app.logs import configure_logs
from app.service.cache import Cache
from app.settings import Settings
from app.store.port import Store
from app.store.sql import open_store
from solver.running.child import ORPHANED

log = structlog.get_logger(__name__)

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

#: How long a process that is asked to leave may take to finish what it does.
LEAVE_SECONDS = 5.0
#: How long a process may take to be there and to take a call.
COME_SECONDS = 120.0
#: How often a call is given to a process before nobody is found to take it.
_TRIES = 3
#: What is said to whoever asked for a call that was lost.
_ADVICE = {
    OutcomeUnknown: "It may have been carried out: look before you ask again.",
    Unavailable: "Nothing was changed: ask again.",
}


class JudgePool:
    """Where judgements and large answers are made. May be used from several threads."""

    def __init__(self, settings: Settings) -> None:
        self._judge = _Aide("judge", settings, Cache.of)
        self._reader = _Aide("reader", settings, _bare)
        # The judge is there when the first request comes; who reads nothing large needs no reader.
        threading.Thread(target=self._judge.come, name="judge", daemon=True).start()

    def call(
        self,
        function: Callable[Concatenate[Cache, Asked], Answer],
        *args: Asked.args,
        **kwargs: Asked.kwargs,
    ) -> Answer:
        """What `function` answers (or raises), called by the judge. It may be called twice, if the first call is lost.

        Raises
        ------
        Unavailable
            If the judge died twice under it, or took too long.
        """
        return self._judge.ask(function, args, kwargs, again=True)

    def write(
        self,
        function: Callable[Concatenate[Cache, Asked], Answer],
        *args: Asked.args,
        **kwargs: Asked.kwargs,
    ) -> Answer:
        """What `function` answers (or raises), called by the judge, once and no more.

        Raises
        ------
        OutcomeUnknown
            If the judge died under it, or took too long.
        Unavailable
            If it did not even take the call.
        """
        return self._judge.ask(function, args, kwargs, again=False)

    def read(
        self,
        function: Callable[Concatenate[Store, Asked], Answer],
        *args: Asked.args,
        **kwargs: Asked.kwargs,
    ) -> Answer:
        """What `function` answers (or raises), called by the reader. It must not change anything.

        Raises
        ------
        Unavailable
            As :meth:`call`.
        """
        return self._reader.ask(function, args, kwargs, again=True)

    def close(self) -> None:
        """Finish what is being done, if it does not take long, and leave."""
        for aide in (self._judge, self._reader):
            aide.close()


class _Aide:
    """One process that does one thing at a time. Who asks while it is busy waits in a line."""

    def __init__(self, name: str, settings: Settings, hold: Callable[[Store], Store | Cache]) -> None:
        self._name = name
        self._hold = hold
        self._settings = settings
        self._turn = threading.Lock()
        self._process: BaseProcess | None = None
        self._line: Connection | None = None
        self._closed = False

    def come(self) -> None:
        """Be there."""
        with self._turn, suppress(OSError, EOFError):
            if not self._closed:
                self._present()

    def ask(
        self,
        function: Callable[..., Answer],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        again: bool,
    ) -> Answer:
        """What a function answers, called there; once more if that is lost and `again` says that it may be."""
        begun = 0
        with self._turn:
            for _ in range(_TRIES):
                if self._closed:
                    raise NotReady("The service is stopping.")
                taken = False
                try:
                    line = self._present()
                    with self._ended_after(COME_SECONDS, function, _lost(begun, again)):
                        line.send((function, args, kwargs))
                        taken = line.recv()
                    begun += taken
                    with self._ended_after(self._settings.judge_seconds, function, _lost(begun, again)):
                        worked, answer = line.recv()
                except (EOFError, OSError) as error:
                    log.warning(
                        "judge_pool.broke", process=self._name, function=function.__name__, error=type(error).__name__
                    )
                    self._end()
                    if taken and (not again or begun > 1):
                        break
                    continue
                if not worked:
                    raise answer
                found: Answer = answer
                return found
        lost = _lost(begun, again)
        raise lost(f"The {self._name}, a process of the service, was ended under this. {_ADVICE[lost]}")

    @contextmanager
    def _ended_after(self, seconds: float, function: Callable[..., Any], lost: type[Unavailable]) -> Iterator[None]:
        """End the process if the block takes longer, whatever it waits for, and say so and what is known of the call.

        Raises
        ------
        Unavailable
            Then, of the kind `lost`.
        """
        hung, process = threading.Event(), self._process

        def end() -> None:
            hung.set()
            with suppress(ValueError):
                if process is not None:
                    process.kill()

        timer = threading.Timer(seconds, end)
        timer.daemon = True
        timer.start()
        try:
            yield
        except (EOFError, OSError):
            if not hung.is_set():
                raise
            log.error("judge_pool.hung", process=self._name, function=function.__name__, seconds=seconds)
            self._end()
            raise lost(f"This took longer than {seconds:g} s and was ended. {_ADVICE[lost]}") from None
        finally:
            timer.cancel()

    def close(self) -> None:
        """Let it finish what it does, for a moment, and have it leave."""
        self._closed = True
        if not self._turn.acquire(timeout=LEAVE_SECONDS):
            # Who waits for the answer hears that the process is gone.
            process = self._process
            with suppress(ValueError):
                if process is not None:
                    process.kill()
            self._turn.acquire()
        self._end()
        self._turn.release()

    def _present(self) -> Connection:
        """The line to the process, which is set up if it is not there."""
        if self._line is None or self._process is None or not self._process.is_alive():
            self._end()
            ours, theirs = context().Pipe()
            self._line = ours
            with theirs:
                given = self._settings, theirs, self._hold
                process = context().Process(target=_sit, args=given, name=self._name, daemon=True)
                process.start()
            self._process = process
        return self._line

    def _end(self) -> None:
        """Have the process gone."""
        if self._line is not None:
            self._line.close()
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._process.close()
        self._process = self._line = None


def _lost(begun: int, again: bool) -> type[Unavailable]:
    """What is known of a call that is lost, which had been begun so many times."""
    return OutcomeUnknown if begun and not again else Unavailable


def _sit(settings: Settings, line: Connection, hold: Callable[[Store], Store | Cache]) -> None:
    """The life of the process: one call after the other, each of which it says to have taken before it begins.

    What functions are called with is what `hold` makes of its store."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_service, name="service", daemon=True).start()
    configure_logs(settings.log_level, settings.log_format)
    store = open_store(settings.store_url, settings.events_kept, new=False)
    held = hold(store)
    with suppress(EOFError, ConnectionError):
        while True:
            function, args, kwargs = line.recv()
            line.send(True)
            _tell(line, *_answer(held, function, args, kwargs))
    store.close()


def _bare(store: Store) -> Store:
    return store


def _answer(
    held: Store | Cache, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[bool, Any]:
    """Whether a function worked, and what it answers or raises."""
    try:
        return True, function(held, *args, **kwargs)
    except AppError as error:
        return False, error
    except Exception as error:
        log.error("judge_pool.failed", function=function.__name__, exc_info=error)
        return False, error


def _tell(line: Connection, worked: bool, answer: Any) -> None:
    """Say how a call ended; of what cannot travel, that it cannot."""
    try:
        said = pickle.dumps((worked, answer), pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        log.error("judge_pool.speechless", exc_info=error)
        said = pickle.dumps((False, RuntimeError(f"what the judge pool answers cannot travel: {error}")))
    line.send_bytes(said)


def _leave_with_service() -> None:
    """End when the service has ended without saying so: nobody would ask anything any more."""
    service = multiprocessing.parent_process()
    if service is not None:
        wait([service.sentinel])
        os._exit(ORPHANED)

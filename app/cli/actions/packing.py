"""What `edgeplan solve` and `edgeplan check` do: the same as `python -m solver`, told to people."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import typer
from rich.live import Live

from app.cli.answers import ProgressPoint
from app.cli.common.output import Output
from app.cli.failures import BadInput, No
from app.cli.views import packing as views
from app.cli.views.parts.words import many
from app.texts import visible
from solver.engines import Limits, Progress
from solver.on_files import answer, check_file, signals_stop, solve_file
from solver.packing import PackingError

#: Seconds between two pictures of a running solve.
_PICTURE = 0.15


def solve(file: Path, limits: Limits, start: Path | None, out_file: Path | None, as_json: bool) -> None:
    """Solve a packing file."""
    out = Output(as_json)
    show = _Picture(out, limits.seconds) if out.console.is_terminal and not as_json else _Lines(out)
    # Until the answer is told: a second Ctrl-C must not lose it.
    with signals_stop() as stopped:

        def should_stop() -> bool:
            show.look()
            return stopped()

        try:
            with show:
                outcome = solve_file(file, limits, out_file, start, show.progress, should_stop)
        except (PackingError, OSError) as error:
            raise BadInput(f"{error}") from error
        # Machines are told by how it ended.
        if outcome.loss is not None and not as_json:
            print(visible(f"error: {outcome.loss}; the answer is its last plan that is legal"), file=sys.stderr)
        if as_json:
            out.line(answer(outcome))
        else:
            out.show(views.outcome(answer(outcome), out_file))


def check(file: Path, plan: Path, as_json: bool) -> None:
    """Judge a plan for a packing file."""
    out = Output(as_json)
    try:
        judgement = check_file(file, plan)
    except (PackingError, OSError) as error:
        raise BadInput(f"{error}") from error
    if as_json:
        out.line(judgement.answer)
    else:
        out.show(views.judgement(judgement.cost, judgement.violations))
    if judgement.violations and as_json:
        raise No(f"The plan is not legal: {many(len(judgement.violations), 'violation')}.")
    if judgement.violations:
        raise typer.Exit(1)


def _point(progress: Progress) -> ProgressPoint:
    gap = (progress.cost - progress.bound) / max(1, abs(progress.cost))
    return ProgressPoint(
        seconds=progress.seconds, cost=progress.cost, bound=progress.bound, gap=gap, unplaced=progress.unplaced,
        phase=progress.phase,
    )  # fmt: skip


class _Lines:
    """Into a file: one line a step."""

    def __init__(self, out: Output) -> None:
        self._out = out

    def __enter__(self) -> None:
        return None

    def __exit__(self, *raised: object) -> None:
        return None

    def look(self) -> None:
        """Nothing moves between two steps."""

    def progress(self, progress: Progress) -> None:
        """A step."""
        if not self._out.as_json:
            self._out.show(views.step(_point(progress)))


class _Picture:
    """On a terminal: one picture, drawn anew whenever the solve looks round.

    Not by a thread: beside one, the engines could not be forked, and would spend their first seconds on imports.
    """

    def __init__(self, out: Output, seconds: float) -> None:
        self._limit = seconds
        self._began = time.monotonic()
        self._due = 0.0
        self._point: ProgressPoint | None = None
        self._live = Live(console=out.console, auto_refresh=False, transient=True)

    def __enter__(self) -> None:
        self._live.__enter__()

    def __exit__(self, *raised: object) -> None:
        self._live.stop()

    def look(self) -> None:
        """Draw, if it is time to."""
        now = time.monotonic()
        if now >= self._due:
            self._due = now + _PICTURE
            self._live.update(views.live(self._point, now - self._began, self._limit), refresh=True)

    def progress(self, progress: Progress) -> None:
        """A step."""
        self._point = _point(progress)

"""What a command says: tables for people, or JSON for machines, on standard output; all else on standard error."""

from __future__ import annotations

import csv
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.markup import escape
from rich.segment import Segment

from app.cli.failures import BadInput, Failure, Interrupted
from app.cli.views.sheets import Sheet, Value
from app.texts import cleaned, escaped, visible

#: Columns where there is no terminal to ask, and nobody has set COLUMNS: tables are not cut short for a file.
_WIDE = 200
#: What makes a spreadsheet take a text for a formula, in letters of either width.
_FORMULA = re.compile("[=+\\-@\uff1d\uff0b\uff0d\uff20\\t\\r]")


class Output:
    """Where a command's answer goes.

    Attributes
    ----------
    as_json, as_csv : bool
        Whether the answer is JSON, or comma-separated values.
    console, aside : rich.console.Console
        Standard output, and standard error.
    """

    def __init__(self, as_json: bool, as_csv: bool = False) -> None:
        self.as_json = as_json
        self.as_csv = as_csv
        self.console = _console(sys.stdout)
        self.aside = _console(sys.stderr)

    def answer(
        self,
        document: Callable[[], Any],
        people: Callable[[], RenderableType | tuple[RenderableType, ...]],
        sheet: Callable[[], Sheet] | None = None,
        note: str | None = None,
    ) -> None:
        """The answer in the form that is wanted; only that one is made, and what only it needs is asked for.

        `note` stands beside what people are shown.
        """
        if self.as_json:
            self.document(document())
        elif self.as_csv and sheet is not None:
            self.sheet(sheet())
        else:
            shown = people()
            self.show(*(shown if isinstance(shown, tuple) else (shown,)))
            if note is not None:
                self.note(note)

    def document(self, value: Any) -> None:
        """The answer, as JSON."""
        indent = 2 if sys.stdout.isatty() else None
        sys.stdout.write(escaped(json.dumps(value, ensure_ascii=False, indent=indent)) + "\n")
        sys.stdout.flush()

    def line(self, value: Any) -> None:
        """One of many answers, as one line of JSON."""
        sys.stdout.write(escaped(json.dumps(value, ensure_ascii=False)) + "\n")
        sys.stdout.flush()

    def sheet(self, sheet: Sheet) -> None:
        """The answer, as comma-separated values under a line of names."""
        self.cells(sheet.columns)
        for row in sheet.rows:
            self.cells(row)

    def cells(self, row: Sequence[Value]) -> None:
        """One line of comma-separated values (RFC 4180)."""
        csv.writer(sys.stdout).writerow([_cell(value) for value in row])
        sys.stdout.flush()

    def file(self, content: str, is_json: bool) -> None:
        """The content of a file, as it is; what could drive a terminal is escaped where JSON can say so, else left out."""
        sys.stdout.write(escaped(content) if is_json else cleaned(content))
        sys.stdout.flush()

    def show(self, *parts: RenderableType) -> None:
        """The answer, for people."""
        if not parts:
            return
        if self.console.is_terminal:
            self._print(*parts)
            return
        with self.console.capture() as printed:
            self._print(*parts)
        # What fills a line up to the width of its table is nothing to keep in a file.
        sys.stdout.write("".join(f"{line.rstrip()}\n" for line in printed.get().splitlines()))
        sys.stdout.flush()

    def _print(self, *parts: RenderableType) -> None:
        # What is wider than the terminal, such as an id, is left to the terminal to wrap: it can be copied whole.
        self.console.print(*parts, sep="\n", crop=False)

    def note(self, text: str) -> None:
        """Something beside the answer, for people; machines are spared it."""
        if not self.as_json:
            self.aside.print(escape(text), highlight=False, style="dim")

    @contextmanager
    def waiting(self, what: str) -> Iterator[None]:
        """Meanwhile show that something is under way, if there is a person to see it."""
        if self.as_json or not self.aside.is_terminal:
            yield
        else:
            with self.aside.status(f"{escape(what)} ..."):
                yield

    def confirm(self, question: str, otherwise: str) -> None:
        """Ask a person whether to go on.

        Raises
        ------
        BadInput
            If there is nobody to ask.
        typer.Exit
            If the answer is no; nothing has been done.
        """
        import typer

        if self.as_json or not sys.stdin.isatty() or not self.aside.is_terminal:
            raise BadInput(f"There is nobody to ask: {question}", f"To go on without being asked: {otherwise}")
        if not typer.confirm(visible(question), err=True):
            self.note("Nothing has been done.")
            raise typer.Exit(1)


def _cell(value: Value) -> Value:
    """A value for a cell. A text that a spreadsheet would take for a formula, and carry out, begins with an apostrophe."""
    if isinstance(value, str):
        text = cleaned(value)
        return f"'{text}" if _FORMULA.match(text) else text
    return str(value).lower() if isinstance(value, bool) else value


def tell(failure: Failure, as_json: bool = False) -> None:
    """A failure, on standard error: in sentences, or as one JSON object."""
    if as_json:
        sys.stderr.write(escaped(json.dumps(failure.document(), ensure_ascii=False)) + "\n")
        return
    aside = _console(sys.stderr)
    if isinstance(failure, Interrupted):
        # Who pressed Ctrl-C knows; what goes on all the same is worth a line.
        if failure.how:
            aside.print(escape(f"{failure.sentence} {failure.how}"), highlight=False, style="dim")
        return
    code = f" ({failure.code})" if failure.code else ""
    aside.print(f"[bold red]error{escape(code)}:[/] {escape(failure.sentence)}", highlight=False, soft_wrap=True)
    for detail in failure.details:
        aside.print(f"  {escape(detail)}", highlight=False, soft_wrap=True)
    if failure.how:
        aside.print(escape(failure.how), highlight=False, soft_wrap=True)


class _Console(Console):
    """A console on which no text drives the terminal: what a name holds of control characters is shown, not carried out."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """What a renderable comes to. All that is printed passes here, whatever tables and lines it is made of."""
        for segment in super().render(renderable, options):
            plain = segment.control is not None or segment.text.isprintable()
            yield segment if plain else Segment(visible(segment.text), segment.style)


def _console(file: Any) -> Console:
    known = file.isatty() or "COLUMNS" in os.environ
    return _Console(file=file, width=None if known else _WIDE, highlight=False, emoji=False)

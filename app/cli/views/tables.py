"""Tables that fit: where a terminal is narrow the columns that matter least are left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from rich import box
from rich.bar import Bar
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.measure import Measurement
from rich.segment import Segment
from rich.style import Style
from rich.table import Table
from rich.text import Text


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a :class:`Grid`.

    Attributes
    ----------
    title
        Its heading.
    align
        Numbers stand at the right.
    from_width
        It is left out on terminals narrower than this.
    whole
        Whether its cells are never broken.
    """

    title: str
    align: Literal["left", "right"] = "left"
    from_width: int = 0
    whole: bool = False


def number(title: str, from_width: int = 0) -> Column:
    """A column of numbers."""
    return Column(title, "right", from_width, whole=True)


class Grid:
    """Rows under headings."""

    def __init__(self, columns: Sequence[Column], rows: Iterable[Sequence[RenderableType | None]]) -> None:
        self.columns = tuple(columns)
        self.rows = [tuple(row) for row in rows]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield self._table(options)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement.get(console, options, self._table(options))

    def _table(self, options: ConsoleOptions) -> Table:
        shown = [place for place, column in enumerate(self.columns) if options.max_width >= column.from_width]
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
        for place in shown:
            column = self.columns[place]
            table.add_column(
                column.title, justify=column.align, no_wrap=column.whole, overflow="ellipsis" if column.whole else "fold"
            )
        for row in self.rows:
            table.add_row(*(_cell(row[place]) for place in shown))
        return table


def pairs(rows: Iterable[tuple[str, RenderableType | None]]) -> Table:
    """What is what, one a line; what is None is left out."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        if value is not None:
            table.add_row(name, _cell(value))
    return table


def heading(text: str) -> Text:
    """The title of a part."""
    return Text(f"\n{text}", style="bold")


class Share:
    """How full something is, as a bar with its figure."""

    def __init__(self, permille: int, width: int = 10) -> None:
        self.permille = permille
        self.width = width

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        colour = "red" if self.permille >= 950 else "yellow" if self.permille >= 750 else "green"
        part = min(1000, max(0, self.permille))
        if options.ascii_only:
            filled = round(self.width * part / 1000)
            yield Segment("#" * filled + "." * (self.width - filled))
        else:
            yield Bar(1000, 0, part, width=self.width, color=colour)

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(self.width, self.width)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a :class:`Stack`: what it is, how much of it there is, and how it is drawn."""

    name: str
    amount: int
    letter: str
    colour: str


class Stack:
    """Parts of a whole side by side, as one bar: in colours, or in letters where there are none."""

    def __init__(self, parts: Sequence[Stretch], most: int = 72) -> None:
        self.parts = [part for part in parts if part.amount > 0]
        self.most = most

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = min(self.most, options.max_width)
        coloured = console.color_system is not None and not console.no_color
        block = "#" if options.ascii_only else "█"
        for part, cells in zip(self.parts, _shared_out([part.amount for part in self.parts], width), strict=True):
            yield Segment((block if coloured else part.letter) * cells, Style.parse(part.colour) if coloured else None)
        yield Segment.line()

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(len(self.parts), min(self.most, options.max_width))


def _shared_out(amounts: Sequence[int], cells: int) -> list[int]:
    """Cells for each amount, in proportion, at least one each where that is possible, all of them together."""
    total = sum(amounts)
    if not total:
        return [0 for _ in amounts]
    least = 1 if cells >= len(amounts) else 0
    shared = [max(least, cells * amount // total) for amount in amounts]
    while sum(shared) != cells:
        step = 1 if sum(shared) < cells else -1
        # Where the difference to the exact share is largest.
        owed = [step * (cells * amount / total - have) for amount, have in zip(amounts, shared, strict=True)]
        able = [place for place, have in enumerate(shared) if step > 0 or have > least]
        shared[max(able, key=lambda place: owed[place])] += step
    return shared


def _cell(value: RenderableType | None) -> RenderableType:
    # A word of the network's may look like markup: it is shown as it is.
    return Text(value) if isinstance(value, str) else Text("") if value is None else value

"""Tables that fit: where a terminal is narrow the columns that matter least are left out, and sentences are folded.

No word is ever broken, and so no id: where the longest words of a row do not fit side by side, each row becomes lines of
its own (:class:`Grid`, :class:`Pairs`). A table that leaves a column out says so.
"""

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

#: Air between two columns of a table, between a name and its value, and before the lines of a row below its first one.
_BETWEEN, _GAP, _INDENT = 3, 2, 2
#: A terminal as wide as this shows every column that matters: what comes only on wider ones may be left out there, too.
_USUAL = 80


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


#: For whom something runs, and what, in names; they stand before the ids. See :func:`app.cli.views.parts.words.whose`.
FOR = (Column("for", from_width=130), Column("model", from_width=150))


class Grid:
    """Rows under headings; where they are too wide for that, lines of titles and values for each row."""

    def __init__(self, columns: Sequence[Column], rows: Iterable[Sequence[RenderableType | None]]) -> None:
        self.columns = tuple(columns)
        self.rows = [tuple(row) for row in rows]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        found = self._fitting(console, options)
        if found is None:
            yield from self._stacked(options)
            return
        shown, widths = found
        yield self._table(shown, widths)
        absent = [column.title for place, column in enumerate(self.columns) if place not in shown and column.title]
        if absent:
            yield Text(f"left out on so narrow a terminal: {', '.join(absent)}", style="dim")

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        found = self._fitting(console, options)
        if found is None:
            return Measurement(options.max_width, options.max_width)
        return Measurement.get(console, options, self._table(*found))

    def _fitting(self, console: Console, options: ConsoleOptions) -> tuple[list[int], list[int]] | None:
        """The columns that are shown and their widths, so that no word is broken; None where there is no room for that."""
        shown = [place for place, column in enumerate(self.columns) if options.max_width >= column.from_width]
        while True:
            widths = self._widths(console, options, shown)
            if widths is not None:
                return shown, widths
            spare = [place for place in shown if self.columns[place].from_width > _USUAL or not self.columns[place].title]
            if not spare:
                return None
            shown.remove(max(spare, key=lambda place: (not self.columns[place].title, self.columns[place].from_width)))

    def _widths(self, console: Console, options: ConsoleOptions, shown: Sequence[int]) -> list[int] | None:
        """The width of each of these columns, so that no word is broken; None where there is no room for that."""
        least, most = [], []
        for place in shown:
            column = self.columns[place]
            cells = [Text(column.title), *(_cell(row[place]) for row in self.rows)]
            found = [Measurement.get(console, options.update(width=10_000), cell) for cell in cells]
            most.append(max(one.maximum for one in found))
            least.append(most[-1] if column.whole else max(one.minimum for one in found))
        room = options.max_width - _BETWEEN * (len(shown) - 1)
        if sum(least) > room:
            return None
        widths, left = least, room - sum(least)
        # What is left goes to those that want it, one cell each in turn.
        while left and (wanting := [place for place, width in enumerate(widths) if width < most[place]]):
            step = max(1, left // len(wanting))
            for place in wanting:
                more = min(step, most[place] - widths[place], left)
                widths[place] += more
                left -= more
        return widths

    def _table(self, shown: Sequence[int], widths: Sequence[int]) -> Table:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
        for place, width in zip(shown, widths, strict=True):
            column = self.columns[place]
            table.add_column(column.title, justify=column.align, no_wrap=column.whole, overflow="fold", width=width)
        for row in self.rows:
            table.add_row(*(_cell(row[place]) for place in shown))
        return table

    def _stacked(self, options: ConsoleOptions) -> Iterable[Text]:
        """Each row as lines: its first cell, and below it the others, each with its title; pictures are left out."""
        for row in self.rows:
            said = [(column.title, cell) for column, cell in zip(self.columns, row, strict=True) if _is_said(cell)]
            if not said:
                continue
            yield _unbroken(_text(said[0][1]))
            line = Text()
            for title, cell in said[1:]:
                told = Text.assemble((f"{title} " if title else "", "dim"), _text(cell))
                if line and _INDENT + line.cell_len + _GAP + told.cell_len > options.max_width:
                    yield from _set_in(line, options)
                    line = Text()
                line = Text.assemble(line, " " * _GAP, told) if line else told
            if line:
                yield from _set_in(line, options)


class Pairs:
    """What is what, one a line; where a value has no room beside its name it stands below it."""

    def __init__(self, rows: Sequence[tuple[str, RenderableType]]) -> None:
        self.rows = rows

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        names = max((len(name) for name, _ in self.rows), default=0)
        room = options.max_width - names - _GAP
        wide = options.update(width=10_000)
        if all(Measurement.get(console, wide, value).minimum <= room for _, value in self.rows):
            yield self._table()
            return
        for name, value in self.rows:
            yield Text(name, style="dim")
            if isinstance(value, Text):
                yield from _set_in(value, options)
            else:
                yield value

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement.get(console, options, self._table())

    def _table(self) -> Table:
        table = Table.grid(padding=(0, _GAP, 0, 0))
        table.add_column(style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        for name, value in self.rows:
            table.add_row(name, value)
        return table


def pairs(rows: Iterable[tuple[str, RenderableType | None]]) -> Pairs:
    """What is what, one a line; what is None is left out."""
    return Pairs([(name, _cell(value)) for name, value in rows if value is not None])


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


def _text(cell: RenderableType | None) -> Text:
    return cell if isinstance(cell, Text) else Text(cell if isinstance(cell, str) else "")


def _is_said(cell: RenderableType | None) -> bool:
    """Whether a cell says anything in words."""
    return isinstance(cell, str | Text) and bool(len(cell))


def _unbroken(text: Text) -> Text:
    """A text whose words are never broken, even if one is wider than the terminal."""
    copy = text.copy()
    copy.overflow = "ignore"
    return copy


def _set_in(text: Text, options: ConsoleOptions) -> Iterable[Text]:
    """A text in lines that are set in, between words alone."""
    copy = _unbroken(text)
    for line in copy.split():
        words, begun = line.split(" "), Text()
        for word in words:
            if begun and _INDENT + begun.cell_len + 1 + word.cell_len > options.max_width:
                yield _unbroken(Text.assemble(" " * _INDENT, begun))
                begun = Text()
            begun = Text.assemble(begun, " ", word) if begun else word
        if begun:
            yield _unbroken(Text.assemble(" " * _INDENT, begun))

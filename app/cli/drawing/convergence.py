"""How cost and proven bound come together over time.

Time is on a logarithmic axis. The other axis is the distance to the last cost of the first course in per cent, drawn by
its inverse hyperbolic sine, so that tenths of a per cent near the end and the long way at the start are both visible.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from app.cli.drawing.page import legible, page, save

#: The first course is Edgeplan's own.
_COST, _BOUND = "#1f5fa8", "#d2691e"
_OTHERS = ("#8a6d3b", "#6b7f3a", "#8e4a8e", "#3a7f7a", "#5a5a5a", "#a33d3d")
#: Per cent around the last cost within which the axis is even.
_EVEN = 0.1
_TICKS = (-100.0, -10.0, -1.0, -0.1, 0.0, 0.1, 1.0, 10.0, 100.0, 1000.0)
#: Distances beyond which nothing is told apart any more; before a first bound is proven it is 100 % off.
_LEAST, _MOST = -100.0, 1000.0
#: Seconds before which nothing is told apart.
_EARLIEST = 0.01
#: Labels stand at least so far from each other, in parts of the height.
_APART = 0.045

#: Seconds, and what was reached by then.
Steps = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Course:
    """How one solve went: its name, its last cost, and its costs and proven bounds over time.

    One that tells no course has no steps: it is a dashed line at its cost.
    """

    name: str
    cost: float
    costs: Steps
    bounds: Steps


def draw(courses: Sequence[Course], title: str, path: Path) -> None:
    """Write the chart of some solves of the same problem; the first is drawn in full lines, the others dotted."""
    mine, others = courses[0], courses[1:]
    final = max(1.0, abs(mine.cost))

    def off(value: float) -> float:
        return min(_MOST, max(_LEAST, 100 * (value - mine.cost) / final))

    def steps(given: Steps) -> tuple[list[float], list[float]]:
        return [max(_EARLIEST, at) for at, _ in given], [off(value) for _, value in given]

    every = [at for course in courses for at, _ in (*course.costs, *course.bounds)] or [_EARLIEST]
    last = max(every)
    with page(8.6, 4.2) as figure:
        axes: Axes = figure.add_subplot()
        axes.set_title(legible(title, "Cost and proven bound over time"), loc="left", fontsize=10)
        labels = [(0.0, _COST, f"{mine.name}: cost" if others else "cost")]
        for place, course in enumerate(others):
            colour = _OTHERS[place % len(_OTHERS)]
            height = off(course.cost)
            if course.costs:
                axes.step(*steps([*course.costs, (last, course.cost)]), where="post", color=colour, lw=1, ls=(0, (2, 3)))
            else:
                axes.axhline(height, color=colour, lw=1, ls=(0, (6, 4)))
            if course.bounds:
                axes.step(*steps(course.bounds), where="post", color=colour, lw=1, ls=(0, (1, 4)))
            labels.append((height, colour, f"{legible(course.name, 'other')} {height:+.2f} %"))
        bounds = [step for step in mine.bounds if off(step[1]) > _LEAST]
        if bounds:
            axes.step(*steps([*bounds, (last, bounds[-1][1])]), where="post", color=_BOUND, lw=2)
            labels.append((off(bounds[-1][1]), _BOUND, f"{mine.name}: bound" if others else "proven bound"))
        axes.step(*steps([*mine.costs, (last, mine.cost)]), where="post", color=_COST, lw=2)
        _axes(axes)
        _label(axes, labels)
        save(figure, path, title)


def _axes(axes: Axes) -> None:
    axes.set_xscale("log")
    axes.set_yscale("asinh", linear_width=_EVEN)
    low, high = axes.get_ylim()
    axes.set_ylim(min(low, -2 * _EVEN), max(high, 2 * _EVEN))
    axes.set_yticks([tick for tick in _TICKS if axes.get_ylim()[0] <= tick <= axes.get_ylim()[1]])
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:+g} %" if value else "0 %"))
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 3.0, 5.0)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g} s"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.minorticks_off()
    axes.grid(color="#e3e3e3", lw=0.8)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _label(axes: Axes, labels: Sequence[tuple[float, str, str]]) -> None:
    """Name the lines at their right ends, none over another."""
    into_page = axes.transAxes.inverted()
    placed: list[float] = []
    ends = sorted((float(into_page.transform(axes.transData.transform((1.0, height)))[1]), c, t) for height, c, t in labels)
    for height, _, _ in ends:
        placed.append(max(height, placed[-1] + _APART) if placed else height)
    # Down again where the highest would leave the picture.
    ceiling = 1.0
    for place in reversed(range(len(placed))):
        placed[place] = min(placed[place], ceiling)
        ceiling = placed[place] - _APART
    for at, (_, colour, text) in zip(placed, ends, strict=True):
        axes.text(1.01, at, text, color=colour, transform=axes.transAxes, va="center", fontsize=8)

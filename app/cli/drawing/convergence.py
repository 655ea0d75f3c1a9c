"""How cost and proven bound come together over time.

Time is on a logarithmic axis. The other axis is the distance to the last cost of the first course in per cent, drawn by
its inverse hyperbolic sine, so that tenths of a per cent near the end and the long way at the start are both visible.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from app.cli.drawing.colours import LIGHT, Colours
from app.cli.drawing.page import legible, page, save
from app.cli.views.parts.words import money

#: Courses beside the first, which is Edgeplan's own.
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


def draw(courses: Sequence[Course], title: str, path: Path, colours: Colours = LIGHT) -> None:
    """Write the chart of some solves of the same problem.

    Of the first the cost is a wide line, its bound a dashed one that is seen on top of it, too, and the gap between them is
    shaded; the others are dotted.
    """
    mine, others = courses[0], courses[1:]
    final = max(1.0, abs(mine.cost))

    def off(value: float) -> float:
        return min(_MOST, max(_LEAST, 100 * (value - mine.cost) / final))

    def steps(given: Steps) -> tuple[list[float], list[float]]:
        return [max(_EARLIEST, at) for at, _ in given], [off(value) for _, value in given]

    every = [at for course in courses for at, _ in (*course.costs, *course.bounds)] or [_EARLIEST]
    last = max(every)
    with page(8.6, 4.2, colours) as figure:
        axes: Axes = figure.add_subplot()
        axes.set_title(legible(title, "Cost and lower bound over time"), loc="left", fontsize=10)
        labels = [(0.0, colours.cost, f"{mine.name}: cost" if others else f"cost {money(mine.cost)}")]
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
        costs = [*mine.costs, (last, mine.cost)]
        if bounds:
            bounds = [*bounds, (last, bounds[-1][1])]
            at, upper, lower = _between(costs, bounds)
            axes.fill_between(at, [off(v) for v in upper], [off(v) for v in lower], step="post", color=colours.bound,
                              alpha=0.14, lw=0)  # fmt: skip
            end = bounds[-1][1]
            said = f"{mine.name}: bound" if others else f"lower bound {end:,.0f}"
            labels.append((off(end), colours.bound, said))
            _label_gap(axes, at, [off(v) for v in upper], [off(v) for v in lower], colours)
        axes.step(*steps(costs), where="post", color=colours.cost, lw=3.2, solid_capstyle="butt")
        if bounds:
            axes.step(*steps(bounds), where="post", color=colours.bound, lw=1.6, ls=(0, (4, 2)))
        _axes(axes, colours)
        _label(axes, labels)
        save(figure, path, title)


def _between(costs: Steps, bounds: Steps) -> tuple[list[float], list[float], list[float]]:
    """From the first moment at which both are known: the moments of either, and the cost and the bound from each on."""
    begun = max(costs[0][0], bounds[0][0])
    moments = sorted({max(begun, at) for at, _ in (*costs, *bounds)})

    def then(steps: Steps) -> list[float]:
        return [[value for at, value in steps if at <= moment][-1] for moment in moments]

    return [max(_EARLIEST, at) for at in moments], then(costs), then(bounds)


def _label_gap(axes: Axes, at: Sequence[float], upper: Sequence[float], lower: Sequence[float], colours: Colours) -> None:
    """Name the shaded part where it is widest, if it is wide enough for a word."""
    lasting = [(math.log(after / now), place) for place, (now, after) in enumerate(pairwise(at))]
    wide = [(stretch, place) for stretch, place in lasting if upper[place] - lower[place] > 2 * _EVEN]
    if wide:
        _, place = max(wide)
        x, y = math.sqrt(at[place] * at[place + 1]), math.sinh(_middle(upper[place], lower[place])) * _EVEN
        axes.text(x, y, "gap", color=colours.bound, ha="center", va="center", fontsize=8)


def _middle(upper: float, lower: float) -> float:
    """Half way between two heights as the axis draws them."""
    return (math.asinh(upper / _EVEN) + math.asinh(lower / _EVEN)) / 2


def _axes(axes: Axes, colours: Colours) -> None:
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
    axes.grid(color=colours.line, lw=0.8)
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

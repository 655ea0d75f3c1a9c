"""What colours say in pictures: the same as on the dashboard's light and dark pages, to which a test holds them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

#: Upper ends of the steps of how full something is, and of how much of a deadline is used up, in thousandths.
USE_ENDS = (100, 250, 400, 550, 700, 850)
SPENT_ENDS = (400, 600, 800, 900, 950, 980)


@dataclass(frozen=True, slots=True)
class Colours:
    """The colours of a page.

    Attributes
    ----------
    page, ink, faint, line
        The page itself, letters, letters of less weight, and lines of a grid.
    land, border
        Land, and the borders on it.
    amounts
        From little to much, as steps: green through blue to violet, with ever more contrast to the page.
    bad, warn, idle
        What has failed or breaks a rule, what drains, and what is idle.
    whose
        Whose a node is -> its colour, told apart also by those who cannot tell red from green.
    cost, bound
        The cost of a plan, and what is proven about it.
    """

    page: str
    ink: str
    faint: str
    line: str
    land: str
    border: str
    amounts: tuple[str, ...]
    bad: str
    warn: str
    idle: str
    whose: dict[str, str]
    cost: str
    bound: str

    def shade(self, permille: int, ends: Sequence[int]) -> str:
        """The colour of so many thousandths; `ends` are the upper ends of the steps."""
        return self.amounts[bisect_right(ends, permille)]


LIGHT = Colours(
    page="#ffffff", ink="#17202b", faint="#536070", line="#d6dce3", land="#e7ebf0", border="#d6dce3",
    amounts=("#84e1ba", "#4ec2b9", "#25a1b3", "#1f7ea7", "#2d5b93", "#353877", "#321754"),
    bad="#b3261e", warn="#8f5a00", idle="#b4bec9",
    whose={
        "domestic": "#008563", "foreign_owned": "#c4540a", "foreign_operated": "#9a7400", "foreign_controlled": "#b0578d",
        "unknown": "#6b7280",
    },
    cost="#0072b2", bound="#c4540a",
)  # fmt: skip
DARK = Colours(
    page="#161e27", ink="#e6ebf0", faint="#a0aebb", line="#2c3946", land="#1f2a35", border="#2c3946",
    amounts=("#03553c", "#086e68", "#018898", "#459dc8", "#7fb0ee", "#bbc4ff", "#e9deff"),
    bad="#ff8d84", warn="#f0b85a", idle="#43525f",
    whose={
        "domestic": "#2fc199", "foreign_owned": "#e8873a", "foreign_operated": "#e0c341", "foreign_controlled": "#dd8fbd",
        "unknown": "#9aa5b1",
    },
    cost="#56b4e9", bound="#e8873a",
)  # fmt: skip

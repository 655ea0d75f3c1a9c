"""What colours say in pictures: the same as on the dashboard's light page, to which a test holds them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

#: From little to much, as steps: green through blue to violet, ever darker.
AMOUNTS = ("#84e1ba", "#4ec2b9", "#25a1b3", "#1f7ea7", "#2d5b93", "#353877", "#321754")
#: Upper ends of the steps of how full something is, and of how much of a deadline is used up, in thousandths.
USE_ENDS = (100, 250, 400, 550, 700, 850)
SPENT_ENDS = (400, 600, 800, 900, 950, 980)
#: What has failed or breaks a rule, what drains, and what is idle.
BAD, WARN, IDLE = "#b3261e", "#8f5a00", "#b4bec9"


def shade(permille: int, ends: Sequence[int]) -> str:
    """The colour of so many thousandths; `ends` are the upper ends of the steps."""
    return AMOUNTS[bisect_right(ends, permille)]

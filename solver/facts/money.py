"""What amounts of money are counted in."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Money:
    """A unit of money: the `currency` (ISO 4217), and how many of an amount, a whole number, make one of it."""

    currency: str = "KRW"
    per_unit: int = 1

    def amount(self, whole: int) -> str:
        """An amount without its currency: `1,234,567`; in hundredths of one `12,345.67`."""
        if self.per_unit == 1:
            return f"{whole:,}"
        return f"{whole / self.per_unit:,.{math.ceil(math.log10(self.per_unit))}f}"

    def said(self, whole: int) -> str:
        """An amount with its currency: `1,234,567 won`."""
        return f"{self.amount(whole)} {'won' if self.currency == 'KRW' else self.currency}"


#: What networks count in that do not say otherwise.
WON = Money()

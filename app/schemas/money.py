"""What the network counts money in."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

from pydantic import Field

from app.errors import Fault
from app.former import FORMER
from app.schemas.entities import Part
from app.schemas.wire import CURRENCY_PATTERN
from solver.facts import money


class Money(Part):
    """What all prices, values and costs are counted in: won, where a network does not say otherwise."""

    stands_for = money.Money

    currency: Annotated[str, Field(pattern=CURRENCY_PATTERN, description="An ISO 4217 code.", examples=["KRW"])] = "KRW"
    per_unit: Annotated[
        int,
        Field(
            strict=True, ge=1, le=1_000_000, description="How many of the whole numbers stored make one unit: 100 for cents."
        ),
    ] = 1

    @staticmethod
    def of(unit: money.Money) -> Money:
        """What the solver counts in, on the wire."""
        return Money(currency=unit.currency, per_unit=unit.per_unit)


#: What former names of fields spoke of, and what a network counts in that does not say it.
WON = Money()


def former_faults(former: Collection[str], money: Money) -> tuple[Fault, ...]:
    """A fault for each former name that is used where money is counted in something else than won."""
    if money == WON:
        return ()
    return tuple(
        Fault(name, f"speaks of won, and the network counts in {said(money)}", repr(FORMER[name]), code="unknown_field")
        for name in sorted(former)
    )


def said(money: Money) -> str:
    """What money is counted in, in words: `KRW`, `EUR/100`."""
    return money.currency if money.per_unit == 1 else f"{money.currency}/{money.per_unit}"

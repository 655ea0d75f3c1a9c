"""Figures in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from app.cli.answers import Money

#: How much of a plan's id tells it from the others.
_SHORT = 8


#: Asks what the service counts money in. Where no service is asked, it is won.
_asked: ContextVar[Callable[[], Money] | None] = ContextVar("money", default=None)


@contextmanager
def counting(ask: Callable[[], Money]) -> Iterator[None]:
    """Meanwhile say amounts of money in what `ask` answers, which is asked once, when an amount is first said."""
    token = _asked.set(cache(ask))
    try:
        yield
    finally:
        _asked.reset(token)


def _counted() -> Money:
    ask = _asked.get()
    return {"currency": "KRW", "per_unit": 1} if ask is None else ask()


def currency() -> str:
    """What money is called: `won`, `EUR`."""
    code = _counted()["currency"]
    return "won" if code == "KRW" else code


def money(cost: float | None, sign: bool = False) -> str:
    """An amount of money, without its currency: `1,234,567`; in hundredths of one `12,345.67`."""
    if cost is None:
        return ""
    parts, plus = _counted()["per_unit"], "+" if sign else ""
    if parts == 1:
        return f"{round(cost):{plus},}"
    return f"{round(cost) / parts:{plus},.{math.ceil(math.log10(parts))}f}"


def a_month(cost: int | None) -> str:
    """`1,234,567 won a month`."""
    return f"{money(cost)} {currency()} a month"


def amount(number: float | None) -> str:
    """`1,234,567`."""
    return "" if number is None else f"{round(number):,}"


def difference(cost: int) -> str:
    """A difference of two amounts of money: `+1,234`, `-1,234` or `0`."""
    return money(cost, sign=True) if cost else "0"


def percent(part: float) -> str:
    """A fraction as `0.34 %`; a little is not nothing: `0.002 %`."""
    digits = 2 if part == 0 or abs(part) >= 1e-4 else -1 - math.floor(math.log10(abs(part)))
    return f"{part:.{digits}%}".replace("%", " %")


def share(permille: int) -> str:
    """Thousandths as `53 %`; a little is not nothing, and nearly full is not full."""
    if permille % 10 and (permille < 10 or 990 < permille < 1000):
        return f"{permille / 10:.1f} %"
    return f"{permille // 10} %"


def cards_said(slots: Sequence[Sequence[int]]) -> str | None:
    """The cards of a placement, for each server its card and where on it a slice begins: `0, 1`, `3 from 4/8`."""
    return ", ".join(f"{card} from {eighth}/8" if eighth else f"{card}" for card, eighth in slots) or None


def millis(micros: int) -> str:
    """Microseconds as `15.3 ms`."""
    return f"{micros / 1000:,.1f} ms"


def seconds(amount: float) -> str:
    """`6.8 s`."""
    return f"{amount:.1f} s"


def short(id: str | None) -> str:
    """The beginning of a plan's id, by which it can be named."""
    return "" if id is None else id[:_SHORT]


def whose(one: Mapping[str, Any], sites: Mapping[str, str]) -> tuple[str, str]:
    """For whom a shard runs, and what: the name of its site, and its model."""
    return sites.get(one["site"], one["site"]), one["model"]


def nth(shard: int) -> str:
    """The number of a shard as people count: the first is 1."""
    return f"{shard + 1:,}"


def named(id: str, name: str | None) -> str:
    """What something is called, and the id by which it is asked for: `Busan hub (hub)`."""
    return id if not name or name == id else f"{name} ({id})"


def moment(text: str | None) -> datetime | None:
    """A moment as the service writes it."""
    return None if text is None else datetime.fromisoformat(text)


def clock(text: str | None) -> str:
    """A moment in the time of this place: `2026-11-22 20:15:03`."""
    at = moment(text)
    return "" if at is None else at.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def since(text: str | None, now: datetime | None = None) -> str:
    """How long ago a moment was: `3 min`, `2 h`, `5 d`."""
    at = moment(text)
    if at is None:
        return ""
    passed = max(0.0, ((now or datetime.now(UTC)) - at).total_seconds())
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if passed >= size:
            return f"{int(passed // size)} {unit}"
    return f"{int(passed)} s"


def many(count: int, one: str, more: str | None = None) -> str:
    """`1 shard`, `2 shards`."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def day(text: str, today: date | None = None) -> str:
    """A day that something is planned for, with a word where that is not today in the time of this place."""
    here = (today or date.today()).isoformat()
    return text if text == here else f"{text} (a plan for another day: today is {here})"


def plain(word: str) -> str:
    """A word of the service's for people: `foreign_owned` as `foreign owned`."""
    return word.replace("_", " ")

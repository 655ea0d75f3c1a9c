"""Figures in words."""

from __future__ import annotations

from datetime import UTC, datetime

#: How much of a plan's id tells it from the others.
_SHORT = 8


def won(amount: float | None) -> str:
    """`1,234,567`."""
    return "" if amount is None else f"{round(amount):,}"


def difference(amount: int) -> str:
    """`+1,234`, `-1,234` or `0`."""
    return f"{amount:+,}" if amount else "0"


def percent(part: float) -> str:
    """A fraction as `0.34 %`."""
    return f"{part:.2%}".replace("%", " %")


def share(permille: int) -> str:
    """Thousandths as `53 %`; a little is not nothing, and nearly full is not full."""
    if permille % 10 and (permille < 10 or 990 < permille < 1000):
        return f"{permille / 10:.1f} %"
    return f"{permille // 10} %"


def millis(micros: int) -> str:
    """Microseconds as `15.3 ms`."""
    return f"{micros / 1000:,.1f} ms"


def seconds(amount: float) -> str:
    """`6.8 s`."""
    return f"{amount:.1f} s"


def short(id: str | None) -> str:
    """The beginning of a plan's id, by which it can be named."""
    return "" if id is None else id[:_SHORT]


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


def plain(word: str) -> str:
    """A word of the service's for people: `foreign_owned` as `foreign owned`."""
    return word.replace("_", " ")

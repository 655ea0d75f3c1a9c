"""Ranges of parameters: said with the type of each, checked when a value is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple, TypeAlias, get_args, get_origin, get_type_hints


class Within(NamedTuple):
    """The range of a parameter, ends included."""

    least: float
    most: float


INFINITE = float("inf")
_LEAST_POSITIVE = 5e-324

#: A share of something.
Share: TypeAlias = Annotated[float, Within(0.0, 1.0)]
#: Seconds, factors and the like.
Amount: TypeAlias = Annotated[float, Within(0.0, INFINITE)]
Positive: TypeAlias = Annotated[float, Within(_LEAST_POSITIVE, INFINITE)]
#: Whole numbers.
Count: TypeAlias = Annotated[int, Within(1, INFINITE)]
Size: TypeAlias = Annotated[int, Within(0, INFINITE)]


def _ranges(kind: type) -> Mapping[str, tuple[type, Within]]:
    """The type and the range of each field that has one."""
    hints = get_type_hints(kind, include_extras=True)
    return {name: get_args(hint) for name, hint in hints.items() if get_origin(hint) is Annotated}


class Checked:
    """Refuses values out of range when it is made."""

    def __post_init__(self) -> None:
        """Check each field.

        Raises
        ------
        ValueError
            If a value is out of range; the message names the parameter.
        """
        for name, (kind, (least, most)) in _ranges(type(self)).items():
            value = getattr(self, name)
            whole = kind is not int or (isinstance(value, int) and not isinstance(value, bool))
            if not (whole and least <= value <= most):
                self._refuse(name, value)

    def _in_order(self, *names: str) -> None:
        """Refuse fields that do not rise in this order."""
        values: list[Any] = [getattr(self, name) for name in names]
        for name, before, after in zip(names[1:], values, values[1:], strict=False):
            if before > after:
                self._refuse(name, after)

    def _refuse(self, name: str, value: object) -> None:
        raise ValueError(f"{type(self).__name__}.{name} is out of range: {value}")

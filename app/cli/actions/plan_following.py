"""Follow a plan to its end, before somebody's eyes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Protocol, Self

from rich.live import Live

from app.cli.answers import PlanOut, ProgressPoint
from app.cli.common.client import Service, in_path
from app.cli.common.feed import Feed, OnTrouble
from app.cli.common.output import Output
from app.cli.failures import Interrupted, No
from app.cli.views import plan_progress as views

#: Statuses after which nothing changes any more.
ENDED = ("finished", "cancelled", "failed")
#: Pictures a second of a plan that is being solved.
_PICTURES = 8


def followed(service: Service, out: Output, id: str) -> PlanOut:
    """Follow a plan to its end and tell what it came to. Ctrl-C leaves it alone, and says so."""
    display: _Display = _Picture(out) if out.console.is_terminal and not out.as_json else _Lines(out)
    try:
        with display:
            ended = follow(service, id, display.changed, display.trouble)
    except KeyboardInterrupt:
        raise Interrupted(
            f"Plan {id} goes on.",
            f"To stop it: edgeplan plan cancel {id[:8]}; to watch it: edgeplan plan watch {id[:8]}",
        ) from None
    if not out.as_json:
        out.show(views.ending(ended))
    return ended


def follow(service: Service, id: str, on_change: Callable[[PlanOut], None], on_trouble: OnTrouble) -> PlanOut:
    """The plan when it has ended; until then `on_change` is told of the plan as it is, at first and whenever it changes.

    Raises
    ------
    No
        If it was deleted meanwhile.
    """
    # Its place is taken before the plan is read, so that no change falls in between.
    feed = Feed(service, types="plan,stream", plan=id, on_trouble=on_trouble)
    plan = _read(service, id)
    on_change(plan)
    if plan["status"] in ENDED:
        return plan
    for event in feed:
        if event["type"] == "plan.deleted":
            raise No(f"Plan {id} was deleted while it was watched.")
        if event["type"] == "plan.improved":
            # Told whole, so that a nation's request need not be read anew for every step.
            plan = {**plan, "best": service.understood("/v1/events", event["detail"], ProgressPoint)}
        else:
            plan = _read(service, id)
        on_change(plan)
        if plan["status"] in ENDED:
            return plan
    raise AssertionError("a feed does not end")


def _read(service: Service, id: str) -> PlanOut:
    return service.get(f"/v1/plans/{in_path(id)}", PlanOut)


class _Display(Protocol):
    """Shows a plan that is being solved."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *raised: Any) -> None: ...

    def changed(self, plan: PlanOut) -> None: ...

    def trouble(self, what: str | None) -> None: ...


class _Picture:
    """On a terminal: one picture, drawn anew."""

    def __init__(self, out: Output) -> None:
        self._plan: PlanOut | None = None
        self._trouble: str | None = None
        self._live = Live(console=out.console, refresh_per_second=_PICTURES, transient=True, get_renderable=self._drawn)

    def __enter__(self) -> Self:
        self._live.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._live.__exit__(kind, error, trace)

    def _drawn(self) -> Any:
        return "" if self._plan is None else views.live(self._plan, self._trouble)

    def changed(self, plan: PlanOut) -> None:
        self._plan = plan

    def trouble(self, what: str | None) -> None:
        self._trouble = what


class _Lines(AbstractContextManager["_Lines"]):
    """Elsewhere: one line a change, of JSON if so asked."""

    def __init__(self, out: Output) -> None:
        self._out = out
        self._last: str | None = None

    def __exit__(self, *raised: Any) -> None:
        return None

    def changed(self, plan: PlanOut) -> None:
        if self._out.as_json:
            self._out.line(plan)
            return
        said = views.step(plan)
        if said != self._last:
            self._last = said
            self._out.show(said)

    def trouble(self, what: str | None) -> None:
        self._out.note(what or "connected again")

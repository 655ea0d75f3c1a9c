"""Follow a plan to its end."""

from __future__ import annotations

from collections.abc import Callable

from app.cli.answers import PlanOut, ProgressPoint
from app.cli.common.client import Service, in_path
from app.cli.common.feed import Feed, OnTrouble
from app.cli.failures import No

#: Statuses after which nothing changes any more.
ENDED = ("finished", "cancelled", "failed")


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

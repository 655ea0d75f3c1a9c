"""Names: of plans, whose ids may be given by their beginnings or as `latest`, and of what the network has."""

from __future__ import annotations

from typing import Literal

from app.cli.answers import NetworkMap, PlanOut
from app.cli.common.client import Page, Service
from app.cli.failures import BadInput, Refused

#: The newest plan.
LATEST = "latest"
#: Length of a whole id, and how much of one is the least to go by.
_WHOLE, _LEAST = 36, 4


def plan_id(service: Service, name: str) -> str:
    """The whole id of the plan that a person means.

    Raises
    ------
    BadInput
        If the name is too short, or is the beginning of several ids.
    Refused
        If there is no such plan.
    """
    if name == LATEST:
        newest = service.get("/v1/plans", Page[PlanOut], limit=1)["items"]
        if not newest:
            raise Refused("There is no plan yet.", "Ask for one: edgeplan plan submit --all", code="not_found")
        return newest[0]["id"]
    if len(name) >= _WHOLE:
        return name
    if len(name) < _LEAST:
        raise BadInput(f"{name!r} is too short to name a plan: give at least {_LEAST} letters of its id, or {LATEST!r}.")
    found = [plan["id"] for plan in service.every("/v1/plans", PlanOut) if plan["id"].startswith(name.lower())]
    if not found:
        raise Refused(f"There is no plan whose id begins with {name!r}.", "See them: edgeplan plan list", code="not_found")
    if len(found) > 1:
        raise BadInput(f"{name!r} is the beginning of {len(found)} plans: {', '.join(found[:5])}.")
    return found[0]


def names_of(service: Service, kind: Literal["sites", "nodes"]) -> dict[str, str]:
    """What sites or nodes are called: id -> name."""
    found = service.get("/v1/map", NetworkMap)[kind]
    return {id: name or id for id, name in zip(found["id"], found["name"], strict=True)}

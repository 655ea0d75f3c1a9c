"""What would change from one plan to another, or from what is in force to a plan: shard by shard, and in figures.

From what is in force it says what applying the plan would do, were it applied now: workloads that the plan is not about
stay as they are and are not counted.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, TypeAlias

from app.schemas.comparisons import Comparison, GoalDifference, ShardDifference
from app.service.plans import decided
from app.store.port import Session, Store
from app.store.records import Body

_FIELDS = ("workload", "shard", "node", "profile", "servers")

#: Workload and number of a shard.
Key: TypeAlias = tuple[str, int]
#: Where a shard runs: node, profile and servers; the node is None where it is unplaced.
Place: TypeAlias = tuple[str | None, str | None, int | None]

ACTIONS: tuple[Literal["moved", "resized", "placed", "unplaced", "ended"], ...] = (
    "moved",
    "resized",
    "placed",
    "unplaced",
    "ended",
)
_NOWHERE: Place = (None, None, None)


def compare(store: Store, id: str, other: str | None, after: Key | None, limit: int) -> tuple[Comparison, Key | None]:
    """What would change going from `other` (what is in force, without one) to the plan `id`.

    Returns
    -------
    The figures with up to `limit` changes, by workload and shard, after `after`; and the last of them if there are more.

    Raises
    ------
    NotFound, PlanNotReady
        If one of the plans is not there, or has no decisions (yet).
    """
    with store.reading() as session:
        decided(session, id)
        here = _places(session.plans.columns(id, _FIELDS))
        figures = session.plans.result(id)
        if other is None:
            other, there, before = _in_force(session, {workload for workload, _ in here})
        else:
            decided(session, other)
            there = _places(session.plans.columns(other, _FIELDS))
            before = session.plans.result(other)
    changes = {key: _action(here.get(key), there.get(key)) for key in sorted(here.keys() | there.keys())}
    count = {action: sum(one == action for one in changes.values()) for action in (*ACTIONS, "kept")}
    listed = [key for key, action in changes.items() if action != "kept" and (after is None or key > after)]
    shown = listed[:limit]
    goals = {} if before is None else {cost["goal"]: cost["krw_month"] for cost in before["cost_by_goal"]}
    return Comparison(
        plan=id,
        other=other,
        cost=figures["cost"],
        other_cost=None if before is None else before["cost"],
        cost_by_goal=tuple(
            GoalDifference(goal=cost["goal"], krw_month=cost["krw_month"], other_krw_month=goals.get(cost["goal"], 0))
            for cost in figures["cost_by_goal"]
        ),
        items=tuple(_difference(key, str(changes[key]), here.get(key), there.get(key)) for key in shown),
        **count,
    ), (shown[-1] if len(listed) > limit else None)


def _in_force(session: Session, about: set[str]) -> tuple[str | None, dict[Key, Place], Body | None]:
    """The plan in force, where the workloads `about` run, and its figures as it was applied."""
    summary = session.allocation.summary()
    rows = _places(session.allocation.columns(_FIELDS))
    there = {key: place for key, place in rows.items() if key[0] in about}
    if summary is None:
        return None, there, None
    return summary.plan_id, there, {"cost": summary.body["cost_krw_month"], "cost_by_goal": summary.body["cost_by_goal"]}


def _places(rows: Iterable[tuple[Any, ...]]) -> dict[Key, Place]:
    return {(workload, shard): (node, profile, servers) for workload, shard, node, profile, servers in rows}


def _action(here: Place | None, there: Place | None) -> str:
    ran = there is not None and there[0] is not None
    if here is None:
        return "ended" if ran else "kept"
    if here[0] is None:
        return "kept" if there is not None and not ran else "unplaced"
    if there is None or not ran:
        return "placed"
    if here[0] != there[0]:
        return "moved"
    return "kept" if here == there else "resized"


def _difference(key: Key, action: str, here: Place | None, there: Place | None) -> ShardDifference:
    to_node, to_profile, to_servers = here or _NOWHERE
    from_node, from_profile, from_servers = there or _NOWHERE
    return ShardDifference.model_validate(
        {
            "workload": key[0], "shard": key[1], "action": action, "from_node": from_node, "to_node": to_node,
            "from_profile": from_profile, "to_profile": to_profile, "from_servers": from_servers, "to_servers": to_servers,
        }
    )  # fmt: skip

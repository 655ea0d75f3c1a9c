"""Plans: each that was accepted is there, once, and ends; what was applied is in force; none ends with less than it showed,
and none is applied that the verifier refuses."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from tests.chaos.checker.finding import Finding
from tests.chaos.history import Body, Call, History

ENDED = frozenset({"finished", "cancelled", "failed"})
#: Failures that are the service's own, and take from nobody what had been shown.
_LOST = ("solve.", "solver.")


def _plan_of(call: Call) -> str | None:
    """The plan that a request is about, by its path."""
    parts = call.path.strip("/").split("/")
    return parts[2] if parts[1] == "plans" and len(parts) > 2 else None


def accepted_plans_are_kept_once(history: History) -> Iterator[Finding]:
    """A request for a plan that was accepted has one plan, one that was refused has none, and none has two."""
    assert history.end is not None
    named: dict[str | None, list[str]] = defaultdict(list)
    for id, plan in history.end.plans.items():
        named[plan["name"]].append(id)
    queued = defaultdict(set)
    for event in history.end.events:
        if event["type"] == "plan.queued":
            queued[event["detail"]["name"]].add(event["plan"])
    deleted = {_plan_of(call) for call in history.calls if call.method == "DELETE" and not call.refused}
    for op, calls in history.requests():
        if calls[0].method != "POST" or calls[0].path != "/v1/plans":
            continue
        told = {call.answer["id"] for call in calls if call.done}
        known = set(named[op]) | queued[op]
        if len(told | known) > 1:
            yield Finding(
                "doubled.plan",
                op,
                f"asked once in {len(calls)} attempts, and plans {sorted(map(str, told | known))} came of it",
            )
        for id in told - set(named[op]) - deleted:
            yield Finding("lost.plan", op, f"plan {id} was accepted and is not there")
        if known and all(call.refused for call in calls):
            yield Finding(
                "refused.done",
                op,
                f"refused as {[call.status for call in calls]}, and there is plan {sorted(map(str, known))}",
            )


def forgotten_plans_stay_forgotten(history: History) -> Iterator[Finding]:
    """A plan whose deletion was answered is not there."""
    assert history.end is not None
    for call in history.calls:
        if call.method == "DELETE" and call.done and _plan_of(call) in history.end.plans:
            yield Finding("lost.change", call.op, f"plan {_plan_of(call)} was deleted and is there")


def plans_end(history: History) -> Iterator[Finding]:
    """At rest every plan has ended, and what was seen as ended has not changed since."""
    assert history.end is not None
    for id, plan in history.end.plans.items():
        if plan["status"] not in ENDED:
            yield Finding("plan.unended", id, f"it is {plan['status']} for ever")
    for call, seen in _sightings(history):
        last = history.end.plans.get(seen["id"])
        if last is not None and seen["status"] in ENDED and _end(seen) != _end(last):
            yield Finding("plan.changed", seen["id"], f"{call.op} saw it end as {_end(seen)}; now it is {_end(last)}")


def _end(plan: Body) -> tuple[str, int | None]:
    return plan["status"], None if plan["result"] is None else plan["result"]["cost"]


def _sightings(history: History) -> Iterator[tuple[Call, Body]]:
    """Each time that a plan was shown."""
    for call in history.calls:
        if call.done and isinstance(call.answer, dict) and "submitted_at" in call.answer:
            yield call, call.answer


def no_plan_ends_with_less_than_it_showed(history: History) -> Iterator[Finding]:
    """A solve ends with what it has shown as its best, or better; one that has shown a plan does not end without.

    Costs are compared on one generation: a solve that was lost and begun anew may find another world.
    """
    assert history.end is not None
    shown: dict[tuple[str, int], int] = {}
    for _, seen in _sightings(history):
        if seen["best"] is not None and seen["generation"] is not None:
            _lower(shown, (seen["id"], seen["generation"]), seen["best"]["cost"])
    for event in (*history.end.events, *(heard.event for heard in history.heard)):
        if event["type"] == "plan.improved":
            _lower(shown, (event["plan"], event["generation"]), event["detail"]["cost"])
    for (id, generation), cost in sorted(shown.items()):
        plan = history.end.plans.get(id)
        if plan is None or plan["status"] not in ENDED:
            continue
        if plan["result"] is None:
            code = (plan["failure"] or {}).get("code", "")
            if plan["status"] == "cancelled" or code.startswith(_LOST):
                yield Finding(
                    "plan.lost_best", id, f"it showed {cost} and ended as {plan['status']} ({code}) without a plan"
                )
        elif plan["generation"] == generation and plan["result"]["cost"] > cost:
            yield Finding("plan.worse", id, f"it showed {cost} and ended with {plan['result']['cost']}")


def _lower(least: dict[tuple[str, int], int], key: tuple[str, int], cost: int) -> None:
    least[key] = min(cost, least.get(key, cost))


def what_was_applied_is_in_force(history: History) -> Iterator[Finding]:
    """An answered application is in the plan, in the history of the allocation with the counts that were answered, and in
    force unless a later one took its place."""
    assert history.end is not None
    actions: dict[int, Counter[str]] = defaultdict(Counter)
    for row in history.end.allocation_changes:
        actions[row["generation"]][row["action"]] += 1
    told = [event for event in history.end.events if event["type"] == "plan.applied"]
    times = Counter((event["plan"], event["generation"]) for event in told)
    for call in history.calls:
        if not (call.done and call.path.endswith("/apply")):
            continue
        answer, id = call.answer, _plan_of(call)
        if times[id, answer["generation"]] != 1:
            said = times[id, answer["generation"]]
            yield Finding(
                "lost.apply", call.op, f"plan {id} was applied in {answer['generation']}; {said} events tell of it"
            )
        for action in ("placed", "moved", "resized", "ended"):
            if actions[answer["generation"]][action] != answer[action]:
                kept = actions[answer["generation"]][action]
                yield Finding("lost.apply", call.op, f"{answer[action]} shards {action}, {kept} in the history")
    last = max(told, key=lambda event: int(event["generation"]), default=None)
    if last is not None and last["plan"] != history.end.in_force:
        yield Finding("lost.apply", last["plan"], f"applied last, and {history.end.in_force} is in force")


def one_application_has_one_effect(history: History) -> Iterator[Finding]:
    """A plan is applied no more often than that was asked for."""
    assert history.end is not None
    asked = Counter(_plan_of(calls[0]) for _, calls in history.requests() if calls[0].path.endswith("/apply"))
    done = Counter(event["plan"] for event in history.end.events if event["type"] == "plan.applied")
    for id, count in sorted(done.items()):
        if count > asked[id]:
            yield Finding("doubled.apply", id, f"asked {asked[id]} times, applied {count} times")


def nothing_illegal_is_applied(history: History) -> Iterator[Finding]:
    """No plan becomes the allocation that the verifier refused on the same world."""
    refused = {
        (call.about, call.answer["generation"]): call.answer["violations"][0]["sentence"]
        for call in history.calls
        if call.about is not None and call.path == "/v1/verify" and call.done and not call.answer["ok"]
    }
    for call in history.calls:
        if call.done and call.path.endswith("/apply"):
            why = refused.get((_plan_of(call), call.answer["generation"] - 1))
            if why is not None:
                yield Finding("illegal.applied", str(_plan_of(call)), why)


def the_allocation_is_what_its_changes_come_to(history: History) -> Iterator[Finding]:
    """What was placed, moved and ended, played from the beginning, comes to what is in force: no shard is lost."""
    assert history.end is not None
    where: dict[tuple[str, int], str] = {}
    for row in sorted(history.end.allocation_changes, key=lambda row: row["generation"]):
        shard = (row["workload"], row["shard"])
        if row["from_node"] is not None and where.get(shard) != row["from_node"] and row["action"] != "unplaced":
            yield Finding(
                "lost.shard", f"{shard[0]}/{shard[1]}", f"{row['action']} from {row['from_node']}: was {where.get(shard)}"
            )
        if row["to_node"] is None:
            where.pop(shard, None)
        else:
            where[shard] = row["to_node"]
    now = {(row["workload"], row["shard"]): row["node"] for row in history.end.allocation if row["node"] is not None}
    for shard in sorted(where.keys() | now.keys()):
        if where.get(shard) != now.get(shard):
            yield Finding(
                "lost.shard", f"{shard[0]}/{shard[1]}", f"was put on {where.get(shard)}, and is on {now.get(shard)}"
            )


CHECKS = (
    accepted_plans_are_kept_once,
    forgotten_plans_stay_forgotten,
    plans_end,
    no_plan_ends_with_less_than_it_showed,
    what_was_applied_is_in_force,
    one_application_has_one_effect,
    nothing_illegal_is_applied,
    the_allocation_is_what_its_changes_come_to,
)

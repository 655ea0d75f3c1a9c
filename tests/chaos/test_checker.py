"""The checker of histories: silent about a clean run, and finds one planted fault of each kind.

The clean run is made by hand. Two operators change a node, a site comes and goes, the policies are imported, a plan is asked
for (with a lost answer in between), judged, followed, applied; a listener hears it all.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.checker import CHECKS, check
from tests.chaos.checker.changes import nothing_is_done_twice_or_unasked
from tests.chaos.history import KINDS, Body, Call, End, Heard, History, Look

PLAN = "11111111-1111-1111-1111-111111111111"
CARDS = [{"accelerator": "card", "count": 2}]


def node(note: str, state: str = "active", count: int = 2) -> Body:
    pools = [{"accelerator": "card", "count": count}]
    return {"id": "n", "note": note, "state": state, "vcpu": 64, "memory_mib": 65_536, "pools": pools}


PROFILE = {
    "id": "p", "note": None, "accelerator": "card", "slice_permille": 1000, "vcpu_milli": 1000, "host_memory_mib": 4096,
}  # fmt: skip


def shard(workload: str, card: int = 0, on: str | None = "n") -> Body:
    return {
        "workload": workload, "shard": 0, "node": on, "status": "unplaced" if on is None else "placed", "profile": "p",
        "servers": 1, "cards": [[card, 0]], "route": ["l"], "access": "x", "devices": 10,
    }  # fmt: skip


def change(generation: int, kind: str, id: str, action: str, before: Any, after: Any, note: str | None = None) -> Body:
    return {
        "generation": generation, "kind": kind, "id": id, "action": action, "before": before, "after": after, "note": note,
    }  # fmt: skip


def event(id: int, type: str, generation: int | None = None, plan: str | None = None, **detail: Any) -> Body:
    return {"id": id, "type": type, "generation": generation, "plan": plan, "node": None, "detail": detail}


def plan(status: str, best: int | None, cost: int | None) -> Body:
    return {
        "id": PLAN, "name": "c-1", "status": status, "generation": 6, "submitted_at": "...", "failure": None,
        "finished_at": None if status in ("queued", "running") else "...",
        "best": None if best is None else {"cost": best}, "result": None if cost is None else {"cost": cost},
    }  # fmt: skip


def call(client: str, number: int, method: str, path: str, sent: float, status: int | None = 200, **more: Any) -> Call:
    """A request that takes half a second; without a status nobody answers it."""
    return Call(
        client, f"{client}-{number}", method, path, sent, None if status is None else sent + 0.5, status,
        media_type="application/json" if status is None or status < 400 else "application/problem+json", **more,
    )  # fmt: skip


def problem(status: int, code: str) -> Body:
    return {"status": status, "code": code, "detail": "Not like this."}


def clean() -> History:
    """A run in which all is as it should be."""
    applied = {"plan": PLAN, "generation": 7, "placed": 1, "moved": 0, "resized": 0, "ended": 0}
    policies = {"policies": [{"id": "open", "note": "i-1"}]}
    calls = [
        call("a", 1, "PATCH", "/v1/nodes/n", 1, body={"note": "a-1"}, answer=node("a-1"), generation=2, if_match='"1"'),
        call("b", 1, "PATCH", "/v1/nodes/n", 2, 412, body={"note": "b-1"}, answer=problem(412, "stale"), if_match='"1"'),
        call("a", 2, "GET", "/v1/nodes/n", 2, answer=node("a-1"), generation=2),
        call("a", 3, "POST", "/v1/sites", 3, 201, body={"id": "a-3", "note": "a-3"}, answer={"id": "a-3"}, generation=3),
        call("a", 4, "DELETE", "/v1/sites/a-3", 4, 204, generation=4),
        call("i", 1, "PUT", "/v1/policies", 5, body=policies, answer={"generation": 5}, generation=5),
        call("b", 2, "POST", "/v1/nodes/n/fail", 6, body={"reason": "b-2"}, answer=node("a-1", "failed"), generation=6),
        call("b", 3, "POST", "/v1/nodes/n/fail", 7, body={"reason": "b-3"}, answer=node("a-1", "failed"), generation=6),
        call("c", 1, "POST", "/v1/plans", 8, None, body={"name": "c-1"}, key="c-1"),
        call("c", 1, "POST", "/v1/plans", 9, 202, body={"name": "c-1"}, key="c-1", answer=plan("queued", None, None)),
        call("c", 2, "GET", f"/v1/plans/{PLAN}", 10, answer=plan("running", 90, None)),
        call("c", 3, "GET", f"/v1/plans/{PLAN}", 11, answer=plan("finished", 80, 80)),
        call("c", 4, "POST", "/v1/verify", 12, about=PLAN, answer={"ok": True, "generation": 6, "violations": []}),
        call("c", 5, "POST", f"/v1/plans/{PLAN}/apply", 13, answer=applied),
        call("d", 1, "GET", "/v1/generation", 14, answer={"generation": 7}),
        call("b", 4, "PATCH", "/v1/nodes/n", 15, 503, body={"note": "b-4"}, answer=problem(503, "store.busy")),
    ]
    changes = [
        change(2, "nodes", "n", "changed", node("first"), node("a-1")),
        change(3, "sites", "a-3", "created", None, {"id": "a-3", "note": "a-3"}),
        change(4, "sites", "a-3", "deleted", {"id": "a-3", "note": "a-3"}, None),
        change(5, "policies", "*", "replaced", {"policies": 1}, {"policies": 1}),
        change(6, "nodes", "n", "failed", node("a-1"), node("a-1", "failed"), "b-2"),
    ]
    events = [
        *(event(i, "generation.changed", i + 1) for i in range(1, 6)),
        event(6, "node.failed", 6, reason="b-2"),
        event(7, "plan.queued", None, PLAN, name="c-1"),
        event(8, "plan.improved", 6, PLAN, cost=90),
        event(9, "plan.finished", 6, PLAN),
        event(10, "generation.changed", 7),
        event(11, "plan.applied", 7, PLAN),
    ]
    begin: dict[str, dict[str, Body]] = {kind: {} for kind in KINDS}
    begin |= {"nodes": {"n": node("first")}, "profiles": {"p": PROFILE}, "policies": {"open": {"id": "open", "note": None}}}
    begin["links"] = {"l": {"id": "l", "source": "m", "target": "n", "capacity_kbps": 16_000, "capacity_back_kbps": 160}}
    begin["accesses"] = {"x": {"id": "x", "node": "m"}}
    fleet = {"rate_mhz": 5000, "payload_up_bytes": 20_000, "payload_down_bytes": 200}
    begin["workloads"] = {name: {"id": name, **fleet} for name in ("u", "v", "w")}
    end = {**deepcopy(begin), "nodes": {"n": node("a-1", "failed")}, "policies": {"open": {"id": "open", "note": "i-1"}}}
    runs = [{"generation": 7, "workload": "w", "shard": 0, "action": "placed", "from_node": None, "to_node": "n"}]
    return History(
        1, begin, calls,
        [Heard("l", 20.0 + one["id"], deepcopy(one)) for one in events[1:]],
        [Look(14.0, 14.5, 7, [shard("w")], deepcopy(end))],
        End(7, PLAN, end, {PLAN: plan("finished", 80, 80)}, [shard("w")], events, changes, runs),
    )  # fmt: skip


def of(history: History, op: str) -> Call:
    """The last attempt at a request."""
    return [one for one in history.calls if one.op == op][-1]


def at_end(history: History) -> End:
    assert history.end is not None
    return history.end


def test_a_clean_run_has_no_faults() -> None:
    assert check(clean()) == []


def test_a_history_survives_being_kept_in_a_file(tmp_path: Path) -> None:
    clean().save(tmp_path / "history.json")
    kept = History.load(tmp_path / "history.json")
    assert kept == clean()


#: Faults: the kind that has to be found, and what plants one of it.
PLANTED: list[tuple[str, str, Callable[[History], Any]]] = []


def planted(kind: str) -> Callable[[Callable[[History], Any]], Callable[[History], Any]]:
    """A fault of a kind."""

    def keep(plant: Callable[[History], Any]) -> Callable[[History], Any]:
        PLANTED.append((kind, plant.__name__, plant))
        return plant

    return keep


# --- answers


@planted("answer.broke")
def an_internal_error(history: History) -> None:
    of(history, "b-4").status = 500


@planted("answer.form")
def a_refusal_in_plain_text(history: History) -> None:
    of(history, "b-4").media_type = "text/plain"


@planted("answer.form")
def a_refusal_without_a_code(history: History) -> None:
    del of(history, "b-4").answer["code"]


@planted("answer.form")
def a_change_answered_without_its_generation(history: History) -> None:
    of(history, "a-1").generation = None


@planted("key.stuck")
def a_key_that_is_never_let_go(history: History) -> None:
    again = of(history, "c-1")
    again.status, again.answer, again.media_type = 409, problem(409, "idempotency_key.under_way"), "application/problem+json"


# --- generations


@planted("generation.reused")
def two_changes_of_one_generation(history: History) -> None:
    of(history, "a-4").generation = 3


@planted("generation.reused")
def a_plan_and_a_change_of_one_generation(history: History) -> None:
    of(history, "c-5").answer["generation"] = 6


@planted("generation.reused")
def two_rows_of_one_generation(history: History) -> None:
    at_end(history).changes[2]["generation"] = 3


@planted("generation.back")
def a_later_change_of_an_earlier_generation(history: History) -> None:
    of(history, "a-3").generation, of(history, "a-4").generation = 4, 3


@planted("generation.back")
def a_look_at_an_older_generation(history: History) -> None:
    of(history, "d-1").answer["generation"] = 6


# --- changes


@planted("lost.change")
def an_answered_change_that_is_not_there(history: History) -> None:
    del at_end(history).changes[0]


@planted("lost.change")
def an_answered_deletion_that_is_not_there(history: History) -> None:
    del at_end(history).changes[2]


@planted("lost.change")
def an_answered_import_that_is_not_there(history: History) -> None:
    del at_end(history).changes[3]


@planted("lost.change")
def a_state_that_is_said_and_not_kept(history: History) -> None:
    del at_end(history).changes[4]


@planted("lost.entity")
def an_entity_that_has_gone(history: History) -> None:
    del at_end(history).entities["nodes"]["n"]


@planted("lost.entity")
def an_entity_that_came_back(history: History) -> None:
    at_end(history).entities["sites"]["a-3"] = {"id": "a-3", "note": "a-3"}


@planted("lost.entity")
def an_entity_as_it_was_before(history: History) -> None:
    at_end(history).entities["nodes"]["n"]["note"] = "first"


@planted("lost.change")
def a_change_of_what_was_not_there(history: History) -> None:
    at_end(history).changes[4]["before"]["note"] = "another"


@planted("doubled.change")
def a_change_made_twice(history: History) -> None:
    at_end(history).changes.append(change(8, "nodes", "n", "changed", node("a-1", "failed"), node("a-1")))


@planted("doubled.change")
def an_import_made_twice(history: History) -> None:
    at_end(history).changes.append(change(8, "policies", "*", "replaced", {"policies": 1}, {"policies": 1}))


@planted("refused.done")
def a_change_that_was_refused_and_made(history: History) -> None:
    at_end(history).changes.append(change(8, "nodes", "n", "changed", node("a-1", "failed"), node("b-4")))


@planted("unasked.change")
def a_change_that_nobody_asked_for(history: History) -> None:
    at_end(history).changes.append(change(8, "nodes", "n", "changed", node("a-1", "failed"), node("x-1")))


@planted("lost.update")
def two_changes_of_one_version(history: History) -> None:
    late = of(history, "b-1")
    late.status, late.answer, late.generation = 200, node("b-1"), 8
    at_end(history).changes.append(change(8, "nodes", "n", "changed", node("a-1", "failed"), node("b-1")))


@planted("lost.change")
def a_read_of_an_older_version(history: History) -> None:
    look = of(history, "a-2")
    look.generation, look.answer = 1, node("first")


@planted("lost.change")
def a_read_of_another_content(history: History) -> None:
    of(history, "a-2").answer = node("first")


@planted("import.torn")
def an_import_of_which_a_part_is_missing(history: History) -> None:
    of(history, "i-1").body["policies"].append({"id": "strict", "note": "i-1"})


# --- plans


@planted("lost.plan")
def an_accepted_plan_that_is_not_there(history: History) -> None:
    del at_end(history).plans[PLAN]


@planted("doubled.plan")
def a_retry_with_a_key_that_made_a_second_plan(history: History) -> None:
    other = PLAN.replace("1", "2")
    at_end(history).plans[other] = plan("finished", 80, 80) | {"id": other}


@planted("doubled.plan")
def a_second_plan_that_has_been_deleted_since(history: History) -> None:
    at_end(history).events.append(event(12, "plan.queued", None, PLAN.replace("1", "2"), name="c-1"))


@planted("refused.done")
def a_refused_request_with_a_plan(history: History) -> None:
    for one in history.calls:
        if one.op == "c-1":
            one.status, one.answer, one.media_type = 503, problem(503, "store.busy"), "application/problem+json"


@planted("lost.change")
def a_deleted_plan_that_is_there(history: History) -> None:
    history.calls.append(call("c", 6, "DELETE", f"/v1/plans/{PLAN}", 16, 204))


@planted("plan.unended")
def a_plan_that_never_ends(history: History) -> None:
    at_end(history).plans[PLAN] = plan("running", 80, None)


@planted("plan.changed")
def a_plan_that_changes_after_its_end(history: History) -> None:
    at_end(history).plans[PLAN] = plan("finished", 70, 70)


@planted("plan.worse")
def a_plan_that_ends_with_less_than_its_best(history: History) -> None:
    of(history, "c-2").answer["best"]["cost"] = 75


@planted("plan.worse")
def a_plan_that_ends_with_less_than_was_told(history: History) -> None:
    at_end(history).events[7]["detail"]["cost"] = 75


@planted("plan.lost_best")
def a_plan_that_fails_though_it_had_one_to_show(history: History) -> None:
    at_end(history).plans[PLAN] = plan("failed", 80, None) | {"failure": {"code": "solve.lost"}}


@planted("plan.lost_best")
def a_cancelled_plan_without_the_best_that_it_showed(history: History) -> None:
    at_end(history).plans[PLAN] = plan("cancelled", 80, None)


@planted("lost.apply")
def an_answered_application_that_is_not_told(history: History) -> None:
    del at_end(history).events[10]


@planted("lost.apply")
def an_answered_application_with_other_counts(history: History) -> None:
    of(history, "c-5").answer["placed"] = 2


@planted("lost.apply")
def another_plan_in_force(history: History) -> None:
    at_end(history).in_force = None


@planted("doubled.apply")
def an_application_made_twice(history: History) -> None:
    at_end(history).events.append(event(12, "plan.applied", 8, PLAN))


@planted("illegal.applied")
def an_application_of_what_the_verifier_refuses(history: History) -> None:
    of(history, "c-4").answer |= {"ok": False, "violations": [{"sentence": "n has 0 left"}]}


@planted("lost.shard")
def a_shard_that_has_gone(history: History) -> None:
    at_end(history).allocation.clear()


@planted("lost.shard")
def a_shard_elsewhere_than_it_was_put(history: History) -> None:
    at_end(history).allocation[0]["node"] = "m"


@planted("lost.shard")
def a_shard_moved_from_where_it_was_not(history: History) -> None:
    moved = {"generation": 8, "workload": "w", "shard": 0, "action": "moved", "from_node": "m", "to_node": "n"}
    at_end(history).allocation_changes.append(moved)


# --- events


@planted("event.missing")
def a_gap_in_the_log(history: History) -> None:
    for one in at_end(history).events[5:]:
        one["id"] += 1


@planted("event.order")
def a_log_out_of_order(history: History) -> None:
    events = at_end(history).events
    events[2], events[3] = events[3], events[2]


@planted("event.order")
def generations_told_out_of_order(history: History) -> None:
    events = at_end(history).events
    events[2]["generation"], events[3]["generation"] = events[3]["generation"], events[2]["generation"]


@planted("event.missing")
def a_generation_that_is_not_told(history: History) -> None:
    at_end(history).events[9]["type"] = "node.active"


@planted("doubled.event")
def a_generation_told_twice(history: History) -> None:
    at_end(history).events.append(event(12, "generation.changed", 7))


@planted("event.missing")
def a_plan_whose_end_is_not_told(history: History) -> None:
    at_end(history).events[8]["type"] = "plan.improved"
    at_end(history).events[8]["detail"]["cost"] = 90


@planted("event.missing")
def a_plan_whose_beginning_is_not_told(history: History) -> None:
    at_end(history).events[6]["plan"] = None


@planted("doubled.event")
def a_plan_that_ended_twice(history: History) -> None:
    at_end(history).events.append(event(12, "plan.finished", 6, PLAN))


@planted("event.missing")
def a_failed_node_that_is_not_told(history: History) -> None:
    at_end(history).events[5]["type"] = "allocation.disturbed"


@planted("event.missing")
def an_event_that_a_listener_never_heard(history: History) -> None:
    del history.heard[4]


@planted("event.missing")
def a_stream_that_was_reset(history: History) -> None:
    history.heard[4].event = event(6, "stream.reset")


@planted("doubled.event")
def an_event_that_a_listener_heard_twice(history: History) -> None:
    history.heard.insert(4, deepcopy(history.heard[4]))


@planted("event.order")
def events_that_a_listener_heard_out_of_order(history: History) -> None:
    history.heard[4].event, history.heard[5].event = history.heard[5].event, history.heard[4].event


@planted("lost.event")
def an_event_that_was_heard_and_is_not_in_the_log(history: History) -> None:
    history.heard.append(Heard("l", 40.0, event(12, "plan.deleted", None, PLAN)))


@planted("event.differs")
def an_event_that_was_heard_otherwise(history: History) -> None:
    history.heard[4].event["detail"]["reason"] = "another"


# --- capacity


@planted("capacity.over")
def more_than_there_are_cards(history: History) -> None:
    at_end(history).allocation += [shard("v", 1), shard("u", 2)]


@planted("capacity.over")
def more_on_a_node_that_had_shrunk(history: History) -> None:
    """One card is left, and one runs; another look later two do."""
    for entities in (history.looks[0].entities, at_end(history).entities):
        entities["nodes"]["n"]["pools"][0]["count"] = 1
    at_end(history).allocation.append(shard("v", 1))


@planted("capacity.over")
def more_memory_than_a_node_has(history: History) -> None:
    at_end(history).entities["profiles"]["p"]["host_memory_mib"] = 65_537


@planted("capacity.over")
def more_than_a_link_carries(history: History) -> None:
    at_end(history).entities["links"]["l"]["capacity_kbps"] = history.entities["links"]["l"]["capacity_kbps"] = 7_999
    history.looks.clear()


@planted("capacity.over")
def more_than_a_link_carries_back(history: History) -> None:
    for entities in (history.entities, at_end(history).entities):
        entities["links"]["l"]["capacity_back_kbps"] = 79
    history.looks.clear()


@planted("capacity.card")
def two_on_one_card(history: History) -> None:
    history.looks[0].allocation.append(shard("v"))


@pytest.mark.parametrize(("kind", "name", "plant"), PLANTED, ids=[f"{kind}-{name}" for kind, name, _ in PLANTED])
def test_each_planted_fault_is_found(kind: str, name: str, plant: Callable[[History], Any]) -> None:
    history = clean()
    plant(history)
    assert kind in {found.kind for found in check(history)}


def test_every_check_has_found_a_planted_fault() -> None:
    silent = set(CHECKS)
    for _, _, plant in PLANTED:
        history = clean()
        plant(history)
        silent -= {one for one in silent if any(True for _ in one(history))}
    assert not {one.__name__ for one in silent}


def test_what_was_over_before_may_stay_so() -> None:
    """A node shrinks beneath what runs: it is over capacity, and nobody has put anything there."""
    history = clean()
    history.looks[0].allocation.append(shard("v", 1))
    at_end(history).allocation.append(shard("v", 1))
    at_end(history).allocation_changes.append(
        {"generation": 7, "workload": "v", "shard": 0, "action": "placed", "from_node": None, "to_node": "n"}
    )
    of(history, "c-5").answer["placed"] = 2
    at_end(history).entities["nodes"]["n"] = node("a-1", "failed", count=1)
    at_end(history).changes[4]["after"] = node("a-1", "failed", count=1)
    assert check(history) == []


@pytest.mark.parametrize(("code", "found"), [("outcome.unknown", set()), ("unavailable", {"doubled.change"})])
def test_what_may_have_been_done_need_not_be_undone(code: str, found: set[str]) -> None:
    """The answer to a deletion was lost, and the second attempt finds nothing left: only the honest answer lets it pass."""
    history = clean()
    gone = next(one for one in history.calls if one.method == "DELETE")
    again = deepcopy(gone)
    gone.status, gone.answer = 503, problem(503, code)
    again.status, again.answer, again.sent, again.answered = 404, problem(404, "not_found"), gone.sent + 0.6, gone.sent + 0.7
    for refused in (gone, again):
        refused.media_type = "application/problem+json"
    history.calls.insert(history.calls.index(gone) + 1, again)
    assert {one.kind for one in check(history)} == found


@pytest.mark.parametrize(("meanwhile", "found"), [(True, set()), (False, {"doubled.change"})])
def test_a_state_may_be_set_again_where_somebody_else_has_changed_it(meanwhile: bool, found: set[str]) -> None:
    """The answer is lost, so the state is asked for again; without another's change that would be one change done twice."""
    history = clean()
    asked = of(history, "b-2")
    lost = deepcopy(asked)
    lost.status = lost.answer = lost.answered = lost.generation = None
    history.calls.insert(history.calls.index(asked), lost)
    active = change(8, "nodes", "n", "changed", node("a-1", "failed"), node("e-1"))
    again = change(
        9, "nodes", "n", "failed", node("e-1") if meanwhile else node("e-1", "failed"), node("e-1", "failed"), "b-2"
    )
    history.calls.append(call("e", 1, "PATCH", "/v1/nodes/n", 16, body={"note": "e-1"}, answer=node("e-1"), generation=8))
    at_end(history).changes += [active, again]
    assert {one.kind for one in nothing_is_done_twice_or_unasked(history)} == found

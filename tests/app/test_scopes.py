"""What a plan may do to what runs: the table of scopes, decided without a solve."""

from __future__ import annotations

import zlib
from typing import Any

import pytest

from app.errors import Invalid, UnknownReference
from app.schemas.requests import PlanRequest
from app.service.worlds import pack, unpack
from app.world.question import Question, question
from app.world.running import with_cards
from app.world.stored import World
from solver.facts.catalogue import Profile
from solver.facts.placement import Placement, Slot
from tests.app import world

#: Two nodes and a link; `asked` runs in three shards, `other` in two, `idle` is stored and does not run.
ASKED = world.workload("asked", devices=40, shard_devices=10)
OTHER = world.workload("other", devices=20, shard_devices=10)
LOCKED = world.workload("locked", movable=False)
IDLE = world.workload("idle")

NEAR: dict[str, Any] = {"node": "hub", "profile": "detector-card", "servers": 1, "cards": [[0, 0]]}
FAR: dict[str, Any] = {"node": "centre", "profile": "detector-card", "servers": 1, "route": ["hub-centre"]}


def row(workload: str, shard: int, where: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"workload": workload, "shard": shard, **where, **more}


RUNNING = [
    row("asked", 0, NEAR),
    row("asked", 1, FAR, cards=[[0, 0]]),
    row("asked", 2, FAR, cards=[[1, 0]]),
    row("other", 0, FAR, cards=[[2, 0]]),
    row("other", 1, NEAR, cards=[[1, 0]]),
    row("locked", 0, FAR, cards=[[3, 0]]),
]


def stored(**more: Any) -> World:
    """The world of the tests at one generation, with some parts in place of its own."""
    given: dict[str, Any] = {
        "generation": 7,
        **world.NETWORK,
        **world.CATALOGUE,
        "policies": world.POLICIES,
        "workloads": [ASKED, OTHER, LOCKED, IDLE],
        "running": RUNNING,
        **more,
    }
    return World.model_validate(given)


def asked(*ids: str, terms: dict[str, Any] | None = None, **scope: Any) -> PlanRequest:
    return PlanRequest.model_validate({"workload_ids": ids, "terms": terms or world.TERMS, "scope": scope})


def free(posed: Question) -> dict[str, set[int]]:
    """Workload -> the shards that the plan decides about, for those that it decides about at all."""
    found = {w.id: {shard for shard in range(w.shards) if w.is_free(shard)} for w in posed.problem.workloads}
    return {name: shards for name, shards in found.items() if shards}


def ends(posed: Question) -> set[str]:
    """Workloads of which something that runs may be ended."""
    return {
        w.id for w in posed.problem.workloads if w.may_end and any(w.is_free(s) and w.runs_at(s) for s in range(w.shards))
    }


DRAINING = [{**world.NODES[0], "state": "draining"}, world.NODES[1]]


@pytest.mark.parametrize(
    ("scope", "decided", "ended"),
    [
        ({}, {"asked": {0, 1, 2, 3}}, set()),
        ({"running": "keep"}, {"asked": {0, 1, 2, 3}}, set()),
        ({"running": "repair"}, {"asked": {0, 3}}, set()),
        ({"running": "move"}, {"asked": {0, 1, 2, 3}, "other": {0, 1}}, set()),
        ({"running": "preempt"}, {"asked": {0, 1, 2, 3}, "other": {0, 1}}, {"asked", "other"}),
        ({"may_end": ["other"]}, {"asked": {0, 1, 2, 3}, "other": {0, 1}}, {"other"}),
        ({"running": "repair", "may_end": ["asked"]}, {"asked": {0, 1, 2, 3}}, {"asked"}),
        ({"may_end": ["locked"]}, {"asked": {0, 1, 2, 3}, "locked": {0}}, {"locked"}),
        ({"from_nodes": ["hub"]}, {"asked": {0, 1, 2, 3}, "other": {1}}, set()),
        ({"running": "repair", "from_nodes": ["centre"]}, {"asked": {0, 1, 2, 3}, "other": {0}}, set()),
        ({"from_sites": ["plant"]}, {"asked": {0, 1, 2, 3}, "other": {0, 1}}, set()),
    ],
)
def test_each_scope_frees_what_its_line_says(scope: dict[str, Any], decided: dict[str, set[int]], ended: set[str]) -> None:
    """The node `hub` drains, so what runs there is disturbed: shard 0 of what is asked, shard 1 of the other."""
    posed = question(stored(nodes=DRAINING), asked("asked", **scope))
    assert free(posed) == decided
    assert ends(posed) == ended
    assert posed.requested == {"asked"}
    assert {w.id for w in posed.problem.workloads if w.asked} == {"asked"}


def test_a_repair_that_names_nothing_is_about_what_is_disturbed_or_has_no_place() -> None:
    posed = question(stored(nodes=DRAINING, displaced=[("asked", 3), ("idle", 0)]), asked(running="repair"))
    assert free(posed) == {"asked": {0, 3}, "other": {1}, "idle": {0}}
    assert posed.requested == {"asked", "other", "idle"}
    assert ends(posed) == set()


def test_a_repair_of_a_sound_world_is_about_nothing() -> None:
    posed = question(stored(), asked(running="repair"))
    assert (free(posed), posed.requested) == ({}, frozenset())
    assert len(posed.problem.in_force) == len(RUNNING)


def test_a_repair_leaves_what_must_not_be_moved() -> None:
    failed = [world.NODES[0], {**world.NODES[1], "state": "failed"}]
    posed = question(stored(nodes=failed), asked(running="repair"))
    assert "locked" not in free(posed)
    assert "locked" in free(question(stored(nodes=failed), asked(running="repair", may_end=["locked"])))


def test_what_is_not_asked_about_keeps_the_whole_placement() -> None:
    posed = question(stored(), asked("idle"))
    runs = {(w.id, s): w.runs_as(s) for w in posed.problem.workloads for s in range(w.shards) if w.runs_at(s)}
    assert runs["other", 0] == Placement("other", 0, "centre", "detector-card", 1, (Slot(2, 0),), ("hub-centre",))
    assert len(runs) == len(RUNNING)
    assert free(posed) == {"idle": {0}}


def test_shards_that_do_not_run_stay_out_unless_they_are_asked_about() -> None:
    posed = question(stored(displaced=[("asked", 3)]), asked("idle", running="move"))
    assert free(posed) == {"asked": {0, 1, 2}, "other": {0, 1}, "idle": {0}}


def test_scopes_name_what_there_is() -> None:
    unknown: tuple[dict[str, Any], ...] = ({"may_end": ["nobody"]}, {"from_nodes": ["nowhere"]}, {"from_sites": ["nowhere"]})
    for scope in unknown:
        with pytest.raises(UnknownReference) as refused:
            question(stored(), asked("asked", **scope))
        assert refused.value.faults[0].field == f"scope.{next(iter(scope))}[0]"


def test_a_workload_given_with_fewer_shards_ends_those_beyond() -> None:
    smaller = PlanRequest.model_validate({"workloads": [{**ASKED, "devices": 20}], "terms": world.TERMS})
    posed = question(stored(), smaller)
    assert free(posed) == {"asked": {0, 1}}
    assert [(here.workload, here.shard) for here in posed.left_out] == [("asked", 2)]


def test_what_the_caller_says_of_what_runs_gives_way_to_what_is_in_force() -> None:
    said = {**ASKED, "current": ["centre", "centre"]}
    request = PlanRequest.model_validate({"workloads": [said], "terms": world.TERMS})
    [there] = [w for w in question(stored(), request).problem.workloads if w.id == "asked"]
    assert there.runs_at(0) == "hub"
    [alone] = question(stored(running=[]), request).problem.workloads
    assert [alone.runs_at(shard) for shard in range(4)] == ["centre", "centre", "", ""]


def test_of_which_only_the_node_is_known_stays_there_where_it_must_not_be_moved() -> None:
    said = world.workload("legacy", current=["hub"], movable=False)
    request = PlanRequest.model_validate({"workloads": [said], "terms": world.TERMS})
    [workload] = question(stored(running=[]), request).problem.workloads
    assert (workload.is_free(0), workload.stays) == (True, True)
    request = PlanRequest.model_validate({"workloads": [{**said, "movable": True}], "terms": world.TERMS})
    [workload] = question(stored(running=[]), request).problem.workloads
    assert (workload.is_free(0), workload.stays) == (True, False)


def test_terms_left_open_are_those_in_force_and_their_caps_stand() -> None:
    terms = {"horizon": "2026-12-01", "weights": {"moves": 5}, "share_caps": [{"of": "owner", "permille": 100}]}
    there = stored(terms_in_force=terms)
    posed = question(there, asked("asked", terms={"horizon": "2027-01-01"}))
    assert (posed.problem.terms.weights.moves, str(posed.problem.terms.horizon)) == (5, "2027-01-01")
    assert [(cap.permille, cap.standing) for cap in posed.problem.terms.share_caps] == [(100, True)]
    caps = [{"of": "owner", "permille": 100}, {"of": "vendor", "permille": 900}]
    posed = question(there, asked("asked", terms={"horizon": "2027-01-01", "share_caps": caps}))
    assert [(cap.permille, cap.standing) for cap in posed.problem.terms.share_caps] == [(100, True), (900, False)]
    posed = question(there, asked("asked", terms={"horizon": "2027-01-01", "share_caps": []}))
    assert posed.problem.terms.share_caps == ()
    assert posed.terms.share_caps == ()


def test_what_has_lost_its_ground_does_not_stand_in_the_way_of_others() -> None:
    """A node, a link and a profile are gone, an entry has moved: what ran by them is known by its node, if it is left."""
    gone = [
        row("asked", 0, {**NEAR, "node": "gone"}),
        row("asked", 1, {**FAR, "route": ["gone"]}),
        row("asked", 2, {**NEAR, "profile": "gone"}),
        row("other", 0, {**FAR, "route": []}),
        row("other", 1, NEAR),
        row("nobody", 0, NEAR),
    ]
    posed = question(stored(running=gone), asked("idle"))
    runs = {(w.id, s): w.current[s] for w in posed.problem.workloads if w.current for s in range(w.shards) if w.current[s]}
    assert runs == {
        ("asked", 1): Placement("asked", 1, "centre"),
        ("asked", 2): Placement("asked", 2, "hub"),
        ("other", 0): Placement("other", 0, "centre"),
        ("other", 1): Placement("other", 1, "hub", "detector-card", 1, (Slot(0, 0),)),
    }
    assert free(posed) == {"idle": {0}}


def test_a_picture_kept_by_an_older_version_is_read() -> None:
    """It says of what runs no more than the node, and names neither what is displaced nor the terms in force."""
    old = stored().model_dump(mode="json", exclude_defaults=True)
    old["running"] = [{"workload": one["workload"], "shard": one["shard"], "node": one["node"]} for one in RUNNING]
    for workload in old["workloads"]:
        workload["current"], workload["move_cost"] = ["hub"], 0
    read = unpack(zlib.compress(World.model_validate(old).model_dump_json(exclude_defaults=True).encode()))
    assert "terms_in_force" not in old
    posed = question(read, asked("asked"))
    assert len(posed.problem.in_force) == 0
    assert {w.id: w.runs_at(0) for w in posed.problem.workloads} == {"asked": "hub", "other": "centre", "locked": "centre"}
    assert unpack(pack(stored())) == stored()


SLICES = {
    name: Profile(name, "m", "card", "", ((1, 1),), slice_permille=size)
    for name, size in (("whole", 1000), ("half", 500), ("quarter", 250))
} | {"cpu": Profile("cpu", "m", None, "", ((1, 1),))}


def place(workload: str, profile: str, servers: int = 1, cards: tuple[Slot, ...] = (), node: str = "n") -> Placement:
    return Placement(workload, 0, node, profile, servers, cards)


def numbered(*placements: Placement) -> list[tuple[Slot, ...]]:
    return [here.cards for here in with_cards(placements, SLICES)]


def test_cards_are_given_largest_first_and_the_same_every_time() -> None:
    cut = [place("d", "quarter"), place("c", "half"), place("b", "whole", 2), place("a", "quarter", 2)]
    many = [*cut, place("e", "cpu", 3)]
    given = numbered(*many)
    assert given == [(Slot(3, 0),), (Slot(2, 0),), (Slot(0, 0), Slot(1, 0)), (Slot(2, 4), Slot(2, 6)), ()]
    assert numbered(*many[::-1])[::-1] == given


def test_cards_that_are_known_stay_and_are_not_given_twice() -> None:
    known = place("a", "half", 1, (Slot(0, 4),))
    assert numbered(known, place("b", "half"), place("c", "whole"), place("d", "half", node="m")) == [
        (Slot(0, 4),), (Slot(0, 0),), (Slot(1, 0),), (Slot(0, 0),)
    ]  # fmt: skip
    again = list(with_cards([known, place("b", "half")], SLICES))
    assert [here.cards for here in with_cards(again, SLICES)] == [here.cards for here in again]


def test_where_more_runs_than_there_are_cards_the_numbers_go_on() -> None:
    running = [row(f"fleet-{number}", 0, FAR) for number in range(6)]
    there = stored(running=running, workloads=[*(world.workload(f"fleet-{number}") for number in range(6)), IDLE])
    posed = question(there, asked("idle"))
    cards = [here.cards for here in posed.problem.placements(posed.problem.in_force)]
    assert cards == [(Slot(number, 0),) for number in range(6)]


def test_a_question_that_the_solver_refuses_names_the_field() -> None:
    with pytest.raises(Invalid) as refused:
        question(stored(), PlanRequest.model_validate({"workloads": [{**IDLE, "policy": "none"}], "terms": world.TERMS}))
    assert refused.value.faults[0].field == "workloads[idle].policy"

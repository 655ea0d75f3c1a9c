"""Events come one by one and without gaps, whatever becomes of the connection."""

from __future__ import annotations

import json
from itertools import islice

import pytest

from app.cli.common.client import Service
from app.cli.common.feed import Feed
from app.cli.failures import NotReached, Refused
from tests.app.cli.conftest import asking, failed
from tests.app.cli.scripted import Asked, Said, as_json, event, scripted, stream


def log(*events: dict[str, object], last: int = 0) -> Said:
    return as_json({"items": list(events), "next": None, "last": last}, ETag=f'"{last}"')


def test_a_stream_that_is_cut_off_is_taken_up_where_it_was() -> None:
    def script(asked: Asked, count: int) -> Said:
        if asked.path.startswith("/v1/events/log"):
            return log(last=3)
        return stream(event(4), event(5), cut=True) if count == 1 else stream(event(6))

    troubles: list[str | None] = []
    with scripted(script) as (base, asked), Service(base) as service:
        feed = Feed(service, types="node", on_trouble=troubles.append)
        assert [one["id"] for one in islice(feed, 3)] == [4, 5, 6]
    assert [one.headers.get("last-event-id") for one in asked] == [None, "3", "5"]
    assert all("types=node" in one.path for one in asked)
    assert troubles == ["connection lost, trying again", None]


def test_where_no_stream_comes_through_it_looks_into_the_log() -> None:
    answers = iter([log(last=3), Said(404), log(event(4), last=4), log(event(4), last=4), Said(304), log(event(5), last=5)])

    def script(asked: Asked, count: int) -> Said:
        return next(answers, log(event(5), last=5))

    with scripted(script) as (base, asked), Service(base) as service:
        assert [one["id"] for one in islice(Feed(service), 2)] == [4, 5]
    looks = [one for one in asked if one.path.startswith("/v1/events/log?after")]
    assert "after=3" in looks[0].path
    assert "if-none-match" not in looks[0].headers
    assert looks[2].headers["if-none-match"] == '"4"'


@pytest.mark.parametrize("kind", ["text/html", "text/event-stream"])
def test_what_is_no_stream_of_ours_is_not_read_as_one(kind: str) -> None:
    def script(asked: Asked, count: int) -> Said:
        if asked.path.startswith("/v1/events/log"):
            return log(event(4), last=4) if count > 1 else log(last=3)
        return Said(200, b"data: <html>\n\n", kind, cut=True)

    with scripted(script) as (base, _), Service(base) as service:
        assert next(iter(Feed(service)))["id"] == 4


def test_a_reset_is_told_and_gone_on_from() -> None:
    def script(asked: Asked, count: int) -> Said:
        if asked.headers.get("last-event-id") == "2":
            return stream(event(90, "stream.reset"), cut=True)
        return stream(event(91))

    with scripted(script) as (base, asked), Service(base) as service:
        assert [one["id"] for one in islice(Feed(service, after=2), 2)] == [90, 91]
    assert asked[1].headers["last-event-id"] == "90"


def test_a_sign_of_life_moves_the_place() -> None:
    def script(asked: Asked, count: int) -> Said:
        return Said(200, b": ping\nid: 7\n\n", "text/event-stream", cut=True) if count == 0 else stream(event(8))

    with scripted(script) as (base, asked), Service(base) as service:
        next(iter(Feed(service, after=2)))
    assert asked[1].headers["last-event-id"] == "7"


def test_it_gives_up_on_a_service_that_does_not_come_back() -> None:
    with scripted(lambda asked, count: stream(cut=True)) as (base, _):
        pass
    with Service(base) as service, pytest.raises(NotReached, match="No Edgeplan service answers"):
        next(iter(Feed(service, after=1, patience=0.3)))


def test_a_refusal_is_no_lost_connection() -> None:
    problem = {"title": "No", "code": "invalid", "detail": "There is no event type 'x'.", "errors": []}
    with (
        scripted(lambda asked, count: as_json(problem, 422)) as (base, _),
        Service(base) as service,
        pytest.raises(Refused) as refusal,
    ):
        next(iter(Feed(service, types="x", after=1)))
    assert refusal.value.code == "invalid"


def test_the_log_is_read_to_its_end() -> None:
    pages = {0: ([event(1), event(2)], 2), 2: ([event(3)], None)}

    def script(asked: Asked, count: int) -> Said:
        after = int(asked.path.split("after=")[1].split("&")[0])
        items, following = pages[after]
        return as_json({"items": items, "next": following, "last": 9})

    with scripted(script) as (base, _), Service(base) as service:
        feed = Feed(service, after=0)
        assert [one["id"] for one in feed.logged()] == [1, 2, 3]
        assert feed.place == 9


def test_a_plan_that_is_deleted_while_watched_is_a_no() -> None:
    id = "0" * 36
    plan = {
        "id": id, "name": None, "note": None, "status": "queued", "priority": "normal", "what_if": False, "generation": None,
        "applied_generation": None, "tenant": "operator", "actor": "local",
        "submitted_at": "2026-11-22T20:00:00Z", "started_at": None, "finished_at": None,
        "workloads": 1,
        "terms": {"horizon": "2026-12-01", "lowest_commitment": "operational", "weights": None, "share_caps": None},
        "limits": {"seconds": 1.0, "seed": 0}, "best": None, "result": None, "failure": None,
    }  # fmt: skip
    point = {"seconds": 1.0, "cost": 7, "bound": 5, "gap": 0.28, "unplaced": 0, "phase": "first", "name": None}

    def script(asked: Asked, count: int) -> Said:
        if asked.path.startswith("/v1/events/log"):
            return log(last=3)
        if asked.path.startswith("/v1/events"):
            return stream(
                event(4, "plan.improved", plan=id, detail=point), event(5, "stream.reset"),
                event(6, "plan.deleted", plan=id),
            )  # fmt: skip
        return as_json(plan)

    with scripted(script) as (base, asked):
        result = asking(base)("plan", "watch", id, "--json")
    failed(result, 1, "was deleted while it was watched")
    steps = [json.loads(line) for line in result.stdout.splitlines()]
    assert [step["best"] and step["best"]["cost"] for step in steps] == [None, 7, None]
    # Told with the event; only after the reset was it read anew.
    assert sum(one.path == f"/v1/plans/{id}" for one in asked) == 2

"""Bodies are read once, all of what they say is judged, and a refusal costs little however much is wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from app.errors import Invalid, Unreadable
from app.schemas import reading
from app.schemas.documents import KINDS, PATCHES, NetworkDocument
from app.schemas.faults import FAULTS_TOLD
from app.schemas.reading import MOST_FIELDS, parsed, read
from app.schemas.reading import _validator as validator_of
from app.schemas.requests import ApplyRequest, PlanRequest, StateChange, VerifyRequest
from tests.app import world

BODIES = [*KINDS.values(), *PATCHES.values(), NetworkDocument, PlanRequest, VerifyRequest, ApplyRequest, StateChange]


def refusal(kind: type[BaseModel], body: Any, most: int = FAULTS_TOLD) -> Invalid:
    with pytest.raises(Invalid) as refused:
        read(kind, json.dumps(body).encode(), most)
    return refused.value


def fields(error: Invalid) -> list[str]:
    return [fault.field for fault in error.faults]


@pytest.mark.parametrize("kind", BODIES)
def test_every_body_is_judged_as_its_class_judges_it(kind: type[BaseModel]) -> None:
    try:
        kind.model_validate({})
        missing = []
    except ValidationError as error:
        missing = [".".join(map(str, one["loc"])) or "body" for one in error.errors()]
    try:
        read(kind, b"{}")
        told = []
    except Invalid as error:
        told = fields(error)
    assert told == missing


def test_a_right_body_is_read() -> None:
    network = read(NetworkDocument, json.dumps(world.NETWORK).encode())
    assert network == NetworkDocument.model_validate(world.NETWORK)
    asked = world.request({**world.CAMERAS, "current": ["hub", None, ""], "shard_devices": 4})
    assert read(PlanRequest, json.dumps(asked).encode()) == PlanRequest.model_validate(asked)


def test_faults_of_many_items_are_told_at_once() -> None:
    good = world.NODES[0]
    pools = [{"accelerator": "a/", "count": 1}, {"accelerator": "a", "count": 1}, {"accelerator": "a", "count": -1}]
    body = {"nodes": [{**good, "vcpu": -1}, good, {**good, "pools": pools}, {"id": "bare"}], "links": [{"id": "/"}]}
    assert set(fields(refusal(NetworkDocument, body))) == {
        "nodes[0].vcpu", "nodes[2].pools[0].accelerator", "nodes[2].pools[2].count", "nodes[3].tier", "nodes[3].country",
        "nodes[3].owner", "nodes[3].owner_country", "links[0].id", "links[0].source", "links[0].target",
        "links[0].latency_us", "links[0].capacity_kbps", "links[0].jurisdictions",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (NetworkDocument, {"nodes": [{}] * 100_000}),
        (NetworkDocument, {"nodes": [0] * 100_000}),
        (NetworkDocument, {"nodes": [{**world.NODES[0], "pools": [{}] * 50_000}] * 2}),
        (NetworkDocument, {"nodes": [{**world.NODES[0], "personnel_countries": list(range(100_000))}]}),
        (PlanRequest, {"workload_ids": ["/"] * 100_000, "terms": world.TERMS}),
        (PlanRequest, {"workloads": [{**world.CAMERAS, "current": [{}] * 50_000}], "terms": world.TERMS}),
        (PlanRequest, {"workloads": [world.CAMERAS], "terms": world.TERMS, "what_if": {"nodes": [{}] * 100_000}}),
        (PlanRequest, {"workload_ids": ["a"], "terms": {**world.TERMS, "share_caps": [{}] * 9_999}}),
        (NetworkDocument, {f"field{number}": 0 for number in range(MOST_FIELDS)}),
    ],
    ids=["nodes", "numbers", "pools", "countries", "ids", "current", "what-if", "caps", "fields"],
)  # fmt: skip
def test_a_refusal_does_not_grow_with_what_is_wrong(kind: type[BaseModel], body: dict[str, Any]) -> None:
    # What could be one of several kinds of values is refused by each of them, and told once.
    assert FAULTS_TOLD // 2 < len(refusal(kind, body).faults) <= FAULTS_TOLD
    assert 7 // 2 < len(refusal(kind, body, 7).faults) <= 7
    with pytest.raises(ValidationError) as made:
        validator_of(kind).validate_python(body, context=FAULTS_TOLD)
    assert made.value.error_count() < MOST_FIELDS + 20 * FAULTS_TOLD


def test_a_last_fault_is_found_behind_many_that_are_none() -> None:
    ids = [f"w{number}" for number in range(100_000)]
    assert fields(refusal(PlanRequest, {"workload_ids": [*ids, "/"], "terms": world.TERMS})) == ["workload_ids[100000]"]
    twice = {"workload_ids": [*ids, "w7"], "terms": world.TERMS}
    assert "'w7' is named twice" in refusal(PlanRequest, twice).faults[0].message


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "line 1, column 1"),
        (b"{", "line 1, column 2"),
        (b'{"a": 1,}', "line 1"),
        (b"{'a': 1}", "line 1"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (b"\xff{}", "byte 0 is not UTF-8"),
        ('{"name": "1"}'.encode("utf-16"), "UTF-8"),
        (b'{"name": NaN}', "NaN is no number"),
        (b'{"name": -Infinity}', "-Infinity is no number"),
        (b"1" * 9_000, "digits"),
        (b'{"a": ' * 100_000, "nested"),
        (b"[" * 100_000, "nested"),
        (b'{"name": "a", "name": "b"}', "'name' twice"),
        (b'{"nodes": [{}, {"id": "a", "id": "a"}]}', "'id' twice"),
        (b'{"name": "\\ud800"}', "half of a character"),
        (b'{"nodes": [], "\\udc00": 1}', "half of a character"),
        (json.dumps({f"f{number}": 0 for number in range(MOST_FIELDS + 1)}).encode(), "fields"),
    ],
)
def test_what_readers_could_take_differently_is_unreadable(body: bytes, words: str) -> None:
    with pytest.raises(Unreadable) as refused:
        parsed(body)
    assert words in refused.value.detail
    assert refused.value.faults


def test_the_place_of_what_is_odd_is_told() -> None:
    with pytest.raises(Unreadable) as refused:
        parsed(b'{"nodes": [{}, {"id": 1, "id": 1}, {"name": "\\udead"}]}')
    assert [fault.field for fault in refused.value.faults] == ["nodes[1]", "nodes[2].name"]


def test_a_whole_character_of_two_halves_is_read() -> None:
    assert parsed(b'"\\ud83d\\ude00"') == "\U0001f600"


def test_a_body_holds_only_so_many_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_VALUES", 10)
    assert parsed(b"[1,2,3,4,5,6,7,8,9]")
    for body in (b"[" + b"1," * 10 + b"1]", b"[" + b"[]," * 6 + b"[]]", b"[" + b"{}," * 6 + b"{}]"):
        with pytest.raises(Unreadable, match="values"):
            parsed(body)


@pytest.mark.parametrize("body", [b"null", b"[]", b'"x"', b"1", b"true"])
def test_what_is_no_object_is_not_valid(body: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        read(NetworkDocument, body)
    assert [fault.field for fault in refused.value.faults] == ["body"]


def test_a_long_name_is_not_given_back_in_full() -> None:
    [*_, fault] = refusal(NetworkDocument, {"nodes": [], "x" * 100_000: 1}).faults
    assert len(fault.field) < 1_000

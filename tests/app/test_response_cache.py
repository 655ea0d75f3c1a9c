"""Answers are made once for each version, and kept within bounds."""

from __future__ import annotations

import asyncio
import json
import threading

import pytest

from app.service.response_cache import CachedResponse, ResponseCache


def test_many_who_ask_at_once_share_one_answer() -> None:
    made: list[int] = []
    go = threading.Event()

    def make() -> CachedResponse:
        made.append(1)
        assert go.wait(60)
        return CachedResponse.of(7, {"name": "부산", "list": [1, None]})

    async def ask() -> list[CachedResponse]:
        response_cache = ResponseCache()
        asking = [asyncio.create_task(response_cache.get("map", 7, make)) for _ in range(50)]
        await asyncio.sleep(0)
        # Who goes away in the meantime takes nothing from the others.
        asking[0].cancel()
        go.set()
        answers = await asyncio.gather(*asking[1:])
        answers.append(await response_cache.get("map", 7, make))
        response_cache.close()
        return answers

    answers = asyncio.run(ask())
    assert len(made) == 1
    assert {answer.version for answer in answers} == {7}
    assert json.loads(answers[0].plain) == {"name": "부산", "list": [1, None]}


def test_a_newer_answer_than_was_asked_for_is_kept_as_what_it_is() -> None:
    async def ask() -> None:
        response_cache = ResponseCache()
        assert (await response_cache.get("map", 1, lambda: CachedResponse.of(2, {"at": 2}))).version == 2
        assert (await response_cache.get("map", 2, lambda: CachedResponse.of(9, {}))).plain == b'{"at":2}'
        assert (
            await response_cache.get("other", 2, lambda: CachedResponse.of(2, {"at": "other"}))
        ).plain == b'{"at":"other"}'
        response_cache.close()

    asyncio.run(ask())


def test_what_could_not_be_made_is_asked_for_again() -> None:
    def fail() -> CachedResponse:
        raise LookupError

    async def ask() -> None:
        response_cache = ResponseCache()
        for _ in range(2):
            with pytest.raises(LookupError):
                await response_cache.get("map", 1, fail)
        assert (await response_cache.get("map", 1, lambda: CachedResponse.of(1, {}))).plain == b"{}"
        response_cache.close()

    asyncio.run(ask())


def test_the_longest_unused_is_given_up_first() -> None:
    sizes: list[int] = []

    async def ask() -> None:
        big = {"words": [str(number * number) for number in range(2000)]}
        one = len((await ResponseCache().get("x", 0, lambda: CachedResponse.of(0, big))).zipped)
        response_cache = ResponseCache(most_bytes=int(one * 3.5))
        for version in (1, 2, 3, 1, 4):
            await response_cache.get("x", version, lambda version=version: CachedResponse.of(version, big))  # type: ignore[misc]
        for version in (1, 3, 4, 2):
            sizes.append(len((await response_cache.get("x", version, lambda: CachedResponse.of(version, {}))).zipped))  # noqa: B023
        response_cache.close()

    asyncio.run(ask())
    assert [size > 1000 for size in sizes] == [True, True, True, False]

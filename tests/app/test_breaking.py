"""What the end of the service breaks off is answered as a refusal, not as a fault."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from app.api.breaking import BrokenOff

SCOPE: dict[str, Any] = {"type": "http", "method": "GET", "path": "/v1/map", "headers": []}


def cancelled(begins: bool) -> list[dict[str, Any]]:
    """What is sent when a request is cancelled in mid work, before or after its answer has been begun."""
    sent: list[dict[str, Any]] = []

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        if begins:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        await asyncio.sleep(600)

    async def keep(message: Any) -> None:
        sent.append(message)

    async def nothing() -> dict[str, Any]:
        await asyncio.sleep(600)
        return {}

    async def ask() -> None:
        task = asyncio.ensure_future(BrokenOff(slow)(SCOPE, nothing, keep))
        await asyncio.sleep(0)
        task.cancel()
        await task

    asyncio.run(ask())
    return sent


def test_what_is_cancelled_is_told_that_the_service_stops() -> None:
    start, body = cancelled(begins=False)
    assert start["status"] == 503
    assert json.loads(body["body"])["code"] == "not_ready"


def test_an_answer_that_was_begun_is_not_begun_again() -> None:
    with pytest.raises(asyncio.CancelledError):
        cancelled(begins=True)

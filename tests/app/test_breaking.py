"""What the end of the service breaks off is answered as a refusal, not as a fault."""

from __future__ import annotations

import asyncio
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from app.api.breaking import BrokenOff
from app.errors import NotReady
from app.settings import Settings
from tests.app.conftest import refused
from tests.app.serving import served

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


def test_a_picture_that_is_not_made_in_time_is_told_too(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.server.GRACE_SECONDS", 1)
    go_on, asked = threading.Event(), threading.Event()

    def never(*about: Any) -> Any:
        asked.set()
        go_on.wait(120)
        raise NotReady()

    with ThreadPoolExecutor(1) as hand, served(settings.model_copy(update={"run_jobs": False})) as service:
        service.parts.judge_pool.read = never
        slow = hand.submit(httpx.get, f"{service.base}/v1/network", timeout=60)
        assert asked.wait(60)
        # What makes it goes on for a while after the grace is over.
        threading.Timer(4, go_on.set).start()
    refused(slow.result(), 503, "not_ready")

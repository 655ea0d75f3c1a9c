"""A service behind a real server on a port of its own, and a listener to its events."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import httpx
from fastapi import FastAPI

from app.main import create_app
from app.server import Server
from app.settings import Settings

#: Longest wait for anything that is sure to come.
PATIENCE = 60.0


@dataclass
class Served:
    """A running service."""

    app: FastAPI
    base: str
    client: httpx.Client

    @property
    def parts(self) -> Any:
        return self.app.state.context


@contextmanager
def served(settings: Settings) -> Iterator[Served]:
    """Serve on a free port until the block ends."""
    app = create_app(settings.model_copy(update={"port": 0}))
    server = Server(app, settings.model_copy(update={"port": 0}))
    thread = threading.Thread(target=server.run, name="server")
    thread.start()
    try:
        until(lambda: server.started or not thread.is_alive())
        port = server.servers[0].sockets[0].getsockname()[1]
        base = f"http://127.0.0.1:{port}"
        with httpx.Client(base_url=base, timeout=PATIENCE) as client:
            yield Served(app, base, client)
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        assert not thread.is_alive()


def until(met: Any, patience: float = PATIENCE) -> None:
    """Wait until a condition is met."""
    end = time.monotonic() + patience
    while not met():
        assert time.monotonic() < end, "this did not happen in time"
        time.sleep(0.01)


@dataclass
class Block:
    """One block of the stream: an event, or a comment."""

    id: int | None = None
    event: str | None = None
    data: dict[str, Any] | None = None
    comment: str | None = None
    retry: int | None = None


@dataclass
class Listener:
    """Listens to `/v1/events`."""

    base: str
    params: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self._client = httpx.Client(base_url=self.base, timeout=PATIENCE)
        request = self._client.build_request("GET", "/v1/events", params=self.params, headers=self.headers)
        self.response = self._client.send(request, stream=True)
        self._lines = self.response.iter_lines()
        self.opening = self.block() if self.response.status_code == 200 else None
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.response.close()
        self._client.close()

    def block(self) -> Block | None:
        """The next block; None when the stream has ended."""
        found = Block()
        empty = True
        for line in self._lines:
            if not line:
                if empty:
                    continue
                return found
            empty = False
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "data":
                found.data = json.loads(value)
            elif name in ("id", "retry"):
                setattr(found, name, int(value))
            else:
                setattr(found, name or "comment", value)
        return None

    def events(self, last: str | None = None, count: int | None = None) -> list[dict[str, Any]]:
        """The events up to the first of type `last`, or so many."""
        found: list[dict[str, Any]] = []
        while count is None or len(found) < count:
            block = self.block()
            assert block is not None, "the stream has ended"
            if block.data is not None:
                assert (block.id, block.event) == (block.data["id"], block.data["type"])
                found.append(block.data)
                if block.event == last:
                    break
        return found

"""How a client asks: one connection, each attempt noted with its time interval and answer, and tried again where nobody
answered."""

from __future__ import annotations

import json
import socket
import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse
from itertools import count
from typing import Any

from tests.chaos.checker.answers import UNDER_WAY
from tests.chaos.history import KINDS, Body, Call, End, Heard, History, Look

#: How long a client waits for an answer before it takes it for lost.
ANSWER_SECONDS = 60.0
#: Pause before something is tried again.
PAUSE_SECONDS = 0.2


@dataclass(slots=True)
class Notes:
    """What all clients of a run note, and whether the run is over."""

    calls: list[Call] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def history(self, begin: int, entities: dict[str, dict[str, Body]], end: End) -> History:
        """The history of the run."""
        return History(begin, entities, self.calls, self.heard, self.looks, end)


class Unanswered(Exception):
    """A look at something was not answered, however often it was asked for."""


class Asker:
    """A client of one service."""

    def __init__(self, name: str, port: int, notes: Notes) -> None:
        self.name = name
        self.notes = notes
        self._port = port
        self._numbers = count(1)
        self._connection: HTTPConnection | None = None

    def op(self) -> str:
        """The token of a new request."""
        return f"{self.name}-{next(self._numbers)}"

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        op: str | None = None,
        key: str | None = None,
        if_match: int | None = None,
        about: str | None = None,
        attempts: int = 8,
    ) -> Call:
        """Ask, and ask again as long as nobody answers or the answer is: not now. The last attempt.

        A request with a key is asked again when it is told that the first attempt is still under way, too.
        """
        op = op or self.op()
        for attempt in range(1, attempts + 1):
            call = self._attempt(method, path, body, op, key, if_match, about)
            again = call.status in (None, 503, 507) or code_of(call) == UNDER_WAY
            if not again or attempt == attempts:
                return call
            time.sleep(PAUSE_SECONDS * attempt)
        raise AssertionError(op)

    def ask_again(self) -> None:
        """Ask once more what carries a key and was never answered, by whomever it was asked."""
        last = {call.op: call for call in self.notes.calls if call.key is not None}
        for op, call in last.items():
            if call.status is None or code_of(call) == UNDER_WAY:
                self.ask(call.method, call.path, call.body, op=op, key=call.key)

    def _attempt(
        self, method: str, path: str, body: Any, op: str, key: str | None, if_match: int | None, about: str | None
    ) -> Call:
        headers = {}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if key is not None:
            headers["Idempotency-Key"] = key
        match = None if if_match is None else f'"{if_match}"'
        if match is not None:
            headers["If-Match"] = match
        connection = self._connected()
        call = Call(self.name, op, method, path, time.monotonic(), body=body, if_match=match, key=key, about=about)
        self.notes.calls.append(call)
        try:
            connection.request(method, path, body=None if body is None else json.dumps(body).encode(), headers=headers)
            response = connection.getresponse()
            said = response.read()
        except (OSError, HTTPException):
            self.close()
            return call
        _note_answer(call, response, said)
        return call

    def _connected(self) -> HTTPConnection:
        """The connection, or a new one as soon as somebody listens."""
        while self._connection is None:
            connection = HTTPConnection("127.0.0.1", self._port, timeout=ANSWER_SECONDS)
            try:
                connection.connect()
            except OSError:
                time.sleep(PAUSE_SECONDS)
            else:
                connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._connection = connection
        return self._connection

    def close(self) -> None:
        """Hang up; whoever asks again is connected anew."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def see(self, path: str) -> Call:
        """A look that has to be answered.

        Raises
        ------
        Unanswered
            If it is not.
        """
        call = self.ask("GET", path)
        if not call.done:
            raise Unanswered(f"{path}: {call.status}")
        return call

    def pages(self, path: str, **params: str) -> list[Body]:
        """All items of a list, page by page."""
        asked = "".join(f"&{name}={value}" for name, value in params.items())
        found: list[Body] = []
        cursor = ""
        while True:
            call = self.see(f"{path}?limit=1000{asked}{cursor}")
            found += call.answer["items"]
            if not call.answer["next"]:
                return found
            cursor = f"&{'after' if path.endswith('/log') else 'cursor'}={call.answer['next']}"

    def generation(self) -> int:
        """The newest generation."""
        return int(self.see("/v1/generation").answer["generation"])

    def entities(self) -> dict[str, dict[str, Body]]:
        """All that is stored of the network, the catalogue, the policies and the fleets."""
        return {kind: {one["id"]: one for one in self.pages(f"/v1/{kind}")} for kind in KINDS}

    def look(self) -> Look | None:
        """Everything that bears on what is full; None if it changed meanwhile."""
        sent, generation = time.monotonic(), self.generation()
        allocation = self.pages("/v1/allocations")
        kinds = ("nodes", "links", "accesses", "profiles", "workloads")
        entities = {kind: {one["id"]: one for one in self.pages(f"/v1/{kind}")} for kind in kinds}
        if self.generation() != generation:
            return None
        return Look(sent, time.monotonic(), generation, allocation, entities)

    def end(self) -> End:
        """All that is stored."""
        summary = self.see("/v1/allocations/summary")
        return End(
            self.generation(),
            summary.answer["plan"],
            self.entities(),
            {plan["id"]: plan for plan in self.pages("/v1/plans")},
            self.pages("/v1/allocations"),
            self.pages("/v1/events/log", after="0"),
            self.pages("/v1/changes"),
            self.pages("/v1/allocations/changes"),
        )


def code_of(call: Call) -> str | None:
    """The code of a refusal."""
    return call.answer.get("code") if call.refused and isinstance(call.answer, dict) else None


def _note_answer(call: Call, response: HTTPResponse, said: bytes) -> None:
    call.answered, call.status = time.monotonic(), response.status
    form = response.getheader("content-type", "").partition(";")[0]
    call.media_type = form
    call.answer = json.loads(said) if said and form.endswith("json") else said.decode(errors="replace")
    tag = (response.getheader("etag") or "").strip('"')
    made = response.getheader("edgeplan-generation") or tag
    call.generation = int(made) if made.isdigit() else None
    call.version = int(tag) if tag.isdigit() else None


class Listener:
    """Listens to the stream of events, and comes back where it was cut off."""

    def __init__(self, name: str, port: int, notes: Notes) -> None:
        self.name = name
        self._port = port
        self._notes = notes
        self.last: int | None = None

    def listen(self) -> None:
        """Until the run is over."""
        while not self._notes.over.is_set():
            try:
                self._follow()
            except (OSError, HTTPException):
                time.sleep(PAUSE_SECONDS)

    def _follow(self) -> None:
        headers = {} if self.last is None else {"Last-Event-ID": str(self.last)}
        connection = HTTPConnection("127.0.0.1", self._port, timeout=ANSWER_SECONDS)
        try:
            connection.request("GET", "/v1/events", headers=headers)
            response = connection.getresponse()
            if response.status != 200:
                time.sleep(PAUSE_SECONDS)
                return
            block: dict[str, str] = {}
            while not self._notes.over.is_set():
                line = response.readline().decode()
                if not line:
                    return
                if line != "\n":
                    name, _, value = line.rstrip("\n").partition(": ")
                    block[name] = value
                    continue
                if "data" in block:
                    self._notes.heard.append(Heard(self.name, time.monotonic(), json.loads(block["data"])))
                if "id" in block:
                    self.last = int(block["id"])
                block = {}
        finally:
            connection.close()

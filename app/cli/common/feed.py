"""What happens at the service, one event after the other, without gaps, through lost connections."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import httpx
from httpx_sse import SSEError, connect_sse

from app.cli.answers import EventOut, EventPage
from app.cli.common.client import Service
from app.cli.failures import NotReached

#: Seconds of silence after which a stream is taken for dead; a living one sends something every 15.
_SILENCE = 40.0
#: Seconds between two looks where there is no stream.
_LOOK = 1.0
#: Seconds before the first and between the last attempts to get a lost connection back.
_FIRST_PAUSE, _LAST_PAUSE = 0.2, 3.0
#: Seconds without any answer after which it is given up.
_PATIENCE = 60.0
#: Events of a page of the log.
_ROWS = 1000

#: Told what is wrong with the connection, or None when all is well again.
OnTrouble = Callable[[str | None], None]


class _NoStream(Exception):
    """Nothing comes through a stream here: something in between does not let it."""


class Feed:
    """The events after a place.

    Streams them (server-sent events), taking up again where it was when the connection is lost, and looks into the log
    once a second where no stream comes through.

    Parameters
    ----------
    types, plan, severity
        Which events: types as `plan,node.failed`, of which plan, and severities as `warning,critical`.
    after
        Only events after this one; None for those from now on.
    on_trouble
        Told about the connection.
    patience
        Seconds without any answer after which it is given up.
    """

    def __init__(
        self,
        service: Service,
        types: str | None = None,
        plan: str | None = None,
        after: int | None = None,
        on_trouble: OnTrouble = lambda _: None,
        patience: float = _PATIENCE,
        severity: str | None = None,
    ) -> None:
        self._service = service
        asked = {"types": types, "plan": plan, "severity": severity}
        self._query = {name: value for name, value in asked.items() if value is not None}
        self._on_trouble = on_trouble
        self._patience = patience
        self._heard = time.monotonic()
        self._well = True
        #: The last event seen. Asked for at once, so that nothing between now and the first connection is missed.
        self.place = after if after is not None else self._log(None)["last"]

    def lately(self, most: int) -> Iterator[EventOut]:
        """The newest events up to this place, oldest first."""
        if most:
            for event in self._service.get("/v1/events/log", EventPage, **self._query, limit=min(most, _ROWS))["items"]:
                self.place = max(self.place, event["id"])
                yield event

    def logged(self) -> Iterator[EventOut]:
        """The events that have happened so far; returns after the last."""
        while True:
            page = self._log(self.place)
            for event in page["items"]:
                self.place = event["id"]
                yield event
            if page["next"] is None:
                self.place = max(self.place, page["last"])
                return

    def __iter__(self) -> Iterator[EventOut]:
        """The events, for ever.

        Raises
        ------
        NotReached
            If the connection is lost and does not come back.
        Refused
            If the service does not want to tell.
        """
        streams = True
        pause = _FIRST_PAUSE
        while True:
            try:
                for event in self._stream() if streams else self._looks():
                    pause = _FIRST_PAUSE
                    yield event
            except _NoStream:
                streams = False
                continue
            except httpx.ReadTimeout:
                # Connected, yet not even the sign of life came through: something in between holds it back.
                streams = False
                continue
            except (httpx.TransportError, NotReached) as error:
                self._lost(error)
            # A stream that ends by itself is one of a service that is being stopped, perhaps to be started again.
            self._trouble("connection lost, trying again")
            time.sleep(pause)
            pause = min(_LAST_PAUSE, pause * 2)

    def _stream(self) -> Iterator[EventOut]:
        headers = {"Last-Event-ID": str(self.place)}
        timeout = httpx.Timeout(_SILENCE, connect=5.0)
        with connect_sse(
            self._service.http, "GET", "/v1/events", params=self._query, headers=headers, timeout=timeout
        ) as source:
            if source.response.status_code in (404, 405, 406, 501):
                raise _NoStream
            if source.response.is_error:
                source.response.read()
                raise self._service.refused(source.response)
            self._reached()
            try:
                for sent in source.iter_sse():
                    self._reached()
                    if sent.data:
                        event = self._service.understood("/v1/events", sent.json(), EventOut)
                        self.place = event["id"]
                        yield event
                    elif sent.id:
                        # A sign of life: nothing that was asked for has happened up to there.
                        self.place = int(sent.id)
            except (SSEError, ValueError) as error:
                raise _NoStream from error
        self._reached()

    def _looks(self) -> Iterator[EventOut]:
        """Look into the log again and again; an answer that nothing is new costs next to nothing."""
        tag: str | None = None
        while True:
            headers = {"If-None-Match": tag} if tag else {}
            answer = self._service.ask("GET", "/v1/events/log", {**self._query, "after": self.place}, headers=headers)
            self._reached()
            tag = answer.headers.get("ETag")
            if answer.status_code != 304:
                yield from self.logged()
            time.sleep(_LOOK)

    def _log(self, after: int | None) -> EventPage:
        rows = 1 if after is None else _ROWS
        return self._service.get("/v1/events/log", EventPage, **self._query, after=after, limit=rows)

    def _reached(self) -> None:
        self._heard = time.monotonic()
        if not self._well:
            self._well = True
            self._on_trouble(None)

    def _trouble(self, what: str) -> None:
        if self._well:
            self._well = False
            self._on_trouble(what)

    def _lost(self, error: httpx.TransportError | NotReached) -> None:
        """Give up if it has been lost for too long."""
        if time.monotonic() - self._heard > self._patience:
            raise error if isinstance(error, NotReached) else self._service.unreached(error)

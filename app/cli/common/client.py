"""The service's REST API, as the command line uses it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from functools import cache
from types import TracebackType
from typing import Any, Generic, Self, TypeVar
from urllib.parse import quote

import httpx
from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict

from app.cli.answers import ProblemDetail
from app.cli.failures import WAYS_ON, BadInput, NotReached, Refused, fault_line

T = TypeVar("T")

#: A value of a query; None leaves the parameter out.
Asked = str | int | bool | None

#: Seconds to be reached in, and seconds in which an answer has to come: applying a nation's plan takes a while.
_CONNECT, _ANSWER = 5.0, 600.0
#: Names of this machine; what goes there goes to no proxy.
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
#: Rows of a page that is only one of many.
_ROWS = 1000
#: How many faults of a request are told: as many as a service tells.
_FAULTS = 50
#: How much of the body is shown of an answer that makes no sense.
_EXCERPT = 120


class Page(TypedDict, Generic[T]):
    """One page of a list, and the cursor of the next."""

    items: list[T]
    next: str | None


class Service:
    """One Edgeplan service. What it refuses, and what keeps it from being reached, is raised as a failure."""

    def __init__(self, server: str, connect: float = _CONNECT, answer: float = _ANSWER) -> None:
        try:
            url = httpx.URL(server)
        except httpx.InvalidURL as error:
            raise BadInput(f"--server {server!r} is not an address: {error}") from error
        if url.scheme not in ("http", "https") or not url.host:
            raise BadInput(f"--server {server!r} is not an address such as http://127.0.0.1:8000.")
        self.server = server.rstrip("/")
        self.http = httpx.Client(
            base_url=self.server,
            timeout=httpx.Timeout(answer, connect=connect),
            trust_env=url.host not in _LOOPBACK,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.http.close()

    def get(self, path: str, kind: type[T], **query: Asked) -> T:
        """What is at a path."""
        return self._read(self.ask("GET", path, query=query), kind)

    def post(self, path: str, kind: type[T], body: Any = None) -> T:
        """Have something done."""
        return self._read(self.ask("POST", path, body=body), kind)

    def put(self, path: str, kind: type[T], body: Any, if_match: str | None = None) -> T:
        """Put something in the place of what is there, as long as that is still the version of `if_match`."""
        return self._read(self.ask("PUT", path, body=body, headers={"If-Match": if_match} if if_match else {}), kind)

    def delete(self, path: str) -> None:
        """Have something forgotten."""
        self.ask("DELETE", path)

    def every(self, path: str, kind: type[T], most: int = 0, **query: Asked) -> Iterator[T]:
        """The items of a list, page after page: the first `most`, or all (0)."""
        pages: Any = Page[kind]  # type: ignore[valid-type]
        left = most or math.inf
        cursor: str | None = None
        while True:
            page: Page[T] = self.get(path, pages, limit=int(min(_ROWS, left)), cursor=cursor, **query)
            yield from page["items"]
            left -= len(page["items"])
            cursor = page["next"]
            if cursor is None or left <= 0:
                return

    def ask(
        self,
        method: str,
        path: str,
        query: dict[str, Asked] | None = None,
        body: Any = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Any request; its answer if it is not a refusal.

        Raises
        ------
        Refused
            If the service said no.
        NotReached
            If nothing answered, or something that is not Edgeplan.
        """
        given = {name: value for name, value in (query or {}).items() if value is not None}
        try:
            answer = self.http.request(
                method,
                path,
                params=given,
                content=None if body is None else json.dumps(body).encode(),
                headers={**({} if body is None else {"Content-Type": "application/json"}), **(headers or {})},
            )
        except httpx.TransportError as error:
            raise self.unreached(error) from error
        if answer.is_error:
            raise self.refused(answer)
        return answer

    def unreached(self, error: httpx.TransportError) -> NotReached:
        """The failure that a broken connection is."""
        if isinstance(error, httpx.ReadTimeout):
            why = "it was reached, but has not answered in time"
        else:
            why = (str(error) or type(error).__name__).partition("] ")[2] or str(error)
        return NotReached(
            f"No Edgeplan service answers at {self.server}: {why}.",
            "Start one with `edgeplan serve`, or name another with --server URL or EDGEPLAN_SERVER.",
        )

    def refused(self, answer: httpx.Response) -> Refused | NotReached:
        """The failure that an answer with an error status is. Its body must have been read."""
        try:
            problem = _adapter(ProblemDetail).validate_json(answer.content)
        except ValidationError:
            return self.strange(answer.request.url.path, f"status {answer.status_code}", answer.text)
        details = [fault_line(fault) for fault in problem["errors"][:_FAULTS]]
        more = len(problem["errors"]) - len(details)
        if more:
            details.append(f"and {more} more")
        code = problem["code"]
        return Refused(problem["detail"] or problem["title"], WAYS_ON.get(code), details, code, problem["errors"])

    def understood(self, path: str, body: Any, kind: type[T]) -> T:
        """What came from a path, which must have what `kind` has; what else it holds is kept."""
        known: Any = kind
        try:
            _adapter(known).validate_python(body)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise self.strange(path, f"{where or 'the answer'}: {first['msg']}", json.dumps(body)) from error
        found: T = body
        return found

    def strange(self, path: str, what: str, said: str) -> NotReached:
        """The failure that an answer is which Edgeplan would not give."""
        shown = " ".join(said.split())[:_EXCERPT]
        return NotReached(
            f"What answers at {self.server} does not speak as Edgeplan does ({path}: {what}).",
            "Check the address given with --server or EDGEPLAN_SERVER; a newer service may need a newer edgeplan.",
            [f"It said: {shown}"] if shown else [],
        )

    def _read(self, answer: httpx.Response, kind: type[T]) -> T:
        path = answer.request.url.path
        try:
            body = answer.json()
        except ValueError as error:
            raise self.strange(path, "it is not JSON", answer.text) from error
        return self.understood(path, body, kind)


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def in_path(id: str) -> str:
    """An id as it stands in a path."""
    return quote(id, safe="")

"""Hostile requests made from the service's own OpenAPI document, and what is wrong with their answers.

Each begins as a request that the document allows, as far as a generator without knowledge of the product can make one; then
one thing about it is spoilt: a type, a number, the depth, a field, the JSON, the encoding, a header, an id, the query, the
method. Everything follows from the seed.
"""

from __future__ import annotations

import json
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any, TypeAlias
from urllib.parse import quote

from tests.chaos.checker.answers import fault_of
from tests.chaos.checker.finding import Finding
from tests.chaos.history import Body, Call

#: How long an answer may take before it counts as none.
ANSWER_SECONDS = 120.0
#: The endless one: only its beginning is read.
STREAM = "/v1/events"

#: Methods that parsers of HTTP know.
METHODS = frozenset({"GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE", "PROPFIND"})
STRINGS = (
    "", " ", "a", "x" * 5000, "\x00", "\x1b[31m", "\u202e", "\ud800", "é", "💥" * 100, "../../etc/passwd", "null", "latest",
    "%00", "' OR 1=1 --", "{{7*7}}", "<script>", "2026-02-30", "0", "-1", "1e400", "NaN", "\r\nX: y",
)  # fmt: skip
NUMBERS = (
    "-1", "0", "1", "0.5", "-0.0", "1e308", "1e400", "-1e400", "NaN", "Infinity", "-Infinity", "9223372036854775807",
    "9223372036854775808", "1" + "0" * 30, "1" * 4400, "1" * 20_000, "1." + "3" * 500, "1e-400", "2147483648", "99999999999",
)  # fmt: skip
HEADERS: dict[str, tuple[str, ...]] = {
    "If-Match": ("", '"', '"x"', "*", "W/\"1\"", '"1", "2"', "é", "1" * 400, "1" * 4000, "\x01"),
    "If-None-Match": ("", "*", '"99999999999999999999"', "é", "," * 400),
    "Prefer": ("wait", "wait=-1", "wait=9999999999999999", "wait=1e9", "wait=é", "respond-async;" * 100),
    "Last-Event-ID": ("", "-1", "x", "1" * 40, "é"),
    "Idempotency-Key": ("", " ", "x" * 5000, "é", "\x01", "a b", '"'),
    "Accept": ("", "text/html", "application/xml;q=x", "*" * 300),
    "Accept-Encoding": ("gzip", "identity;q=0", "br;q=é", ""),
    "Range": ("bytes=0-", "bytes=-1", "x"),
    "Expect": ("100-continue",),
    "Content-Type": ("", "text/plain", "application/xml", "application/json; charset=utf-16", "multipart/form-data", "é"),
    "Content-Encoding": ("gzip", "br", "x"),
    "Host": ("", "evil.example", "127.0.0.1:1", "é", "[::1", "x" * 2000),
    "Origin": ("null", "http://evil.example", "é", "x" * 2000),
    "Sec-Fetch-Site": ("cross-site", "none", "x"),
    "X-Forwarded-For": ("127.0.0.1", "x" * 2000),
    "Cookie": ("a=b; " * 500,),
}  # fmt: skip

Spoil: TypeAlias = Callable[["Shot", "Maker"], None]


@dataclass(slots=True)
class Operation:
    """What the document says of one method of one path."""

    method: str
    path: str
    parameters: list[Body]
    schema: Body | None
    statuses: frozenset[str]


@dataclass(slots=True)
class Shot:
    """A request to be sent. `value` is its body as a value, `raw` as bytes where it is no longer one."""

    operation: Operation
    method: str
    path: dict[str, str]
    query: list[tuple[str, str]]
    headers: dict[str, str]
    value: Any
    raw: bytes | None = None
    attack: str = "none"

    @property
    def no_http(self) -> bool:
        """Whether it is no request at all to a parser of HTTP."""
        return self.method not in METHODS or any("\x01" in value for value in self.headers.values())

    def target(self) -> str:
        """The path and the query as they are sent."""
        path = self.operation.path
        for name, value in self.path.items():
            path = path.replace(f"{{{name}}}", quote(value, safe="", errors="surrogatepass"))
        query = "&".join(f"{quote(n, errors='surrogatepass')}={quote(v, errors='surrogatepass')}" for n, v in self.query)
        return f"{path}?{query}" if query else path

    def body(self) -> bytes | None:
        """The body as it is sent."""
        if self.raw is not None:
            return self.raw
        return None if self.operation.schema is None else written(self.value)


@dataclass(slots=True)
class Text:
    """JSON that stands for itself, such as a number that no value can hold."""

    json: str


def written(value: Any) -> bytes:
    """A value as JSON; what is a :class:`Text` as it stands."""
    if isinstance(value, Text):
        return value.json.encode()
    if isinstance(value, dict):
        return b"{" + b",".join(json.dumps(name).encode() + b":" + written(one) for name, one in value.items()) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(written(one) for one in value) + b"]"
    return json.dumps(value).encode()


class Maker:
    """Makes requests of an OpenAPI document. `known` are ids that lead somewhere, by the collection."""

    def __init__(self, document: Body, known: dict[str, list[str]], seed: int) -> None:
        self.dice = random.Random(seed)
        self._schemas = document["components"]["schemas"]
        self._known = known
        self.operations = [
            _operation(path, method, op) for path, ops in document["paths"].items() for method, op in ops.items()
        ]

    def shots(self, count: int) -> Iterator[Shot]:
        """So many requests: all operations in turn, each with something else spoilt."""
        for number in range(count):
            shot = self.sound(self.operations[number % len(self.operations)])
            spoil = self.dice.choice(_SPOILS if shot.operation.schema is not None else _SPOILS_WITHOUT_BODY)
            shot.attack = spoil.__name__.strip("_")
            spoil(shot, self)
            yield shot

    def sound(self, operation: Operation) -> Shot:
        """A request as the document allows it."""
        path, query, headers = {}, [], {}
        for parameter in operation.parameters:
            said = self._parameter(operation, parameter)
            if parameter["in"] == "path":
                path[parameter["name"]] = said
            elif self.dice.random() < 0.4:
                if parameter["in"] == "query":
                    query.append((parameter["name"], said))
                else:
                    headers[parameter["name"]] = said
        value = None
        if operation.schema is not None:
            headers["Content-Type"] = "application/json"
            value = self.value(operation.schema)
        return Shot(operation, operation.method, path, query, headers, value)

    def _parameter(self, operation: Operation, parameter: Body) -> str:
        kind = operation.path.strip("/").split("/")[1] if operation.path.count("/") > 1 else ""
        known = self._known.get("workloads" if parameter["name"] == "workload" else kind)
        if parameter["in"] == "path" and known and self.dice.random() < 0.8:
            return self.dice.choice(known)
        made = self.value(parameter["schema"])
        return made if isinstance(made, str) else json.dumps(made)

    def resolved(self, reference: str) -> Body:
        """The schema that a reference leads to."""
        found: Body = self._schemas[reference.rpartition("/")[2]]
        return found

    def value(self, schema: Body, depth: int = 0) -> Any:
        """A value that a schema allows, more or less."""
        dice = self.dice
        if "$ref" in schema:
            return self.value(self.resolved(schema["$ref"]), depth)
        if schema.get("examples") and dice.random() < 0.5:
            return dice.choice(schema["examples"])
        for name in ("anyOf", "oneOf", "allOf"):
            if name in schema:
                return self.value(dice.choice(schema[name]), depth)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return dice.choice(schema["enum"])
        kind = schema.get("type")
        if kind == "object":
            return self._object(schema, depth)
        if kind == "array":
            return self._array(schema, depth)
        if kind == "string":
            return self._string(schema)
        if kind in ("integer", "number"):
            least, most = schema.get("minimum", 0), schema.get("maximum", 1000)
            return dice.randint(int(least), int(min(most, least + 1000)))
        return dice.choice((True, False)) if kind == "boolean" else None

    def _object(self, schema: Body, depth: int) -> Body:
        required = schema.get("required", ())
        chance = 0.3 if depth < 4 else 0.0
        return {
            name: self.value(part, depth + 1)
            for name, part in schema.get("properties", {}).items()
            if name in required or self.dice.random() < chance
        }

    def _array(self, schema: Body, depth: int) -> list[Any]:
        if "prefixItems" in schema:
            return [self.value(part, depth + 1) for part in schema["prefixItems"]]
        count = self.dice.randint(schema.get("minItems", 0), max(schema.get("minItems", 0), 3 if depth < 4 else 0))
        return [self.value(schema.get("items", {}), depth + 1) for _ in range(count)]

    def _string(self, schema: Body) -> str:
        if schema.get("format") == "date":
            return self.dice.choice(("2026-12-01", "2030-01-01", "1000-01-01", "9999-12-31"))
        if schema.get("pattern") == "^[A-Z]{2}$":
            return self.dice.choice(("KR", "JP", "XX"))
        if self.dice.random() < 0.5:
            return self.dice.choice([id for ids in self._known.values() for id in ids])
        return f"f{self.dice.randrange(1000)}"

    def place(self, value: Any) -> tuple[Any, Any] | None:
        """A random place inside a value: what holds it, and its key there; None where there is none."""
        places = list(_places(value))
        return self.dice.choice(places) if places else None


def _operation(path: str, method: str, said: Body) -> Operation:
    content = said.get("requestBody", {}).get("content", {})
    schema = next(iter(content.values()))["schema"] if content else None
    return Operation(method.upper(), path, said.get("parameters", []), schema, frozenset(said["responses"]))


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(value, dict | list):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield value, key
            yield from _places(part)


def _put(shot: Shot, maker: Maker, value: Any) -> None:
    """Put a value somewhere into the body."""
    shot.value = json.loads(json.dumps(shot.value))
    place = maker.place(shot.value)
    if place is None:
        shot.value = value
    else:
        place[0][place[1]] = value


def _nothing(shot: Shot, maker: Maker) -> None:
    """It stays as the document allows it."""


def _type(shot: Shot, maker: Maker) -> None:
    _put(
        shot,
        maker,
        maker.dice.choice((None, True, [], {}, [[]], {"a": {}}, 1, 1.5, "1", [None], maker.dice.choice(STRINGS))),
    )


def _number(shot: Shot, maker: Maker) -> None:
    _put(shot, maker, Text(maker.dice.choice(NUMBERS)))


def _depth(shot: Shot, maker: Maker) -> None:
    many = maker.dice.choice((100, 1_000, 100_000))
    opening, closing = maker.dice.choice((("[", "]"), ('{"a":', "}")))
    _put(shot, maker, Text(opening * many + "1" + closing * maker.dice.choice((many, 0))))


def _field(shot: Shot, maker: Maker) -> None:
    name = maker.dice.choice((*STRINGS[2:], "__proto__", "constructor"))
    if isinstance(shot.value, dict):
        shot.value = {**shot.value, name: maker.dice.choice((None, 1, "a", {}))}


def _length(shot: Shot, maker: Maker) -> None:
    """A list of very many, equal or not."""
    many = maker.dice.choice((1_000, 20_000))
    one = maker.dice.choice(('"a"', "{}", "0", "null", "[]"))
    _put(shot, maker, Text("[" + ",".join([one] * many) + "]"))


def _json(shot: Shot, maker: Maker) -> None:
    whole = written(shot.value)
    shot.raw = maker.dice.choice(
        (
            whole[: len(whole) // 2], whole + b",", whole + whole, b"", b" ", b"null", b"{", b"}", b"[", b'"', b"{,}",
            b"\x00", whole.replace(b'"', b"'"), b"\xef\xbb\xbf" + whole, b'{"a":1,"a":2}', b'"\\ud800"',
            b'{"\\u0000":"\\u0000"}',
            b"// " + whole, b"undefined", b"-", b"0x10", b'{"nodes":[{"id":"\\ud800"}]}', b"\xff\xfe" + whole,
        )
    )  # fmt: skip


def _encoding(shot: Shot, maker: Maker) -> None:
    text = written(shot.value).decode()
    shot.raw = maker.dice.choice(
        (text.encode("utf-16"), text.encode("utf-32"), b"\xff" * 100, text.encode() + b"\x80", b"\xc0\xaf" + text.encode())
    )
    shot.headers["Content-Type"] = maker.dice.choice(
        ("application/json", "application/json; charset=utf-16", "text/plain", "application/x-www-form-urlencoded")
    )


def _header(shot: Shot, maker: Maker) -> None:
    for _ in range(maker.dice.randint(1, 3)):
        name = maker.dice.choice(list(HEADERS))
        shot.headers[name] = maker.dice.choice(HEADERS[name])


def _id(shot: Shot, maker: Maker) -> None:
    ids = (*STRINGS, "x" * 129, "00000000-0000-0000-0000-000000000000", "-" * 36, ".", "..", "a/b", "a?b", "a#b", "*")
    for name in shot.path:
        shot.path[name] = maker.dice.choice(ids)
    if not shot.path:
        _query(shot, maker)


def _query(shot: Shot, maker: Maker) -> None:
    names = [one["name"] for one in shot.operation.parameters if one["in"] == "query"] or ["a"]
    for _ in range(maker.dice.randint(1, 4)):
        value = maker.dice.choice((*STRINGS, *NUMBERS[:15]))
        shot.query.append((maker.dice.choice((*names, *names, maker.dice.choice(STRINGS))), value[:2000]))


def _method(shot: Shot, maker: Maker) -> None:
    shot.method = maker.dice.choice(("PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE", "PROPFIND", "get", "FOO"))


_SPOILS_WITHOUT_BODY: tuple[Spoil, ...] = (_nothing, _header, _id, _query, _method)
_SPOILS: tuple[Spoil, ...] = (_type, _number, _depth, _field, _length, _json, _encoding, *_SPOILS_WITHOUT_BODY)


@dataclass(slots=True)
class Outcome:
    """What became of all requests."""

    statuses: Counter[int | None] = field(default_factory=Counter)
    faults: dict[tuple[str, ...], Finding] = field(default_factory=dict)
    times: Counter[tuple[str, ...]] = field(default_factory=Counter)

    def note(self, shot: Shot, call: Call) -> None:
        """Note an answer; of faults that look alike the one with the smallest request is kept."""
        self.statuses[call.status] += 1
        found = fault_of(call) if shot.method != "HEAD" else None
        if call.status == 400 and shot.no_http:
            # The server's parser refuses it in words of its own: no application has seen it.
            found = None
        if call.status is None:
            found = Finding("answer.none", f"{shot.method} {call.path}", str(call.answer))
        elif (
            call.status in (503, 507)
            and str(call.status) not in shot.operation.statuses
            and shot.method == shot.operation.method
        ):
            found = Finding("answer.undocumented", f"{shot.method} {call.path}", str(call.status))
        if found is None:
            return
        kind = (found.kind, shot.method, shot.operation.path, str(call.status), shot.attack)
        self.times[kind] += 1
        body = shot.body() or b""
        told = Finding(
            found.kind, found.what[:300], f"{found.why[:300]} <- {shot.attack} {shot.headers!r:.300} {body[:300]!r}"
        )
        if kind not in self.faults or len(str(told)) < len(str(self.faults[kind])):
            self.faults[kind] = told


def fire(port: int, shots: Iterator[Shot], threads: int) -> Outcome:
    """Send requests from some threads at once, and note what is wrong with the answers."""
    outcome, lock = Outcome(), threading.Lock()

    def go_on() -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
        while True:
            with lock:
                shot = next(shots, None)
            if shot is None:
                connection.close()
                return
            call = _sent(connection, shot)
            with lock:
                outcome.note(shot, call)

    members = [threading.Thread(target=go_on) for _ in range(threads)]
    for member in members:
        member.start()
    for member in members:
        member.join()
    return outcome


def _sent(connection: HTTPConnection, shot: Shot) -> Call:
    """Send it. A connection that was kept may have been closed meanwhile, so one that fails is tried again on a new one."""
    kept = connection.sock is not None
    call = _attempt(connection, shot)
    return _attempt(connection, shot) if kept and call.status is None else call


def _attempt(connection: HTTPConnection, shot: Shot) -> Call:
    call = Call("fuzz", shot.attack, shot.method, shot.target(), 0.0)
    try:
        body = shot.body()
        connection.putrequest(shot.method, call.path, skip_host="Host" in shot.headers, skip_accept_encoding=True)
        for name, value in shot.headers.items():
            connection.putheader(name, value.encode())
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        call.status = response.status
        call.media_type = response.getheader("content-type", "").partition(";")[0]
        if call.media_type == "text/event-stream":
            connection.close()
            return call
        said = response.read()
        call.answer = json.loads(said) if said and call.media_type.endswith("json") else said.decode(errors="replace")
    except (OSError, HTTPException) as error:
        # Whatever it was: nobody has answered.
        call.status, call.answer = None, f"{type(error).__name__}: {error}"
        connection.close()
    except ValueError as error:
        # The client cannot even say it, or the answer is not the JSON that it says it is.
        if call.status is not None:
            call.answer = f"not JSON: {error}"
        else:
            call.status = 0
        connection.close()
    return call

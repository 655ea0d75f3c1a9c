"""The worst that a route can be sent within its limits: bodies made from the OpenAPI document, each as long as is taken."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from typing import Any

from tests.chaos.fuzz import Maker, Operation, written

#: Nothing larger is tried: whoever takes more takes this.
MOST = 1 << 30


def limit_of(port: int, operation: Operation, path: str) -> int:
    """How many bytes of body a route takes, found out by asking: it is told a length and asked whether to go on."""
    taken, refused = 0, MOST
    while refused - taken > max(1, taken // 256):
        middle = (taken + refused) // 2
        if _takes(port, operation.method, path, middle):
            taken = middle
        else:
            refused = middle
    return taken


def _takes(port: int, method: str, path: str, length: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), timeout=120) as line:
        line.sendall(
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {length}\r\nExpect: 100-continue\r\n\r\n".encode()
        )
        said = line.recv(64)
    return said.startswith(b"HTTP/1.1 100")


def bodies(maker: Maker, operation: Operation) -> Iterator[tuple[str, Callable[[int], bytes]]]:
    """What to send, by a name: each makes a body of so many bytes."""
    lists = list(_lists(maker, operation))
    texts, numbers = list(_fields(maker, operation, "string")), list(_fields(maker, operation, "integer"))
    for name, item in lists:
        yield f"{name}: empty objects", _repeated(name, lambda i: b"{}")
        yield f"{name}: numbers", _repeated(name, lambda i: b"0")
        yield f"{name}: lists", _repeated(name, lambda i: b"[]")
        yield f"{name}: distinct texts", _repeated(name, lambda i: b'"i%d"' % i)
        yield f"{name}: sound ones", _repeated(name, _sound(maker, item))
    yield "unknown fields", lambda size: _around(b"{", b"}", lambda i: b'"u%d":0' % i, size)
    yield "one field again and again", lambda size: _around(b"{", b"}", lambda i: b'"id":0', size)
    yield "depth", lambda size: b"[" * (size // 2) + b"]" * (size // 2)
    yield "depth of objects", lambda size: b'{"a":' * (size // 6) + b"1" + b"}" * (size // 6)
    for name in texts[:1]:
        yield f"{name}: one text", lambda size, name=name: _only(name, b'"' + b"a" * size + b'"')
        yield f"{name}: escapes", lambda size, name=name: _only(name, b'"' + b"\\u0000" * (size // 6) + b'"')
    for name in numbers[:1]:
        yield f"{name}: digits", lambda size, name=name: _only(name, b"1" * size)


def _properties(maker: Maker, operation: Operation) -> dict[str, Any]:
    schema = operation.schema or {}
    while "$ref" in schema or "anyOf" in schema:
        schema = maker.resolved(schema["$ref"]) if "$ref" in schema else schema["anyOf"][0]
    found: dict[str, Any] = schema.get("properties", {})
    return found


def _lists(maker: Maker, operation: Operation) -> Iterator[tuple[str, Any]]:
    """The lists among the fields of a body, with the schema of what is in them."""
    for name, schema in _properties(maker, operation).items():
        for one in schema.get("anyOf", [schema]):
            if one.get("type") == "array" and "items" in one:
                yield name, one["items"]


def _fields(maker: Maker, operation: Operation, kind: str) -> Iterator[str]:
    for name, schema in _properties(maker, operation).items():
        if any(one.get("type") == kind for one in schema.get("anyOf", [schema])):
            yield name


def _sound(maker: Maker, schema: Any) -> Callable[[int], bytes]:
    """Members of a list as the document allows them, each of another id."""
    some = [maker.value(schema, depth=4) for _ in range(8)]

    def one(number: int) -> bytes:
        value = some[number % len(some)]
        return written({**value, "id": f"s{number}"} if isinstance(value, dict) else value)

    return one


def _repeated(name: str, one: Callable[[int], bytes]) -> Callable[[int], bytes]:
    return lambda size: _around(b'{"' + name.encode() + b'":[', b"]}", one, size)


def _around(opening: bytes, closing: bytes, one: Callable[[int], bytes], size: int) -> bytes:
    """As many as there is room for."""
    parts, left, number = [], size - len(opening) - len(closing), 0
    while True:
        part = one(number)
        left -= len(part) + 1
        if left < 0:
            return opening + b",".join(parts) + closing
        parts.append(part)
        number += 1


def _only(name: str, value: bytes) -> bytes:
    return b"{" + json.dumps(name).encode() + b":" + value[:MOST] + b"}"

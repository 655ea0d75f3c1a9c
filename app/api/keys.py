"""`Idempotency-Key`: whoever does not know whether a request arrived sends it again, and is given the first answer.

The header is that of the IETF's draft-ietf-httpapi-idempotency-key-header-07 (expired in 2026, and in common use): a string
in double quotes; a bare token is taken, too. See :mod:`app.service.promises` for what is kept.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request, Response

from app.errors import BadKey, KeyReused, KeyUnderWay
from app.identity.caller import Caller
from app.service.promises import Promise
from app.store.records import AnswerRow

#: A string of a structured field (RFC 9651), or a token as others send it.
_KEY = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\]){1,255})"|([!#$%&\'*+.^_`|~:/0-9A-Za-z-]{1,255})')
#: How a request with a key can be refused for it.
KEY_REFUSALS = (BadKey, KeyUnderWay, KeyReused)
_ESCAPED = re.compile(r"\\(.)")


async def _key(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(
            description="A name that the client gives this request: 1 to 255 printable characters in double quotes, or a "
            "token. Sent again with the same content it is answered as the first time, without being carried out again.",
            examples=['"8e03978e-40d5-43e8-bc93-6894a57f9324"'],
        ),
    ] = None,
) -> str | None:
    given = request.headers.getlist("idempotency-key")
    if not given:
        return None
    found = _KEY.fullmatch(given[0].strip()) if len(given) == 1 else None
    if found is None:
        raise BadKey()
    return found[2] or _ESCAPED.sub(r"\1", found[1])


#: The key of a request, if it has one.
IdempotencyKey = Annotated[str | None, Depends(_key)]


@dataclass(frozen=True, slots=True)
class Asking:
    """A request that creates: who asks, its method and path, its key, and its body."""

    caller: Caller
    what: str
    key: str
    data: bytes

    def promise(self, hours: float) -> Promise:
        """What is promised to it. Takes time that grows with the body."""
        digest = hashlib.sha256(self.what.encode() + b"\0")
        digest.update(self.data)
        return Promise(self.caller, self.key, digest.hexdigest(), int(hours * 3_600_000))


class Keys:
    """The keys of the requests that this process is answering. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way: set[tuple[str, str]] = set()

    @contextmanager
    def under_way(self, caller: Caller, key: str | None) -> Iterator[None]:
        """While a request with a key of the caller's tenant is being answered.

        Raises
        ------
        KeyUnderWay
            If one is already.
        """
        if key is None:
            yield
            return
        own = caller.tenant, key
        with self._lock:
            if own in self._under_way:
                raise KeyUnderWay()
            self._under_way.add(own)
        try:
            yield
        finally:
            with self._lock:
                self._under_way.remove(own)


def again(first: AnswerRow) -> Response:
    """The first answer, once more."""
    return Response(first.body, first.status, dict(first.headers), media_type="application/json")

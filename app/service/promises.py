"""Creating once, however often it is asked for: what was answered to a request with a key is kept with what it created.

The answer is written in the transaction that creates, so it is there exactly if the thing is, after a crash as well as for
another process. Refusals are not kept: nothing was created, and asking again may succeed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.clock import now_ms
from app.errors import KeyReused, KeyUnderWay
from app.identity.caller import Caller
from app.store.port import Session, Store
from app.store.records import AnswerRow


@dataclass(frozen=True, slots=True)
class Promise:
    """That whoever asks with a key once more is given the first answer: whose key, the key, a digest of what was asked, and
    for how long. It can be pickled."""

    caller: Caller
    key: str
    content: str
    kept_ms: int

    def earlier(self, store: Store) -> AnswerRow | None:
        """The first answer, if this is not the first time.

        Raises
        ------
        KeyReused
            If something else was asked with the key.
        """
        with store.reading() as session:
            return self._earlier(session)

    def check(self, session: Session) -> None:
        """See in the transaction that creates whether somebody has been faster.

        Raises
        ------
        KeyUnderWay, KeyReused
            If so.
        """
        if self._earlier(session) is not None:
            raise KeyUnderWay("Another request with this key has just been carried out; ask again for its answer.")

    def keep(self, session: Session, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Keep the answer in the transaction that creates; what is too old is forgotten."""
        now = now_ms()
        session.answers.forget(now - self.kept_ms)
        session.answers.add(AnswerRow(self.key, self.content, now, status, headers, body))

    def _earlier(self, session: Session) -> AnswerRow | None:
        found = session.answers.get(self.caller.tenant, self.key)
        if found is None or found.at_ms < now_ms() - self.kept_ms:
            return None
        if found.content != self.content:
            raise KeyReused(f"Something else was asked with the key {self.key!r}.")
        return found


def amend(store: Store, promise: Promise, status: int, body: bytes) -> None:
    """Keep what was answered in the end, in the place of what was to be answered at first."""
    with store.writing(promise.caller) as session:
        session.answers.change(promise.key, status, body)

"""Every way a request can be refused, as a tree.

::

    AppError                        status  code
    ├── Unreadable                     400  body.unreadable
    ├── BadHost                        400  host.invalid
    ├── ForeignOrigin                  403  origin.foreign
    ├── BadKey                         400  idempotency_key.malformed
    ├── NotFound                       404  not_found
    ├── TooSlow                        408  request.too_slow
    ├── Conflict                       409
    │   ├── Exists                     409  exists
    │   ├── InUse                      409  in_use
    │   ├── WouldEnd                   409  import.would_end
    │   ├── StaleGeneration            409  generation.stale
    │   ├── KeyUnderWay                409  idempotency_key.under_way
    │   ├── PlanNotReady               409  plan.not_ready
    │   ├── PlanEnded                  409  plan.ended
    │   ├── PlanInForce                409  plan.in_force
    │   ├── WhatIfPlan                 409  plan.what_if
    │   ├── NotOperating               409  plan.not_operating
    │   ├── NotKept                    409  history.not_kept
    │   ├── AsNow                      409  history.as_now
    │   ├── RowsLost                   409  history.rows_lost
    │   └── IllegalNow                 409  plan.illegal
    ├── StaleEntity                    412  precondition.failed
    ├── TooLarge                       413  body.too_large
    ├── AddressTooLong                 414  address.too_long
    ├── NotJson                        415  body.not_json
    ├── UnknownHost                    421  host.unknown
    ├── Invalid                        422  invalid
    │   ├── KeyReused                  422  idempotency_key.reused
    │   ├── UnknownReference           422  reference.unknown
    │   └── BadCursor                  422  cursor.invalid
    ├── TooMany                        429  client.too_many
    ├── HeadersTooLarge                431  headers.too_large
    └── Unavailable                    503
        ├── Busy                       503  busy
        ├── QueueFull                  503  queue.full
        ├── NotReady                   503  not_ready
        └── StoreUnusable              503  store.unusable
            ├── StoreBusy              503  store.busy
            ├── StoreFull              507  store.full
            ├── StoreReadOnly          503  store.read_only
            └── StoreDamaged           503  store.damaged

A code never changes once it is published. What does not fit on the network is not an error: it is an answer, with
reasons. What is broken (500, `internal`) is logged and says nothing more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias, get_args

#: Which kind of fault something is. Like those of refusals, a code never changes once it is published.
FaultCode: TypeAlias = Literal[
    "missing", "unknown_field", "not_whole", "not_number", "not_boolean", "not_text", "not_object", "not_list", "not_day",
    "not_json", "too_short", "too_long", "too_small", "too_large", "not_among", "malformed", "barred", "not_taken",
    "unknown", "twice", "nothing_asked", "excluded", "in_use", "not_operating", "stale", "misplaced", "lost",
]  # fmt: skip
FAULT_CODES: tuple[FaultCode, ...] = get_args(FaultCode)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    Attributes
    ----------
    field
        Where: a path such as `workloads[3].devices`, or a parameter.
    message
        What is wrong with it.
    expected
        What was expected there, in words.
    value
        What stands there, as JSON has it; shortened, and with nothing in it that a terminal would obey.
    fix
        How to mend it, where a way is known, such as "did you mean 'vcpu'?".
    document, id
        Where several documents are judged together: the one that it stands in (`network`), and the id of the entity.
    code
        Which of :data:`FAULT_CODES` it is, for who says it in another language; None where only the message tells.
    least, most, among
        What was expected, where it is a range (of the value, or of its size) or one of a few words.
    """

    field: str
    message: str
    expected: str | None = None
    value: str | None = None
    fix: str | None = None
    document: str | None = None
    id: str | None = None
    code: FaultCode | None = None
    least: float | None = None
    most: float | None = None
    among: tuple[str, ...] = ()


class AppError(Exception):
    """The request cannot be carried out."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    title: ClassVar[str] = "Internal error"
    #: Seconds after which to ask again (`Retry-After`), where asking again may help.
    retry_after: int | None = None

    def __init__(self, detail: str = "", faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(detail, faults)
        self.detail = detail or (self.__doc__ or "")
        self.faults = faults


class Unreadable(AppError):
    """The body could not be read."""

    status, code, title = 400, "body.unreadable", "The body cannot be read"


class BadKey(AppError):
    """The `Idempotency-Key` is not a token, or a string in double quotes, of 1 to 255 printable characters."""

    status, code, title = 400, "idempotency_key.malformed", "The idempotency key is malformed"


class BadHost(AppError):
    """The request does not name exactly one well-formed host in `Host`."""

    status, code, title = 400, "host.invalid", "Host must name one host"


class ForeignOrigin(AppError):
    """A page of another origin asks for a change. Its origin has to be one of `EDGEPLAN_ORIGINS`."""

    status, code, title = 403, "origin.foreign", "Cross-origin request refused"


class NotFound(AppError):
    """There is nothing of this id (or at this path)."""

    status, code, title = 404, "not_found", "Not found"


class TooSlow(AppError):
    """The request did not arrive in the time that the service waits for one; the connection is closed."""

    status, code, title = 408, "request.too_slow", "The request took too long to arrive"


class Conflict(AppError):
    """The current state does not allow it."""

    status, code, title = 409, "conflict", "Conflict with the current state"


class Exists(Conflict):
    """The id is taken."""

    code, title = "exists", "This id is taken"


class InUse(Conflict):
    """Something else names it, or runs on it."""

    code, title = "in_use", "Something depends on it"


class WouldEnd(Conflict):
    """What is imported leaves out workloads that run; nothing was changed. Say that they `may_end`, or add them."""

    code, title = "import.would_end", "The import would end what runs"


class StaleGeneration(Conflict):
    """The plan was made from an older generation than the newest; nothing was changed. Plan again, or re-verify."""

    code, title = "generation.stale", "The plan is stale"


class KeyUnderWay(Conflict):
    """The first request with this `Idempotency-Key` is still being answered; ask again."""

    code, title = "idempotency_key.under_way", "The first request with this key is under way"
    retry_after = 1


class PlanNotReady(Conflict):
    """The plan has no decisions (yet)."""

    code, title = "plan.not_ready", "The plan has no decisions"


class PlanEnded(Conflict):
    """The plan has already ended."""

    code, title = "plan.ended", "The plan has already ended"


class PlanInForce(Conflict):
    """The plan is the one in force, or is still being solved."""

    code, title = "plan.in_force", "The plan is in force or being solved"


class WhatIfPlan(Conflict):
    """The plan answers a what-if question about a network that does not exist; it is never applied."""

    code, title = "plan.what_if", "A what-if plan is never applied"


class NotOperating(Conflict):
    """The plan puts something on a node that does not operate today; nothing was changed. `allow_not_operating` insists."""

    code, title = "plan.not_operating", "The plan uses nodes that do not operate today"


class IllegalNow(Conflict):
    """The plan violates a rule on the current network."""

    code, title = "plan.illegal", "The plan violates a rule"


class NotKept(Conflict):
    """The allocation of that generation is not kept and cannot be restored: an older version of the service changed it."""

    code, title = "history.not_kept", "The allocation of that generation is not kept"


class AsNow(Conflict):
    """What runs now is what ran then; there is nothing to restore."""

    code, title = "history.as_now", "Nothing to restore"


class RowsLost(Conflict):
    """Some of what ran then cannot run like that any more; no plan was made. `leave_out` makes one without it."""

    code, title = "history.rows_lost", "Not everything can be restored"


class StaleEntity(AppError):
    """It was changed since the version that `If-Match` names."""

    status, code, title = 412, "precondition.failed", "Changed since that version"


class TooLarge(AppError):
    """The body is larger than the service takes."""

    status, code, title = 413, "body.too_large", "The body is too large"


class AddressTooLong(AppError):
    """The path and query are longer than the service takes; the connection is closed."""

    status, code, title = 414, "address.too_long", "The address is too long"


class NotJson(AppError):
    """The body's `Content-Type` is not JSON."""

    status, code, title = 415, "body.not_json", "The body must be JSON"


class UnknownHost(AppError):
    """The service is not known under the host that `Host` names. Add its name to `EDGEPLAN_HOSTS`."""

    status, code, title = 421, "host.unknown", "Unknown host name"


class Invalid(AppError):
    """A field of the request is missing, unknown or not valid."""

    status, code, title = 422, "invalid", "The request is not valid"


class KeyReused(Invalid):
    """The `Idempotency-Key` was used before, with other content or another path; nothing was changed. Choose a new key."""

    code, title = "idempotency_key.reused", "This key belongs to another request"


class UnknownReference(Invalid):
    """The request names something that does not exist."""

    code, title = "reference.unknown", "Unknown reference"


class BadCursor(Invalid):
    """The cursor did not come from this list."""

    code, title = "cursor.invalid", "Invalid cursor"


class TooMany(AppError):
    """One client exceeds its limit of requests a second, or of connections. `Retry-After` says when to try again."""

    status, code, title = 429, "client.too_many", "Too many requests or connections from one client"
    retry_after = 1


class HeadersTooLarge(AppError):
    """The headers are more, or larger, than the service takes; the connection is closed."""

    status, code, title = 431, "headers.too_large", "The headers are too large"


class Unavailable(AppError):
    """The service cannot answer at the moment."""

    status, code, title = 503, "unavailable", "Temporarily unavailable"
    retry_after: int | None = 1


class OutcomeUnknown(Unavailable):
    """The process that carried this out was lost, and it may have been carried out: look before asking again, or ask again
    with the same `Idempotency-Key`."""

    code, title = "outcome.unknown", "The outcome is unknown"
    retry_after = None


class Busy(Unavailable):
    """As many requests of this kind as the service takes on are being answered or waiting; nothing was changed."""

    code, title = "busy", "The service is busy"
    retry_after = 2


class QueueFull(Unavailable):
    """As many plans as the service takes on are waiting to be solved; this one was not accepted."""

    code, title = "queue.full", "Too many plans are waiting"
    retry_after = 10


class NotReady(Unavailable):
    """The service is starting or stopping."""

    code, title = "not_ready", "Not ready"


class StoreUnusable(Unavailable):
    """The store cannot be reached: its disk or its database does not answer as it should. Nothing was changed."""

    code, title = "store.unusable", "The store cannot be used"


class StoreBusy(StoreUnusable):
    """The store is busy with other writers; try again."""

    code, title = "store.busy", "The store is busy"


class StoreFull(StoreUnusable):
    """The store has no room to write: its disk is full, or a quota or limit is reached. Nothing was changed; reads go on."""

    status, code, title = 507, "store.full", "The store is full"


class StoreReadOnly(StoreUnusable):
    """The store may not be written to. Nothing was changed; reads go on."""

    code, title = "store.read_only", "The store is read-only"


class StoreDamaged(StoreUnusable):
    """The file of the store is damaged. Stop the service and restore a backup: `edgeplan restore FILE`."""

    code, title = "store.damaged", "The store is damaged"


def every_error(root: type[AppError] = AppError) -> Iterator[type[AppError]]:
    """All errors of the tree, parents first."""
    yield root
    for kind in root.__subclasses__():
        yield from every_error(kind)

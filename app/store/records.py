"""What goes into and comes out of a store: plain rows, frozen, without behaviour.

Whose a row is and who wrote it (`tenant`, `actor`) is told by the store: it is the caller for whom it was written, whatever
a row says that is handed in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from solver.rules.account import Account, text_of

#: A stored wire document, as parsed JSON.
Body = Mapping[str, Any]

PlanStatus = Literal["queued", "running", "finished", "cancelled", "failed"]


def columns_of(row: Any) -> dict[str, Any]:
    """The fields of a row by name, as they are: documents are not copied, unlike by `dataclasses.asdict`, whose copies take
    longer than the database when a nation is written."""
    return {name: getattr(row, name) for name in row.__slots__}


@dataclass(frozen=True, slots=True)
class EntityRow:
    """An entity, the generation that last changed it, and its revision, which no other version of it has."""

    kind: str
    id: str
    generation: int
    revision: int
    body: Body


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One thing that one generation changed. `before` and `after` are None where there is nothing to show, and `revision`
    where no entity is left that has one."""

    generation: int
    ordinal: int
    at_ms: int
    kind: str
    id: str
    action: str
    before: Body | None
    after: Body | None
    note: str | None
    revision: int | None = None
    tenant: str = ""
    actor: str = ""


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A request for a plan and what became of it. `brief` is what lists show of the request, which may be large."""

    id: str
    status: PlanStatus
    what_if: bool
    submitted_ms: int
    started_ms: int | None
    finished_ms: int | None
    revision: int
    generation: int | None
    applied_generation: int | None
    applied: Body | None
    brief: Body
    result: Body | None
    failure: Body | None
    tenant: str = ""
    actor: str = ""


@dataclass(frozen=True, slots=True)
class PlanStamp:
    """How far a plan has come, without what it was asked and what it says."""

    id: str
    status: PlanStatus
    revision: int
    generation: int | None
    decided: bool

    @property
    def version(self) -> str:
        """Names the plan as it is now: anything that is noted of it makes another one."""
        return f"{self.id}.{self.revision}"


@dataclass(frozen=True, slots=True)
class EventRow:
    """Something that happened. Ids grow in the order in which what they tell of was committed; 0 is not given yet."""

    id: int
    at_ms: int
    type: str
    generation: int | None
    plan: str | None
    node: str | None
    detail: Body
    tenant: str = ""
    actor: str = ""


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """What was answered to the first request with a key, and a digest of what that request said."""

    key: str
    content: str
    at_ms: int
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to solve one plan: void once another attempt has been claimed."""

    id: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Lease:
    """A claim under which somebody is said to be solving, and how many signs of life there have been."""

    claim: Claim
    beat: int


@dataclass(frozen=True, slots=True)
class ProgressRow:
    """Best cost and bound (money a month) after `seconds` of one attempt."""

    attempt: int
    ordinal: int
    seconds: float
    cost: int
    bound: int
    unplaced: int
    phase: str


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """What is decided for one shard of one workload; node and what follows are None where it is refused.

    `cards` are (card, eighth) pairs as in :class:`solver.facts.placement.Slot`, empty where nobody has said which;
    `batch_limit` is 0 where nobody has said it. `disturbed` is None, or says which rules it breaks where it stays:
    {"rules", "sentence", "unlawful"}.
    """

    workload: str
    shard: int
    status: str
    site: str
    access: str
    policy: str
    model: str
    devices: int
    in_request: bool
    previous_node: str | None
    deadline_us: int
    node: str | None = None
    tier: str | None = None
    province: str | None = None
    profile: str | None = None
    servers: int | None = None
    route: list[str] = field(default_factory=list)
    access_us: int | None = None
    transfer_us: int | None = None
    transport_us: int | None = None
    service_us: int | None = None
    waiting_us: int | None = None
    margin_us: int | None = None
    refusal: Body | None = None
    role: str = "primary"
    cards: list[list[int]] = field(default_factory=list)
    batch_limit: int = 0
    disturbed: Body | None = None


@dataclass(frozen=True, slots=True)
class PlacedDecision:
    """A decision with its position in its plan."""

    position: int
    decision: DecisionRow


@dataclass(frozen=True, slots=True)
class AllocationRow:
    """A decision in force: its key, the plan it came from, the generations since which it stands and is disturbed."""

    key: str
    plan_id: str
    since_generation: int
    decision: DecisionRow
    disturbed_since: int | None = None


@dataclass(frozen=True, slots=True)
class RunningRow:
    """Where one shard runs, on what, and which way its traffic goes. See :class:`DecisionRow` for what is not known."""

    workload: str
    shard: int
    role: str
    node: str
    profile: str | None
    servers: int | None
    cards: list[list[int]]
    route: list[str]
    batch_limit: int


@dataclass(frozen=True, slots=True)
class StatusRow:
    """What has become of the row `key` in force where it stays."""

    key: str
    status: str
    disturbed: Body | None
    disturbed_since: int | None


@dataclass(frozen=True, slots=True)
class AllocationChangeRow:
    """What one change of the allocation did to one shard."""

    generation: int
    ordinal: int
    workload: str
    shard: int
    action: str
    from_node: str | None
    to_node: str | None
    tenant: str = ""
    actor: str = ""


@dataclass(frozen=True, slots=True)
class UsageRow:
    """How much of one limited thing is used."""

    account: Account
    used: int
    capacity: int

    @property
    def place(self) -> tuple[str, str, str]:
        """Where it stands in lists: by rule, by the canonical text of its subject, by resource."""
        return self.account.rule, text_of(self.account.subject), self.account.resource


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """The summary of the allocation that `plan_id` became in `generation`, and the terms in force since then.

    `terms` is None in what was stored before terms were kept.
    """

    generation: int
    plan_id: str
    body: Body
    terms: Body | None = None


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One generation that changed what runs: by an apply of the plan `plan_id`, or by a change of what is stored.

    `counts` says by action how many shards it placed, moved, resized, ended, left unplaced. `kept` says whether the store
    holds what it replaced. Of what older versions applied it does not, nor always when that was.
    """

    generation: int
    at_ms: int | None
    plan_id: str | None
    name: str | None
    counts: Body
    kept: bool = True
    tenant: str = ""
    actor: str = ""


@dataclass(frozen=True, slots=True)
class PageQuery:
    """Which rows of a list, in which order: a keyset page.

    `equal` keeps rows whose fields have these values. `sort` names the field to order by (ties by id), `descending`
    turns that order round, `after` is the (sort value, id) of the last row before the page.
    """

    limit: int
    equal: tuple[tuple[str, str | int | bool], ...] = ()
    sort: str = "id"
    numeric: bool = False
    descending: bool = False
    after: tuple[str | int, str] | None = None


@dataclass(frozen=True, slots=True)
class Versions:
    """What is newest: part -> the generation that last changed it ("all": the newest), and the id of the last event."""

    generations: Mapping[str, int]
    event: int

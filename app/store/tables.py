"""The tables. Nothing in them is particular to one database.

`tenant` says whose a row is, `actor` who wrote what it notes. Where ids are a caller's to choose, the tenant is part of the
key, so that two of them may choose the same; behind the id, since the operator looks at those of all. Ids that the service
gives (of plans, generations, events) are nobody else's, and there it is a plain column.

Without a tenant are `generation`, `snapshot`, `memory` and `summary`, which are about everything there is, whosever; and
`request`, `job`, `draft` and `progress`, which are parts of a plan and belong to whom the plan does.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

from app.identity.caller import NAME_LENGTH

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: A wire document; what is absent is SQL's NULL.
DOCUMENT = JSON(none_as_null=True)


def _tenant(key: bool = False) -> Column[str]:
    """Whose a row is."""
    return Column("tenant", String(NAME_LENGTH), primary_key=key, nullable=False, server_default="operator")


def _actor() -> Column[str]:
    """Who did what a row notes."""
    return Column("actor", String(NAME_LENGTH), nullable=False, server_default="local")


#: The one counter ("all"), and for each document the generation that last changed it.
generation = Table(
    "generation",
    metadata,
    Column("part", String(32), primary_key=True),
    Column("generation", BigInteger, nullable=False),
)

#: Every entity as its wire document. Its revision grows by one with each of its changes; the first one is the generation
#: that created it, so no revision of an id is given twice, not even after the entity was deleted and created anew.
entity = Table(
    "entity",
    metadata,
    Column("kind", String(32), primary_key=True),
    Column("id", String(128), primary_key=True),
    _tenant(key=True),
    Column("generation", BigInteger, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("body", DOCUMENT, nullable=False),
)

#: Which entity names which: `kind`/`id` names `target_kind`/`target`.
reference = Table(
    "reference",
    metadata,
    Column("kind", String(32), primary_key=True),
    Column("id", String(128), primary_key=True),
    Column("target_kind", String(32), primary_key=True),
    Column("target", String(200), primary_key=True),
    _tenant(key=True),
    Index(None, "target_kind", "target"),
)

#: History: what each generation changed. `revision` is the one that it left of an entity that is still there.
change = Table(
    "change",
    metadata,
    Column("generation", BigInteger, primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("id", String(128), nullable=False),
    Column("action", String(16), nullable=False),
    Column("before", DOCUMENT),
    Column("after", DOCUMENT),
    Column("note", Text),
    Column("revision", BigInteger),
    _tenant(),
    _actor(),
    Index(None, "kind", "id"),
)

#: A request for a plan in brief, and what became of it. JSON columns hold wire documents.
plan = Table(
    "plan",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("status", String(16), nullable=False, index=True),
    Column("what_if", Boolean, nullable=False),
    Column("submitted_ms", BigInteger, nullable=False),
    Column("started_ms", BigInteger),
    Column("finished_ms", BigInteger),
    Column("revision", Integer, nullable=False),
    Column("generation", BigInteger),
    Column("applied_generation", BigInteger),
    Column("applied", DOCUMENT),
    Column("brief", DOCUMENT, nullable=False),
    Column("result", DOCUMENT),
    Column("failure", DOCUMENT),
    _tenant(),
    _actor(),
    Index(None, "submitted_ms", "id"),
)

#: What was asked, in full. Apart, because a nation's is 30 MB and few want it.
request = Table(
    "request",
    metadata,
    Column("plan_id", String(36), primary_key=True),
    Column("body", DOCUMENT, nullable=False),
)

#: Lease, attempts and priority (0 low, 1 normal, 2 high) of each plan's solve.
job = Table(
    "job",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("owner", String(64)),
    Column("attempt", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    # Grows with each sign of life of whoever holds the lease; see :class:`app.jobs.leases.Leases`.
    Column("beat", BigInteger, nullable=False),
    Column("stop", Boolean, nullable=False),
    Column("submitted_ms", BigInteger, nullable=False),
    Column("last_failure", Text),
    Column("priority", Integer, nullable=False, server_default="1"),
    Index(None, "state", "priority", "submitted_ms"),
)

#: What was answered to requests that carried an `Idempotency-Key`; written with what they created.
answered = Table(
    "answered",
    metadata,
    _tenant(key=True),
    Column("key", String(255), primary_key=True),
    Column("content", String(64), nullable=False),
    Column("at_ms", BigInteger, nullable=False, index=True),
    Column("status", Integer, nullable=False),
    Column("headers", DOCUMENT, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

#: The newest verified plan of a solve that has not ended, to be kept if the solve is lost. Gone when the plan ends.
draft = Table(
    "draft",
    metadata,
    Column("plan_id", String(36), primary_key=True),
    Column("generation", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

#: How cost and bound went while a plan was being solved.
progress = Table(
    "progress",
    metadata,
    Column("plan_id", String(36), primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("seconds", Float, nullable=False),
    Column("cost", BigInteger, nullable=False),
    Column("bound", BigInteger, nullable=False),
    Column("unplaced", Integer, nullable=False),
    Column("phase", String(64), nullable=False),
)


def _decision_columns() -> list[Column[object]]:
    """What is decided for one shard; the same in a plan and in the allocation. Times are microseconds."""
    return [
        Column("workload", String(128), nullable=False),
        Column("shard", Integer, nullable=False),
        Column("status", String(16), nullable=False),
        Column("site", String(128), nullable=False),
        Column("access", String(128), nullable=False),
        Column("policy", String(128), nullable=False),
        Column("model", String(200), nullable=False),
        Column("devices", Integer, nullable=False),
        Column("in_request", Boolean, nullable=False),
        Column("previous_node", String(128)),
        Column("node", String(128)),
        Column("tier", String(16)),
        Column("province", String(200)),
        Column("profile", String(128)),
        Column("servers", Integer),
        Column("route", DOCUMENT, nullable=False),
        Column("deadline_us", BigInteger, nullable=False),
        Column("access_us", BigInteger),
        Column("transfer_us", BigInteger),
        Column("transport_us", BigInteger),
        Column("service_us", BigInteger),
        Column("waiting_us", BigInteger),
        Column("margin_us", BigInteger),
        Column("refusal", DOCUMENT),
        Column("role", String(16), nullable=False, server_default="primary"),
        Column("cards", DOCUMENT, nullable=False, server_default="[]"),
        Column("batch_limit", Integer, nullable=False, server_default="0"),
        Column("disturbed", DOCUMENT),
    ]


decision = Table(
    "decision",
    metadata,
    Column("plan_id", String(36), primary_key=True),
    Column("position", Integer, primary_key=True),
    *_decision_columns(),
    _tenant(),
    Index(None, "plan_id", "workload"),
)

allocation = Table(
    "allocation",
    metadata,
    Column("key", String(160), primary_key=True),
    _tenant(key=True),
    Column("plan_id", String(36), nullable=False),
    Column("since_generation", BigInteger, nullable=False),
    Column("disturbed_since", BigInteger),
    *_decision_columns(),
    Index(None, "workload"),
    Index(None, "node"),
    Index(None, "site"),
    Index(None, "status"),
)

#: What each change of the allocation did to each shard.
allocation_change = Table(
    "allocation_change",
    metadata,
    Column("generation", BigInteger, primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("workload", String(128), nullable=False),
    Column("shard", Integer, nullable=False),
    Column("action", String(16), nullable=False),
    Column("from_node", String(128)),
    Column("to_node", String(128)),
    _tenant(),
    _actor(),
)

#: Each generation that changed what runs, and in `replaced` what it replaced (:mod:`app.service.recall`).
allocation_record = Table(
    "allocation_record",
    metadata,
    Column("generation", BigInteger, primary_key=True),
    Column("at_ms", BigInteger),
    Column("plan_id", String(36)),
    Column("name", String(200)),
    Column("counts", DOCUMENT, nullable=False),
    Column("replaced", LargeBinary),
    _tenant(),
    _actor(),
)

#: How much of everything limited a plan uses; kept for each plan, and read for the one in force. The key is the canonical
#: text of the subject.
usage = Table(
    "usage",
    metadata,
    Column("plan_id", String(36), primary_key=True),
    Column("rule", String(64), primary_key=True),
    Column("key", String(1000), primary_key=True),
    Column("resource", String(200), primary_key=True),
    Column("unit", String(32), nullable=False),
    Column("subject", DOCUMENT, nullable=False),
    Column("used", BigInteger, nullable=False),
    Column("capacity", BigInteger, nullable=False),
    _tenant(),
)

#: Everything stored, as it was at a generation that a plan was made from.
snapshot = Table(
    "snapshot",
    metadata,
    Column("generation", BigInteger, primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

#: What the newest plan leaves to the next solve.
memory = Table(
    "memory",
    metadata,
    Column("plan_id", String(36), primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

#: What happened lately. The id is never given twice, whatever has been forgotten.
event = Table(
    "event",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("type", String(32), nullable=False),
    Column("generation", BigInteger),
    Column("plan", String(36)),
    Column("node", String(128)),
    Column("detail", DOCUMENT, nullable=False),
    _tenant(),
    _actor(),
    sqlite_autoincrement=True,
)

#: The allocation in force, summed up when it was applied, and the terms in force since then.
summary = Table(
    "summary",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("generation", BigInteger, nullable=False),
    Column("plan_id", String(36), nullable=False),
    Column("body", DOCUMENT, nullable=False),
    Column("terms", DOCUMENT),
)

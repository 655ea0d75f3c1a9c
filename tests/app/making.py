"""Plans as a solve would leave them, made by hand: a request, and where its shards are to run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.identity.caller import LOCAL
from app.schemas.documents import DOCUMENTS, KINDS
from app.schemas.entities import Entity
from app.schemas.requests import Placement, PlanRequest
from app.service import lifecycle
from app.service.cache import Cache
from app.service.drafts import draft_of, keep
from app.service.importing import replace_document
from app.service.plans import see, submit
from app.service.worlds import Worlds, pack
from app.store.port import Store
from app.store.records import PlanRow
from app.world.named import numbered
from app.world.question import question
from solver import Result, verify
from tests.app import world


def load(store: Store, **changes: Any) -> None:
    """Tell a store the tiny world, with some documents' kinds in place of its own."""
    given = {**world.CATALOGUE, **world.NETWORK, "policies": world.POLICIES, **changes}
    for document in ("catalogue", "network", "policies"):
        entities: dict[str, Sequence[Entity]] = {
            kind: [KINDS[kind].model_validate(body) for body in given[kind]] for kind in DOCUMENTS[document]
        }
        replace_document(Cache.of(store), LOCAL, document, entities, lambda generation: True)


def near(workload: str, shard: int = 0, card: int = 0, **more: Any) -> dict[str, Any]:
    """A placement on the hub, on one of its cards."""
    return placed(workload, shard, card, "hub", [], **more)


def far(workload: str, shard: int = 0, card: int = 0, **more: Any) -> dict[str, Any]:
    """A placement in the centre, on one of its cards."""
    return placed(workload, shard, card, "centre", ["hub-centre"], **more)


def placed(workload: str, shard: int, card: int, node: str, route: list[str], **more: Any) -> dict[str, Any]:
    return {
        "workload": workload, "shard": shard, "node": node, "profile": "detector-card", "servers": 1,
        "cards": [[card, 0]], "route": route, "batch_limit": 1, **more,
    }  # fmt: skip


def made(store: Store, request: dict[str, Any], *placements: dict[str, Any]) -> PlanRow:
    """A plan that answers a request with these placements; what they do not name stays as it is."""
    asked = PlanRequest.model_validate(request)
    seen = submit(store, LOCAL, asked, 1.0)
    now = Worlds(store).newest()
    posed = question(now, asked)
    named = {(one["workload"], one["shard"]) for one in placements}
    stays = [
        here
        for here in posed.problem.placements(posed.problem.in_force)
        if (here.workload, here.shard) not in named and here.workload not in posed.requested
    ]
    plan = numbered(posed.problem, [*(Placement.model_validate(one) for one in placements), *stays])
    verdict = verify(posed.problem, plan)
    assert verdict.ok, verdict.violations
    result = Result(plan, verdict, "feasible", verdict.cost, 0, 0.1, 0.1, 0.1, (), None)
    with store.writing(LOCAL) as session:
        claim = session.jobs.claim("test")
        assert claim is not None
        assert claim.id == seen.row.id
        lifecycle.started(session, claim.id, None, now.generation)
        session.plans.keep_snapshot(now.generation, pack(now))
    assert keep(store, claim, draft_of(posed, result, verdict, {}, None), "finished")
    return see(store, claim.id).row

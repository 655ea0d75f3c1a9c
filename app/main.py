"""The one place that knows all pieces: puts the service together."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.openapi.utils import get_openapi
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from app import exchange
from app.api import alarms, allocations, events, exports, history, importing, maps, network, plans, system
from app.api.access import AppContext, LastLook
from app.api.bodies import Room
from app.api.breaking import BrokenOff
from app.api.keys import Keys
from app.api.lanes import Lanes
from app.api.limits import Limited, Paced
from app.api.metrics import Measured, Metrics
from app.api.origins import Guarded
from app.api.polling import Polled
from app.api.problems import ProblemDetail, install, refuse_everywhere
from app.api.queries import each_once
from app.api.readiness import Readiness
from app.api.web import Bundle, tell_if_missing
from app.jobs.housekeeping import Housekeeping
from app.jobs.judge_pool import JudgePool
from app.jobs.leases import Leases
from app.jobs.supervisor import PATIENCE_MS, Supervisor
from app.service.broadcast import Broadcast
from app.service.cache import Cache, pictured
from app.service.response_cache import ResponseCache
from app.settings import Settings
from app.store.opening import open_own
from app.store.sql import open_store
from app.version import VERSION

DESCRIPTION = """
Decides where each inference workload of a telecom operator's customers runs: on which node, on which and how many
accelerators, over which route, so that deadlines hold at the 99th percentile, nothing is over capacity, data stay where
policy says, and cost is least. Plans come with a lower bound on the cost, are verified independently, and explained.

**Generations.** Every change of anything stored makes the next generation. A plan names the one it was made from.
An entity has a revision besides, which grows with its own changes alone: it is its `ETag`, so that `If-Match` refuses nobody
for what was changed elsewhere. The `ETag` of a whole document is the generation that last changed it.

**Refusals** are `application/problem+json` with a `code` that never changes (`/v1/problems`) and the fields at fault:
where, its value, what was expected, and a likely correction. An answer lists the first fifty faults, and says how many
more there are.

**Plans** are named by their ids; wherever one is named, `latest` is the plan requested last. The examples here run on
the reference network, which `make run` loads.

What does not fit on the network is not a refusal: it is part of the answer, with reasons.

**Browsers.** `Host` must be a name that the service is known by (`EDGEPLAN_HOSTS`), and what changes something must not
come from a page of another origin, unless `EDGEPLAN_ORIGINS` lists it. Bodies are JSON, with that `Content-Type`. Texts
hold no control characters but tabs and line feeds, and no invisible ones but joiners and direction marks.

**Limits.** `/healthz` is answered whatever is busy. Reads, writes and verification have concurrency limits and bounded
queues of their own; a request that finds its queue full is refused at once with 503 `busy` and `Retry-After`, as is a
plan that finds the queue of solves full (`queue.full`). Headers and bodies must arrive in time (408), addresses and
headers have a size (414, 431), one client has its share of connections and, where that is set, of requests (429).
`docs/operations.md` lists all limits with the settings that change them.

**Retries.** Each `POST` that creates takes an `Idempotency-Key`: for a day the same content gets the same answer, and
nothing is created twice.

**Units** are in the names: `_us` microseconds, `_month` money a month, `_permille` thousandths, `_mhz` thousandths of
a request a second. `GET /v1/system` says what money is counted in: what the network's document states, or whole won. Where
that is whole won, bodies may have the names that fields of money had before (`value_month`); answers have those of now.

**Bodies** are JSON in UTF-8 (`Content-Type: application/json`). Documents (`PUT`), placement requests and plans to
verify may have 64 MiB (`EDGEPLAN_MAX_BODY_BYTES`), all others 1 MiB (`EDGEPLAN_MAX_SMALL_BODY_BYTES`); more is refused
with 413 before it is read. A byte order mark, a duplicate name in an object, a lone surrogate, `NaN`, more than 1,000
fields in one object or ten million values are refused with 400. The workloads of one request have a million shards at
most.
"""

TAGS = [
    {
        "name": "operators",
        "description": "The current network: nodes, links, sites, accesses, catalogue, policies.",
    },
    {"name": "planners", "description": "Workloads, placement requests, what-ifs, plans."},
    {"name": "dashboards", "description": "What is allocated now. Never solves."},
    {"name": "system", "description": "Health, metrics, rules."},
]


def create_app(settings: Settings) -> FastAPI:
    """The service, ready to be served. It opens its store, and begins to solve, when it is started."""
    metrics = Metrics()
    app = FastAPI(
        title="Edgeplan",
        summary="Places edge-inference workloads on a telecom operator's compute.",
        description=DESCRIPTION,
        version=VERSION,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        openapi_tags=TAGS,
        lifespan=_lifespan(settings, metrics),
        dependencies=[Depends(each_once)],
        # `/metrics` says how the service does; a second account of it would only cost each poll time.
        telemetry={"tracing": False, "metrics": False, "logs": False},
        # The documentation is a page of the bundle: FastAPI's own loads its scripts from other hosts.
        docs_url=None,
        redoc_url=None,
        # FastAPI's own would be made, and made into text, on the event loop.
        openapi_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.metrics = metrics
    install(app)
    app.state.room = Room()
    for part in (network, importing, plans, allocations, history, alarms, maps, events, system):
        app.include_router(part.router)
    app.include_router(exports.router_of(exchange.FORMATS))
    app.router.default = Bundle(settings.web_dir, otherwise=app.router.default)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    app.add_middleware(Limited, most=settings.max_body_bytes)
    app.add_middleware(Measured, metrics=metrics, endless=(events.STREAM,))
    _put_around(app, settings, metrics)
    _document(app)
    return app


def _lifespan(settings: Settings, metrics: Metrics) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """What the service puts together when it is started, and lets go of when it ends."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        tell_if_missing(settings.web_dir)
        store = open_own(settings)
        judge_pool = JudgePool(settings)
        cache = Cache.of(store, lambda day: judge_pool.call(pictured, day))
        # Whoever keeps the time of solves cannot wait long for the store.
        kept = open_store(settings.store_url, settings.events_kept, PATIENCE_MS, new=False)
        supervisor = Supervisor(kept, settings) if settings.run_jobs else None
        leases = None if settings.run_jobs else Leases(kept, settings)
        response_cache = ResponseCache()
        broadcast = Broadcast(store)
        metrics.watch(broadcast)
        lanes, readiness = Lanes.of(settings), Readiness(store, settings.ready_seconds)
        metrics.stand_by(lanes.all)
        app.state.context = AppContext(
            settings, store, judge_pool, cache, supervisor, metrics, response_cache, broadcast, lanes, readiness, Keys(),
            LastLook(),
        )  # fmt: skip
        housekeeping = Housekeeping(store, settings)
        housekeeping.start()
        if supervisor is not None:
            supervisor.start()
        if leases is not None:
            leases.start()
        preparing = asyncio.create_task(maps.prepare(app.state.context))
        try:
            yield
        finally:
            preparing.cancel()
            lanes.close()
            broadcast.close()
            housekeeping.stop()
            if supervisor is not None:
                supervisor.stop()
            if leases is not None:
                leases.stop()
            kept.close()
            judge_pool.close()
            response_cache.close()
            readiness.close()
            store.close()

    return lifespan


def _put_around(app: FastAPI, settings: Settings, metrics: Metrics) -> None:
    """Put what comes before all else around everything, even around what FastAPI puts around middleware.

    That is how often one client may ask, where that is limited; who may ask from where, since it holds for every answer;
    then the look at polls, which need nothing else.
    """
    build = app.build_middleware_stack

    def built() -> ASGIApp:
        guarded = Guarded(BrokenOff(Polled(build(), metrics)), settings.host, settings.hosts, settings.origins, metrics)
        pace = settings.client_requests_per_second
        return Paced(guarded, pace, settings.limit_loopback) if pace else guarded

    app.build_middleware_stack = built  # type: ignore[method-assign]


def _document(app: FastAPI) -> None:
    """Serve the OpenAPI document from a thread, made once; it describes refusals, which no route returns by itself."""
    one = threading.Lock()

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(
                title=app.title,
                version=app.version,
                summary=app.summary,
                description=app.description,
                license_info=app.license_info,
                tags=app.openapi_tags,
                routes=app.routes,
                separate_input_output_schemas=False,
            )
            schema = ProblemDetail.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas = document["components"]["schemas"]
            schemas.update(schema.pop("$defs"))
            schemas["ProblemDetail"] = schema
            for methods in document["paths"].values():
                for method, operation in methods.items():
                    refuse_everywhere(method, operation)
            app.openapi_schema = document
        return app.openapi_schema

    @cache
    def written() -> bytes:
        return json.dumps(openapi(), ensure_ascii=False, separators=(",", ":")).encode()

    def served(_: Request) -> Response:
        with one:
            return Response(written(), media_type="application/json")

    app.openapi = openapi  # type: ignore[method-assign]
    app.add_route("/openapi.json", served, include_in_schema=False)

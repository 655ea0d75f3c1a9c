"""How the service is doing, in numbers for Prometheus."""

from __future__ import annotations

import time
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.store.port import Store

log = structlog.get_logger("app.request")


class Metrics:
    """The counters of one application."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "edgeplan_requests_total",
            "Requests answered.",
            ["method", "route", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "edgeplan_request_seconds", "Time to answer.", ["method", "route"], registry=self._registry
        )
        self._generation = Gauge("edgeplan_generation", "The newest generation.", registry=self._registry)
        self._plans = Gauge("edgeplan_plans", "Plans by status.", ["status"], registry=self._registry)
        self._shards = Gauge("edgeplan_allocation_shards", "Shards in force by status.", ["status"], registry=self._registry)
        self._cost = Gauge(
            "edgeplan_allocation_cost_krw_month",
            "Cost of the plan in force as applied.",
            registry=self._registry,
        )

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def render(self, store: Store) -> bytes:
        """Everything, with what the store says at this moment."""
        with store.reading() as session:
            self._generation.set(session.generations.now())
            plans = session.plans.counts()
            shards = session.allocation.counts()
            summary = session.allocation.summary()
        for status in ("queued", "running", "finished", "cancelled", "failed"):
            self._plans.labels(status).set(plans.get(status, 0))
        for status in ("placed", "unplaced", "disturbed"):
            self._shards.labels(status).set(shards.get(status, (0, 0))[0])
        self._cost.set(0 if summary is None else summary.body["cost_krw_month"])
        return generate_latest(self._registry)


class Measured:
    """Middleware that counts and logs every request."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            seconds = time.perf_counter() - began
            route: Any = scope.get("route")
            template = getattr(route, "path", "unknown")
            self._metrics.answered(scope["method"], template, status, seconds)
            log.info(
                "request",
                method=scope["method"],
                path=scope["path"],
                status=status,
                ms=round(seconds * 1000, 1),
            )

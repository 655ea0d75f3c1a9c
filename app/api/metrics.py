"""How the service is doing, in numbers for Prometheus."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Protocol

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.schemas.events import TYPES
from app.schemas.money import Money
from app.service.broadcast import Broadcast
from app.service.money import money_of
from app.service.standing import Standing
from app.store.port import Session, Store
from solver import LIMITS, name_of
from solver.facts.network import NodeState

log = structlog.get_logger("app.request")

#: What is said of the plan that ended last: a field of its result, and what that is.
_LAST_PLAN = {
    "gap": "how far, at most, it is above the least possible cost, as a share of its cost",
    "seconds": "how long it was solved",
    "cost": "what it costs a month, in the currency of the network",
    "unplaced_shards": "what it leaves without a place",
}

#: What is said of each resource that a rule limits, over all that has it.
_LIMITS = {
    "used": "Amount in use now, over all accounts of a rule.",
    "capacity": "Amount there is now, over all accounts of a rule.",
    "overfull_accounts": "Accounts of a rule that are used beyond their capacity now.",
}


class Metrics:
    """The counters of one application."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._requests = Counter(
            "edgeplan_requests_total",
            "Requests answered.",
            ["method", "route", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "edgeplan_request_seconds", "Time to answer.", ["method", "route"], registry=self._registry
        )
        # Finding the counter of some labels is work that a poll need not repeat.
        self._counter, self._timer = cache(self._requests.labels), cache(self._seconds.labels)
        self._generation = Gauge("edgeplan_generation", "The newest generation.", registry=self._registry)
        self._plans = Gauge("edgeplan_plans", "Plans by status.", ["status"], registry=self._registry)
        self._shards = Gauge("edgeplan_allocation_shards", "Shards in force by status.", ["status"], registry=self._registry)
        self._devices = Gauge(
            "edgeplan_allocation_devices", "Devices in force by status.", ["status"], registry=self._registry
        )
        self._cost = Gauge(
            "edgeplan_allocation_cost_month",
            "Cost a month of what is in force, on the network of now.",
            ["currency"],
            registry=self._registry,
        )
        self._used = Gauge(
            "edgeplan_allocation_used_ratio",
            "Used of capacity by what is in force, on the network of now.",
            ["tier", "resource"],
            registry=self._registry,
        )
        self._limits = {
            name: Gauge(f"edgeplan_allocation_{name}", what, ["rule", "resource", "unit"], registry=self._registry)
            for name, what in _LIMITS.items()
        }
        self._broken = Gauge(
            "edgeplan_allocation_broken_shards", "Shards in force that break a rule now.", ["rule"], registry=self._registry
        )
        self._unlawful = Gauge(
            "edgeplan_unlawful_shards", "Shards in force where a rule of law says no.", registry=self._registry
        )
        self._last = {
            name: Gauge(f"edgeplan_last_plan_{name}", f"Of the plan that ended last: {what}.", registry=self._registry)
            for name, what in _LAST_PLAN.items()
        }
        self._nodes = Gauge("edgeplan_nodes", "Nodes by state.", ["state"], registry=self._registry)
        self._nodes_at = -1

        self._streams, self._lanes, self._connections = _Streams(), _Lanes(), _Connections()
        for collector in (self._streams, self._lanes, self._connections):
            self._registry.register(collector)

    def watch(self, broadcast: Broadcast) -> None:
        """Count the streams and the events of this broadcast, too."""
        self._streams.broadcast = broadcast

    def stand_by(self, lanes: Sequence[Waited]) -> None:
        """Count those who wait in these lanes, too."""
        self._lanes.lanes = lanes

    def count_connections(self, connections: Connected) -> None:
        """Count the connections of a server, too."""
        self._connections.connections = connections

    def answered(self, method: str, route: str, status: int, seconds: float | None) -> None:
        """Count a request; `seconds` is None where the time says nothing."""
        self._counter(method, route, str(status)).inc()
        if seconds is not None:
            self._timer(method, route).observe(seconds)

    def render(self, store: Store, stands: Standing) -> bytes:
        """Everything, with what the store says at this moment, and how what is in force stands."""
        with store.reading() as session:
            self._generation.set(session.generations.now())
            plans = session.plans.counts()
            shards = session.allocation.counts()
            last = session.plans.last_result()
            money = money_of(session)
            self._count_nodes(session)
        for status in ("queued", "running", "finished", "cancelled", "failed"):
            self._plans.labels(status).set(plans.get(status, 0))
        for status in ("placed", "unplaced", "disturbed"):
            self._shards.labels(status).set(shards.get(status, (0, 0))[0])
            self._devices.labels(status).set(shards.get(status, (0, 0))[1])
        self._stand(stands, money)
        for name, gauge in self._last.items():
            gauge.set(0 if last is None else last[name] / (money.per_unit if name == "cost" else 1))
        return generate_latest(self._registry)

    def _stand(self, stands: Standing, money: Money) -> None:
        """Tell how what is in force stands."""
        self._unlawful.set(stands.unlawful)
        for gauge in (self._cost, self._used, self._broken, *self._limits.values()):
            gauge.clear()
        self._cost.labels(money.currency).set(stands.cost / money.per_unit)
        for group in stands.use_by_tier:
            self._used.labels(group.group, group.resource).set(group.used_permille / 1000)
        for rule in dict.fromkeys((*map(name_of, LIMITS), *stands.disturbed)):
            self._broken.labels(rule).set(stands.disturbed.get(rule, 0))
        sums: dict[tuple[str, str, str], list[int]] = {}
        for use in stands.uses:
            entry = sums.setdefault((use.account.rule, use.account.resource, use.account.unit), [0, 0, 0])
            for place, amount in enumerate((use.used, use.capacity, use.used > use.capacity)):
                entry[place] += amount
        for account, amounts in sums.items():
            for gauge, amount in zip(self._limits.values(), amounts, strict=True):
                gauge.labels(*account).set(amount)

    def _count_nodes(self, session: Session) -> None:
        """Count the nodes anew, if the network has changed since they were counted."""
        generation = session.generations.of("network")
        if generation != self._nodes_at:
            counts = session.entities.tally("nodes", "state")
            for state in NodeState:
                self._nodes.labels(state).set(counts.get(state, 0))
            self._nodes_at = generation


class _Streams(Collector):
    """What a broadcast has told, and to how many it tells."""

    broadcast: Broadcast | None = None

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        if self.broadcast is None:
            return
        told = CounterMetricFamily("edgeplan_events_sent", "Events sent to listeners.", labels=["type"])
        for kind in TYPES:
            told.add_metric([kind], self.broadcast.told[kind])
        yield told
        yield GaugeMetricFamily("edgeplan_event_streams", "Open streams of events.", value=self.broadcast.listeners)


class Waited(Protocol):
    """What is told of a lane (:class:`app.api.lanes.Lane`)."""

    @property
    def kind(self) -> str: ...
    @property
    def inside(self) -> int: ...
    @property
    def waiting(self) -> int: ...
    @property
    def refused(self) -> int: ...


class _Lanes(Collector):
    """How many requests of each kind are being answered, wait, and were refused because too many did."""

    lanes: Sequence[Waited] = ()

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        inside = GaugeMetricFamily("edgeplan_lane_inside", "Requests of a kind that are being answered.", labels=["lane"])
        waiting = GaugeMetricFamily("edgeplan_lane_waiting", "Requests of a kind that wait their turn.", labels=["lane"])
        refused = CounterMetricFamily("edgeplan_lane_refused", "Requests refused as `busy`.", labels=["lane"])
        for lane in self.lanes:
            inside.add_metric([lane.kind], lane.inside)
            waiting.add_metric([lane.kind], lane.waiting)
            refused.add_metric([lane.kind], lane.refused)
        yield from (inside, waiting, refused)


class Connected(Protocol):
    """What is told of the connections of a server (:class:`app.connections.Connections`)."""

    @property
    def open(self) -> int: ...
    @property
    def ended(self) -> Mapping[str, int]: ...


class _Connections(Collector):
    """How many connections are open, and why others were ended before their time."""

    connections: Connected | None = None

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        if self.connections is None:
            return
        yield GaugeMetricFamily("edgeplan_connections", "Open connections.", value=self.connections.open)
        ended = CounterMetricFamily("edgeplan_connections_ended", "Connections ended by a limit.", labels=["reason"])
        for reason, count in self.connections.ended.items():
            ended.add_metric([reason], count)
        yield ended


class Measured:
    """Middleware that counts and logs every request. How long `endless` paths were answered is not counted."""

    def __init__(self, app: ASGIApp, metrics: Metrics, endless: Collection[str]) -> None:
        self._app = app
        self._metrics = metrics
        self._endless = frozenset(endless)

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
            endless = template in self._endless and status == 200
            self._metrics.answered(scope["method"], template, status, None if endless else seconds)
            log.info(
                "request",
                method=scope["method"],
                path=scope["path"],
                status=status,
                ms=round(seconds * 1000, 1),
            )

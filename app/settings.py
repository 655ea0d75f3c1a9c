"""What can be set from outside: each as an environment variable `EDGEPLAN_<NAME>`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.hosts import origin, plain_host


def _words(value: Any) -> Any:
    """A list as an environment variable has it: words between commas."""
    return tuple(word.strip() for word in value.split(",") if word.strip()) if isinstance(value, str) else value


#: Names and addresses under which the service may be asked for.
Hosts = Annotated[tuple[Annotated[str, AfterValidator(plain_host)], ...], NoDecode, BeforeValidator(_words)]
#: Origins of pages: scheme, host and port.
Origins = Annotated[tuple[Annotated[str, AfterValidator(origin)], ...], NoDecode, BeforeValidator(_words)]

#: A lease is this many heartbeats long at least.
HEARTBEATS_A_LEASE = 3


class Settings(BaseSettings):
    """Settings of the service and of workers. Made once, by whoever starts a process, and handed down."""

    model_config = SettingsConfigDict(env_prefix="EDGEPLAN_", frozen=True, extra="forbid")

    host: Annotated[
        str,
        Field(description="Address to listen on. There is no login yet: keep it to this machine, or see docker/gateway."),
    ] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535, description="Port to listen on.")] = 8000
    hosts: Annotated[
        Hosts,
        Field(
            description="Further names and addresses, between commas, that a request may have in `Host`; others than these, "
            "the loopback's and `host` are refused with 421. The name under which a gateway is reached belongs here."
        ),
    ] = ()
    origins: Annotated[
        Origins,
        Field(
            description="Origins, between commas, of other dashboards, such as https://noc.example.net, whose pages may "
            "read and change everything from a browser; none unless said."
        ),
    ] = ()
    data_dir: Annotated[Path, Field(description="Where the embedded store keeps its file.")] = Path("var")
    database_url: Annotated[str | None, Field(description="SQLAlchemy URL of the store; in place of the embedded one.")] = (
        None
    )
    reference_dir: Annotated[
        Path, Field(description="Folder of network.json, catalogue.json, policies.json and request.json.")
    ] = Path(__file__).parents[1] / "data" / "reference"
    seed_reference: Annotated[
        bool, Field(description="Load the reference network into an empty store and plan its request once.")
    ] = False
    events_kept: Annotated[
        int, Field(ge=1, description="How many events are kept, as history and for streams that resume; the newest.")
    ] = 20_000
    plans_kept: Annotated[
        int, Field(ge=0, description="How many ended plans are kept that nothing in force needs; the newest.")
    ] = 50
    plan_days: Annotated[float, Field(gt=0, description="How many days such a plan is kept at most.")] = 90.0
    changes_kept: Annotated[
        int, Field(ge=1, description="How many changes are kept as history, of entities and of the allocation; the newest.")
    ] = 100_000
    history_days: Annotated[float, Field(gt=0, description="How many days a change is kept as history at most.")] = 365.0
    progress_kept: Annotated[
        int, Field(ge=10, description="How many points of progress an ended plan keeps at most; evenly chosen.")
    ] = 1_000
    upkeep_seconds: Annotated[
        float, Field(gt=0, description="How often what is kept no longer is removed, and the store's file made smaller.")
    ] = 600.0
    stall_seconds: Annotated[
        float,
        Field(gt=0, description="How long a reader may take nothing of an answer, or of a stream of events."),
    ] = 60.0
    web_dir: Annotated[Path, Field(description="Folder of the built dashboard.")] = Path(__file__).parent / "web" / "dist"
    log_level: Annotated[Literal["debug", "info", "warning", "error"], Field(description="Least severe log line.")] = "info"
    log_format: Annotated[
        Literal["auto", "json", "console"],
        Field(description="JSON lines, or for people; auto: people on a terminal."),
    ] = "auto"
    max_body_bytes: Annotated[
        int,
        Field(
            ge=1024,
            description="Largest body of a document, a placement request or a plan to verify; more is refused with 413.",
        ),
    ] = 64 * 2**20
    max_small_body_bytes: Annotated[
        int, Field(ge=1024, description="Largest body of any other request, such as one entity; more is refused with 413.")
    ] = 2**20
    judge_seconds: Annotated[
        float,
        Field(
            gt=0,
            description="How long one judgement, one import or one large answer may take before the process that works on "
            "it is ended and the request refused with 503.",
        ),
    ] = 600.0
    max_connections: Annotated[
        int, Field(ge=1, description="Connections at a time; more are refused with 503 `busy`, idle ones give way first.")
    ] = 1000
    client_connections: Annotated[
        int,
        Field(ge=0, description="Connections from one address; more are refused with 429 `client.too_many`. 0: no limit."),
    ] = 200
    client_requests_per_second: Annotated[
        float,
        Field(
            ge=0,
            description="Requests in a second from one address; more are refused with 429. 0: no limit.",
        ),
    ] = 0.0
    limit_loopback: Annotated[
        bool, Field(description="Whether the limits for one address hold for this machine, too; it may be a gateway's.")
    ] = False
    max_url_bytes: Annotated[int, Field(ge=64, description="Longest path and query; more is refused with 414.")] = 8 * 2**10
    max_headers: Annotated[int, Field(ge=8, description="Headers of a request; more are refused with 431.")] = 100
    max_header_bytes: Annotated[int, Field(ge=256, description="Bytes of headers; more are refused with 431.")] = 32 * 2**10
    header_seconds: Annotated[
        float, Field(gt=0, description="How long headers may take to arrive; then 408 and the end of the connection.")
    ] = 10.0
    body_seconds: Annotated[
        float, Field(gt=0, description="How long a body may take to arrive, however small; then 408 and the end.")
    ] = 30.0
    min_bytes_per_second: Annotated[
        int,
        Field(ge=1, description="Bytes for which a body gets a second more; and at which answers must be taken."),
    ] = 16_384
    idle_seconds: Annotated[int, Field(ge=1, description="How long a connection is kept open between two requests.")] = 15
    reads_at_once: Annotated[int, Field(ge=1, le=256, description="Requests that read the store at a time.")] = 16
    reads_waiting: Annotated[
        int, Field(ge=0, description="Reads that wait their turn; more are refused with 503 `busy`.")
    ] = 200
    writes_at_once: Annotated[int, Field(ge=1, le=256, description="Requests that write to the store at a time.")] = 2
    writes_waiting: Annotated[
        int, Field(ge=0, description="Writes that wait their turn; more are refused with 503 `busy`.")
    ] = 100
    judged_at_once: Annotated[
        int, Field(ge=1, le=256, description="Requests that have something judged, compared or explained at a time.")
    ] = 2
    judged_waiting: Annotated[
        int, Field(ge=0, description="Requests of that kind that wait their turn; more are refused with 503 `busy`.")
    ] = 32
    turn_seconds: Annotated[
        float, Field(gt=0, description="How long a request waits its turn before it is refused with 503 `busy`.")
    ] = 15.0
    ready_seconds: Annotated[
        float, Field(gt=0, description="How long `/readyz` waits for the store before it says that it is not ready.")
    ] = 2.0
    queue_length: Annotated[
        int, Field(ge=1, description="Plans that may wait to be solved; more are refused with 503 `queue.full`.")
    ] = 100
    key_hours: Annotated[
        float, Field(gt=0, description="How long the answer to a request with an `Idempotency-Key` is kept.")
    ] = 24.0
    max_wait_seconds: Annotated[float, Field(ge=0, description="Longest `Prefer: wait` that is honoured.")] = 60.0
    default_seconds: Annotated[float, Field(gt=0, description="Time to search when a request names none.")] = 20.0
    max_seconds: Annotated[float, Field(gt=0, description="Most time to search that a request gets.")] = 900.0
    run_jobs: Annotated[bool, Field(description="Whether the service process starts solves; else workers do.")] = True
    solves_at_once: Annotated[int, Field(ge=1, le=256, description="Solves that one supervisor runs at a time.")] = 1
    solve_workers: Annotated[int, Field(ge=1, le=256, description="Processor cores that one solve may keep busy.")] = 2
    solve_memory_mib: Annotated[
        int | None, Field(ge=64, description="A solve that holds more is ended with its best plan; null: no limit.")
    ] = None
    explain_seconds: Annotated[
        float,
        Field(
            ge=0,
            description="Most time after a search for the reasons of what it leaves unplaced, and no more than three times "
            "what the search was given; the others are worked out when somebody asks.",
        ),
    ] = 10.0
    attempts: Annotated[int, Field(ge=1, description="How often a solve may be lost before its plan has failed.")] = 3
    lease_seconds: Annotated[
        float,
        Field(
            gt=0,
            description="How long a solve may give no sign of life before it is taken for lost, by the watcher's own clock; "
            "three heartbeats at least.",
        ),
    ] = 15.0
    heartbeat_seconds: Annotated[float, Field(gt=0, description="Time between two heartbeats.")] = 2.0
    cut_seconds: Annotated[
        float,
        Field(
            gt=0,
            description="How long beyond its time, or a stop, a search may take that has a verified plan to leave. These "
            "and the following seconds count by the processor time that the search gets, up to fourfold where it shares.",
        ),
    ] = 2.0
    catch_up_seconds: Annotated[
        float,
        Field(
            gt=0,
            description="The same for a search that has a better plan than the verified one it has to leave.",
        ),
    ] = 15.0
    stop_seconds: Annotated[
        float,
        Field(gt=0, description="How long a cancelled solve without a plan, or storing it, may take before it is killed."),
    ] = 60.0
    overtime_seconds: Annotated[
        float,
        Field(
            gt=0,
            description="Most that a solve may take to store its plan, or beyond its time while it has none; the latter is "
            "30 s, and as much again as it was given, and 1 ms a workload, if that is less.",
        ),
    ] = 300.0

    @model_validator(mode="after")
    def _lease_bears_a_missed_heartbeat(self) -> Self:
        """Refuse leases that a living solve would lose.

        Raises
        ------
        ValueError
            If a lease is shorter than a few heartbeats.
        """
        least = HEARTBEATS_A_LEASE * self.heartbeat_seconds
        if self.lease_seconds < least:
            raise ValueError(
                f"EDGEPLAN_LEASE_SECONDS is {self.lease_seconds:g} and has to be {least:g} at least, {HEARTBEATS_A_LEASE} "
                f"times EDGEPLAN_HEARTBEAT_SECONDS ({self.heartbeat_seconds:g}): else living solves are taken for lost."
            )
        return self

    @property
    def store_url(self) -> str:
        """The URL of the store."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'edgeplan.db').resolve()}"

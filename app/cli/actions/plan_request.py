"""The request for a plan, put together from a file and from options."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from app.cli.answers import Workload
from app.cli.common.client import Service
from app.cli.common.documents import read_json
from app.cli.failures import BadInput

#: What files of the project carry beside a request, and the service would not know.
_ASIDE = ("format", "provenance")
#: A share cap as people write it.
_CAP = re.compile(r"(?P<of>owner|operator|vendor)(?::(?P<name>.+))?=(?P<permille>\d{1,4})")


@dataclass(frozen=True, slots=True)
class Wish:
    """What the options of `plan submit` say; None leaves it to the file, or to the service.

    `caps` are share caps as people write them; none at all (an empty list) lifts those that are in force.
    """

    file: Path | None
    workloads: list[str]
    everything: bool
    seconds: float | None
    seed: int | None
    start: str | None
    horizon: str | None
    commitment: str | None
    scope: str | None
    may_end: list[str]
    caps: list[str] | None
    from_nodes: list[str]
    from_sites: list[str]
    what_if: Path | None
    name: str | None
    priority: str | None = None


def request(service: Service, wish: Wish) -> dict[str, Any]:
    """The body of the request.

    Raises
    ------
    BadInput
        If the options do not say what to plan, or say it twice.
    """
    named = sum((wish.file is not None, bool(wish.workloads), wish.everything))
    if named > 1 or (not named and wish.scope != "repair"):
        raise BadInput(
            "Say what to plan, once: a FILE with a request, --workloads ID,..., or --all.",
            "Only --scope repair goes without: it is about all that is disturbed. For every workload that is stored: "
            "edgeplan plan submit --all",
        )
    body: dict[str, Any] = {}
    if wish.file is not None:
        body = {name: value for name, value in read_json(wish.file).items() if name not in _ASIDE}
    elif wish.everything:
        body["workload_ids"] = [workload["id"] for workload in service.every("/v1/workloads", Workload)]
        if not body["workload_ids"]:
            raise BadInput(f"There are no workloads at {service.server}.", "Store some: edgeplan network import FILE")
    elif wish.workloads:
        body["workload_ids"] = [id for ids in wish.workloads for id in ids.split(",") if id]
    caps = None if wish.caps is None else [share_cap(said) for said in wish.caps]
    _part(body, "terms", horizon=wish.horizon, lowest_commitment=wish.commitment, share_caps=caps)
    # The day where the person sits: in Korea it begins nine hours before the day of UTC does.
    body["terms"].setdefault("horizon", date.today().isoformat())
    _part(body, "limits", seconds=wish.seconds, seed=wish.seed, start=wish.start)
    _part(
        body, "scope", running=wish.scope, may_end=wish.may_end or None, from_nodes=wish.from_nodes or None,
        from_sites=wish.from_sites or None,
    )  # fmt: skip
    if wish.what_if is not None:
        body["what_if"] = read_json(wish.what_if)
    if wish.name is not None:
        body["name"] = wish.name
    if wish.priority is not None:
        body["priority"] = wish.priority
    return body


def share_cap(said: str) -> dict[str, Any]:
    """The cap that `owner=300` or `operator:NAME=300` says: what it is of, of whom, and how many thousandths.

    Raises
    ------
    BadInput
        If it is not written like that.
    """
    found = _CAP.fullmatch(said)
    if found is None or int(found["permille"]) > 1000:
        raise BadInput(
            f"--cap {said!r} is no share cap.",
            "A cap is written owner=300, operator=300 or vendor=300: each serves at most 300 thousandths of the devices; "
            "or with whom it is about, as owner:NAME=300.",
        )
    cap: dict[str, Any] = {"of": found["of"], "permille": int(found["permille"])}
    return cap if found["name"] is None else {**cap, "name": found["name"]}


def _part(body: dict[str, Any], name: str, **given: Any) -> None:
    """Lay what is given over a part of the body."""
    part = body.get(name) or {}
    if not isinstance(part, dict):
        raise BadInput(f"The request's {name} must be an object, and is {part!r}.")
    body[name] = part | {key: value for key, value in given.items() if value is not None}

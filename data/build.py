"""Build the reference network from `data/sources` into `data/reference`: ``python -m data.build``.

The same sources always give the same bytes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from data.korea import catalogue, commitments, datacentres, edge, links, onsite, policies
from data.korea.accesses import accesses
from data.korea.geography import outside, province_of
from data.korea.impossible import CAP_PERMILLE, CAPPED_OWNER, DRAINING_SITES, impossible
from data.korea.sources import AS_OF, DOMAIN, korean
from data.korea.workloads import PROVENANCE, workloads
from data.wire import FORMAT, MONEY, computed, entity, plain, published, write_document
from solver.facts.network import Site
from solver.facts.terms import ShareCap, ShareOf, Terms

REFERENCE = Path(__file__).parent / "reference"

#: Day as of which the reference request asks: what operates on it, and nothing else.
HORIZON = "2026-12-01"


def nodes() -> list[dict[str, Any]]:
    """Every node of the reference network."""
    return [
        *datacentres.datacentres(),
        *edge.gateways(),
        *edge.central_offices(),
        *edge.mec_hubs(),
        *edge.onsite(onsite.needs(), DRAINING_SITES),
        *links.landings(),
    ]


def sites() -> Iterator[dict[str, Any]]:
    """Every demand site, those that no longer or do not yet work included."""
    notes = {
        "historic": "Burned down in 2021-06; kept as historic, without accesses.",
        "planned": "Memorandum only; planned for 2029, without accesses.",
    }
    for place in edge.places():
        province, inside = province_of(place.at)
        remarks = [remark for remark in (notes.get(place.archetype), outside(place.at)) if remark]
        yield entity(
            Site(place.id, place.kind), name=place.name, name_ko=korean(place.id), lat=place.at.lat, lon=place.at.lon,
            province=province, operator=place.operator, note=" ".join(remarks) or None,
            provenance=[
                place.origin,
                computed("province outline that holds the point" if inside else "nearest province outline", "province"),
                published(f"sites.csv, {DOMAIN}"),
            ],
        )  # fmt: skip


def terms() -> Terms:
    """The terms of the reference request."""
    return Terms(date.fromisoformat(HORIZON), share_caps=(ShareCap(ShareOf.OWNER, CAP_PERMILLE, CAPPED_OWNER),))


def build(out: Path) -> None:
    """Write every reference file into the folder `out`."""
    out.mkdir(parents=True, exist_ok=True)
    head = {"format": FORMAT}
    everything = nodes()
    write_document(
        out / "network.json", head | {"name": f"Korea, reference network as of {AS_OF}", "money": MONEY},
        [("nodes", everything), ("links", links.links(everything)), ("sites", sites()), ("accesses", accesses())],
    )  # fmt: skip
    write_document(
        out / "catalogue.json", head, [("accelerators", catalogue.accelerators()), ("profiles", catalogue.profiles())]
    )
    write_document(out / "policies.json", head, [("policies", policies.policies())])
    write_document(
        out / "request.json", {}, [("workloads", workloads())], terms=terms(), provenance=[plain(o) for o in PROVENANCE]
    )
    refused = {item.workload.id: item.rule for item in impossible()}
    write_document(out / "expectations.json", {}, [], impossible=refused)
    write_document(
        out / "commitments.json",
        head | {"as_of": AS_OF},
        [("ladder", commitments.ladder()), ("claims", commitments.claims())],
    )


def main(arguments: list[str] | None = None) -> int:
    """Entry point of ``python -m data.build``."""
    parser = argparse.ArgumentParser(prog="python -m data.build", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, default=REFERENCE, help="folder to write to (default: data/reference)")
    out = parser.parse_args(arguments).out
    build(out)
    for path in sorted(out.glob("*.json")):
        print(f"{path.name}: {path.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())

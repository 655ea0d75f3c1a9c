"""Problems from folders of wire documents: the reference network, or one that `python -m data.generate` wrote."""

from __future__ import annotations

import json
from pathlib import Path

from app.schemas.documents import CatalogueDocument, NetworkDocument, PoliciesDocument
from app.schemas.entities import Workload
from app.schemas.requests import Terms
from solver.facts.catalogue import Catalogue
from solver.facts.network import Network
from solver.facts.problem import Problem


def load_problem(folder: Path) -> Problem:
    """The problem that `network.json`, `catalogue.json`, `policies.json` and `request.json` of a folder pose."""
    network = NetworkDocument.model_validate_json((folder / "network.json").read_bytes())
    catalogue = CatalogueDocument.model_validate_json((folder / "catalogue.json").read_bytes())
    policies = PoliciesDocument.model_validate_json((folder / "policies.json").read_bytes())
    request = json.loads((folder / "request.json").read_bytes())
    return Problem(
        Network(
            tuple(node.solver() for node in network.nodes),
            tuple(link.solver() for link in network.links),
            tuple(site.solver() for site in network.sites),
            tuple(access.solver() for access in network.accesses),
        ),
        Catalogue(
            tuple(accelerator.solver() for accelerator in catalogue.accelerators),
            tuple(profile.solver() for profile in catalogue.profiles),
        ),
        tuple(policy.solver() for policy in policies.policies),
        tuple(Workload.model_validate(workload).solver() for workload in request["workloads"]),
        Terms.model_validate(request["terms"]).solver(),
    )

"""`python -m app.cli.typed`: print `answers.py`, made of the OpenAPI document on standard input.

The command line reads answers as the dictionaries that they are. Their types are written down, so that mypy sees a field
which the service does not send, and are made of the document, so that nobody writes them down twice.
"""

from __future__ import annotations

import json
import re
import sys
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

#: Schema -> the fields of it that are read. Without one of these an answer is none of Edgeplan's; what else is missing, or
#: is there beside them, is no fault: an older and a newer version understand each other.
READ: Mapping[str, str] = {
    "Alarms": "failed_nodes draining_nodes disturbed_shards unlawful_shards refused_shards stale",
    "AllocationOut":
        "workload shard status site policy model devices in_request previous_node node tier profile servers route latency "
        "role cards batch_limit disturbed since_generation disturbed_since",
    "AllocationRecord":
        "generation at plan name tenant actor placed moved resized ended unplaced in_force can_restore can_undo why_not",
    "AllocationSummary": "generation applied_generation plan now standing",
    "Applied": "plan generation placed moved resized unplaced kept ended disturbed reverified",
    "BrokenRule": "rule shards",
    "Candidate": "node profile servers cost refusals",
    "Capacity": "plan groups tightest",
    "CapacityGroup": "group resource unit nodes used capacity used_permille by",
    "CardSaving": "node accelerator owner cards card_month before_price_month net_month used_permille",
    "CardSavings": "plan bounded gap_month items",
    "Certification": "name expires",
    "Comparison":
        "items next plan other terms not_operating same_workloads cost other_cost cost_by_goal request_cost "
        "request_cost_by_goal kept moved resized placed unplaced ended disturbed",
    "Decision":
        "workload shard status site policy model devices in_request previous_node node tier profile servers route latency "
        "role cards batch_limit disturbed",
    "Disturbed": "rules sentence unlawful",
    "DocumentImported": "document generation counts added changed removed",
    "EventOut": "id at type severity generation plan node detail",
    "EventPage": "items next last",
    "ExplanationOut": "plan workload generation placed unplaced stuck refusal candidates candidate_count",
    "Failure": "code reason",
    "FaultOut": "field message expected value fix document id",
    "FormatOut": "name title use media_type suffix export reads",
    "Generations": "generation network catalogue policies workloads allocation",
    "GoalCost": "goal cost_month",
    "GoalDifference": "goal cost_month other_cost_month",
    "GroupUse": "group resource unit nodes used capacity used_permille",
    "Holder": "workload shards amount",
    "Imported": "generation documents ended_shards backup sentence",
    "Latency": "access_us transfer_us transport_us service_us waiting_us margin_us deadline_us",
    "LinkColumns": "id source target",
    "LoadColumns": "node resource used_permille cards_permille",
    "Margins": "least_us p05_us median_us p95_us tightest",
    "Money": "currency per_unit",
    "NetworkMap": "generation tiers states commitments provinces owners kinds accelerators sovereignties nodes sites links",
    "Node":
        "id name tier country owner owner_country province operator operator_country control_jurisdictions certifications "
        "commitment available_from state pools vcpu memory_mib power_w",
    "NodeColumns": "id name lat lon tier state commitment province owner sovereignty cards",
    "PlacedShard": "shard node profile servers batch_limit route latency cost_by_goal next_best extra_cost",
    "PlacementMap": "generation plan sites nodes resources statuses shards load",
    "PlanOut":
        "id name note status what_if generation applied_generation tenant actor submitted_at started_at finished_at "
        "workloads terms limits priority best result failure",
    "PlanResult":
        "warnings status cost bound gap request_cost request_cost_by_goal placed_shards unplaced_shards disturbed_shards "
        "moved_shards not_operating effective_terms seconds first_seconds bound_seconds summary cut_off restored",
    "Pool": "accelerator count price_month",
    "PricedUse": "rule resource unit subject used capacity used_permille price",
    "ProblemDetail": "title code detail errors",
    "ProgressPoint": "seconds cost bound gap unplaced phase",
    "ProgressSeries": "plan status points",
    "Reason": "rule nodes",
    "Refusal": "sentence reasons repairs holders",
    "Repair": "rule nodes node cost sentence scope holders",
    "Restored": "generation moment",
    "ShardChange": "workload shard action from_node to_node from_profile to_profile from_servers to_servers",
    "ShardColumns": "site node status margin_us deadline_us",
    "ShareCap": "of permille name",
    "Site": "id name operator",
    "SiteColumns": "id name lat lon kind",
    "SiteCost": "site workloads placed_shards unplaced_shards placed_month unplaced_month cost_by_goal",
    "SiteCosts": "plan cost placed_month unplaced_month common_month items",
    "SolveLimits": "seconds seed",
    "StalePlan": "plan generation changed newest",
    "StandingFigures": "day cost_month cost_by_goal use_by_tier use_by_province tightest broken unlawful_shards",
    "StatusCount": "status shards devices",
    "Subject":
        "group node accelerator slice_permille access link direction site metro power_domain owner operator vendor name",
    "Summary": "placed refused cost_month cost_by_goal by_tier tightest margins",
    "System": "money",
    "Tally": "workloads shards devices",
    "TermDifference": "field this other",
    "Terms": "horizon lowest_commitment weights share_caps",
    "TierTally": "tier shards devices",
    "TightShard": "workload shard node deadline_us margin_us",
    "Unplaced": "workload shard site policy model devices refusal",
    "UseOut": "rule resource unit subject used capacity used_permille",
    "ViolationOut": "rule node needed available unit sentence",
    "Warned": "code message",
    "Weights": "unplaced accelerators energy transport moves",
    "Workload": "id",
}  # fmt: skip
#: Schemas whose fields are read where they are there; those of all others are always sent.
_IN_PART = ("FaultOut", "Subject")
_WIDTH = 125
_HEAD = '''"""What the service answers, as far as the command line reads it.

Made of the service's OpenAPI document by `make answers`; what is changed here is lost. `app/cli/typed.py` names the fields.
More of them in an answer are no fault, and neither is another word where there is one of several: an older command line can
talk to a newer service.
"""

from __future__ import annotations

from typing import Any, NotRequired

from typing_extensions import TypedDict
'''
_PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}

Schema = Mapping[str, Any]


def module(document: Schema, read: Mapping[str, str] = READ) -> str:
    """The text of the module that types what is read of the answers of a document."""
    schemas: dict[str, Schema] = document["components"]["schemas"]
    return "\n\n".join([_HEAD, *(_class(name, read[name].split(), schemas) for name in sorted(read))])


def _name(reference: Schema) -> str:
    return str(reference["$ref"]).rpartition("/")[2]


def _class(name: str, fields: Sequence[str], schemas: Mapping[str, Schema]) -> str:
    schema = schemas[name]
    lines = [f"class {name}(TypedDict):", *_docstring(schema.get("description", schema["title"])), ""]
    for field in fields:
        typed = _type(schema["properties"][field], schemas)
        lacking = name in _IN_PART and field not in schema.get("required", ())
        lines.append(f"    {field}: {f'NotRequired[{typed}]' if lacking else typed}")
    return "\n".join(lines) + "\n"


def _docstring(description: str) -> list[str]:
    """The first paragraph, in as many lines as it needs."""
    said = " ".join(description.split("\n\n")[0].split())
    said = said if re.search(r"[.?!]$", said) else f"{said}."
    if len(said) <= _WIDTH - 10:
        return [f'    """{said}"""']
    lines = textwrap.wrap(f'"""{said}', _WIDTH - 4, break_on_hyphens=False)
    return [f"    {line}" for line in (*lines, '"""')]


def _type(schema: Schema, schemas: Mapping[str, Schema]) -> str:
    """How Python writes what a schema describes."""
    if "$ref" in schema:
        named = schemas[_name(schema)]
        return _name(schema) if "properties" in named else _type(named, schemas)
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_type(one, schemas) for one in schema["anyOf"]))
    kind = schema.get("type")
    if kind == "array":
        if "prefixItems" in schema:
            return f"tuple[{', '.join(_type(one, schemas) for one in schema['prefixItems'])}]"
        return f"list[{_type(schema.get('items', {}), schemas)}]"
    if kind == "object":
        values = schema.get("additionalProperties", {})
        return f"dict[str, {_type(values if isinstance(values, dict) else {}, schemas)}]"
    return _PLAIN.get(str(kind), "Any")


def main() -> None:
    """Print the module."""
    print(module(json.load(sys.stdin)), end="")


if __name__ == "__main__":
    main()

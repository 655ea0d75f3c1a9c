"""Who owns, operates, rents and staffs a node, whose law can compel access, and who holds the keys, are all within
what the policy allows. What is not known about a node counts against it."""

from __future__ import annotations

from collections.abc import Iterator

from solver.facts.network import KeyCustody, Node
from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.facts.workloads import Policy
from solver.rules.closing import open_nodes
from solver.rules.factors import Factor
from solver.rules.items import Hosts, Items
from solver.rules.violation import Violation, refused


def compile(problem: Problem, items: Items, hosts: Hosts) -> tuple[Factor, ...]:
    def allows(policy_id: str, node: Node) -> bool:
        return _allows(problem.policy_by_id[policy_id], node)

    return (open_nodes(problem, items, lambda w: w.policy, allows),)


def _allows(policy: Policy, node: Node) -> bool:
    for allowed, actual in (
        (policy.owner_countries, node.owner_country),
        (policy.operator_countries, node.operator_country),
        (policy.tenant_countries, node.tenant_country),
    ):
        if allowed is not None and actual not in allowed:
            return False
    for allowed, several in (
        (policy.personnel_countries, node.personnel_countries),
        (policy.control_jurisdictions, node.control_jurisdictions),
    ):
        if allowed is not None and (several is None or not several <= allowed):
            return False
    if policy.max_foreign_equity_permille is not None:
        equity = node.foreign_equity_permille
        home = policy.owner_countries if policy.owner_countries is not None else {node.country}
        if equity is None:
            return False
        if sum(share for country, share in equity.items() if country not in home) > policy.max_foreign_equity_permille:
            return False
    if policy.key_custody is KeyCustody.CUSTOMER and node.key_custody is not KeyCustody.CUSTOMER:
        return False
    if policy.key_custody is KeyCustody.PROVIDER and node.key_custody is None:
        return False
    return not policy.double_encryption or node.double_encryption is True


def check(problem: Problem, plan: Plan) -> Iterator[Violation]:
    def objection(policy_id: str, node: Node) -> tuple[int, int, str, str] | None:
        return _reason(problem.policy_by_id[policy_id], node)

    for workload, shard, node, (need, have, unit, why) in refused(problem, plan, lambda w: w.policy, objection):
        why = f"{why}; policy {workload.policy} of {workload.id} forbids it"
        yield Violation("control", workload.id, shard, node.id, need, have, unit, why)


def _reason(policy: Policy, node: Node) -> tuple[int, int, str, str] | None:
    """The first thing about `node` that `policy` objects to: needed, available, unit, and why."""
    single = {
        "owner": (policy.owner_countries, node.owner_country),
        "operator": (policy.operator_countries, node.operator_country),
        "tenant": (policy.tenant_countries, node.tenant_country),
    }
    for role, (allowed, country) in single.items():
        if allowed is None or country in allowed:
            continue
        return 1, 0, "permission", f"the {role} of {node.id} is of {country or 'an unknown country'}"
    groups = {
        "the staff": (policy.personnel_countries, node.personnel_countries),
        "those who can compel access": (policy.control_jurisdictions, node.control_jurisdictions),
    }
    for role, (allowed, countries) in groups.items():
        if allowed is None:
            continue
        strangers = sorted(countries - allowed) if countries is not None else ["unknown countries"]
        if strangers:
            return 1, 0, "permission", f"{role} of {node.id} are of {', '.join(strangers)}"
    cap = policy.max_foreign_equity_permille
    if cap is not None:
        if node.foreign_equity_permille is None:
            return 1000, cap, "permille", f"how much of {node.id} foreigners own is unknown"
        home = frozenset({node.country}) if policy.owner_countries is None else policy.owner_countries
        foreign = sum(node.foreign_equity_permille[c] for c in node.foreign_equity_permille.keys() - home)
        if foreign > cap:
            return foreign, cap, "permille", f"foreigners own {foreign} permille of {node.id}, more than {cap}"
    if policy.key_custody is not None:
        holder = node.key_custody
        if holder is None or (holder is KeyCustody.PROVIDER and policy.key_custody is KeyCustody.CUSTOMER):
            return 1, 0, "key custody", f"the keys at {node.id} are held by {holder or 'nobody known'}"
    if policy.double_encryption and not node.double_encryption:
        return 1, 0, "encryption", f"{node.id} is not known to encrypt twice"
    return None

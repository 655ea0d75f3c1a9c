"""Accounts are codes and structured subjects, the same on both faces of a rule, and those named by keys are still read."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from solver.facts.network import Domain
from solver.facts.plan import Plan
from solver.facts.problem import Problem
from solver.facts.terms import Terms
from solver.judging.usage import usage
from solver.rules import TOTALS
from solver.rules.account import FIELDS, Account, Subjects, subject_of, text_of
from solver.rules.former import account_of
from solver.rules.wording import UNITS, amount_said, left_said, named, said
from tests.bench.problems import load_problem
from tests.plans import plan_of
from tests.solver.random_problems import random_problem
from tests.solver.rules.judged import CAPS, ROBOT_EDGE, TWIN_CORE, compiled, twins
from tests.world import CORE, EDGE, ROBOT, world

REFERENCE = Path(__file__).parents[3] / "data" / "reference"
CODE = re.compile(r"[a-z][a-z0-9_]*")


def check_codes(account: Account) -> None:
    assert CODE.fullmatch(account.rule)
    assert CODE.fullmatch(account.resource)
    assert account.unit in UNITS
    assert account.subject == subject_of(dict(account.subject))
    assert all(field in FIELDS and value for field, value in account.subject)


def test_every_account_of_the_reference_is_codes_and_known_fields() -> None:
    problem = load_problem(REFERENCE)
    problem = replace(problem, terms=replace(problem.terms, share_caps=CAPS))
    tables = compiled(problem)
    assert {table.rule for table in tables} >= {"node_capacity", "access_capacity", "link_capacity", "share_cap"}
    for table in tables:
        assert len(table.subjects) == len(table.capacity)
        for row in range(len(table.subjects)):
            check_codes(table.named(row))
    for use in usage(problem, problem.in_force):
        check_codes(use.account)


def everything(problem: Problem) -> Plan:
    """A plan with every shard on the first node, wherever it may be: what matters is whom it draws on."""
    rows = []
    for workload in problem.workloads:
        profile = next((one for one in problem.profiles if one.model == workload.model), None)
        if profile is not None:
            rows += [(workload.id, shard, problem.nodes[0].id, profile.id, 1) for shard in range(workload.shards)]
    return plan_of(problem, *rows)


@pytest.mark.parametrize("seed", range(12))
def test_both_faces_name_the_same_accounts(seed: int) -> None:
    problem = random_problem(seed)
    problem = replace(problem, terms=replace(problem.terms, share_caps=CAPS))
    rows = {table.named(row) for table in compiled(problem) for row in range(len(table.subjects))}
    plan = everything(problem)
    for rule in TOTALS:
        for ledger in rule.ledgers(problem, plan):
            assert len(ledger.subjects) == len(ledger.capacity)
            used = {ledger.named(a) for a in set(ledger.account[ledger.amount > 0].tolist())}
            assert used <= rows


@pytest.mark.parametrize("over", Domain)
def test_groups_and_nodes_of_odd_names_keep_apart(over: Domain) -> None:
    """A group that is called like a sentence, and a node like a path."""
    odd = {"id": "a/b in node c", "place": "p > q", "metro": "m in metro n", "power_domain": "f/g"}
    problem = twins(replace(EDGE, **{name: value for name, value in odd.items() if name != "id"}), CORE, over)
    group = "A in B in node C"
    problem = replace(problem, workloads=tuple(replace(one, spread_group=group) for one in problem.workloads))
    found = [use.account for use in usage(problem, plan_of(problem, ROBOT_EDGE, TWIN_CORE)) if use.account.part("group")]
    assert {one.part("group") for one in found} == {group}
    assert len(found) == 2
    assert all(named(one).startswith(group) for one in found)


def test_ids_of_any_form_name_their_own_accounts() -> None:
    """Cards of a node with a slash, and a link with an arrow, are neither those of another node nor of another link."""
    problem = world()
    known = problem.network
    network = replace(
        known,
        nodes=(replace(EDGE, id="a/b"), CORE),
        links=tuple(replace(x, id=f"{x.id}>x", source=_as(x.source), target=_as(x.target)) for x in known.links),
        accesses=tuple(replace(x, node=_as(x.node)) for x in known.accesses),
    )
    problem = replace(problem, network=network)
    accounts = [use.account for use in usage(problem, plan_of(problem, (ROBOT.id, 0, "a/b", "policy/l4", 2)))]
    assert len(set(accounts)) == len(accounts)
    assert {one.part("node") for one in accounts if one.rule == "node_capacity"} == {"a/b", CORE.id}
    assert {one.part("link") for one in accounts if one.rule == "link_capacity"} == {link.id for link in network.links}
    assert {one.part("direction") for one in accounts if one.rule == "link_capacity"} == {"a/b", CORE.id}


def _as(node: str) -> str:
    return "a/b" if node == EDGE.id else node


FORMER = [
    (("node_capacity", "n1/l40s", "accelerators", "thousandths of a card"),
     Account("node_capacity", "accelerators", "card_milli", (("node", "n1"), ("accelerator", "l40s")))),
    (("node_capacity", "a/b/l40s", "accelerators", "thousandths of a card"),
     Account("node_capacity", "accelerators", "card_milli", (("node", "a/b"), ("accelerator", "l40s")))),
    (("node_capacity", "a/b", "vcpu", "thousandths of a vCPU"),
     Account("node_capacity", "vcpu", "vcpu_milli", (("node", "a/b"),))),
    (("node_capacity", "n1", "memory", "MiB"), Account("node_capacity", "memory", "mib", (("node", "n1"),))),
    (("node_capacity", "n1", "power", "W"), Account("node_capacity", "power", "w", (("node", "n1"),))),
    (("access_capacity", "plant>5g", "uplink", "thousandths of a cell"),
     Account("access_capacity", "uplink", "cell_milli", (("access", "plant>5g"),))),
    (("link_capacity", "a>b>n1", "bandwidth", "kbit/s"),
     Account("link_capacity", "bandwidth", "kbps", (("link", "a>b"), ("direction", "n1")))),
    (("anti_affinity", "A in B in node C in node n1", "node", "shards"),
     Account("anti_affinity", "node", "shards", (("group", "A in B in node C"), ("node", "n1")))),
    (("anti_affinity", "g in site busan port", "place", "shards"),
     Account("anti_affinity", "site", "shards", (("group", "g"), ("site", "busan port")))),
    (("anti_affinity", "g in metro busan", "metro area", "shards"),
     Account("anti_affinity", "metro", "shards", (("group", "g"), ("metro", "busan")))),
    (("anti_affinity", "g in power grid-1", "power domain", "shards"),
     Account("anti_affinity", "power_domain", "shards", (("group", "g"), ("power_domain", "grid-1")))),
    (("cards", "n1/l40s", "slices of 125 or more", "thousandths of a card"),
     Account("cards", "slices", "card_milli", (("node", "n1"), ("accelerator", "l40s"), ("slice_permille", "125")))),
    (("share_cap", "owner owner of all", "share of owners", "devices"),
     Account("share_cap", "share", "devices", (("owner", "owner of all"),))),
    (("share_cap", "vendor NVIDIA", "standing share of vendors", "devices"),
     Account("share_cap", "standing_share", "devices", (("vendor", "NVIDIA"),))),
]  # fmt: skip


@pytest.mark.parametrize(("key", "account"), FORMER)
def test_what_was_named_by_a_key_is_read_as_its_account(key: tuple[str, str, str, str], account: Account) -> None:
    assert account_of(*key) == account
    assert account_of(*key[:3]) == account
    check_codes(account)


def test_what_no_known_rule_has_named_keeps_its_name() -> None:
    assert account_of("quota", "gold", "seats", "seats") == Account("quota", "seats", "seats", (("name", "gold"),))


def test_a_text_is_one_subjects_alone() -> None:
    subjects = [account.subject for _, account in FORMER]
    assert len({text_of(subject) for subject in subjects}) == len(set(subjects))
    assert text_of(subject_of({"node": "부산", "group": 'a"b'})) == '{"group":"a\\"b","node":"부산"}'


def test_subjects_are_columns() -> None:
    subjects = Subjects({"accelerator": ("l4", "h100"), "node": ("a", "b")})
    assert subjects.fields == ("node", "accelerator")
    assert (len(subjects), list(subjects)) == (2, [subjects[0], subjects[1]])
    assert subjects[1] == (("node", "b"), ("accelerator", "h100"))
    assert subjects.column("node") == ("a", "b")
    assert subjects.find(subjects[1]) == [1]
    for other in (subject_of({"node": "b"}), subject_of({"node": "a", "accelerator": "h100"})):
        assert subjects.find(other) == []
    with pytest.raises(ValueError, match="one length"):
        Subjects({"node": ("a",), "accelerator": ()})
    with pytest.raises(KeyError):
        Subjects({"colour": ("a",)})


def test_accounts_and_amounts_are_said() -> None:
    assert said(FORMER[0][1]) == "n1/l40s (accelerators)"
    assert said(FORMER[6][1]) == "a>b>n1 (bandwidth)"
    assert said(FORMER[10][1]) == "g in power grid-1 (power domain)"
    assert said(FORMER[11][1]) == "n1/l40s (slices)"
    assert said(FORMER[13][1]) == "vendor NVIDIA (standing share of vendors)"
    assert [amount_said(1000, "card_milli"), amount_said(500, "card_milli"), amount_said(1, "shards")] == [
        "1 card", "0.5 cards", "1 shard",
    ]  # fmt: skip
    assert amount_said(2, "named_domain") == "2 named domain"
    assert [left_said(2, FORMER[3][1]), left_said(2, FORMER[7][1])] == ["2 MiB of memory", "2 shards"]


def test_terms_of_the_walk_name_every_party() -> None:
    problem = world(terms=Terms(date(2026, 11, 22), share_caps=CAPS))
    fields = {table.subjects.fields for table in compiled(problem) if table.rule == "share_cap"}
    assert fields == {("owner",), ("operator",), ("vendor",)}

"""Every system that was promised is there at its step of the ladder, and nothing soft counts silently."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from data.korea.commitments import step
from data.korea.datacentres import available_from
from data.korea.sources import table
from solver.facts.network import Commitment
from solver.facts.problem import Problem

Document = dict[str, Any]

#: Systems that the founding document names, as the facts found them: node, step, first day (None: none named).
FOUNDING = (
    ("skt-nvidia-af1", "announced", "2027-12-31"),
    ("skb-gasan", "operational", "2021-12-31"),
    ("naver-gak-sejong-p1", "operational", "2023-12-31"),
    ("naver-gak-sejong-ai1", "under_construction", "2027-06-30"),
    ("naver-gak-sejong-ai2", "announced", "2027-12-31"),
    ("naver-gak-sejong-ai3", "announced", "2028-12-31"),
    ("naver-gak-sejong-gw", "aspiration", None),
    ("lg-ai-factory", "announced", None),
    ("lgu-paju-b1", "under_construction", "2027-06-30"),
    ("hmg-saemangeum-dc", "mou", "2029-12-31"),
    ("sk-aws-ulsan-p1", "under_construction", "2027-11-30"),
    ("sk-aws-ulsan-p2", "contracted", "2029-02-28"),
    ("sk-mfg-cloud", "announced", None),
    ("koacc-haenam", "under_construction", "2028-12-31"),
    ("skt-openai-southwest", "mou", None),
    ("samsung-ai-factory", "announced", None),
)


@pytest.mark.parametrize(("name", "status", "day"), FOUNDING, ids=[name for name, _, _ in FOUNDING])
def test_founding_systems_stand_at_their_step(problem: Problem, name: str, status: str, day: str | None) -> None:
    node = problem.nodes[problem.node_index[name]]
    assert node.commitment.value == status
    assert node.available_from == (date.fromisoformat(day) if day else None)


def test_doosan_and_hyundai_are_demand(problem: Problem) -> None:
    sites = {site.id for site in problem.network.sites}
    assert {"doosan-robotics-suwon", "doosan-changwon", "hmc-ulsan", "kia-hwaseong", "hmg-saemangeum"} <= sites
    asked = {problem.access_of(workload).site for workload in problem.workloads}
    assert {"doosan-robotics-suwon", "doosan-changwon", "hmc-ulsan", "kia-hwaseong"} <= asked


def test_every_row_of_the_facts_is_a_node(problem: Problem) -> None:
    rows = {row["id"]: row for row in table("datacentres")}
    assert len(rows) == 46
    for name, row in rows.items():
        assert problem.nodes[problem.node_index[name]].commitment.value == row["status"]


def test_every_claim_is_kept_with_its_step_and_nodes(commitments: Document, problem: Problem) -> None:
    claims = {claim["id"]: claim for claim in commitments["claims"]}
    assert len(claims) == 22
    for row in table("capacity_commitments"):
        claim = claims[row["claim_id"]]
        assert claim["source"] == row["source"]
        assert claim["ladder"] == row["ladder"]
        assert claim["commitment"] == step(row["ladder"]).value
        assert all(node in problem.node_index for node in claim["nodes"])
    assert claims["nemotron"]["nodes"] == []
    assert [item["commitment"] for item in commitments["ladder"]] == [item.value for item in Commitment]


def test_a_claim_is_no_firmer_than_its_nodes_say(commitments: Document, problem: Problem) -> None:
    """A node's step is its own (phases differ), but a soft claim never makes a node operational."""
    for claim in commitments["claims"]:
        for name in claim["nodes"]:
            node = problem.nodes[problem.node_index[name]]
            if claim["commitment"] in ("mou", "aspiration"):
                assert node.commitment.value == claim["commitment"], (claim["id"], name)


@pytest.mark.parametrize(
    ("status", "when", "day"),
    [
        ("announced", "2027", "2027-12-31"),
        ("under_construction", "2027-H1", "2027-06-30"),
        ("announced", "2027-H2", "2027-12-31"),
        ("under_construction", "2027-11", "2027-11-30"),
        ("contracted", "2028-02", "2028-02-29"),
        ("operational", "2026", "2026-11-22"),
        ("mou", "", None),
    ],
)
def test_a_period_counts_from_its_last_day(status: str, when: str, day: str | None) -> None:
    assert available_from(Commitment(status), when) == (date.fromisoformat(day) if day else None)


def test_goals_without_site_or_money_hold_no_cards(problem: Problem) -> None:
    for node in problem.nodes:
        if node.commitment is Commitment.ASPIRATION or node.id in ("skt-nvidia-af1", "lg-ai-factory"):
            assert node.pools == (), node.id

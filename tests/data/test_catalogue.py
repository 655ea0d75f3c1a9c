"""Profiles say what was measured, and nothing that was not."""

from __future__ import annotations

from typing import Any

import pytest

from data.build import REFERENCE
from data.korea.catalogue import usable_mib
from data.korea.sources import mlperf, table
from solver.facts.catalogue import SLICES_PERMILLE, Profile
from solver.facts.problem import Problem
from tests.data.loading import read

Document = dict[str, Any]

VLA = ("gr00t-n1.7-3b", "pi0.5", "pi0-3view", "openvla-7b", "vla-81b")

#: Figures as their sources print them, in milliseconds for one request.
PUBLISHED = (
    ("gr00t-n1.7-3b@h100-sxm", 27.9),
    ("gr00t-n1.7-3b@rtx-pro-6000-bse", 27.9),
    ("gr00t-n1.7-3b@jetson-thor-t5000", 80.6),
    ("gr00t-n1.7-3b@dgx-spark", 99.0),
    ("gr00t-n1.7-3b@jetson-agx-orin-64", 151.5),
    ("pi0.5@jetson-thor-t5000", 41.16),
    ("pi0.5@jetson-agx-orin-64", 165.67),
    ("pi0-3view@rtx-4090", 36.8),
    ("openvla-7b@jetson-agx-orin-64", 546.7),
    ("retinanet@l4", 4.83),
    ("retinanet@rtx-2000e-ada", 8.50),
    ("resnet50@atom", 0.239),
)


def _profiles(problem: Problem) -> dict[str, Profile]:
    return {profile.id: profile for profile in problem.profiles}


@pytest.mark.parametrize(("name", "ms"), PUBLISHED, ids=[name for name, _ in PUBLISHED])
def test_published_figures_are_kept(problem: Problem, name: str, ms: float) -> None:
    assert _profiles(problem)[name].batches[0][1] / 1000 == pytest.approx(ms, rel=0.005)


def test_every_accelerator_of_the_facts_is_there(problem: Problem) -> None:
    rows = {row["id"]: row for row in table("accelerators")}
    assert len(rows) == 17
    cards = problem.accelerator_by_id
    assert cards.keys() == rows.keys()
    assert all(cards[name].power_w == int(row["tdp_w"]) for name, row in rows.items())


def test_memory_is_what_a_driver_leaves(problem: Problem) -> None:
    cards = problem.accelerator_by_id
    told = {"l4": 23_034, "l40s": 46_068, "h100-sxm": 81_559, "rtx-pro-6000-bse": 97_887, "b200-sxm": 183_359}
    assert {name: cards[name].memory_mib for name in told} == told
    for row in table("accelerators"):
        nominal = int(row["memory_gb"]) * 1024
        usable = cards[row["id"]].memory_mib
        assert usable == usable_mib(row["id"])[0]
        # A B200 of nominally 192 GB is listed with 180, a GB200 with 186: what is listed is less than a driver may say.
        assert 0.93 * nominal <= usable < nominal, row["id"]


def test_every_memory_says_how_it_is_known() -> None:
    for body in read(REFERENCE, "catalogue")["accelerators"]:
        (origin,) = (o for o in body["provenance"] if "memory_mib" in o["fields"])
        if body["id"] in ("atom-max", "rebel100", "sapeon-x330"):
            assert origin["basis"] == "estimated"
            assert "rule:" in origin["source"]


def test_a_memory_that_nobody_knows_is_not_found() -> None:
    with pytest.raises(LookupError):
        usable_mib("l4", 250)


def test_no_vla_runs_on_a_korean_npu(problem: Problem) -> None:
    korean = {card.id for card in problem.catalogue.accelerators if card.vendor_country == "KR"}
    assert korean == {"rngd", "atom", "atom-max", "rebel100", "sapeon-x330"}
    theirs = {(profile.model, profile.accelerator) for profile in problem.profiles if profile.accelerator in korean}
    assert theirs == {("llama-3.1-8b", "rngd"), ("resnet50", "atom")}
    assert all(model not in VLA for model, _ in theirs)


def test_policies_are_not_batched_since_nobody_published_a_curve(problem: Problem) -> None:
    for profile in problem.profiles:
        if profile.model in VLA:
            assert len(profile.batches) == 1, profile.id
            assert profile.slice_permille == 1000, profile.id


def test_a_throughput_at_its_limit_is_no_latency(problem: Problem) -> None:
    """The H100's 50 streams at 408 ms mean: neither that latency nor that rate is used."""
    h100 = _profiles(problem)["rt-detr-r50@h100-sxm"]
    size, time_us = h100.batches[-1]
    assert time_us < 50_000
    assert size * 1_000_000 / time_us <= 0.8 * 50 * 30 + 1
    assert all(time != 408_000 for profile in problem.profiles for _, time in profile.batches)


def test_slices_fit_their_cards(problem: Problem) -> None:
    for profile in problem.profiles:
        assert profile.slice_permille in SLICES_PERMILLE
        if profile.accelerator is None:
            assert profile.vcpu_milli > 0
            continue
        card = problem.accelerator_by_id[profile.accelerator]
        assert profile.slice_permille * card.max_slices >= 1000, profile.id
        usable = usable_mib(profile.accelerator, profile.slice_permille)[0]
        assert profile.memory_mib <= usable, profile.id
        # A slice has less than its even part of the card.
        assert usable <= card.memory_mib * profile.slice_permille // 1000, profile.id


def test_a_time_taken_from_another_card_is_scaled_and_says_so() -> None:
    """The L40S is slower than the H100-PCIe, on which one image alone was measured."""
    by_id = {body["id"]: body for body in read(REFERENCE, "catalogue")["profiles"]}
    h100, l40s = by_id["retinanet@h100-sxm"], by_id["retinanet@l40s"]
    assert h100["batches"][0] == [1, 2_074]
    ratio = mlperf("H100-PCIe-80GB", "retinanet", "Offline", "throughput_offline")[0] / 815
    assert l40s["batches"][0] == [1, round(2073.7 * ratio)]
    (origin,) = (o for o in l40s["provenance"] if "batches" in o["fields"])
    assert origin["basis"] == "computed"
    assert "scaled, not measured" in origin["source"]
    assert "the ratio of the offline rates" in origin["source"]


def test_a_slice_is_never_faster_than_its_share(problem: Problem) -> None:
    whole = {(p.model, p.accelerator): p for p in problem.profiles if p.slice_permille == 1000}
    for profile in problem.profiles:
        card = whole.get((profile.model, profile.accelerator))
        if profile.slice_permille < 1000 and card is not None:
            best = dict(profile.batches)
            for size, time_us in card.batches:
                assert best.get(size, 2**40) * profile.slice_permille >= time_us * 1000, profile.id


def test_larger_batches_serve_more_a_second(problem: Problem) -> None:
    """Up to the noise of MLPerf, where eight at once on a small card may only match eight alone."""
    for profile in problem.profiles:
        rates = [size / time_us for size, time_us in profile.batches]
        assert all(later >= 0.8 * earlier for earlier, later in zip(rates, rates[1:], strict=False)), profile.id


def test_every_model_asked_for_has_a_profile(problem: Problem) -> None:
    models = {profile.model for profile in problem.profiles}
    assert {workload.model for workload in problem.workloads} <= models


def test_a_figure_that_nobody_published_is_not_found() -> None:
    with pytest.raises(LookupError):
        mlperf("L4", "retinanet", "Offline", "throughput_server")

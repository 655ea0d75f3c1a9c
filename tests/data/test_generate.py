"""Generated networks: the same arguments give the same files, of the size asked for, and a well-formed question."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from data.generate import generate, main
from solver import Limits, place
from solver.facts.network import Domain
from tests.data.loading import problem_from, read
from tests.data.paths import neighbours, one_way_us

FILES = ("network", "catalogue", "policies", "request", "expectations")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("small")
    generate(60, 150, 3, out)
    return out


def test_the_same_seed_gives_the_same_bytes(small: Path, tmp_path: Path) -> None:
    generate(60, 150, 3, tmp_path)
    assert all((tmp_path / f"{n}.json").read_bytes() == (small / f"{n}.json").read_bytes() for n in FILES)


def test_another_seed_gives_another_network(small: Path, tmp_path: Path) -> None:
    generate(60, 150, 4, tmp_path)
    assert (tmp_path / "network.json").read_bytes() != (small / "network.json").read_bytes()
    assert (tmp_path / "request.json").read_bytes() != (small / "request.json").read_bytes()


@pytest.mark.parametrize(("nodes", "workloads"), [(20, 1), (60, 150), (333, 777)])
def test_counts_and_references_are_right(tmp_path: Path, nodes: int, workloads: int) -> None:
    generate(nodes, workloads, 0, tmp_path)
    problem = problem_from(tmp_path)
    assert len(problem.nodes) == nodes
    assert len(problem.workloads) == workloads
    assert len(problem.network.sites) == pytest.approx(nodes / 5, abs=1)
    assert set(read(tmp_path, "expectations")["impossible"]) <= {w.id for w in problem.workloads}


def test_it_is_connected_and_of_every_tier(small: Path) -> None:
    network = read(small, "network")
    reached = one_way_us(neighbours(network["links"]), network["nodes"][0]["id"])
    assert len(reached) == len(network["nodes"]) == 60
    assert {node["tier"] for node in network["nodes"]} == {"core", "regional", "metro", "mec", "onsite"}
    assert {a["technology"] for a in network["accesses"]} == {"wired", "5g-mec", "5g", "4g", "private-5g"}


def test_every_entity_says_that_it_is_generated(small: Path) -> None:
    network = read(small, "network")
    for kind in ("nodes", "links", "sites", "accesses"):
        assert all(body["provenance"][0]["basis"] == "estimated" for body in network[kind])


def test_every_node_names_its_failure_domains(small: Path) -> None:
    for node in problem_from(small).nodes:
        assert all(node.domain(over) is not None for over in Domain), node.id


def test_shape_is_that_of_the_reference(tmp_path: Path) -> None:
    generate(400, 1500, 1, tmp_path)
    problem = problem_from(tmp_path)
    assert len({node.commitment for node in problem.nodes}) >= 5
    assert {"KR", "US", "SG"} <= {node.owner_country for node in problem.nodes}
    assert len({workload.policy for workload in problem.workloads}) >= 8
    assert len({workload.model for workload in problem.workloads}) >= 12
    refused = read(tmp_path, "expectations")["impossible"]
    assert 0.015 <= len(refused) / 1500 <= 0.05


def test_what_can_be_placed_mostly_is(tmp_path: Path) -> None:
    generate(120, 400, 5, tmp_path)
    problem = problem_from(tmp_path)
    refused = read(tmp_path, "expectations")["impossible"]
    answer = place(problem, Limits(seconds=4, workers=2))
    placed = np.bincount(answer.plan.workload, minlength=len(problem.workloads))
    lost = [w.id for w, shards in zip(problem.workloads, placed.tolist(), strict=True) if shards < w.shards]
    assert set(refused) <= set(lost)
    assert len(set(lost) - set(refused)) <= 0.02 * len(problem.workloads), sorted(set(lost) - set(refused))


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--nodes", "5", "--workloads", "1", "--out", "x"], "outside 20"),
        (["--nodes", "many", "--workloads", "1", "--out", "x"], "not a whole number"),
        (["--nodes", "50", "--workloads", "0", "--out", "x"], "outside 1"),
        (["--nodes", "50", "--out", "x"], "--workloads"),
        (["--nodes", "50", "--workloads", "9", "--seed", "-1", "--out", "x"], "outside 0"),
    ],
)
def test_bad_arguments_end_with_2_and_a_clear_line(
    arguments: list[str], word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert word in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("in the way")
    assert main(["--nodes", "20", "--workloads", "2", "--out", str(tmp_path / "file")]) == 2
    assert "cannot write" in capsys.readouterr().err

"""The committed files are what the build makes of the sources, and say where every figure comes from."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from data.build import REFERENCE, build
from data.wire import BASES
from solver.facts.catalogue import Accelerator, Profile
from solver.facts.network import Access, Link, Node, Site
from solver.facts.problem import Problem
from solver.facts.workloads import Policy
from tests.data.loading import EXTRA, read

FILES = ("network", "catalogue", "policies", "request", "expectations", "commitments")

#: Lists that carry provenance, with their file and what their entities are.
LISTS: tuple[tuple[str, str, type[Any]], ...] = (
    ("network", "nodes", Node),
    ("network", "links", Link),
    ("network", "sites", Site),
    ("network", "accesses", Access),
    ("catalogue", "accelerators", Accelerator),
    ("catalogue", "profiles", Profile),
    ("policies", "policies", Policy),
)


def test_committed_files_are_a_fresh_build(tmp_path: Path) -> None:
    build(tmp_path)
    assert {path.name for path in REFERENCE.iterdir()} == {f"{name}.json" for name in FILES}
    for name in FILES:
        fresh = (tmp_path / f"{name}.json").read_bytes()
        assert fresh == (REFERENCE / f"{name}.json").read_bytes(), f"{name}.json is stale: run python -m data.build"


def test_one_entity_is_one_line() -> None:
    for name, key, _ in LISTS:
        text = (REFERENCE / f"{name}.json").read_text(encoding="utf-8")
        ids = [line for line in text.splitlines() if line.startswith('{"id"')]
        expected = sum(len(read(REFERENCE, name)[k]) for n, k, _ in LISTS if n == name)
        assert len(ids) == expected, key


def test_files_make_a_well_formed_problem(problem: Problem) -> None:
    assert len(problem.nodes) > 100


@pytest.mark.parametrize(("name", "key", "kind"), LISTS, ids=[key for _, key, _ in LISTS])
def test_every_figure_has_a_basis_and_a_source(name: str, key: str, kind: type[Any]) -> None:
    """Each field is named by an origin of its entity, or falls under "*"; no origin speaks of a field that is not there."""
    known = {spec.name for spec in fields(kind)} | EXTRA[kind] | {"*"}
    for body in read(REFERENCE, name)[key]:
        origins = body["provenance"]
        assert origins, body["id"]
        for origin in origins:
            assert set(origin) == {"fields", "basis", "source"}
            assert origin["basis"] in BASES
            assert origin["source"].strip()
            assert origin["fields"]
            assert set(origin["fields"]) <= known, (body["id"], origin["fields"])
        named = [field for origin in origins for field in origin["fields"]]
        assert len(named) == len(set(named)), f"{body['id']}: a figure has two origins"
        covered = "*" in named or set(body) - EXTRA[kind] - {"id", "model", "accelerator", "runtime"} <= set(named)
        assert covered, body["id"]


def test_ids_are_unique() -> None:
    for name, key, _ in LISTS:
        ids = [body["id"] for body in read(REFERENCE, name)[key]]
        assert len(ids) == len(set(ids)), key


def test_the_readme_counts_what_is_there() -> None:
    text = (REFERENCE.parent / "README.md").read_text(encoding="utf-8")
    network, catalogue = read(REFERENCE, "network"), read(REFERENCE, "catalogue")
    counts = [f"{len(network[key])} {key}" for key in ("nodes", "links", "sites", "accesses")]
    assert ", ".join(counts) in text
    assert f"{len(catalogue['accelerators'])} accelerators, {len(catalogue['profiles'])} model profiles" in text
    assert f"{len(read(REFERENCE, 'policies')['policies'])} policies" in text
    assert f"{len(read(REFERENCE, 'request')['workloads'])} workloads" in text
    assert f"{len(read(REFERENCE, 'expectations')['impossible'])} workloads that cannot" in text


def test_nothing_outside_the_package_is_named() -> None:
    """Sources are kept as strings, but no path of a machine is."""
    folder = REFERENCE.parent
    for path in (*folder.rglob("*.py"), *REFERENCE.glob("*.json"), *folder.rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        assert f"{folder.parents[1]}/" not in text, path
        assert "/home/" not in text, path

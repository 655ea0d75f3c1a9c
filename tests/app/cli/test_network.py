"""`edgeplan network` and `edgeplan node`: what operators type."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import httpx
import pytest

from data.generate import generate
from tests.app import world
from tests.app.cli.conftest import Edgeplan, document, failed, told


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The tiny world in a folder, as the reference network is kept."""
    for name, body in (
        ("network", world.NETWORK),
        ("catalogue", world.CATALOGUE),
        ("policies", {"policies": world.POLICIES}),
        ("request", {"workloads": world.WORKLOADS, "terms": world.TERMS, "provenance": []}),
    ):
        (tmp_path / f"{name}.json").write_text(json.dumps(body))
    return tmp_path


def test_a_folder_is_imported(edgeplan: Edgeplan, tiny: httpx.Client, folder: Path) -> None:
    before = tiny.get("/v1/generation").json()["generation"]
    said = told(edgeplan("network", "import", folder)).splitlines()
    stored = tiny.get("/v1/generation").json()
    assert stored["generation"] == before
    assert said == [
        f"network: 2 nodes, 1 link, 1 site, 1 access; generation {stored['network']}, as it was",
        f"catalogue: 1 accelerator, 1 profile; generation {stored['catalogue']}, as it was",
        f"policies: 1 policy; generation {stored['policies']}, as it was",
        f"workloads: 3 workloads; generation {stored['workloads']}, as it was",
        "Nothing differs from what is stored; nothing was changed.",
    ]
    made = document(edgeplan("network", "import", folder, "--part", "policies", "--part", "network", "--json"))
    assert [one["document"] for one in made["documents"]] == ["network", "policies"]
    assert made["documents"][0]["counts"] == {"nodes": 2, "links": 1, "sites": 1, "accesses": 1}
    assert made["sentence"] == "Nothing differs from what is stored; nothing was changed."
    assert tiny.get("/v1/generation").json() == stored


def test_a_file_is_known_by_what_it_holds(edgeplan: Edgeplan, tmp_path: Path) -> None:
    file = tmp_path / "anything.json"
    file.write_text(json.dumps({**world.CATALOGUE, "policies": world.POLICIES}))
    assert [line.split(":")[0] for line in told(edgeplan("network", "import", file)).splitlines()[:2]] == [
        "catalogue",
        "policies",
    ]
    failed(edgeplan("network", "import", file, "--part", "network"), 2, "holds no network")
    file.write_text("{}")
    failed(edgeplan("network", "import", file), 2, "no document of a network")
    failed(edgeplan("network", "import", tmp_path / "nowhere"), 2, "nowhere")
    (tmp_path / "empty").mkdir()
    failed(edgeplan("network", "import", tmp_path / "empty"), 2, "holds none of")


def test_an_import_never_goes_over_something_newer(edgeplan: Edgeplan, tiny: httpx.Client, folder: Path) -> None:
    generation = tiny.get("/v1/generation").json()["network"]
    assert tiny.patch("/v1/nodes/hub", json={"vcpu": 65}).status_code == 200
    stale = edgeplan("network", "import", folder, "--part", "network", "--if-match", str(generation))
    failed(stale, 3, "error (precondition.failed)", "network show")
    assert tiny.get("/v1/nodes/hub").json()["vcpu"] == 65
    newest = tiny.get("/v1/generation").json()["network"]
    told(edgeplan("network", "import", folder, "--part", "network", "--if-match", str(newest)))
    assert tiny.get("/v1/nodes/hub").json()["vcpu"] == 64
    failed(edgeplan("network", "import", folder, "--if-match", "1"), 2, "one document", "--part")


def test_an_import_that_is_refused_changes_nothing(edgeplan: Edgeplan, tiny: httpx.Client, folder: Path) -> None:
    told(edgeplan("network", "import", folder))
    before = tiny.get("/v1/generation").json()
    (folder / "catalogue.json").write_text(json.dumps({**world.CATALOGUE, "profiles": []}))
    (folder / "network.json").write_text(json.dumps({**world.NETWORK, "accesses": []}))
    for fresh in ((), ("--fresh", "--yes")):
        failed(edgeplan("network", "import", folder, *fresh), 3, "error (reference.unknown)", "Nothing was imported")
    (folder / "network.json").write_text(json.dumps({**world.NETWORK, "nodes": [{"id": "x"}]}))
    failed(edgeplan("network", "import", folder), 3, "error (invalid)", "nodes[0].tier")
    assert tiny.get("/v1/generation").json() == before


def test_an_import_asks_before_it_ends_what_runs(edgeplan: Edgeplan, tiny: httpx.Client, folder: Path) -> None:
    told(edgeplan("plan", "submit", "--workloads", "cameras", "--apply", "--yes"))
    left = [one for one in world.WORKLOADS if one["id"] != "cameras"]
    (folder / "request.json").write_text(json.dumps({"workloads": left, "terms": world.TERMS, "provenance": []}))
    failed(edgeplan("network", "import", folder), 2, "1 shard of 1 workload would end", "--yes")
    assert tiny.get("/v1/allocations").json()["items"]
    assert "Ended: 1 shard of 1 workload" in told(edgeplan("network", "import", folder, "--yes"))
    assert tiny.get("/v1/allocations").json()["items"] == []


def test_another_network_takes_the_place_of_everything(edgeplan: Edgeplan, tiny: httpx.Client, tmp_path: Path) -> None:
    told(edgeplan("plan", "submit", "--workloads", "cameras", "--apply", "--yes"))
    generate(nodes=20, count=5, seed=1, out=tmp_path)
    failed(edgeplan("network", "import", tmp_path, "--fresh"), 2, "nobody to ask", "--fresh --yes")
    failed(edgeplan("network", "import", tmp_path, "--fresh", "--part", "network"), 2, "--fresh puts everything aside")
    said = told(edgeplan("network", "import", tmp_path, "--fresh", "--yes"))
    assert "workloads: 5 workloads" in said
    for words in ("2 nodes", "Ended: 1 shard of 1 workload", "before-import"):
        assert words in " ".join(said.split())
    assert len(tiny.get("/v1/nodes?limit=1000").json()["items"]) == 20
    assert tiny.get("/v1/allocations").json()["items"] == []


def test_what_is_exported_can_be_imported(edgeplan: Edgeplan, tmp_path: Path) -> None:
    result = edgeplan("network", "export")
    assert {node["id"] for node in document(result)["nodes"]} == {"hub", "centre"}
    assert "--if-match" in result.stderr
    assert document(edgeplan("network", "export", "--part", "workloads", "--json"))["workloads"][0]["id"] == "cameras"
    assert len(told(edgeplan("network", "export", "-o", tmp_path)).splitlines()) == 4
    for name in ("network", "catalogue", "policies", "workloads"):
        assert (tmp_path / f"{name}.json").is_file()
    told(edgeplan("network", "import", tmp_path, "--fresh", "--yes"))
    again = tmp_path / "again"
    again.mkdir()
    told(edgeplan("network", "export", "-o", again))
    for name in ("network", "catalogue", "policies", "workloads"):
        assert json.loads((again / f"{name}.json").read_text()) == json.loads((tmp_path / f"{name}.json").read_text())


def test_other_forms_are_exported(edgeplan: Edgeplan, tmp_path: Path) -> None:
    assert "<graphml" in told(edgeplan("network", "export", "--format", "graphml"))
    assert document(edgeplan("network", "export", "--format", "geojson"))["type"] == "FeatureCollection"
    file = tmp_path / "network.graphml"
    written = document(edgeplan("network", "export", "--format", "graphml", "-o", file, "--json"))["exported"]
    assert written[0]["bytes"] == file.stat().st_size
    failed(edgeplan("network", "export", "--format", "graphml", "--json"), 2, "not JSON", "-o FILE")
    failed(edgeplan("network", "export", "--format", "geojson", "-o", tmp_path), 2, "is a folder")
    failed(edgeplan("network", "export", "--format", "geojson", "--part", "policies"), 2, "as json")
    failed(edgeplan("network", "export", "-o", tmp_path / "no" / "where.json"), 2, "cannot be written")


def test_the_network_is_shown(edgeplan: Edgeplan) -> None:
    shown = told(edgeplan("network", "show"))
    assert "2 nodes, 1 link, 1 site" in shown
    for word in ("mec", "regional", "active", "operational", "KR-26", "card"):
        assert word in shown
    counted = document(edgeplan("network", "show", "--json"))
    assert counted["nodes_by"]["tier"] == {"mec": 1, "regional": 1}
    assert counted["cards"] == {"card": 6}
    # A country is said, an owner's too, but nobody says who could compel access.
    assert counted["nodes_by"]["sovereignty"] == {"unknown": 2}


def test_one_node_is_shown_with_what_runs_there(edgeplan: Edgeplan) -> None:
    told(edgeplan("plan", "submit", "--all", "--apply", "--yes"))
    shown = told(edgeplan("node", "show", "centre"))
    for words in ("Centre", "4 x card", "How full it is", "50 %", "night-cameras"):
        assert words in shown
    assert told(edgeplan("network", "show", "--node", "centre")) == shown
    facts = document(edgeplan("node", "show", "centre", "--json"))
    assert [row["workload"] for row in facts["shards"]] == ["cameras", "night-cameras"]
    failed(edgeplan("node", "show", "nowhere"), 3, "not_found")


def test_nodes_are_listed_drained_failed_and_activated(edgeplan: Edgeplan, tiny: httpx.Client) -> None:
    told(edgeplan("plan", "submit", "--all", "--apply", "--yes"))
    failed(edgeplan("node", "drain", "centre"), 2, "2 shards run on centre", "edgeplan node drain centre --yes")
    assert tiny.get("/v1/nodes/centre").json()["state"] == "active"
    drained = edgeplan("node", "drain", "centre", "--reason", "cooling fault", "--yes")
    assert told(drained) == "Node centre is draining. 2 shards there are disturbed.\n"
    assert "edgeplan plan submit --scope repair" in drained.stderr
    assert "nothing else; it ends nothing" in " ".join(drained.stderr.split())
    assert tiny.get("/v1/changes?kind=nodes&id=centre&since=1").json()["items"][-1]["note"] == "cooling fault"
    assert "centre" in told(edgeplan("node", "list", "--state", "draining"))
    assert "hub" not in told(edgeplan("node", "list", "--state", "draining"))
    assert told(edgeplan("node", "fail", "centre")) == "Node centre is failed. 2 shards there are disturbed.\n"
    assert told(edgeplan("node", "activate", "centre")) == "Node centre is active.\n"
    assert document(edgeplan("node", "drain", "hub", "--json"))["state"] == "draining"
    assert [node["id"] for node in document(edgeplan("node", "list", "--tier", "mec", "--json"))["items"]] == ["hub"]
    assert "no such node" in edgeplan("node", "list", "--province", "KR-11").stderr
    failed(edgeplan("node", "drain", "nowhere"), 3, "not_found")
    failed(edgeplan("node", "list", "--tier", "moon"), 3, "invalid", "tier")


def test_the_reference_network_goes_in_as_it_is(edgeplan: Edgeplan, tmp_path: Path) -> None:
    shutil.copytree(Path(__file__).parents[3] / "data" / "reference", tmp_path / "reference")
    said = told(edgeplan("network", "import", tmp_path / "reference", "--fresh", "--yes"))
    assert "149 nodes" in said
    assert "718 workloads" in said
    assert "foreign owned" in told(edgeplan("network", "show"))

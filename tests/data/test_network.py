"""The reference network as a map: connected where it should be, complete, and of the size of the computed latencies."""

from __future__ import annotations

import csv
import json
import statistics
from typing import Any

from data.build import REFERENCE
from data.korea.geography import ROUTE_FACTOR, Point, great_circle_km, province_of
from solver.facts.network import Commitment, Domain
from solver.facts.problem import Problem
from tests.data.paths import neighbours, one_way_us

Document = dict[str, Any]

SOURCES = REFERENCE.parent / "sources"

UNDISCLOSED = {"skt-nvidia-af1", "skt-openai-southwest", "lg-ai-factory", "samsung-ai-factory"}


def test_everything_with_a_place_is_connected(network: Document) -> None:
    reached = one_way_us(neighbours(network["links"]), "co-sel")
    placed = {node["id"] for node in network["nodes"] if node["lat"] is not None}
    assert reached.keys() == placed


def test_undisclosed_sites_have_neither_coordinates_nor_links(network: Document) -> None:
    nowhere = {node["id"] for node in network["nodes"] if node["lat"] is None}
    assert nowhere == UNDISCLOSED
    assert not nowhere & {link[end] for link in network["links"] for end in ("source", "target")}


def test_jeju_hangs_on_submarine_legs_under_korean_law(network: Document) -> None:
    island = {"co-cju", "gw-cju", "edge-port-jeju", "mec-cju"}
    legs = [link for link in network["links"] if (link["source"] in island) != (link["target"] in island)]
    assert len(legs) == 2
    assert all("submarine" in leg["note"] and leg["jurisdictions"] == ["KR"] for leg in legs)


def test_the_way_abroad_is_by_sea_and_under_both_laws(network: Document) -> None:
    country = {node["id"]: node["country"] for node in network["nodes"]}
    crossing = [link for link in network["links"] if country[link["source"]] != country[link["target"]]]
    assert crossing
    for link in crossing:
        assert link["jurisdictions"] == sorted({country[link["source"]], country[link["target"]]})
        assert "submarine" in link["note"]
    domestic = [link for link in network["links"] if country[link["source"]] == country[link["target"]] == "KR"]
    assert all(link["jurisdictions"] == ["KR"] for link in domestic)


def test_fibre_is_never_shorter_than_the_crow_flies(network: Document) -> None:
    at = {node["id"]: Point(node["lat"], node["lon"]) for node in network["nodes"] if node["lat"] is not None}
    for link in network["links"]:
        straight = great_circle_km(at[link["source"]], at[link["target"]])
        assert link.get("length_m", 0) + 1 >= straight * 1000, link["id"]
        assert link["latency_us"] >= round(straight * 4.897), link["id"]
        if "KJCN" not in link["provenance"][0]["source"]:
            assert abs(link.get("length_m", 0) - straight * ROUTE_FACTOR * 1000) <= 1, link["id"]


def test_provinces_are_iso_codes_and_hold_their_points(network: Document) -> None:
    features = json.loads((SOURCES / "provinces_2023_ngii_simplified.geojson").read_text(encoding="utf-8"))["features"]
    korean = {feature["properties"]["iso_3166_2"] for feature in features}
    assert len(korean) == 17
    for body in (*network["nodes"], *network["sites"]):
        if body.get("country", "KR") == "KR" and body["lat"] is not None:
            assert body["province"] in korean, body["id"]
    by_id = {body["id"]: body.get("province") for body in (*network["nodes"], *network["sites"])}
    known = {"port-jeju": "KR-49", "hmc-ulsan": "KR-31", "co-sel": "KR-11", "naver-gak-sejong-p1": "KR-50",
             "port-incheon": "KR-28", "posco-pohang": "KR-47", "kt-mokdong": "KR-11"}  # fmt: skip
    assert {name: by_id[name] for name in known} == known


def test_what_lies_outside_the_outline_says_so(network: Document) -> None:
    """Reclaimed land and quays are missing from the simplified outline."""
    off = set()
    for body in (*network["nodes"], *network["sites"]):
        if body.get("country", "KR") == "KR" and body["lat"] is not None:
            inside = province_of(Point(body["lat"], body["lon"]))[1]
            assert ("outside the simplified outline" in body.get("note", "")) == (not inside), body["id"]
            off |= {body["id"]} if not inside else set()
    assert {"koacc-haenam", "hmg-saemangeum", "port-busan-dgt"} <= off
    (koacc,) = (node for node in network["nodes"] if node["id"] == "koacc-haenam")
    assert "won from the sea" in koacc["note"]
    (origin,) = (o for o in koacc["provenance"] if "lat" in o["fields"])
    assert origin["basis"] == "estimated"


def test_every_node_names_its_failure_domains(problem: Problem) -> None:
    for node in problem.nodes:
        for over in Domain:
            assert node.domain(over) is not None or node.id in UNDISCLOSED, (node.id, over)


def test_every_site_is_there_and_works_only_if_it_does(network: Document) -> None:
    assert len(network["sites"]) == 83
    served = {access["site"] for access in network["accesses"]}
    silent = {site["id"] for site in network["sites"]} - served
    assert silent == {"log-coupang-deokpyeong", "hmg-saemangeum"}
    assert all(site["note"] for site in network["sites"] if site["id"] in silent)


def test_accesses_enter_where_their_technology_does(network: Document) -> None:
    tier = {node["id"]: node["tier"] for node in network["nodes"]}
    rooms = {node["site"]: node["id"] for node in network["nodes"] if node.get("site")}
    for access in network["accesses"]:
        if access["technology"] in ("5g", "4g"):
            assert tier[access["node"]] == "core", access["id"]
        elif access["technology"] == "5g-mec":
            assert tier[access["node"]] == "mec", access["id"]
        elif access["site"] in rooms:
            assert access["node"] == rooms[access["site"]]
        elif not access["id"].endswith("-relay"):
            assert tier[access["node"]] == "metro", access["id"]


def test_phases_of_one_hall_fail_together(problem: Problem) -> None:
    sejong = {node.place for node in problem.nodes if node.id.startswith("naver-gak-sejong")}
    assert sejong == {"naver-gak-sejong"}
    by_id = {node.id: node for node in problem.nodes}
    assert by_id["sk-aws-ulsan-p1"].place == by_id["sk-aws-ulsan-p2"].place
    assert by_id["mec-swn"].place == by_id["co-swn"].place


def test_paths_are_of_the_size_of_the_computed_table(network: Document) -> None:
    """Round trips over the graph against fibre in a straight way plus 1 ms for hops, as domain facts C.3 have it."""
    near = neighbours(network["links"])
    entry = {a["site"]: a["node"] for a in network["accesses"] if a["id"].endswith("-wired")}
    ratios = []
    with (SOURCES / "fibre_rtt_c3.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            reached = one_way_us(near, entry[row.pop("site")])
            ratios += [2 * reached[hall] / 1000 / (float(ms) + 1.0) for hall, ms in row.items()]
    ratios.sort()
    low, middle, high = (statistics.quantiles(ratios, n=20)[k] for k in (0, 9, 18))
    spread = f"5 % {low:.2f}, 95 % {high:.2f}, range {ratios[0]:.2f} to {ratios[-1]:.2f}"
    print(f"{len(ratios)} pairs: median {middle:.2f}, {spread}")
    assert len(ratios) == 126
    assert 0.9 <= middle <= 1.1
    assert low >= 0.5
    assert high <= 1.25
    assert 0.3 <= ratios[0] <= ratios[-1] <= 1.4


def test_nobody_pays_less_at_the_edge(problem: Problem) -> None:
    """The same card is dearer the nearer it stands: the trade that is optimised."""
    order = ["core", "regional", "metro", "mec", "onsite"]
    price: dict[str, dict[str, int]] = {}
    for node in problem.nodes:
        for pool in node.pools:
            price.setdefault(pool.accelerator, {})[node.tier.value] = pool.price_month
    for card, by_tier in price.items():
        ladder = [by_tier[tier] for tier in order if tier in by_tier]
        assert ladder == sorted(ladder), card
        assert len(set(ladder)) == len(ladder), card


def test_only_what_operates_has_no_date_or_a_past_one(problem: Problem) -> None:
    for node in problem.nodes:
        if node.commitment is Commitment.OPERATIONAL:
            assert node.available_from is None or node.available_from <= problem.terms.horizon, node.id
        elif node.available_from is not None:
            assert node.available_from > problem.terms.horizon, node.id

"""`edgeplan plot`: pictures that show what they should, with letters that can be read."""

from __future__ import annotations

import math
import re
from itertools import combinations
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from app.cli.drawing import colours, convergence, page, places
from tests.app.cli.conftest import Edgeplan, asking, document, failed, told


def words_of(file: Path) -> str:
    """The letters of an SVG."""
    return " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", file.read_text()))


def test_the_map_is_drawn(edgeplan: Edgeplan, tmp_path: Path) -> None:
    told(edgeplan("plan", "submit", "--all", "--apply", "--yes"))
    file = tmp_path / "map.svg"
    assert told(edgeplan("plot", "map", file)) == f"Written: {file}\n"
    words = words_of(file)
    for said in (
        "2 shards placed, 1 unplaced",
        "mec",
        "regional",
        "site with something refused",
        "cards used on the node",
        "NGII",
    ):
        assert said in words
    first = file.read_bytes()
    told(edgeplan("plot", "map", file))
    assert file.read_bytes() == first
    told(edgeplan("plot", "map", file, "--colour", "sovereignty"))
    assert "unknown" in words_of(file)
    told(edgeplan("plot", "map", file, "--color", "margin", "--plan", "latest"))
    assert "share of the deadline" in words_of(file)


def test_the_map_of_what_is_in_force_is_that_of_now(edgeplan: Edgeplan, tmp_path: Path) -> None:
    told(edgeplan("plan", "submit", "--all", "--apply", "--yes"))
    told(edgeplan("node", "fail", "centre", "--yes"))
    file = tmp_path / "map.svg"
    told(edgeplan("plot", "map", file))
    assert "2 disturbed" in words_of(file)
    assert "failed node" in words_of(file)
    told(edgeplan("plot", "map", file, "--plan", "latest"))
    assert "node with something disturbed" not in words_of(file)
    assert "those of now" in words_of(file)


def test_colours_mean_the_same_as_on_the_dashboard() -> None:
    web = Path(__file__).parents[3] / "app" / "web" / "src"
    light, _, dark = (web / "theme.css").read_text().partition(':root[data-theme="dark"] {')
    for css, mine in ((light, colours.LIGHT), (dark, colours.DARK)):
        tokens = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", css))
        assert tuple(tokens[f"amount-{step}"] for step in range(1, 8)) == mine.amounts
        assert (tokens["bad"], tokens["warn"], tokens["coast"]) == (mine.bad, mine.warn, mine.idle)
        assert (tokens["surface"], tokens["text"], tokens["quiet"], tokens["line"], tokens["land"]) == (
            mine.page, mine.ink, mine.faint, mine.line, mine.land
        )  # fmt: skip
        kinds = {"domestic": 3, "foreign_owned": 2, "foreign_operated": 5, "foreign_controlled": 4, "unknown": 8}
        assert mine.whose == {word: tokens[f"kind-{kind}"] for word, kind in kinds.items()}
    [ends] = re.findall(r"AMOUNTS = \[([\d, ]+)\]", (web / "amounts.ts").read_text())
    assert tuple(map(int, ends.split(", "))) == colours.USE_ENDS
    [left] = re.findall(r"MARGINS = \[([\d, ]+)\]", (web / "views" / "map" / "drawing" / "colours.ts").read_text())
    assert tuple(1000 - int(end) for end in reversed(left.split(", "))) == colours.SPENT_ENDS


def test_what_stands_at_one_place_is_drawn_side_by_side() -> None:
    nodes = np.array([[127.0, 37.0], [127.0, 37.0], [128.0, 36.0], [127.0, 37.0002]])
    sites = np.array([[127.0, 37.0], [math.nan, math.nan], [128.0, 36.0]])
    apart = places.Places(nodes, sites).spread([1, 3, 1, 2], {0, 1}, pitch=0.1, narrow=0.8)
    # The largest stays; what is alone, or is not drawn, stays too.
    assert np.array_equal(apart.nodes[[1, 2]], nodes[[1, 2]])
    assert np.array_equal(apart.sites[2], sites[2])
    shown = [*apart.nodes[[0, 1, 3]], apart.sites[0]]
    for one, other in combinations(shown, 2):
        assert math.hypot((one[0] - other[0]) * 0.8, one[1] - other[1]) > 0.099
    assert np.array_equal(nodes[0], nodes[1]), "what was given is left as it is"
    many = list(places.slots(30))
    assert min(math.dist(one, other) for one, other in combinations(many, 2)) > 0.99


def test_dark_pages_and_full_links(edgeplan: Edgeplan, tmp_path: Path) -> None:
    told(edgeplan("plan", "submit", "--all", "--apply", "--yes"))
    file = tmp_path / "map.svg"
    told(edgeplan("plot", "map", file, "--dark"))
    dark = file.read_text()
    assert colours.DARK.page in dark
    assert colours.LIGHT.page not in dark
    assert "link that is full" in words_of(file)
    told(edgeplan("plot", "convergence", "latest", file, "--dark"))
    assert colours.DARK.page in file.read_text()


def test_the_gap_lies_between_cost_and_bound() -> None:
    costs, bounds = [(1.0, 9.0), (4.0, 7.0)], [(2.0, 3.0), (3.0, 5.0)]
    assert convergence._between(costs, bounds) == ([2.0, 3.0, 4.0], [9.0, 9.0, 7.0], [3.0, 5.0, 5.0])


def test_the_map_of_a_plan_for_another_day_says_so(edgeplan: Edgeplan, tmp_path: Path) -> None:
    told(edgeplan("plan", "submit", "--workloads", "cameras", "--horizon", "2101-02-03", "--watch"))
    file = tmp_path / "map.svg"
    told(edgeplan("plot", "map", file, "--plan", "latest"))
    assert "2101-02-03 (a plan for another day" in words_of(file)
    assert "1 shard placed" in words_of(file)


def test_the_ending_says_how(edgeplan: Edgeplan, tmp_path: Path) -> None:
    told(edgeplan("plan", "submit", "--all", "--apply", "--yes"))
    drawn = document(edgeplan("plot", "map", tmp_path / "map.PNG", "--json"))
    assert drawn == {"file": str(tmp_path / "map.PNG"), "absent": []}
    assert (tmp_path / "map.PNG").read_bytes().startswith(b"\x89PNG")
    failed(edgeplan("plot", "map", tmp_path / "map.pdf"), 2, ".svg or .png")
    failed(edgeplan("plot", "map", tmp_path / "no" / "map.svg"), 2, "cannot be written")


def test_what_has_no_place_on_the_map_is_named(edgeplan: Edgeplan, tiny: httpx.Client, tmp_path: Path) -> None:
    told(edgeplan("plan", "submit", "--workloads", "cameras", "--apply", "--yes"))
    assert tiny.patch("/v1/nodes/hub", json={"lat": None, "lon": None}).status_code == 200
    assert tiny.patch("/v1/nodes/centre", json={"lat": 35.7, "lon": 139.7}).status_code == 200
    result = edgeplan("plot", "map", tmp_path / "map.svg")
    assert "Place not known: hub" in result.stderr
    assert "Outside the picture: centre (1 shard)" in result.stderr
    assert "Place not known: hub" in words_of(tmp_path / "map.svg")


@pytest.mark.parametrize("places", [[(48.1, 11.6), (52.5, 13.4)], [(None, None), (None, None)]])
def test_other_countries_and_nowhere_are_drawn_too(
    edgeplan: Edgeplan, tiny: httpx.Client, tmp_path: Path, places: list[tuple[Any, Any]]
) -> None:
    for id, (lat, lon) in zip(("hub", "centre"), places, strict=True):
        assert tiny.patch(f"/v1/nodes/{id}", json={"lat": lat, "lon": lon}).status_code == 200
    assert tiny.patch("/v1/sites/plant", json={"lat": places[0][0], "lon": places[0][1]}).status_code == 200
    told(edgeplan("plot", "map", tmp_path / "map.svg"))
    assert ("NGII" in words_of(tmp_path / "map.svg")) == (places[0][0] is None)


def test_the_course_of_a_plan_is_drawn(edgeplan: Edgeplan, tmp_path: Path) -> None:
    # A warning about a letter that no face has would fail this test, as every warning does.
    told(edgeplan("plan", "submit", "--all", "--name", "새 카메라 $5", "--watch"))
    file = tmp_path / "course.svg"
    assert told(edgeplan("plot", "convergence", "latest", file)) == f"Written: {file}\n"
    words = words_of(file)
    for said in ("51,200,000 won a month", "cost 51,200,000", "lower bound 51,200,000", "0 %"):
        assert said in words
    told(edgeplan("plot", "convergence", "latest", tmp_path / "course.png"))
    assert document(edgeplan("plot", "convergence", "latest", file, "--json"))["file"] == str(file)


def test_a_plan_without_progress_is_a_no(idle: httpx.Client, tmp_path: Path) -> None:
    id = document(asking(idle)("plan", "submit", "--all", "--json"))["id"]
    failed(asking(idle)("plot", "convergence", id, tmp_path / "x.svg"), 1, "has no progress")


def test_letters_that_no_face_has_are_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "_letters", lambda: frozenset(map(ord, "abc ")))
    assert page.legible("a b c") == "a b c"
    assert page.legible("새 카메라", "otherwise") == "otherwise"

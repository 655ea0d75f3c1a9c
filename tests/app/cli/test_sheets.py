"""`--csv`: the tables as comma-separated values, none of which a spreadsheet would carry out."""

from __future__ import annotations

import csv
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.cli.common.output import Output
from app.cli.views.sheets import Sheet
from tests.app.cli.conftest import Edgeplan, asking, failed, told


def read(text: str) -> list[dict[str, str]]:
    """Rows by the names of their columns."""
    return list(csv.DictReader(StringIO(text)))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("=1+1", "'=1+1"), ("+82", "'+82"), ("-5", "'-5"), ("@sum", "'@sum"), ("\t=1", "'\t=1"), ("＝1", "'＝1"),
        ("a=b", "a=b"), (-5, "-5"), (0.25, "0.25"), (True, "true"), (None, ""), ('say "so", then', 'say "so", then'),
        ("red\x1b[31m", "red[31m"), ("울산", "울산"),
    ],
)  # fmt: skip
def test_texts_that_look_like_formulas_stay_texts(capsys: pytest.CaptureFixture[str], value: Any, said: str) -> None:
    Output(False, True).sheet(Sheet(("of",), [(value,)]))
    printed = capsys.readouterr().out
    assert printed.startswith("of\r\n")
    assert read(printed) == [{"of": said}] or (said == "" and printed == 'of\r\n""\r\n')


@pytest.mark.parametrize(
    ("forms", "said", "beside"),
    [((False, False), "for people\n", "beside it\n"), ((True, False), '{"id":1}\n', ""), ((False, True), "id\r\n1\r\n", "")],
)
def test_only_the_form_that_is_wanted_is_made(
    capsys: pytest.CaptureFixture[str], forms: tuple[bool, bool], said: str, beside: str
) -> None:
    made: list[str] = []

    def form(name: str, value: Any) -> Callable[[], Any]:
        return lambda: made.append(name) or value

    out = Output(*forms)
    out.answer(form("json", {"id": 1}), form("people", "for people"), form("csv", Sheet(("id",), [(1,)])), note="beside it")
    printed = capsys.readouterr()
    assert (printed.out.replace(" ", "") if forms[0] else printed.out, printed.err) == (said, beside)
    assert len(made) == 1


def test_every_table_has_its_values(edgeplan: Edgeplan, tiny: httpx.Client) -> None:
    told(edgeplan("plan", "submit", "--all", "--name", "=first", "--apply", "--yes"))
    assert tiny.post("/v1/nodes/centre/drain").status_code == 200

    def rows(*arguments: str) -> list[dict[str, str]]:
        return read(told(edgeplan(*arguments, "--csv")))

    assert [(row["id"], row["state"], row["disturbed_shards"]) for row in rows("node", "list")] == [
        ("centre", "draining", "2"),
        ("hub", "active", "0"),
    ]
    assert {(row["of"], row["word"]): row["count"] for row in rows("network", "show")}["nodes_by_tier", "mec"] == "1"
    [plan] = rows("plan", "list")
    assert (plan["name"], plan["in_force"], plan["unplaced_shards"]) == ("'=first", "true", "1")
    for shards in (rows("plan", "show"), rows("allocation", "list")):
        assert {row["workload"] for row in shards} == {"cameras", "night-cameras", "stop-button"}
        assert {row["shard"] for row in shards} == {"0"}
    assert [row["workload"] for row in rows("node", "show", "centre")] == ["cameras", "night-cameras"]
    assert rows("plan", "compare", "latest") == []
    assert {row["by"] for row in rows("allocation", "show", "--by", "accelerator")} == {"accelerator"}
    assert rows("allocation", "history")[0]["in_force"] == "true"
    assert {row["rule"] for row in rows("explain", "stop-button")} == {"deadline"}
    assert {row["site"]: row["unplaced_shards"] for row in rows("plan", "costs")} == {"plant": "1"}
    assert told(edgeplan("plan", "cards", "--csv")).startswith("node,accelerator,owner,")
    assert {row["severity"] for row in rows("events", "--logged", "--severity", "warning,critical")} == {
        "warning",
        "critical",
    }
    assert {row["type"] for row in rows("events", "--logged")} >= {"plan.applied", "node.draining"}


def test_the_columns_of_shards_are_those_of_the_dashboard(idle: httpx.Client) -> None:
    source = (Path(__file__).parents[3] / "app" / "web" / "src" / "views" / "plans" / "download.ts").read_text()
    plain = source.partition("const PLAIN = [")[2].partition("]")[0]
    names = [name.strip(' "\n') for name in plain.split(",") if name.strip()]
    header = told(asking(idle)("allocation", "list", "--csv")).splitlines()[0].split(",")
    assert header[: len(names)] == names


def test_an_answer_has_one_form(idle: httpx.Client) -> None:
    failed(asking(idle)("node", "list", "--csv", "--json"), 2, "one form")

"""What people are shown, at the width of their terminal: no id is ever broken or cut, and amounts are as people count."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console, Group
from rich.text import Text

from app.cli.views import allocation, explain, plan_comparison
from app.cli.views.parts import capacity, cautions
from app.cli.views.parts.accounts import resource, subject, unit
from app.cli.views.parts.tables import Column, Grid, number, pairs
from app.cli.views.parts.words import cards_said, day, percent

REFERENCE = Path(__file__).parents[3] / "data" / "reference"


def longest(document: str, kind: str) -> str:
    """The longest id of a kind in the reference network."""
    found: list[dict[str, Any]] = json.loads((REFERENCE / f"{document}.json").read_text(encoding="utf-8"))[kind]
    return max((str(one["id"]) for one in found), key=len)


WORKLOAD, NODE = longest("request", "workloads"), longest("network", "nodes")
LINK, ACCESS = longest("network", "links"), longest("network", "accesses")
PROFILE, CARD = longest("catalogue", "profiles"), longest("catalogue", "accelerators")


def printed(width: int, *parts: Any) -> list[str]:
    """The lines that are shown on a terminal of this width."""
    console = Console(width=width, highlight=False, color_system=None)
    with console.capture() as seen:
        console.print(*parts, sep="\n", crop=False)
    return [line.rstrip() for line in seen.get().splitlines()]


def whole(width: int, part: Any, *ids: str) -> str:
    """What is shown, after a look that these ids stand in it unbroken and that nothing is wider than the terminal."""
    lines = printed(width, part)
    for id in ids:
        assert any(id in line for line in lines), (id, lines)
    assert all(len(line) <= max(width, *map(len, ids)) + 2 for line in lines), lines
    return "\n".join(lines)


#: How the cards of the node are called.
CARDS = f"{NODE}/{CARD}"


def use(**changes: Any) -> Any:
    """How much of the cards of a node is used."""
    return {
        "rule": "node_capacity", "resource": "accelerators", "unit": "card_milli",
        "subject": {"node": NODE, "accelerator": CARD}, "used": 40_000, "capacity": 40_000, "used_permille": 1000,
        "price": 1_250.5, **changes,
    }  # fmt: skip


def change(**changes: Any) -> Any:
    """A shard that moves."""
    return {
        "workload": WORKLOAD, "shard": 0, "action": "moved", "from_node": NODE, "to_node": NODE, "from_profile": PROFILE,
        "to_profile": PROFILE, "from_servers": 2, "to_servers": 3, **changes,
    }  # fmt: skip


LATENCY = {
    "access_us": 1, "transfer_us": 1, "transport_us": 1, "service_us": 1, "waiting_us": 1, "margin_us": 5, "deadline_us": 10,
}  # fmt: skip
DISTURBED = {"rules": ["node_state"], "sentence": f"{NODE} is failed", "unlawful": False}


def decision(**changes: Any) -> Any:
    """A decision of a plan, or one in force."""
    return {
        "workload": WORKLOAD, "shard": 0, "status": "placed", "site": "site", "policy": "open", "model": "model",
        "devices": 10, "in_request": True, "previous_node": NODE, "node": NODE, "tier": "onsite", "profile": PROFILE,
        "servers": 2, "route": [LINK], "latency": LATENCY, "role": "primary", "cards": [[0, 0], [3, 4]], "batch_limit": 4,
        "disturbed": None, "since_generation": 4, "disturbed_since": None, **changes,
    }  # fmt: skip


def broken(**changes: Any) -> Any:
    return decision(status="disturbed", disturbed={**DISTURBED, **changes}, disturbed_since=7)


@pytest.mark.parametrize(
    ("word", "amount", "said"),
    [
        ("card_milli", 40_000, "40 cards"),
        ("card_milli", 500, "0.5 cards"),
        ("card_milli", 1_000, "1 card"),
        ("card_milli", 0, "0 cards"),
        ("vcpu_milli", 1_234_500, "1,234.5 vCPUs"),
        ("cell_milli", 125, "0.125 cells"),
        ("devices", 1, "1 device"),
        ("kbps", 10_000_000, "10,000,000 kbit/s"),
        ("mib", 1, "1 MiB"),
    ],
)
def test_amounts_are_said_as_people_count(word: str, amount: int, said: str) -> None:
    assert unit(word).said(amount) == said


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"node": "a/b", "accelerator": "l40s"}, "a/b/l40s"),
        ({"node": "a/b"}, "a/b"),
        ({"access": "plant-5g"}, "plant-5g"),
        ({"link": "to>core", "direction": "a/b"}, "to>core>a/b"),
        ({"group": "A in B", "node": "a/b"}, "A in B in node a/b"),
        ({"group": "A in B", "power_domain": "in node c"}, "A in B in power domain in node c"),
        ({"owner": "owner of owners"}, "owner owner of owners"),
        ({}, ""),
    ],
)
def test_whatever_stands_in_its_names_an_account_is_said_by_its_parts(parts: Any, said: str) -> None:
    assert subject(parts) == said


def test_a_resource_is_said_by_its_code() -> None:
    assert [resource(code) for code in ("accelerators", "power_domain", "standing_share")] == [
        "accelerators", "power domain", "standing share",
    ]  # fmt: skip


def test_a_price_is_that_of_a_whole_card() -> None:
    shown = whole(200, Group(*capacity.tightest([use()])), CARDS)
    assert "1,250,500" in shown
    assert "40,000" not in shown
    assert "40 of 40 cards" in shown
    assert "milli" not in shown


@pytest.mark.parametrize("width", [80, 60, 44, 30])
def test_no_id_is_broken_in_a_table(width: int) -> None:
    link, access = use(subject={"link": LINK, "direction": NODE}), use(subject={"access": ACCESS})
    whole(width, Group(*capacity.tightest([use(), link, access])), CARDS, f"{LINK}>{NODE}", ACCESS)
    whole(width, Group(*capacity.uses([use(), access])), *([CARDS, ACCESS] if width >= 60 else ["100 %"]))
    whole(width, plan_comparison.moves([change()]), WORKLOAD, NODE)
    whole(width, allocation.shards([decision()], {"site": "The site"}), WORKLOAD, NODE)
    whole(width, allocation.shards([decision(), broken()], {}), WORKLOAD, NODE)
    whole(width, Group(*allocation.disturbed([broken()], {})), WORKLOAD, NODE)
    whole(width, Group(*cautions.disturbed([broken()])), WORKLOAD, NODE)


def refusal(**changes: Any) -> Any:
    return {
        "sentence": f"None of 149 nodes takes it. {NODE} comes nearest.", "reasons": [{"rule": "deadline", "nodes": 149}],
        "repairs": [], "holders": [], **changes,
    }  # fmt: skip


def explained(**changes: Any) -> Any:
    no = {
        "rule": "node_capacity", "node": NODE, "needed": 2_000, "available": 500, "unit": "card_milli",
        "sentence": f"{NODE}/{CARD} has too few cards left",
    }  # fmt: skip
    placed = {
        "shard": 0, "node": NODE, "profile": PROFILE, "servers": 2, "batch_limit": 4, "route": [LINK, LINK],
        "latency": LATENCY, "cost_by_goal": [], "next_best": None, "extra_cost": None,
    }  # fmt: skip
    return {
        "plan": "0" * 36, "workload": WORKLOAD, "generation": 3, "placed": [placed], "unplaced": [1], "refusal": refusal(),
        "candidates": [{"node": NODE, "profile": PROFILE, "servers": 2, "cost": None, "refusals": [no]}],
        "candidate_count": 149, **changes,
    }  # fmt: skip


@pytest.mark.parametrize("width", [80, 44])
def test_no_id_is_broken_in_a_story(width: int) -> None:
    shown = whole(width, explain.story(explained(), [broken()]), WORKLOAD, NODE, PROFILE, LINK, f"{NODE}/{CARD}")
    assert "batch limit" in shown
    assert "4 requests a batch" in " ".join(shown.split())
    assert "0, 3 from 4/8" in shown
    assert "is failed" in " ".join(shown.split())


def test_what_is_needed_is_said_in_cards() -> None:
    shown = whole(200, explain.story(explained(placed=[])), NODE)
    assert "2 cards" in shown
    assert "0.5 cards" in shown


def test_a_repair_is_told_with_what_it_opens_and_whose_room_it_takes() -> None:
    repair = {
        "rule": "node_capacity", "nodes": 1, "node": NODE, "cost": 5, "sentence": "Room is held by runs.",
        "scope": "may_end", "holders": [{"workload": "runs", "shards": 1, "amount": 1000}],
    }  # fmt: skip
    told = refusal(
        repairs=[repair, {**repair, "scope": "preempt"}, {**repair, "scope": "", "nodes": 3, "sentence": "Do it."}]
    )
    shown = whole(120, explain.story(explained(refusal={**told, "holders": repair["holders"]})), NODE)
    for words in (
        "Room is held by runs.", "opens 1 node; asked with --may-end runs", "asked with --scope preempt", "Do it.",
        "opens 3 nodes", "Who holds the capacity",
    ):  # fmt: skip
        assert words in shown


def comparison(**changes: Any) -> Any:
    return {
        "plan": "1" * 36, "other": "2" * 36, "terms": [], "not_operating": [], "same_workloads": 8, "cost": 900,
        "other_cost": 1_000,
        "cost_by_goal": [{"goal": "energy", "cost_month": 900, "other_cost_month": 1_000}], "request_cost": 400,
        "request_cost_by_goal": None, "kept": 1, "moved": 1, "resized": 2, "placed": 3, "unplaced": 4, "ended": 5,
        "disturbed": 0, "items": [], "next": None, **changes,
    }  # fmt: skip


def test_what_a_person_has_to_know_before_applying_comes_first() -> None:
    told = comparison(
        terms=[
            {"field": "share_caps", "this": [], "other": [{"of": "owner", "permille": 10, "name": None}]},
            {"field": "weights.moves", "this": 0, "other": 1000},
        ],
        not_operating=[NODE],
        disturbed=2,
    )
    held = [broken(), broken(unlawful=True, rules=["residency"], sentence="it must stay in KR")]
    shown = whole(120, plan_comparison.comparison(told, [], False, held, "2029-03-01", in_force=True), NODE)
    order = [
        shown.index(words)
        for words in (
            "Other terms than what is in force: 2 differences", "owner=10", "weight of moves", "1 of them unlawful",
            "residency (unlawful)", "node state", "Not operating today: 1 node",
            "1 moved, 2 resized, 5 ended, 3 newly placed",
            "this request  400 won", "100 less than before, over the 8 workloads in both",
        )
    ]  # fmt: skip
    assert order == sorted(order)
    assert "a plan for another day" in shown


def test_costs_of_plans_about_different_workloads_are_not_set_against_each_other() -> None:
    shown = whole(120, plan_comparison.comparison(comparison(same_workloads=0, cost_by_goal=[]), [], False), "11111111")
    assert "before," not in shown
    assert "less than" not in shown


def test_a_day_that_is_not_today_is_said_to_be_another() -> None:
    from datetime import date

    assert day("2029-03-01", date(2026, 12, 1)) == "2029-03-01 (a plan for another day: today is 2026-12-01)"
    assert day("2026-12-01", date(2026, 12, 1)) == "2026-12-01"


def test_cards_are_said_with_where_a_slice_begins() -> None:
    assert cards_said([[0, 0], [3, 4]]) == "0, 3 from 4/8"
    assert cards_said([]) is None


def test_a_table_folds_its_sentences_before_its_ids() -> None:
    grid = Grid((Column("workload"), Column("why")), [("a-rather-long-identifier", "one two three four five six seven")])
    shown = whole(40, grid, "a-rather-long-identifier")
    assert "workload" in shown.splitlines()[0]
    assert len(shown.splitlines()) > 3


def test_a_table_says_which_columns_it_leaves_out() -> None:
    grid = Grid((Column("workload"), Column("tier", from_width=90), number("servers", 100)), [("a-long-id", "core", "2")])
    assert printed(80, grid)[-1] == "left out on so narrow a terminal: tier, servers"
    assert "left out" not in "".join(printed(100, grid))


def test_a_table_that_cannot_fit_becomes_lines() -> None:
    columns = (Column("workload"), number("shard"), Column("node"), Column("why"))
    row = ("a-rather-long-identifier", "3", "another-long-identifier", Text("no room for it there"))
    shown = printed(30, Grid(columns, [row]))
    assert shown == ["a-rather-long-identifier", "  shard 3", "  node another-long-identifier", "  why no room for it there"]


def test_what_is_what_stands_below_its_name_where_there_is_no_room_beside_it() -> None:
    rows = pairs([("name", "a-rather-long-identifier and more words"), ("no", None)])
    assert printed(26, rows) == ["name", "  a-rather-long-identifier", "  and more words"]
    assert printed(50, rows) == ["name  a-rather-long-identifier and more words"]


def test_names_come_before_ids_and_the_first_shard_is_1() -> None:
    head, _, row = printed(200, allocation.shards([decision()], {"site": "The site"}))
    assert head.split()[:4] == ["for", "model", "workload", "shard"]
    assert row.split()[:5] == ["The", "site", "model", WORKLOAD, "1"]


def test_a_little_is_not_nothing() -> None:
    assert [percent(part) for part in (0, 1.7e-5, 0.00034, 0.0432)] == ["0.00 %", "0.0017 %", "0.03 %", "4.32 %"]

"""The results as one Markdown page. Imports nothing heavy: the process that starts the contestants stays small."""

from __future__ import annotations

from typing import Any

from tests.bench.contestants import CONTESTANTS

Record = dict[str, Any]

_HEAD = (
    "instance", "seed", "items/node", "rows", "options", "load %", "who", "result", "cost", "/ Edgeplan's", "gap %",
    "over best bound %", "over best known %", "placed", "unplaced", "legal", "first plan s", "seconds", "peak MiB",
)  # fmt: skip
_WORDS = ("instance", "who", "result", "legal")

_NOTES = """\
- Every contestant has the same instance, wall-clock limit and cores, and a process of its own; one that has not ended 30 s
  after its limit is killed. No plan is taken at its word: cost, legality and what is unplaced come from the packing's
  checker, and on networks from the verifier as well.
- result: *best* is the least cost of a legal plan here, *same cost* ties with it, *dearer* is above it. *not run*,
  *no plan*, *killed*, *failed* and *not legal* are no results, and nobody beats them.
- cost counts the penalty of what is unplaced. / Edgeplan's: 1.05 is 5 % dearer than Edgeplan.
- gap: (cost - bound) / cost by the contestant's own proof; empty where it proves nothing. Over best bound: the same with the
  greatest bound that anyone proved for the whole instance.
- seconds run from the instance in memory to the plan, models and options included. On networks only Edgeplan starts from the
  problem itself; the others are given the options that it lists first ("partial" where these are not all), and what
  nearest+edge, first-fit, cheapest and filter-and-score leave out of a partial list then goes to the cheapest of all legal
  hosts with room. A bound on a partial list is no bound on the instance, and is not shown.
- load: mean load of the copies over their options, over all capacity (networks: accelerators; several resources are added
  up). items/node counts copies; nodes are agents or facilities in gap and sscflp.
- peak MiB: the most that the contestant's process held, reading its input included."""


def page(record: Record) -> str:
    """The whole page: the table, who was cheaper, what was left out, and what the columns mean."""
    parts = ["# Edgeplan and its peers, side by side"]
    parts.append(f"{record['workers']} cores, solver seed {record['seed']}.")
    parts.extend((results(record), verdict(record)))
    if record["absent"]:
        parts.append("\n".join(f"- {line}" for line in record["absent"]))
    parts.extend((_NOTES, contestants(record)))
    return "\n\n".join(parts) + "\n"


def results(record: Record) -> str:
    """A line for each contestant on each instance."""
    body = []
    for instance in record["instances"]:
        for row in instance["rows"]:
            body.append((*_facts(instance), row["who"], *_cells(row, instance)))
        if not instance["rows"]:
            body.append((instance["name"], *[""] * 6, instance["facts"].get("status", "nothing ran"), *[""] * 11))
    lines = [_HEAD, tuple("---" if name in _WORDS else "---:" for name in _HEAD), *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _facts(instance: Record) -> tuple[str, ...]:
    facts = instance["facts"]
    near = facts["items_per_node"]
    options = f"{facts['options']:,}" + ("" if facts["every_legal_option"] else " partial")
    return (
        f"{instance['name']} ({instance['seconds']:g} s)", "" if instance["seed"] is None else str(instance["seed"]),
        "" if near is None else f"{near:g}", f"{facts['rows']:,}", options, f"{100 * facts['load']:.0f}",
    )  # fmt: skip


def _cells(row: Record, instance: Record) -> tuple[str, ...]:
    if "cost" not in row:
        return (row["status"].replace("|", "/"), *[""] * 11)
    base, known, proven = ours(instance), instance["best_known"], best_bound(instance)
    first = row.get("first_seconds")
    ratio = f"{row['cost'] / base:.5f}" if base and row["legal"] else ""
    return (
        result(row, instance), f"{row['cost']:,}", ratio, "" if row["gap"] is None else f"{100 * row['gap']:.3f}",
        "" if proven is None or not row["legal"] else f"{_over(row['cost'], proven):.3f}",
        "" if known is None or not row["legal"] else f"{100 * (row['cost'] - known) / max(1, known):+.3f}",
        f"{row['placed']:,}", f"{row['unplaced']:,}", "yes" if row["legal"] else "NO",
        "" if first is None else f"{first:.2f}", f"{row['seconds']:.2f}", f"{row['peak_mib']:,}",
    )  # fmt: skip


def _over(cost: int, bound: int) -> float:
    return 100 * (cost - bound) / max(1, cost)


def result(row: Record, instance: Record) -> str:
    """A row's result in a word."""
    if not row.get("legal"):
        return row["status"] if "cost" not in row else "not legal"
    costs = [other["cost"] for other in instance["rows"] if other.get("legal")]
    if row["cost"] > min(costs):
        return "dearer"
    return "best" if costs.count(row["cost"]) == 1 else "same cost"


def ours(instance: Record) -> int | None:
    """Edgeplan's cost on an instance, if it was run and its plan is legal."""
    return next((row["cost"] for row in instance["rows"] if row["who"] == "edgeplan" and row.get("legal")), None)


def best_bound(instance: Record) -> int | None:
    """The greatest bound that a contestant proved for the whole instance."""
    bounds = [row["bound"] for row in instance["rows"] if row.get("bound") is not None]
    return max(bounds) if bounds else None


def contradictions(instance: Record) -> list[str]:
    """Bounds that are above the cost of somebody's legal plan: one of the two must be wrong."""
    costs = [row["cost"] for row in instance["rows"] if row.get("legal")]
    if instance["best_known"] is not None:
        costs.append(instance["best_known"])
    return [
        f"{row['who']} on {instance['name']}: its bound of {row['bound']:,} is above a legal cost of {min(costs):,}"
        for row in instance["rows"]
        if costs and row.get("bound") is not None and row["bound"] > min(costs)
    ]


def verdict(record: Record) -> str:
    """Whether anyone was cheaper than Edgeplan, and which comparisons were not made."""
    cheaper, absent, held = [], [], 0
    for instance in record["instances"]:
        base = ours(instance)
        for row in instance["rows"]:
            name = f"{row['who']} on {instance['name']}"
            if row["who"] == "edgeplan":
                continue
            if base is None or not row.get("legal"):
                why = "Edgeplan has no legal plan" if row.get("legal") else result(row, instance)
                absent.append(f"{name} ({why})")
                continue
            held += 1
            if row["cost"] < base:
                cheaper.append(f"{name} by {100 * (base - row['cost']) / base:.4f} %")
    if cheaper:
        line = f"**Cheaper than Edgeplan: {'; '.join(cheaper)}** ({held} comparisons)."
    elif held:
        line = f"**Nobody was cheaper than Edgeplan** in {held} comparisons."
    else:
        line = "**Nothing was compared.**"
    if absent:
        line += f" Not compared: {'; '.join(absent)}."
    wrong = [text for instance in record["instances"] for text in contradictions(instance)]
    return line + (f" **Contradictions: {'; '.join(wrong)}.**" if wrong else "")


def contestants(record: Record) -> str:
    """What each contestant that appears is."""
    names = dict.fromkeys(row["who"] for instance in record["instances"] for row in instance["rows"])
    return "\n".join(f"- {name}: {CONTESTANTS[name].note}" for name in names if name in CONTESTANTS)


def sound(record: Record) -> bool:
    """Whether every instance could be made, Edgeplan's plans are legal, nobody's is not, and no bound contradicts a plan."""
    for instance in record["instances"]:
        if not instance["rows"] or contradictions(instance):
            return False
        for row in instance["rows"]:
            if not row.get("legal", row["who"] != "edgeplan"):
                return False
    return True

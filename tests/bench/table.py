"""The benchmark's results as a Markdown page. Imports nothing heavy: the process that starts the rows stays small."""

from __future__ import annotations

from typing import Any

Record = dict[str, Any]

_NOTES = """\
- Edgeplan's time runs from the problem in memory to the verified plan: routes, sizing, options, search, proof and check.
  The other rows are given their options ready-made and are timed for placing only (CP-SAT: making its model included).
- All baselines choose among the very options that Edgeplan's engines see: all legal ones where "all" is written, else the
  partial list that Edgeplan starts from (it lists more while it solves). What nearest+edge, first-fit, cheapest and
  filter-and-score leave out of a partial list then goes to the cheapest of all legal hosts with room, so that no baseline
  looks worse for the list's sake; nearest and cp-sat stay with the list, and cp-sat's bound holds for the list only.
- Cost is won a month, the value of what is unplaced included; every request holds workloads that cannot be placed, whose
  value is in every row. "vs Edgeplan" is the cost over Edgeplan's, in per cent: +5 is 5 % dearer.
- Gap: (cost - bound) / cost, the bound being the row's own proof. A row without a bound proves nothing.
- Accelerators: share of the cards, of all kinds together, at nodes where some shard may run.
- Peak memory: of the row's own process, from reading the files to the plan.
- Legal: the plan passes the packing's checker (baselines) and the verifier, which find the same cost.
- nearest: regional and core data centres; nearest+edge: nodes of every tier; first-fit: nodes in network order; cheapest:
  the cheapest option with room; filter-and-score: LeastAllocated + BalancedAllocation, blind to prices. All in the order
  of the request. cp-sat: no hint, all cores."""


def page(record: Record) -> str:
    """The whole page: sizes of the instances, a row for each contestant, who was cheaper, and what the columns mean."""
    title = f"# Edgeplan against its baselines\n\n{record['seconds']:g} s a run, {record['workers']} cores"
    return "\n\n".join((title, sizes(record), results(record), verdict(record), _NOTES)) + "\n"


def sizes(record: Record) -> str:
    """How large each instance is."""
    head = (
        "instance", "seed", "nodes", "workloads", "shards", "items", "items/node", "rows", "options", "listed", "listing s",
    )  # fmt: skip
    body = []
    for instance in record["instances"]:
        facts = instance["facts"]
        if "nodes" not in facts:
            body.append((instance["name"], _seed(instance), facts["status"], *[""] * (len(head) - 3)))
            continue
        numbers = [f"{facts[key]:,}" for key in ("nodes", "workloads", "shards", "items")]
        listed = "all" if facts["every_legal_option"] else "part"
        body.append(
            (
                instance["name"], _seed(instance), *numbers, f"{facts['items_per_node']:g}", f"{facts['rows']:,}",
                f"{facts['options']:,}", listed, f"{facts['listing_seconds']:.1f}",
            )
        )  # fmt: skip
    return _table(head, body)


def results(record: Record) -> str:
    """A line for each contestant on each instance."""
    head = (
        "instance", "who", "first plan s", "cost", "bound", "gap %", "unplaced", "accelerators %", "seconds", "peak MiB",
        "legal", "vs Edgeplan %",
    )  # fmt: skip
    body = []
    for instance in record["instances"]:
        for row in instance["rows"]:
            body.append((instance["name"], row["who"], *_cells(row, ours(instance))))
    return _table(head, body)


def _cells(row: Record, base: int | None) -> tuple[str, ...]:
    if "cost" not in row:
        return (row["status"], *[""] * 9)
    off = "" if base is None or row["who"] == "edgeplan" else f"{_percent_over(row['cost'], base):+.3f}"
    used = row["accelerators_in_use"]
    return (
        f"{row['first_seconds']:.3f}", f"{row['cost']:,}", "" if row["bound"] is None else f"{row['bound']:,}",
        "" if row["gap"] is None else f"{100 * row['gap']:.3f}", f"{row['unplaced']:,}",
        "" if used is None else f"{100 * used:.1f}", f"{row['seconds']:g}", f"{row['peak_mib']:,}",
        "yes" if row["verified"] else "NO", off,
    )  # fmt: skip


def ours(instance: Record) -> int | None:
    """Edgeplan's cost on an instance, if it was run and its plan is legal."""
    return next((r["cost"] for r in instance["rows"] if r["who"] == "edgeplan" and r.get("verified")), None)


def verdict(record: Record) -> str:
    """Whether any baseline was cheaper, and which contests were not held."""
    cheaper, absent, held = [], [], 0
    for instance in record["instances"]:
        base = ours(instance)
        for row in instance["rows"]:
            if row["who"] == "edgeplan":
                continue
            if base is None or not row.get("verified"):
                absent.append(f"{row['who']} on {instance['name']} ({row['status'] if 'cost' not in row else 'not legal'})")
                continue
            held += 1
            if row["cost"] < base:
                cheaper.append(f"{row['who']} on {instance['name']} by {-_percent_over(row['cost'], base):.4f} %")
    if cheaper:
        line = f"**Cheaper than Edgeplan: {'; '.join(cheaper)}** ({held} comparisons)."
    elif held:
        line = f"**No baseline was cheaper than Edgeplan** in {held} comparisons."
    else:
        line = "**Nothing was compared.**"
    return line + (f" Not compared: {'; '.join(absent)}." if absent else "")


def sound(record: Record) -> bool:
    """Whether every row that was run gave a legal plan, and none broke."""
    rows = [row for instance in record["instances"] for row in instance["rows"]]
    broken = any("nodes" not in instance["facts"] for instance in record["instances"])
    return not broken and all(row.get("verified", row["status"].startswith(("not run", "no plan"))) for row in rows)


def _percent_over(cost: int, base: int) -> float:
    return 100 * (cost - base) / max(1, base)


def _seed(instance: Record) -> str:
    return "" if instance["seed"] is None else str(instance["seed"])


def _table(head: tuple[str, ...], body: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" if name in ("instance", "who", "listed", "legal") else "---:" for name in head), *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)

"""What the commands of `edgeplan plot` do."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from app.cli.answers import NetworkMap, PlacementMap, PlanOut, ProgressSeries, UseOut
from app.cli.common.client import Service, in_path
from app.cli.common.naming import plan_id
from app.cli.common.output import Output
from app.cli.drawing import convergence, page
from app.cli.drawing import map as drawing
from app.cli.drawing.colours import DARK, LIGHT, Colours
from app.cli.failures import No
from app.cli.views.parts.words import a_month, day, many, percent, short

#: Points of a course that the service hands out at once, which is all it keeps.
_POINTS = 10_000


def draw_map(service: Service, out: Output, file: Path, plan: str | None, colour: drawing.Colour, dark: bool) -> None:
    """Draw what is in force, or a plan."""
    page.check_ending(file)
    with out.waiting("Drawing"):
        network = service.get("/v1/map", NetworkMap)
        if plan is None:
            placement = service.get("/v1/map/allocation", PlacementMap)
            links = _links(service, "/v1/allocations/usage") if placement["plan"] else {}
            title = f"In force now: plan {short(placement['plan'])}" if placement["plan"] else "Nothing is in force yet"
            notes: tuple[str, ...] = ()
        else:
            id = plan_id(service, plan)
            placement = service.get(f"/v1/map/plans/{in_path(id)}", PlacementMap)
            title = f"Plan {short(id)}"
            links = _links(service, f"/v1/plans/{in_path(id)}/usage")
            notes = _of_a_plan(service.get(f"/v1/plans/{in_path(id)}", PlanOut))
        words, shards = placement["statuses"], placement["shards"]
        count = Counter(words[status] for status in shards["status"])
        if count:
            first, *others = [word for word in words if count[word]]
            shares = [f"{many(count[first], 'shard')} {first}", *(f"{count[word]:,} {word}" for word in others)]
            title += f": {', '.join(shares)}"
        absent = drawing.draw(drawing.Picture(network, placement, colour, title, notes, links, _colours(dark)), file)
    _told(out, file, absent)


def _links(service: Service, path: str) -> dict[str, int]:
    """How full each link is in its fuller direction, in thousandths."""
    found: dict[str, int] = {}
    for use in service.every(path, UseOut, rule="link_capacity"):
        link = use["subject"].get("link", "")
        found[link] = max(found.get(link, 0), use["used_permille"])
    return found


def _colours(dark: bool) -> Colours:
    return DARK if dark else LIGHT


def _of_a_plan(plan: PlanOut) -> tuple[str, ...]:
    """What a reader of a plan's map has to know: what on it is the plan's, and what is of now."""
    return (
        f"The plan is for {day(plan['terms']['horizon'])} and was made from generation {plan['generation']}: what runs "
        "where, and how full that is, are the plan's.",
        "The nodes and their states are those of now.",
    )


def draw_convergence(service: Service, out: Output, name: str, file: Path, dark: bool) -> None:
    """Draw how a plan came to its cost and its bound."""
    page.check_ending(file)
    id = plan_id(service, name)
    with out.waiting("Drawing"):
        plan = service.get(f"/v1/plans/{in_path(id)}", PlanOut)
        points = service.get(f"/v1/plans/{in_path(id)}/progress", ProgressSeries, limit=_POINTS)["points"]
        if not points:
            raise No(f"Plan {short(id)} is {plan['status']} and has no progress to draw.")
        last = points[-1]
        course = convergence.Course(
            plan["name"] or f"plan {short(id)}",
            last["cost"],
            [(point["seconds"], point["cost"]) for point in points],
            [(point["seconds"], point["bound"]) for point in points],
        )
        named = page.legible(plan["name"] or "", "")
        title = (
            f"{' '.join(filter(None, ('Plan', short(id), named)))}: difference from its last cost of "
            f"{a_month(last['cost'])}, gap {percent(last['gap'])}"
        )
        convergence.draw([course], title, file, _colours(dark))
    _told(out, file, [])


def _told(out: Output, file: Path, absent: list[str]) -> None:
    out.answer(
        lambda: {"file": str(file), "absent": absent},
        lambda: f"Written: {file}",
        note="\n".join(absent) or None,
    )

"""Sixteen clients who want different things of one service at once: operators, an importer, planners, lookers, listeners."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from tests.chaos import world
from tests.chaos.asking import Asker, Listener, Notes, Unanswered
from tests.chaos.history import Body, Call

#: How many of each.
OPERATORS, PLANNERS, LOOKERS, LISTENERS = 5, 7, 1, 2
#: How long a planner follows one plan.
FOLLOW_SECONDS = 30.0


def operate(asker: Asker, dice: random.Random) -> None:
    """One thing that an operator does."""
    dice.choice((_resize, _resize, _set_state, _set_state, _note, _note, _narrow, _come_and_go, _read))(asker, dice)


def _node(dice: random.Random) -> str:
    return f"n{dice.randrange(6)}"


def _resize(asker: Asker, dice: random.Random) -> None:
    """Another number of cards at a node, now and then only if nobody else has changed it."""
    path, op, matched = f"/v1/nodes/{_node(dice)}", asker.op(), None
    seen = asker.ask("GET", path)
    if not seen.done:
        return
    if dice.random() < 0.4:
        matched = seen.version
    pools = [{**pool, "count": dice.randrange(4) if pool["accelerator"] == "card" else 1} for pool in seen.answer["pools"]]
    asker.ask("PATCH", path, {"pools": pools, "note": op}, op=op, if_match=matched)


def _narrow(asker: Asker, dice: random.Random) -> None:
    """Another width of a link: room for no stream of a fleet, or for a few."""
    op = asker.op()
    asker.ask(
        "PATCH", f"/v1/links/n0-n{dice.randrange(1, 6)}", {"capacity_kbps": 8_000 * dice.randrange(4), "note": op}, op=op
    )


def _set_state(asker: Asker, dice: random.Random) -> None:
    state = dice.choice(("drain", "fail", "activate", "activate", "activate"))
    op = asker.op()
    asker.ask("POST", f"/v1/nodes/{_node(dice)}/{state}", {"reason": op}, op=op)


def _note(asker: Asker, dice: random.Random) -> None:
    """A note on something, and a look at it."""
    path = dice.choice(
        (f"/v1/workloads/w{dice.randrange(16)}", f"/v1/links/n0-n{dice.randrange(1, 6)}", "/v1/policies/open")
    )
    op = asker.op()
    asker.ask("PATCH", path, {"note": op}, op=op)
    asker.ask("GET", path)


def _come_and_go(asker: Asker, dice: random.Random) -> None:
    """Something new, which is taken away again more often than not."""
    op = asker.op()
    body: Body = {"id": op, "note": op}
    kind = dice.choice(("policies", "sites"))
    made = asker.ask("POST", f"/v1/{kind}", body, op=op, key=op)
    if made.done and dice.random() < 0.7:
        asker.ask("GET", f"/v1/{kind}/{op}")
        asker.ask("DELETE", f"/v1/{kind}/{op}", op=asker.op())


def _read(asker: Asker, dice: random.Random) -> None:
    asker.generation()
    for path in ("/v1/map", "/v1/map/allocation", "/v1/capacity", "/v1/allocations/usage", "/metrics"):
        asker.ask("GET", path)


def import_policies(asker: Asker, dice: random.Random) -> None:
    """The policies as they are, under new notes; in every third document one that is not valid."""
    seen = asker.pages("/v1/policies")
    version = asker.see("/v1/generation").answer["policies"]
    op = asker.op()
    policies = [{**policy, "note": op} for policy in seen]
    if dice.random() < 0.3:
        policies.append({"id": "not valid", "note": op})
    asker.ask("PUT", "/v1/policies", {"policies": policies}, op=op, if_match=version)
    time.sleep(dice.random())


def plan(asker: Asker, dice: random.Random) -> None:
    """Ask for a plan of a few fleets, follow it, have it judged, and apply it, cancel it or forget it."""
    op = asker.op()
    running = dice.choice(("keep", "keep", "repair", "move", "preempt"))
    names = dice.sample([one["id"] for one in world.WORKLOADS], dice.randrange(1, 5))
    body = world.request(*names, seconds=dice.choice((0.3, 1.0, 2.0)), name=op, scope={"running": running})
    made = asker.ask("POST", "/v1/plans", body, op=op, key=op)
    if not made.done:
        return
    path = f"/v1/plans/{made.answer['id']}"
    if dice.random() < 0.1:
        asker.ask("POST", f"{path}/cancel", op=asker.op())
    ended = _follow(asker, path)
    if ended is None or ended.answer["result"] is None:
        return
    if dice.random() < 0.6:
        judge_as_applied(asker, path, ended.answer["id"], body)
    stale = dice.choice(("refuse", "reverify", "reverify"))
    asker.ask("POST", f"{path}/apply", {"on_stale": stale}, op=asker.op())
    if dice.random() < 0.2:
        asker.ask("DELETE", path, op=asker.op())


def _follow(asker: Asker, path: str) -> Call | None:
    """Look at a plan until it has ended."""
    until = time.monotonic() + FOLLOW_SECONDS
    while time.monotonic() < until and not asker.notes.over.is_set():
        seen = asker.ask("GET", path)
        if not seen.done:
            return None
        if seen.answer["finished_at"] is not None:
            return seen
        time.sleep(0.1)
    return None


def judge_as_applied(asker: Asker, path: str, id: str, asked: Body) -> None:
    """Ask the verifier about what applying a plan would do now.

    Applying takes from a plan what it was asked about and what it changes; everything else stays where it is by now. A
    shard that a plan leaves on its node is left as it is: no node of the world serves a model in two ways.
    """
    rows = asker.ask("GET", f"{path}/decisions?limit=1000")
    if not rows.done:
        return
    keeps = asked["scope"]["running"] == "repair"
    placements = [
        # Cards are numbered anew where somebody has taken them, by the judge as when the plan is applied.
        {name: row[name] for name in ("workload", "shard", "node", "profile", "servers", "route", "batch_limit")}
        for row in rows.answer["items"]
        if row["node"] is not None and (row["node"] != row["previous_node"] or (row["in_request"] and not keeps))
    ]
    question = {name: value for name, value in asked.items() if name in ("workload_ids", "terms", "scope")}
    asker.ask("POST", "/v1/verify", {**question, "placements": placements}, about=id)


def look(asker: Asker, dice: random.Random) -> None:
    """Look at everything that bears on what is full."""
    found = asker.look()
    if found is not None:
        asker.notes.looks.append(found)
    time.sleep(0.3)


@contextmanager
def at_work(port: int, notes: Notes, seed: int) -> Iterator[None]:
    """Sixteen clients at work until the block ends; what breaks one of them breaks the block."""
    broken: list[BaseException] = []

    def go_on(asker: Asker, act: Callable[[Asker, random.Random], None], dice: random.Random) -> None:
        with closing(asker):
            while not notes.over.is_set() and not broken:
                try:
                    act(asker, dice)
                except Unanswered:
                    continue
                except BaseException as error:
                    broken.append(error)

    threads = [threading.Thread(target=Listener(f"listener{i}", port, notes).listen) for i in range(LISTENERS)]
    acts = [("operator", operate)] * OPERATORS + [("planner", plan)] * PLANNERS + [("looker", look)] * LOOKERS
    for number, (who, act) in enumerate([*acts, ("importer", import_policies)]):
        name = f"{who}{number}"
        threads.append(threading.Thread(target=go_on, args=(Asker(name, port, notes), act, random.Random(f"{seed}{name}"))))
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        notes.over.set()
        for thread in threads:
            thread.join()
    if broken:
        raise broken[0]

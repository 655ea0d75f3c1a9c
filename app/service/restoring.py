"""Going back: an ordinary plan of what ran at an earlier generation, judged on the world of now.

The plan changes what has changed since then and nothing else. What cannot run any more as it did is named; what was started
since stays, unless it is to end, too. Whoever wants it applies it, like any other plan.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from app.clock import now_ms, today
from app.errors import AsNow, Fault, IllegalNow, NotFound, RowsLost
from app.identity.caller import Caller
from app.schemas.faults import FAULTS_TOLD
from app.schemas.plans import LostRow, PlanOut, Restored, brief_of, warnings_of
from app.schemas.requests import PlanRequest, RestoreRequest, Scope, SolveLimits, Terms
from app.service import lifecycle
from app.service.cache import Cache
from app.service.drafts import draft_of
from app.service.judging import deciding
from app.service.plans import PlanProgress, see
from app.service.promises import Promise
from app.service.recall import Past, Waiting, recalled
from app.service.worlds import pack
from app.store.port import Store
from app.store.records import PlanRow, ProgressRow
from app.world.ground import missing_in
from app.world.named import numbered
from app.world.question import Question, question
from app.world.running import on_free_cards, with_cards
from app.world.stored import World
from solver import Plan, Problem, Result, Verdict, verify
from solver.facts.difference import Shard, action_of
from solver.facts.placement import Placement
from solver.rules import name_of
from solver.rules.account import Account
from solver.rules.limits import PARTS, TOTALS
from solver.rules.wording import said as account_said

#: The status of the answer to whoever had a plan made.
CREATED = 201
#: How many shards and workloads a plan names of those that it leaves out or leaves alone.
NAMED = 20


@dataclass(slots=True)
class _Way:
    """What is to become of what runs: shard -> where it goes back to; what ends; what waits for a place again; what stays
    though it was not there; and what is lost, with the reason."""

    back: dict[Shard, Placement] = field(default_factory=dict)
    ends: set[Shard] = field(default_factory=set)
    waits: set[Shard] = field(default_factory=set)
    stays: set[Shard] = field(default_factory=set)
    lost: dict[Shard, tuple[Placement, str]] = field(default_factory=dict)

    def lose(self, shard: Shard, why: str) -> None:
        """Leave a shard as it is now."""
        self.lost[shard] = self.back.pop(shard), why

    @property
    def about(self) -> set[str]:
        """The workloads of which something changes."""
        return {workload for workload, _ in (*self.back, *self.ends, *self.waits)}


def restore(
    cache: Cache, caller: Caller, generation: int, asked: RestoreRequest, id: str, promise: Promise | None = None
) -> PlanProgress:
    """Make a plan, under an id that nobody else gives, of what ran just after a generation, or just before it.

    Raises
    ------
    NotFound, NotKept
        If no such generation is recorded, or it is not kept what ran.
    AsNow
        If that is what runs.
    RowsLost
        If some of it cannot run any more as it did, unless that is to be left out; or none of it can.
    KeyUnderWay, KeyReused
        As :meth:`app.service.promises.Promise.check`.
    """
    began = time.monotonic()
    before = asked.moment == "before"
    store = cache.store
    with store.reading() as session:
        made = session.plans.get(id)
    if made is not None:
        return see(store, id)
    world, past = _recalled(cache, generation, before)
    way = _way(world, past, generation if before else None, asked.end_later)
    if not (way.about or way.lost):
        raise AsNow(f"What runs is what ran {asked.moment} generation {generation}.")
    request, posed, plan, verdict = _found(world, past, way, f"{'Before' if before else 'Back to'} generation {generation}")
    if way.lost and (not asked.leave_out or not way.about):
        raise _rows_lost(way)
    seconds = time.monotonic() - began
    result = Result(plan, verdict, "feasible", verdict.cost, 0, seconds, seconds, seconds, (), None, bounded=False)
    draft = draft_of(posed, result, verdict, {}, None, way.ends)
    figures = draft.result.model_copy(update={"restored": _said(way, generation, asked)})
    figures = figures.model_copy(update={"warnings": warnings_of(figures)})
    body = request.model_dump(mode="json", exclude_unset=True)
    row = _row(id, body, posed.generation)
    snapshot = pack(world)
    with store.writing(caller) as session:
        if session.plans.get(id) is None:
            if promise is not None:
                promise.check(session)
            lifecycle.restored(session, row, body)
            session.plans.keep_snapshot(posed.generation, snapshot)
            session.plans.put_decisions(id, draft.decisions)
            session.plans.put_usage(id, draft.uses)
            point = ProgressRow(1, 0, seconds, figures.cost, figures.bound, figures.unplaced_shards, "end")
            session.plans.add_progress(id, point)
            lifecycle.ended(session, id, "finished", result=figures.model_dump(mode="json"))
            if promise is not None:
                made = session.plans.get(id)
                assert made is not None
                told = PlanOut.of(made, point).model_dump_json().encode()
                promise.keep(session, CREATED, {"Location": f"/v1/plans/{id}"}, told)
    return see(store, id)


def last_applied(store: Store) -> int:
    """The generation in which a plan was applied last.

    Raises
    ------
    NotFound
        If none was, or it is recorded no more.
    """
    before: int | None = None
    with store.reading() as session:
        while rows := session.allocation.records(before, 100):
            for row in rows:
                if row.plan_id is not None:
                    return row.generation
            before = rows[-1].generation
    raise NotFound("No plan has been applied yet.")


def _recalled(cache: Cache, generation: int, before: bool) -> tuple[World, Past]:
    """The world of now, and what ran, both of one picture of the store."""
    while True:
        world = cache.worlds.newest()
        with cache.store.reading() as session:
            if session.generations.now() == world.generation:
                return world, recalled(session, generation, before)


def _way(world: World, past: Past, undone: int | None, end_later: bool) -> _Way:
    """What has to change so that the allocation is as it was; `undone` is the generation whose own doing ends."""
    way = _Way()
    runs = {(name, shard): here for name, shards in world.in_force().items() for shard, here in shards.items()}
    in_force = runs.keys() | set(world.displaced)
    shards = {name: workload.solver().shards for name, workload in world.stored.items()}
    missing = missing_in(world)
    for shard, stood in past.stood.items():
        name, number = shard
        if stood is None:
            if shard in in_force:
                ends = end_later or past.started[shard] == undone
                (way.ends if ends else way.stays).add(shard)
        elif isinstance(stood, Waiting):
            if number < shards.get(name, 0) and (shard in runs or shard not in in_force):
                way.waits.add(shard)
        elif shard not in runs or not _same(runs[shard], stood):
            way.back[shard] = stood
            if name not in shards:
                way.lose(shard, f"there is no workload {name!r} any more")
            elif number >= shards[name]:
                way.lose(shard, f"{name} has only {shards[name]} shards now")
            elif not stood.whole:
                way.lose(shard, "it is not known on what it ran")
            elif (gone := missing(stood)) is not None:
                what, of = gone
                way.lose(
                    shard, f"there is no {what} {of!r} any more" if what != "the route to node" else f"{what} {of!r} is gone"
                )
    return way


def _same(runs: Placement, stood: Placement) -> bool:
    return action_of(runs, stood) == "kept" and runs.batch_limit == stood.batch_limit


def _found(world: World, past: Past, way: _Way, name: str) -> tuple[PlanRequest, Question, Plan, Verdict]:
    """The request, the question and the plan of a way that the verifier lets pass; what it refuses is lost on the way."""
    while True:
        ending = {workload for workload, _ in (*way.ends, *way.waits)}
        request = PlanRequest(
            name=name,
            workload_ids=tuple(sorted(way.about)),
            terms=_terms(past),
            # Nothing but what is named changes; what ends, or loses its place again, was placed since.
            scope=Scope(running="repair", may_end=tuple(sorted(ending))),
            limits=SolveLimits(),
        )
        if not way.about:
            raise _rows_lost(way)
        posed = question(world, request)
        runs = {(one.workload, one.shard): one for load in posed.problem.workloads for one in load.current if one}
        free = {*way.back, *way.ends, *way.waits}
        free |= {
            (load.id, shard)
            for load in posed.problem.workloads
            if load.id in way.about
            for shard in range(load.shards)
            if not load.runs_at(shard)
        }
        problem = deciding(posed.problem, way.about, free)
        profiles = {profile.id: profile for profile in problem.profiles}
        stays = [here for shard, here in runs.items() if shard not in free and here.whole]
        back = on_free_cards((way.back[shard] for shard in sorted(way.back)), stays, profiles)
        plan = numbered(problem, with_cards([*stays, *back], profiles))
        verdict = verify(problem, plan)
        if verdict.ok:
            return request, replace(posed, problem=problem, requested=frozenset(way.about)), plan, verdict
        refused = _refused(problem, plan, verdict, way.back.keys())
        if not refused:
            raise IllegalNow(verdict.violations[0].sentence)
        for shard, why in refused.items():
            way.lose(shard, why)


def _terms(past: Past) -> Terms:
    """The terms that were in force; no certificate is asked to hold on a day that is over."""
    said: dict[str, Any] = dict(past.terms or {})
    horizon = date.fromisoformat(said["horizon"]) if said else today()
    return Terms.model_validate({**said, "horizon": max(horizon, today())}).effective()


def _refused(problem: Problem, plan: Plan, verdict: Verdict, back: Set[Shard]) -> dict[Shard, str]:
    """Which of what goes `back` the verifier refuses, and why.

    First those that break a rule by themselves; when they are gone, where an account is over its capacity, those of the
    least value that give back enough; only then those for which there is no part of a card, since room makes parts.
    """
    parts = {name_of(rule) for rule in PARTS}
    value = {load.id: load.value_month // load.shards for load in problem.workloads}
    found = _named(verdict, back, lambda rule: rule not in parts) or _over(problem, plan, back, value)
    found = found or _named(verdict, back, lambda rule: rule in parts)
    if not found and back:
        # What breaks is beside what goes back, such as two that may not stand together.
        cheapest = sorted(back, key=lambda shard: (value[shard[0]], shard))
        found = dict.fromkeys(cheapest[: -(-len(cheapest) // 2)], verdict.violations[0].sentence)
    return found


def _named(verdict: Verdict, back: Set[Shard], counts: Callable[[str], bool]) -> dict[Shard, str]:
    """Those that the violations of some rules name."""
    whole: dict[str, str] = {}
    found: dict[Shard, str] = {}
    for broken in verdict.violations:
        if broken.workload is None or not counts(broken.rule):
            continue
        if broken.shard is None:
            whole.setdefault(broken.workload, broken.sentence)
        elif (broken.workload, broken.shard) in back:
            found.setdefault((broken.workload, broken.shard), broken.sentence)
    return {shard: whole[shard[0]] for shard in back if shard[0] in whole} | found


def _over(problem: Problem, plan: Plan, back: Set[Shard], value: Mapping[str, int]) -> dict[Shard, str]:
    """Of what goes back the least valuable that must not, for no account to be used beyond its capacity."""
    names = [(problem.workloads[w].id, s) for w, s in zip(plan.workload.tolist(), plan.shard.tolist(), strict=True)]
    found: dict[Shard, str] = {}
    for total in TOTALS:
        held: dict[Account, int] = {}
        for ledger in total.ledgers(problem, problem.in_force):
            held |= {ledger.named(a): used for a, used in enumerate(ledger.used().tolist()) if used}
        for ledger in total.ledgers(problem, plan):
            excess: dict[int, int] = {}
            for account, used in enumerate(ledger.used().tolist()):
                room = int(ledger.capacity[account])
                if used > room and used > (before := held.get(ledger.named(account), 0)):
                    excess[account] = used - max(room, before)
            if not excess:
                continue
            entries = zip(ledger.account.tolist(), ledger.placement.tolist(), ledger.amount.tolist(), strict=True)
            users = [(a, names[row], amount) for a, row, amount in entries if a in excess and names[row] in back and amount]
            for account, shard, amount in sorted(users, key=lambda use: (value[use[1][0]], use[1])):
                if excess[account] > 0:
                    excess[account] -= amount
                    found.setdefault(shard, f"{account_said(ledger.named(account))} has no room for it any more")
    return found


def _rows_lost(way: _Way) -> RowsLost:
    count = len(way.lost)
    told = tuple(
        Fault(f"workloads[{name}].shards[{shard}]", why, f"to run on {was.node} as then", code="lost")
        for (name, shard), (was, why) in sorted(way.lost.items())[:FAULTS_TOLD]
    )
    some = "1 shard that ran then cannot run" if count == 1 else f"{count:,} shards that ran then cannot run"
    return RowsLost(f"{some} like that any more. Nothing was changed.", told)


def _said(way: _Way, generation: int, asked: RestoreRequest) -> Restored:
    lost = sorted(way.lost.items())[:NAMED]
    return Restored(
        generation=generation,
        moment=asked.moment,
        left_out_shards=len(way.lost),
        left_out=tuple(LostRow(workload=w, shard=s, node=was.node, why=why) for (w, s), (was, why) in lost),
        stays_shards=len(way.stays),
        stays=tuple(sorted({workload for workload, _ in way.stays})[:NAMED]),
    )


def _row(id: str, request: Mapping[str, Any], generation: int) -> PlanRow:
    now = now_ms()
    return PlanRow(
        id=id, status="running", what_if=False, submitted_ms=now, started_ms=now, finished_ms=None, revision=0,
        generation=generation, applied_generation=None, applied=None, brief=brief_of(request), result=None, failure=None,
    )  # fmt: skip

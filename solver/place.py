"""The main road: a question in, a proven and verified answer out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal

import numpy as np

from solver import engines
from solver.columns import RestrictedMaster, enlarge, generate, price_out, staying
from solver.engines import Limits, Progress, Solution
from solver.facts.cards import cut
from solver.facts.plan import Plan, joined
from solver.facts.problem import Problem
from solver.facts.queueing import best_batch
from solver.judging.verify import Verdict, verify
from solver.packing.solution import OnBest
from solver.params import DEFAULTS, PlaceParams, SolveParams
from solver.rules import GOALS
from solver.rules.account import Account
from solver.running.budget import Budget, Stopwatch
from solver.running.showing import Showing
from solver.space import loading
from solver.space.compiling import space_of
from solver.space.construct import PlacedCopies
from solver.space.options import Listed, Space
from solver.space.settling import settle_down
from solver.space.warm_start import WarmStart, carry_over, warm_start_of


@dataclass(frozen=True, slots=True)
class ShadowPrice:
    """What one more unit of a scarce capacity would save, in money a month, by the prices behind the bound."""

    account: Account
    price: float


@dataclass(frozen=True)
class Result:
    """A verified plan with what is proven about it.

    No legal plan costs less than `bound`; `gap` is ``(cost - bound) / max(1, cost)``, so 0.01 is one per cent. `status` is
    "optimal" exactly when the two meet. `bounded` says whether the bound speaks of what the plan decides: else it is what
    everything costs that is not decided, or 0. `first_seconds` is when the first legal plan was at hand, `bound_seconds`
    when the bound was last raised. `memory` is for the next solve; None in what is shown on the way. `phase_seconds` says
    how long each phase took in all, in the order in which they first began: "options", the steps of column generation
    ("greedy", "first list", "ascent", "pricing", "listing", "enlarging"), the phases of the engines, and "verifying".
    """

    plan: Plan
    verdict: Verdict
    status: Literal["optimal", "feasible"]
    cost: int
    bound: int
    seconds: float
    first_seconds: float
    bound_seconds: float
    prices: tuple[ShadowPrice, ...]
    memory: WarmStart | None
    bounded: bool = True
    phase_seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def gap(self) -> float:
        """Proven distance to the optimum as a fraction of the cost."""
        return (self.cost - self.bound) / max(1, self.cost)


class UnverifiedPlan(RuntimeError):
    """A plan that the engines made and the verifier refuses: a fault of the solver, never of the question."""

    def __init__(self, verdict: Verdict, claimed: int) -> None:
        first = verdict.violations[0].sentence if verdict.violations else f"cost {verdict.cost} is not {claimed}"
        super().__init__(f"the solver made a plan that the verifier refuses: {first}")
        self.verdict = verdict


def place(
    problem: Problem,
    limits: Limits,
    *,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    before: WarmStart | None = None,
    on_plan: Callable[[Result], None] | None = None,
    params: SolveParams = DEFAULTS,
) -> Result:
    """Answer a placement question.

    Parameters
    ----------
    limits : Limits
        Wall-clock seconds for everything, and the cores to use. With a work limit that runs out before the clock, one
        worker and the same seed, the plan is the same on every run.
    on_progress : callable, optional
        Told of each better plan or bound. Bounds it hears of hold over all legal options.
    should_stop : callable, optional
        Asked often; when it answers True the best plan so far is returned.
    before : WarmStart, optional
        `Result.memory` of an earlier solve, of this problem or one like it. What is still legal of its plan is where
        this solve starts, at its prices and with its columns; after a small change that saves most of the time.
    on_plan : callable, optional
        Told of the first plan and then now and then of the best one, each of them verified, in a thread of its own. All
        but the first take a tenth of the time at most, this call included. Not called any more once `place` has returned,
        though a call may then still be under way; a search that is over in a moment may tell of no plan.
    params : SolveParams
        How column generation and the engines are tuned, and which phases are left out.

    Raises
    ------
    UnverifiedPlan
        If the verifier refuses what the engines made.
    """
    verifying = params.place.verify_seconds * sum(w.shards for w in problem.workloads)
    budget, took = Budget(limits, should_stop, verifying), Stopwatch()
    reporter = _Reporter(budget, on_progress, took)
    show = _Show(problem, budget, reporter, on_plan)
    shown = Showing(show, budget, verifying, params.showing)
    with ThreadPoolExecutor(limits.workers) as executor, shown as showing:
        threads = executor if limits.workers > 1 else None
        with took("options"):
            space = space_of(problem, threads)
            carried = None if before is None else carry_over(space, before)
        reporter.standing = standing_cost(space)
        master = generate(space, limits.workers, budget, reporter, carried, params, threads, took)
        reporter.proven = None if master.complete else master.bound

        def on_best(master: RestrictedMaster) -> OnBest | None:
            return None if on_plan is None else partial(show.consider, showing, space, master)

        master, solution, bound = _solved(space, master, limits, params, budget, reporter, on_best, threads)
    reporter.note(bound)
    with took("verifying"):
        result = _verified(problem, space, master, solution, bound, reporter)
    prices, phases = solution.prices, dict(took.total)
    memory = warm_start_of(space, master.listed, result.plan, prices.row, prices.scale)
    return replace(result, memory=memory, phase_seconds=phases)


def _solved(
    space: Space,
    master: RestrictedMaster,
    limits: Limits,
    params: SolveParams,
    budget: Budget,
    reporter: _Reporter,
    on_best: Callable[[RestrictedMaster], OnBest | None],
    executor: Executor | None,
) -> tuple[RestrictedMaster, Solution, int]:
    """Run the engines on the listed options, and list more in between.

    Returns the cheapest plan, of theirs and what was at hand; the list that it takes its options from; and the bound over
    all legal options.
    """
    by_work, known, slices, took = budget.by_work(), master, params.place.slices, reporter.took
    if known.answer is not None and not known.run_engines:
        return known, known.answer, known.bound
    enlargements = 0 if master.complete else len(slices)
    # Units of work handed out so far.
    worked = 0
    while True:
        # Enlarging looks at all options a few times; without the time for it the engines get all that is left.
        share = slices[-enlargements] if enlargements else 1.0
        again = enlargements > 0 and (
            by_work or (1 - share) * budget.left() > params.place.enlarging_passes * master.pass_seconds
        )
        slice_ = _slice(master, limits, worked, budget, share if again else 1.0, params.place)
        worked += slice_.work or 0
        solution = engines.solve(
            master.listed.packing, slice_, reporter.report, budget.stopped, master.start, master.prices,
            on_best(master), params=params,
        )  # fmt: skip
        for phase, seconds in solution.phase_seconds.items():
            took.add(phase, seconds)
        if not again or budget.stopped():
            break
        with took("enlarging"):
            master = enlarge(space, master, solution, params.columns, executor)
        reporter.proven = master.bound
        enlargements -= 1
    if master.complete:
        return master, solution, solution.bound
    bound = master.bound
    if not budget.stopped() and (by_work or budget.left() > master.pass_seconds):
        with took("pricing"):
            bound = max(bound, price_out(space, master, solution.prices, executor))
    if known.answer is not None and known.answer.cost < solution.cost:
        master, solution = known, known.answer
    return master, solution, bound


def _verified(
    problem: Problem, space: Space, master: RestrictedMaster, solution: Solution, bound: int, reporter: _Reporter
) -> Result:
    """The plan that a solution stands for, by the verifier's leave. What is not decided is counted in."""
    option = np.repeat(solution.option, solution.count)
    listed = master.listed
    copies = PlacedCopies(np.repeat(solution.item, solution.count), listed.host[option], listed.servers[option])
    if (np.bincount(copies.item, minlength=len(space.items)) < space.items.count)[space.must].any():
        # There was no time for a plan: everything staying as it is costs less than any plan that ends one of them.
        copies = staying(space, np.where(space.must, space.items.count, 0))
    standing = reporter.standing
    plan, claimed = written_out(space, settle_down(space, listed, copies))
    verdict = verify(problem, plan)
    if not verdict.ok or verdict.cost != claimed + standing or claimed > solution.cost + _recut(problem, plan):
        raise UnverifiedPlan(verdict, claimed + standing)
    bounded = bound > 0 or bound == claimed
    bound += standing
    return Result(
        plan, verdict, "optimal" if bound == verdict.cost else "feasible", verdict.cost, bound, reporter.seconds,
        reporter.first_seconds, reporter.bound_seconds, shadow_prices(space, master.listed, solution), None, bounded,
    )  # fmt: skip


@dataclass(frozen=True)
class _Candidate:
    """A plan that an engine found among the listed options, with the bound known then."""

    space: Space
    master: RestrictedMaster
    solution: Solution
    bound: int


class _Show:
    """Verifies plans on the way and passes them on, each better than the one before."""

    def __init__(
        self, problem: Problem, budget: Budget, reporter: _Reporter, on_plan: Callable[[Result], None] | None
    ) -> None:
        self._problem = problem
        self._budget = budget
        self._reporter = reporter
        self._tell = on_plan
        self._offered: int | None = None

    def consider(self, showing: Showing[_Candidate], space: Space, master: RestrictedMaster, best: Solution) -> None:
        """Offer the best plan so far for showing, if it is new."""
        if self._offered is None or best.cost < self._offered:
            self._offered = best.cost
            bound = best.bound if self._reporter.proven is None else self._reporter.proven
            showing.offer(_Candidate(space, master, best, bound))

    def __call__(self, one: _Candidate) -> None:
        """Verify a plan and pass it on. One that the verifier refuses is left out: if it stays the best, the end says so."""
        began = time.monotonic()
        try:
            result = _verified(self._problem, one.space, one.master, one.solution, one.bound, self._reporter)
        except UnverifiedPlan:
            return
        # The last plan has to be verified within the time, too.
        self._budget.keep_back(time.monotonic() - began)
        if self._tell is not None:
            self._tell(result)


def _slice(
    master: RestrictedMaster, limits: Limits, worked: int, budget: Budget, share: float, params: PlaceParams
) -> Limits:
    """A share of what is left, for the engines on the listed options; `worked` units of work were handed out before."""
    if limits.work is not None:
        # Work, not time, is shared out: the clock only sees to it that the limit is kept.
        work = max(1, round(share * (limits.work - worked)))
        return replace(limits, seconds=max(params.least_slice, budget.left()), work=work)
    kept_back = 0.0 if master.complete else params.last_passes * master.pass_seconds
    return replace(limits, seconds=max(params.least_slice, share * (budget.left() - kept_back)))


class _Reporter:
    """What has been reached by when, passed on as it holds for the whole question: the observer of all phases."""

    def __init__(self, budget: Budget, on_progress: Callable[[Progress], None] | None, took: Stopwatch) -> None:
        self.took = took
        self._budget = budget
        self._tell = on_progress
        self._bound: int | None = None
        self._plan: tuple[int, int] | None = None
        self.first_seconds = 0.0
        self.bound_seconds = 0.0
        #: A bound over all legal options, where the engines see only some of them and theirs says less.
        self.proven: int | None = None
        #: What is not decided costs so much, on top of all that engines speak of.
        self.standing = 0

    @property
    def seconds(self) -> float:
        """Since the question came."""
        return self._budget.seconds()

    def note(self, bound: int) -> None:
        """Remember when a better bound was known, and that there is a plan."""
        self._raise(bound)
        self.first_seconds = self.first_seconds or self.seconds

    def _raise(self, bound: int) -> None:
        if self._bound is None or bound > self._bound:
            self._bound, self.bound_seconds = bound, self.seconds

    def plan(self, cost: int, unplaced: int, phase: str) -> None:
        """Pass on a plan."""
        self.report(Progress(0.0, cost, self._bound or 0, unplaced, phase))

    def bound(self, bound: int, phase: str) -> None:
        """Pass on a bound that holds for all options, once there is a plan."""
        self._raise(bound)
        if self._plan is not None:
            self.report(Progress(0.0, self._plan[0], bound, self._plan[1], phase))

    def report(self, progress: Progress) -> None:
        """Pass an engine's progress on: since the question, with the cheapest plan so far and a bound for all options."""
        bound = progress.bound if self.proven is None else self.proven
        self.note(bound)
        # Engines may begin with a plan that is dearer than the cheapest one at hand.
        plan = progress.cost, progress.unplaced
        self._plan = plan if self._plan is None else min(plan, self._plan)
        if self._tell is not None:
            cost, unplaced = self._plan
            more = self.standing
            self._tell(replace(progress, seconds=self.seconds, cost=cost + more, unplaced=unplaced, bound=bound + more))


def written_out(space: Space, copies: PlacedCopies) -> tuple[Plan, int]:
    """A plan for everything, and what it costs beside what is not decided.

    The copies of each item go to the shards that it stands for, those that stay first; what is not free stays as it is; and
    every server gets its part of a card.
    """
    items, problem, now = space.items, space.items.problem, space.items.problem.in_force
    stays = copies.host == space.tables.stay[copies.item]
    order = np.lexsort((~stays, copies.item))
    item, place, servers, stays = (column[order] for column in (copies.item, copies.host, copies.servers, stays))
    member = items.member_ptr[item] + np.arange(len(item)) - np.searchsorted(item, item)
    workload, shard = items.member_workload[member], items.member_shard[member]
    position = space.host_at(place)
    ptr, links = space.routes_to(item, place)
    node, profile = space.hosts.node[position], space.hosts.profile[position]
    load = items.devices[item] * np.array([problem.workloads[w].rate_mhz for w in workload.tolist()], np.int64)
    batch = np.array(
        [(best_batch(problem.profiles[f], s, rate) or (0,))[0]
         for f, s, rate in zip(profile.tolist(), servers.tolist(), load.tolist(), strict=True)], np.int64,
    )  # fmt: skip
    decided = Plan(workload, shard, node, profile, servers, ptr, links, batch)
    # What stays has its cards, and the batches that it was promised with, already.
    held = problem.standing_row(decided)
    fixed = np.flatnonzero(problem.fixed)
    plan = joined(decided.rows(np.flatnonzero(~stays)), now.rows(np.concatenate((held[stays], fixed))))
    loose = np.arange(len(plan)) < len(plan) - len(fixed)
    plan = cut(problem, plan, loose)
    sums = loading.total(space.tables, item, place, servers)
    missing = items.count - np.bincount(item, minlength=len(items))
    return plan, sums + int((space.penalty * missing).sum()) + _recut(problem, plan)


def _recut(problem: Problem, plan: Plan) -> int:
    """What it costs that placements which are kept otherwise get other parts of cards."""
    again = np.flatnonzero(problem.kept(plan) & problem.moved(plan))
    if not len(again):
        return 0
    anew, held = plan.rows(again), problem.in_force.rows(problem.standing_row(plan)[again])
    return sum(goal.cost(problem, anew) - goal.cost(problem, held) for goal in GOALS)


def standing_cost(space: Space) -> int:
    """What everything costs that a plan does not decide about."""
    problem, now = space.items.problem, space.items.problem.in_force
    fixed = now.rows(np.flatnonzero(problem.fixed))
    return sum(goal.cost(problem, fixed) for goal in GOALS) - int((space.left_out * space.items.count).sum())


def shadow_prices(space: Space, listed: Listed, solution: Solution) -> tuple[ShadowPrice, ...]:
    """The scarce capacities by the prices behind the bound, dearest unit first."""
    scarce = []
    for position in np.flatnonzero(solution.prices.row).tolist():
        rows, r = space.row_label(int(listed.row[position]))
        price = int(solution.prices.row[position]) / solution.prices.scale
        scarce.append(ShadowPrice(rows.named(r), price))
    return tuple(sorted(scarce, key=lambda one: -one.price))

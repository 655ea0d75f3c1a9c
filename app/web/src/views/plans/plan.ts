/** One plan: how it comes along while it is solved, what it came to, and what can be done with it. */
import { Refused, isAbort } from "../../api";
import type { Chart } from "../../chart";
import { confirm } from "../../dialog";
import { fill, h, type Child } from "../../dom";
import { href } from "../../route";
import { failureSaid, warningWord } from "../../sentences";
import { allPlans, empty, region } from "../../states";
import { table } from "../../table";
import type { Capacity, Comparison, NetworkMap, PlanOut, ProgressSeries } from "../../wire";
import { again, apply, type Outcome } from "./apply";
import { ALLOCATION, PAGE, changesTable, nodeNames } from "./changes";
import { counts, detailsOf, otherDay, warnings, type Details } from "./consequences";
import { convergence, goalsChart, type Convergence } from "./charts";
import { download, type Format } from "./download";
import { goneNotice } from "./gone";
import { toggled, type Page, type PlansContext } from "./params";
import { placementsPart } from "./placements";
import { refused } from "./request";
import { sitesPart } from "./sites";
import { askedOf, figure, limitsOf, resultFigures } from "./summary";
import { goBack } from "./undo";
import { statusBadges, warned } from "./warned";

const TICK_MS = 1_000;

interface Found {
  plan: PlanOut;
  series: ProgressSeries;
  inForce: boolean;
  /** What has ended with decisions has these. */
  more: { capacity: Capacity; comparison: Comparison; details: Details; map: NetworkMap } | null;
}

/** Show a plan in `root`. */
export function planPage(root: HTMLElement, context: PlansContext, id: string): Page {
  const { i18n, api, live, values, go, link, announce } = context;
  let found: Found | null = null;
  let curve: Convergence | null = null;
  let goals: Chart | null = null;
  let busy = false;
  /** Whether it has been deleted: it is neither read again nor acted upon. */
  let gone = false;
  /** What changes while a plan is solved. */
  let running: { say(point: PlanOut["best"]): void; tick(): void } | null = null;

  const title = h("h2", { tabIndex: -1 }, id.slice(0, 8));
  const badges = h("span", { class: "plans-badges" });
  const about = h("p", { class: "quiet small" });
  const button = (label: string, press: () => Promise<void>, kind = ""): HTMLButtonElement =>
    h("button", { type: "button", class: kind, hidden: true, on: { click: () => void act(press) } }, label);
  const stop = button(i18n.t("plans.cancel"), cancel, "danger");
  const put = button(i18n.t("plans.apply"), putInForce, "primary");
  const repeat = button(i18n.t("plans.again"), askAgain);
  const forget = button(i18n.t("plans.delete"), remove);
  const links = h("span", { class: "bar" });
  const notice = h("div", { class: "plans-note" });
  const wrong = h("div", { class: "plans-note" });
  const inside = h("div", { class: "plans-stack" });
  root.append(
    h("p", {}, h("a", { href: link({ plan: "", with: "" }) }, i18n.t("plans.back"))),
    h("div", { class: "card card-body plans-head" }, h("div", { class: "bar" }, title, badges), about, h("div", { class: "bar" }, put, stop, repeat, links, h("span", { class: "end" }, forget))),
    goneNotice(context, () => [id]),
    notice,
    wrong,
    inside,
  );

  /** Do one thing at a time; what goes wrong is said above the plan. */
  async function act(work: () => Promise<void>): Promise<void> {
    if (busy) return;
    busy = true;
    fill(wrong);
    try {
      await work();
    } catch (error) {
      if (isAbort(error)) return;
      fill(wrong, refused(context, error, null));
      if (error instanceof Refused && error.code === "plan.illegal") wrong.append(h("p", {}, i18n.t("plans.illegalHint")));
    } finally {
      busy = false;
    }
  }
  async function cancel(): Promise<void> {
    await api.post("/v1/plans/{id}/cancel", { path: { id } });
    stop.disabled = true;
    announce(i18n.t("plans.cancelAsked"));
  }
  async function putInForce(): Promise<void> {
    if (!found) return;
    await said(await apply(context, found.plan));
  }
  async function undo(generation: number): Promise<void> {
    await said(await goBack(context, generation, "before"));
  }
  /** Say that something is in force now, with the way back. */
  async function said(outcome: Outcome): Promise<void> {
    if (outcome.kind === "again") go({ plan: outcome.plan, with: "" });
    if (outcome.kind !== "applied") return;
    const { sentence, generation } = outcome;
    // One thing is done at a time: it can be pressed once this one is through.
    const back = h("button", { type: "button", disabled: true, on: { click: () => void act(() => undo(generation)) } }, i18n.t("plans.undo"));
    fill(notice, h("p", { class: "notice good" }, sentence, " ", back));
    announce(sentence);
    await part.load();
    back.disabled = false;
    title.focus();
  }
  async function askAgain(): Promise<void> {
    go({ plan: await again(context, id), with: "" });
  }
  async function remove(): Promise<void> {
    const name = found?.plan.name ?? id.slice(0, 8);
    if (!(await confirm(i18n, { title: i18n.t("plans.deleteTitle", { name }), body: i18n.t("plans.deleteMeaning"), action: i18n.t("plans.delete"), danger: true }))) return;
    await api.delete("/v1/plans/{id}", { path: { id } });
    announce(i18n.t("plans.deleted", { name }));
    go({ plan: "", with: "" }, true);
  }

  const part = region<Found>(
    inside,
    i18n,
    async () => {
      const asked = { path: { id } };
      const [plan, series, summary] = await Promise.all([
        api.get("/v1/plans/{id}", asked),
        api.get("/v1/plans/{id}/progress", { ...asked, query: { limit: 10_000 } }),
        api.get("/v1/allocations/summary"),
      ]);
      const more = plan.result === null ? null : await decisionsOf();
      return { plan, series, inForce: summary.plan === id, more };
    },
    (now) => {
      found = now;
      head(now);
      curve?.chart.dispose();
      goals?.dispose();
      running = null;
      const { plan } = now;
      curve = plan.started_at === null ? null : convergenceOf(plan);
      curve?.set(now.series.points);
      if (plan.status === "queued" || plan.status === "running") return solving(plan);
      if (now.more === null) return failed(plan);
      return ended(now, now.more);
    },
    allPlans(i18n),
  );

  async function decisionsOf(): Promise<NonNullable<Found["more"]>> {
    const [capacity, comparison, map] = await Promise.all([
      api.get("/v1/capacity", { query: { plan: id } }),
      api.get("/v1/plans/{id}/comparison", { path: { id }, query: { with: ALLOCATION, limit: PAGE } }),
      api.get("/v1/map"),
    ]);
    return { capacity, comparison, details: await detailsOf(api, comparison, ALLOCATION), map };
  }

  function convergenceOf(plan: PlanOut): Convergence {
    const solving = plan.status === "running";
    return convergence(i18n, solving ? (plan.limits.seconds ?? null) : null, {
      scale: values().scale,
      asTable: values().tables.includes("progress"),
      onScale: (scale) => go({ scale }, true),
      onToggle: (asTable) => go({ tables: toggled(values().tables, "progress", asTable) }, true),
    });
  }

  function head({ plan, inForce }: Found): void {
    title.textContent = plan.name ?? id.slice(0, 8);
    fill(
      badges,
      statusBadges(i18n, plan),
      plan.what_if && [" ", h("span", { class: "badge" }, i18n.t("plans.whatIf"))],
      inForce && [" ", h("span", { class: "badge accent" }, i18n.t("plans.inForce"))],
    );
    fill(
      about,
      [plan.note, i18n.t("plans.submittedAt", { time: i18n.time(plan.submitted_at) }), plan.generation !== null && i18n.t("plans.madeFrom", { generation: String(plan.generation) })]
        .filter((one) => one)
        .join(" · "),
      " · ",
      h("code", {}, id),
    );
    const going = plan.status === "queued" || plan.status === "running";
    const decided = plan.result !== null;
    stop.hidden = gone || !going;
    put.hidden = gone || !decided || plan.what_if || inForce;
    repeat.hidden = gone || going;
    forget.hidden = gone || going || inForce;
    fill(
      links,
      decided && !gone && [
        h("a", { class: "button", href: link({ plan: id, with: previous(plan) }), hidden: previous(plan) === "" }, i18n.t("plans.compare")),
        h("a", { class: "button", href: href("map", inForce ? {} : { plan: id }) }, i18n.t("plans.onMap")),
        h("a", { class: "button", href: href("refusals", { plan: id }) }, i18n.t("plans.itsRefusals")),
        h("a", { class: "button", href: link({ plan: id, with: "", report: true }) }, i18n.t("plans.report")),
        (["json", "csv"] as const).map(saving),
      ],
    );
  }

  /** With which other plan this one is compared at first: the one in force, or the one before it. */
  let others: readonly PlanOut[] = [];
  function previous(plan: PlanOut): string {
    const force = found?.more?.comparison.other ?? "";
    if (force !== "" && force !== plan.id) return force;
    return others.find((one) => one.id !== plan.id && one.result !== null)?.id ?? "";
  }
  void (async () => {
    try {
      others = (await api.get("/v1/plans", { query: { limit: 50 } })).items;
      if (found) head(found);
    } catch (error) {
      if (!isAbort(error)) fill(wrong, refused(context, error, null));
    }
  })();

  function saving(format: Format): HTMLElement {
    const label = i18n.t("plans.download", { format: format.toUpperCase() });
    const save = h("button", { type: "button" }, label);
    save.addEventListener("click", () => void act(async () => {
      const stem = `plan-${found?.plan.name ?? id.slice(0, 8)}`;
      try {
        await download(api, id, stem, format, (count) => (save.textContent = i18n.t("plans.reading", { count: i18n.number(count) })));
      } finally {
        save.textContent = label;
      }
    }));
    return save;
  }

  /** It waits, or is being solved. */
  function solving(plan: PlanOut): Child {
    if (plan.status === "queued") return h("div", { class: "card" }, empty(i18n.t("plans.waiting"), i18n.t("plans.waitingHint")));
    const cells = Array.from({ length: 6 }, () => h("span", {}, i18n.t("common.none")));
    const [phase, cost, bound, gap, unplaced, elapsed] = cells as [HTMLElement, HTMLElement, HTMLElement, HTMLElement, HTMLElement, HTMLElement];
    const limit = plan.limits.seconds ?? 0;
    const bar = h("progress", { max: Math.max(limit, 1), value: 0, "aria-label": i18n.t("plans.elapsed") });
    const began = plan.started_at === null ? Date.now() : Date.parse(plan.started_at);
    running = {
      say(point) {
        if (!point) return;
        phase.textContent = i18n.word("phase", point.phase);
        cost.textContent = i18n.money(point.cost);
        bound.textContent = point.bound > 0 ? i18n.money(point.bound) : i18n.t("common.none");
        gap.textContent = point.bound > 0 ? i18n.gap(point.gap) : i18n.t("common.none");
        unplaced.textContent = i18n.number(point.unplaced);
      },
      tick() {
        const passed = Math.max(0, (Date.now() - began) / 1_000);
        bar.value = Math.min(passed, limit);
        elapsed.textContent = `${i18n.number(Math.floor(passed))} / ${i18n.seconds(limit)}`;
      },
    };
    running.say(plan.best ?? found?.series.points.at(-1) ?? null);
    running.tick();
    return [
      h(
        "div",
        { class: "card" },
        h(
          "dl",
          { class: "figures" },
          figure(i18n.t("plans.phase"), phase),
          figure(i18n.t("plans.bestCost"), cost),
          figure(i18n.t("plans.bound"), bound),
          figure(i18n.t("plans.gap"), gap),
          figure(i18n.t("plans.unplaced"), unplaced),
          figure(i18n.t("plans.elapsed"), elapsed, bar),
        ),
      ),
      curve?.chart.element,
    ];
  }

  function failed(plan: PlanOut): Child {
    const reason = failureSaid(i18n, plan.failure);
    return [
      h("div", { class: "card" }, empty(i18n.t(plan.status === "cancelled" ? "plans.cancelledTitle" : "plans.failedTitle"), reason)),
      (found?.series.points.length ?? 0) > 0 && curve?.chart.element,
    ];
  }

  function ended({ plan, inForce }: Found, { capacity, comparison, details, map }: NonNullable<Found["more"]>): Child {
    const { result } = plan;
    if (!result) return null;
    const names = nodeNames(i18n, map);
    const day = otherDay(i18n, plan);
    goals = goalsChart(i18n, plan, values().tables.includes("goals"), (asTable) => go({ tables: toggled(values().tables, "goals", asTable) }, true));
    const tight = limitsOf(i18n, id, capacity.tightest, names);
    return [
      warned(i18n, result),
      plan.status === "cancelled" && h("p", { class: "notice" }, i18n.t("plans.cancelledBest")),
      day !== null && h("p", { class: "notice", "data-part": "day" }, day),
      warnings(i18n, inForce ? { ...comparison, terms: [], not_operating: [] } : comparison, details, names, ALLOCATION),
      h(
        "div",
        { class: "card" },
        resultFigures(i18n, result),
        h("p", { class: "small quiet plans-foot" }, i18n.t("plans.asOfPlan", { generation: String(plan.generation ?? ""), day: i18n.day(plan.terms.horizon) })),
      ),
      h("div", { class: "plans-two" }, goals?.element, curve?.chart.element),
      changesOf(comparison, details, names),
      placementsPart({
        i18n,
        api,
        plan: plan.id,
        inForce,
        map,
        count: result.summary.placed.shards + result.summary.refused.shards,
        open: values().placements,
        onToggle: (open) => values().placements !== open && go({ placements: open }, true),
      }),
      sitesPart(i18n, api, plan.id, map),
      h("div", { class: "card plans-limits" }, tight.element),
      h("div", { class: "plans-two plans-limits" }, marginsOf(plan, names), askedOf(i18n, plan)),
    ];
  }

  function marginsOf(plan: PlanOut, names: ReadonlyMap<string, string>): HTMLElement | null {
    const margins = plan.result?.summary.margins;
    if (!margins) return null;
    const list = table(
      {
        i18n,
        caption: i18n.t("plans.margins"),
        columns: [
          { key: "workload", label: i18n.t("plans.workload"), value: (shard) => shard.workload, href: (shard) => href("map", { plan: id, workload: shard.workload }) },
          { key: "node", label: i18n.t("plans.node"), value: (shard) => names.get(shard.node) ?? shard.node, href: (shard) => href("map", { plan: id, node: shard.node }) },
          { key: "deadline", label: i18n.t("plans.deadline"), align: "end", value: (shard) => shard.deadline_us, cell: (shard) => i18n.micros(shard.deadline_us) },
          { key: "margin", label: i18n.t("plans.margin"), align: "end", value: (shard) => shard.margin_us, cell: (shard) => i18n.micros(shard.margin_us) },
        ],
        id: (shard) => `${shard.workload} ${shard.shard}`,
      },
      margins.tightest,
    );
    return h("div", { class: "card" }, list.element);
  }

  /** What applying it now would do. */
  function changesOf(comparison: Comparison, details: Details, names: ReadonlyMap<string, string>): HTMLElement {
    return h(
      "section",
      { class: "card", "aria-labelledby": "plans-changes" },
      h("div", { class: "card-head" }, h("h2", { id: "plans-changes" }, i18n.t(comparison.other === null ? "plans.changesFirst" : "plans.changes"))),
      h("div", { class: "card-body plans-stack" }, counts(i18n, comparison, details, ALLOCATION)),
      changesTable(i18n, comparison, names, (cursor) =>
        api.get("/v1/plans/{id}/comparison", { path: { id }, query: { with: ALLOCATION, limit: PAGE, cursor } }),
      ),
    );
  }

  void part.load();
  const clock = window.setInterval(() => running?.tick(), TICK_MS);
  live.on("plan", (event) => {
    if (gone) return;
    if (event.plan === id && event.type === "plan.improved") {
      curve?.add(event.detail);
      running?.say(event.detail);
    } else if (event.plan === id && event.type === "plan.deleted") {
      gone = true;
      const acting = document.activeElement?.closest(".plans-head button, .plans-head a") != null;
      if (found) head(found);
      if (acting) title.focus();
    } else if (event.plan === id || event.type === "plan.applied") {
      if (event.plan === id && event.type === "plan.finished") announce([...event.detail.warnings?.map((one) => warningWord(i18n, one)) ?? [], i18n.t("plans.finishedNow")].join(" "));
      void part.load();
    }
  });

  return {
    update(now) {
      curve?.scale(now.scale);
      curve?.chart.show(now.tables.includes("progress"));
      goals?.show(now.tables.includes("goals"));
    },
    dispose() {
      window.clearInterval(clock);
      curve?.chart.dispose();
      goals?.dispose();
    },
  };
}

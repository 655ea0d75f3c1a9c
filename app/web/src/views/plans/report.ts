/**
 * The report of a plan, for people who were not there: what was asked, what it costs and how good that is, what is placed,
 * what fits nowhere and why, what moves, what is tightest, and what it all rests on. It is made to be printed; what is too
 * long for that is counted, and stands whole on the plan's own pages.
 */
import { h, type Child } from "../../dom";
import { href } from "../../route";
import { empty, region } from "../../states";
import { table, type Column } from "../../table";
import type { Capacity, Comparison, NetworkMap, PlanOut, PlanResult, Unplaced } from "../../wire";
import { byWorkload, type Refused } from "../refusals/counts";
import { ALLOCATION, PAGE, changed, columnsOf, inReadingOrder, nodeNames } from "./changes";
import { closedPart, otherDay, pricePart, termsPart } from "./consequences";
import type { Page, PlansContext } from "./params";
import { askedOf, limitsOf, resultFigures } from "./summary";
import { statusBadges, warned } from "./warned";

/** Rows of each list. */
const MOST = { refused: 20, rules: 3, moves: 20, limits: 12 } as const;
/** Refused shards that are read, to count them by workload. */
const MOST_READ = 5_000;

interface Found {
  plan: PlanOut;
  capacity: Capacity;
  comparison: Comparison;
  refused: readonly Unplaced[];
  map: NetworkMap;
}

/** Show the report of a plan in `root`. */
export function reportPage(root: HTMLElement, { i18n, api, link }: PlansContext, id: string): Page {
  const inside = h("div", { class: "plans-stack plans-report" });
  const print = h("button", { type: "button", class: "primary", on: { click: () => window.print() } }, i18n.t("plans.print"));
  root.append(h("p", { class: "bar" }, h("a", { href: link({ report: false }) }, i18n.t("plans.backToPlan")), print), inside);

  const part = region<Found | PlanOut>(
    inside,
    i18n,
    async () => {
      const asked = { path: { id } };
      const plan = await api.get("/v1/plans/{id}", asked);
      if (plan.result === null) return plan;
      const [capacity, comparison, refused, map] = await Promise.all([
        api.get("/v1/capacity", { query: { plan: id } }),
        api.get("/v1/plans/{id}/comparison", { ...asked, query: { with: ALLOCATION, limit: PAGE } }),
        api.all("/v1/plans/{id}/unplaced", { ...asked, query: { limit: 1_000 } }, MOST_READ),
        api.get("/v1/map"),
      ]);
      return { plan, capacity, comparison, refused, map };
    },
    (found) => {
      if (!("plan" in found)) return h("div", { class: "card" }, empty(i18n.t("plans.noReport"), i18n.t("plans.noReportHint")));
      const { result } = found.plan;
      return result === null ? null : written(found, result);
    },
  );
  void part.load();

  function written({ plan, capacity, comparison, refused, map }: Found, result: PlanResult): Child {
    const names = nodeNames(i18n, map);
    const day = otherDay(i18n, plan);
    return [
      h("div", { class: "card card-body plans-head" }, h("div", { class: "bar" }, h("h2", {}, i18n.t("plans.reportOf", { name: plan.name ?? plan.id.slice(0, 8) })), h("span", {}, statusBadges(i18n, plan))), plan.note && h("p", {}, plan.note)),
      warned(i18n, result),
      day !== null && h("p", { class: "notice" }, day),
      h("div", { class: "card" }, resultFigures(i18n, result)),
      h("div", { class: "plans-two" }, askedOf(i18n, plan), goals(result)),
      h("div", { class: "card" }, tiers(result)),
      h("div", { class: "card" }, refusals(byWorkload(refused, plan.id))),
      moves(comparison, names),
      h("div", { class: "card" }, limitsOf(i18n, id, capacity.tightest, names, MOST.limits).element, cut(MOST.limits, capacity.tightest.length)),
      provenance(plan),
    ];
  }

  /** That a list goes on elsewhere. */
  function cut(shown: number, count: number): Child {
    return count > shown && h("p", { class: "small quiet plans-foot" }, i18n.t("plans.shownOf", { shown: i18n.number(shown), count: i18n.number(count) }));
  }

  function goals(result: PlanResult): HTMLElement {
    type Goal = PlanResult["cost_by_goal"][number];
    const columns: Column<Goal>[] = [
      { key: "goal", label: i18n.t("plans.goal"), value: (one) => i18n.word("goal", one.goal) },
      { key: "cost", label: i18n.t("plans.cost"), align: "end", value: (one) => one.krw_month, cell: (one) => i18n.won(one.krw_month) },
    ];
    return h("div", { class: "card" }, table<Goal>({ i18n, caption: i18n.t("plans.costByGoal"), columns, id: (one) => one.goal }, result.cost_by_goal).element);
  }

  function tiers(result: PlanResult): HTMLElement {
    type Tier = PlanResult["summary"]["by_tier"][number];
    const columns: Column<Tier>[] = [
      { key: "tier", label: i18n.t("plans.tier"), value: (one) => i18n.word("tier", one.tier) },
      { key: "shards", label: i18n.t("plans.shards"), align: "end", value: (one) => one.shards },
      { key: "devices", label: i18n.t("plans.devices"), align: "end", value: (one) => one.devices },
    ];
    return table<Tier>({ i18n, caption: i18n.t("plans.placedByTier"), columns, id: (one) => one.tier }, result.summary.by_tier).element;
  }

  function refusals(rows: readonly Refused[]): Child {
    const columns: Column<Refused>[] = [
      { key: "workload", label: i18n.t("plans.workload"), value: (one) => one.workload, href: (one) => href("refusals", { plan: id, workload: one.workload }) },
      { key: "shards", label: i18n.t("plans.shards"), align: "end", value: (one) => one.shards },
      { key: "devices", label: i18n.t("plans.devices"), align: "end", value: (one) => one.devices },
      { key: "why", label: i18n.t("refusals.why"), value: (one) => counted(one.refusal?.reasons) },
      { key: "repair", label: i18n.t("refusals.repair"), value: (one) => (one.refusal ? (counted(one.refusal.repairs) ?? i18n.t("refusals.nothing")) : null) },
      { key: "sentence", label: i18n.t("plans.why"), fileOnly: true, value: (one) => (one.refusal ? i18n.plain(one.refusal.sentence) : null) },
    ];
    const most = rows.toSorted((a, b) => b.devices - a.devices).slice(0, MOST.refused);
    return [table<Refused>({ i18n, caption: i18n.t("plans.fitsNowhere"), columns, id: (one) => one.workload, empty: i18n.t("plans.allPlaced") }, most).element, cut(MOST.refused, rows.length)];
  }

  /** The rules that close most nodes, with how many. */
  function counted(rules: readonly { rule: string; nodes: number }[] | undefined): string | null {
    if (!rules || rules.length === 0) return null;
    const most = rules.toSorted((a, b) => b.nodes - a.nodes).slice(0, MOST.rules);
    return most.map(({ rule, nodes }) => `${i18n.word("rule", rule)} ${i18n.number(nodes)}`).join(" · ") + (rules.length > most.length ? " …" : "");
  }

  function moves(comparison: Comparison, names: ReadonlyMap<string, string>): HTMLElement {
    const rows = inReadingOrder(comparison.items).slice(0, MOST.moves);
    const columns = columnsOf(i18n, names);
    return h(
      "div",
      { class: "card" },
      table({ i18n, caption: i18n.t(comparison.other === null ? "plans.changesFirst" : "plans.changes"), columns, id: (row) => `${row.workload} ${row.shard}`, empty: i18n.t("plans.noChange") }, rows).element,
      cut(rows.length, changed(comparison)),
      h("div", { class: "card-body plans-stack" }, termsPart(i18n, comparison.terms, ALLOCATION), closedPart(i18n, comparison.not_operating, names), pricePart(i18n, comparison, ALLOCATION)),
    );
  }

  function provenance(plan: PlanOut): HTMLElement {
    const fact = (name: string, value: Child) => h("div", {}, h("dt", {}, name), h("dd", {}, value));
    const at = (moment: string | null): string => (moment === null ? i18n.t("common.none") : i18n.time(moment));
    return h(
      "section",
      { class: "card", "aria-labelledby": "plans-provenance" },
      h("div", { class: "card-head" }, h("h2", { id: "plans-provenance" }, i18n.t("plans.restsOn"))),
      h(
        "dl",
        { class: "plans-facts card-body" },
        fact(i18n.t("plans.plan"), h("code", {}, plan.id)),
        fact(i18n.t("plans.generation"), plan.generation === null ? i18n.t("common.none") : String(plan.generation)),
        fact(i18n.t("plans.submitted"), at(plan.submitted_at)),
        fact(i18n.t("plans.started"), at(plan.started_at)),
        fact(i18n.t("plans.ended"), at(plan.finished_at)),
        fact(i18n.t("plans.appliedIn"), plan.applied_generation === null ? i18n.t("plans.notApplied") : String(plan.applied_generation)),
        fact(i18n.t("plans.written"), at(new Date().toISOString())),
        fact(i18n.t("plans.address"), location.origin),
      ),
    );
  }

  return { update: () => undefined, dispose: () => undefined };
}

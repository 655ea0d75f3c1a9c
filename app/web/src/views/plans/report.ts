/**
 * The report of a plan, for people who were not there, on one sheet of paper: what was asked, what it costs and how good that is,
 * what changes, what fits nowhere and why, what is in trouble, what hangs on a promise, and what each site costs. Each list has
 * its first rows; how many more there are is counted, with the page that has them all.
 */
import { h, type Child } from "../../dom";
import { href } from "../../route";
import { allPlans, empty, region } from "../../states";
import { localDay } from "../../today";
import type { Capacity, Comparison, NetworkMap, PlacementMap, PlanOut, PlanResult, SiteCosts, Unplaced } from "../../wire";
import { byWorkload } from "../refusals/counts";
import { ALLOCATION, PAGE, changed, columnsOf, inReadingOrder, nodeNames, tally } from "./changes";
import { detailsOf, otherDay, pricePart, termSaid, termWord, type Details } from "./consequences";
import { goneNotice } from "./gone";
import { hanging } from "./hanging";
import type { Page, PlansContext } from "./params";
import { siteNames } from "./sites";
import { limitsNamed, resultFigures } from "./summary";
import { statusBadges, warned } from "./warned";

/** Rows of each list: together they fit a sheet of A4. */
const MOST = { refused: 8, rules: 3, moves: 6, trouble: 5, hanging: 5, sites: 8, limits: 8, closed: 6 } as const;
/** Refused shards that are read, to count them by workload. */
const MOST_READ = 5_000;

interface Found {
  plan: PlanOut;
  capacity: Capacity;
  comparison: Comparison;
  details: Details;
  refused: readonly Unplaced[];
  map: NetworkMap;
  placed: PlacementMap;
  sites: SiteCosts;
}

/** A column of a list: its heading, and whether it holds numbers or needs much room. */
type Heading = readonly [label: string, kind?: "end" | "wide" | undefined];

/** Show the report of a plan in `root`. */
export function reportPage(root: HTMLElement, context: PlansContext, id: string): Page {
  const { i18n, api, link } = context;
  const inside = h("div", { class: "plans-stack plans-report" });
  const print = h("button", { type: "button", class: "primary", on: { click: () => window.print() } }, i18n.t("plans.print"));
  root.append(h("p", { class: "bar" }, h("a", { href: link({ report: false }) }, i18n.t("plans.backToPlan")), print), goneNotice(context, () => [id]), inside);

  const part = region<Found | PlanOut>(
    inside,
    i18n,
    async () => {
      const asked = { path: { id } };
      const plan = await api.get("/v1/plans/{id}", asked);
      if (plan.result === null) return plan;
      const [capacity, comparison, refused, map, placed, sites] = await Promise.all([
        api.get("/v1/capacity", { query: { plan: id } }),
        api.get("/v1/plans/{id}/comparison", { ...asked, query: { with: ALLOCATION, limit: PAGE } }),
        api.all("/v1/plans/{id}/unplaced", { ...asked, query: { limit: 1_000 } }, MOST_READ),
        api.get("/v1/map"),
        api.get("/v1/map/plans/{id}", asked),
        api.get("/v1/plans/{id}/sites", asked),
      ]);
      return { plan, capacity, comparison, details: await detailsOf(api, comparison, ALLOCATION), refused, map, placed, sites };
    },
    (found) => {
      if (!("plan" in found)) return h("div", { class: "card" }, empty(i18n.t("plans.noReport"), i18n.t("plans.noReportHint")));
      const { result } = found.plan;
      return result === null ? null : written(found, result);
    },
    allPlans(i18n),
  );
  void part.load();

  function written(found: Found, result: PlanResult): Child {
    const { plan } = found;
    const names = nodeNames(i18n, found.map);
    const day = otherDay(i18n, plan);
    return [
      h("div", { class: "card card-body plans-head" }, h("div", { class: "bar" }, h("h2", {}, i18n.t("plans.reportOf", { name: plan.name ?? plan.id.slice(0, 8) })), h("span", {}, statusBadges(i18n, plan))), plan.note && h("p", { class: "report-note" }, plan.note)),
      warned(i18n, result),
      day !== null && h("p", { class: "notice" }, day),
      h("div", { class: "card" }, resultFigures(i18n, result)),
      h("div", { class: "report-two" }, asked(plan), goals(result)),
      changes(found, names),
      refusals(found.refused),
      h("div", { class: "report-two" }, trouble(found, names), promises(found, names)),
      h("div", { class: "report-two" }, costs(found), limits(found.capacity, names)),
      provenance(plan),
    ];
  }

  /** A part with its first rows, and how many more there are where. */
  function list(title: string, headings: readonly Heading[], rows: readonly (readonly Child[])[], none: string, more: Child = null, before: Child = null): HTMLElement {
    const cells = (row: readonly Child[]) => headings.map(([, kind], i) => h("td", { class: kind }, row[i]));
    return h(
      "section",
      { class: "card" },
      h("div", { class: "card-head" }, h("h2", {}, title)),
      before,
      rows.length === 0
        ? h("p", { class: "report-line quiet" }, none)
        : h("table", { class: "table report-table" }, h("thead", {}, h("tr", {}, headings.map(([label, kind]) => h("th", { scope: "col", class: kind }, h("span", {}, label))))), h("tbody", {}, rows.map((row) => h("tr", {}, cells(row))))),
      more,
    );
  }

  /** How many more rows there are, and the page that has them; nothing where all are shown. */
  function more(shown: number, count: number, label: string, to: string): Child {
    return count > shown && h("p", { class: "report-line small" }, i18n.t("plans.reportMore", { count: i18n.number(count - shown) }), " ", h("a", { href: to }, label));
  }

  function asked(plan: PlanOut): HTMLElement {
    const { terms, limits: given } = plan;
    const rows: [string, Child][] = [
      [i18n.t("plans.workloads"), i18n.number(plan.workloads)],
      [i18n.t("plans.horizon"), i18n.day(terms.horizon)],
      [i18n.t("plans.lowest"), i18n.word("commitment", terms.lowest_commitment ?? "operational")],
      [i18n.t("plans.limit"), given.seconds === null || given.seconds === undefined ? i18n.t("plans.defaultSeconds") : i18n.seconds(given.seconds)],
      [i18n.t("plans.caps"), (terms.share_caps ?? []).length === 0 ? i18n.t("plans.noCaps") : termSaid(i18n, "share_caps", terms.share_caps)],
    ];
    return list(i18n.t("plans.asked"), [[i18n.t("plans.term")], [i18n.t("plans.termHere"), "end"]], rows, "");
  }

  function goals(result: PlanResult): HTMLElement {
    const rows = result.cost_by_goal.filter((one) => one.cost_month !== 0).map((one) => [i18n.word("goal", one.goal), i18n.money(one.cost_month)]);
    return list(i18n.t("plans.costByGoal"), [[i18n.t("plans.goal")], [i18n.t("plans.cost"), "end"]], rows, i18n.t("common.none"));
  }

  /** What applying it would do: how much of what, the price, terms that differ, and what ends and moves first. */
  function changes({ comparison }: Found, names: ReadonlyMap<string, string>): HTMLElement {
    const columns = columnsOf(i18n, names).filter((column) => !column.fileOnly);
    const rows = inReadingOrder(comparison.items).slice(0, MOST.moves);
    const shown = rows.map((row) => columns.map((column): Child => column.value(row) ?? i18n.t("common.none")));
    const terms = comparison.terms.map((one) => `${termWord(i18n, one.field)}: ${termSaid(i18n, one.field, one.other)} → ${termSaid(i18n, one.field, one.this)}`);
    return list(
      i18n.t(comparison.other === null ? "plans.changesFirst" : "plans.changes"),
      columns.map((column): Heading => [column.label, column.align]),
      shown,
      i18n.t("plans.noChange"),
      more(rows.length, changed(comparison), i18n.t("plans.ofThePlan"), link({ report: false })),
      [
        tally(i18n, comparison),
        h("div", { class: "report-line" }, pricePart(i18n, comparison, ALLOCATION)),
        terms.length > 0 && h("p", { class: "report-line" }, h("strong", {}, i18n.t("plans.termsDiffer")), " ", terms.join("; ")),
      ],
    );
  }

  function refusals(found: readonly Unplaced[]): HTMLElement {
    const all = byWorkload(found, id).toSorted((a, b) => b.devices - a.devices || (a.workload < b.workload ? -1 : 1));
    const rows = all.slice(0, MOST.refused).map((one) => [
      h("a", { href: href("refusals", { plan: id, workload: one.workload }) }, one.workload),
      i18n.number(one.shards),
      i18n.number(one.devices),
      counted(one.refusal?.reasons) ?? i18n.t("refusals.onRequest"),
      one.refusal ? (counted(one.refusal.repairs) ?? i18n.t("refusals.nothing")) : i18n.t("common.none"),
    ]);
    const headings: Heading[] = [[i18n.t("plans.workload")], [i18n.t("plans.shards"), "end"], [i18n.t("plans.devices"), "end"], [i18n.t("refusals.why"), "wide"], [i18n.t("refusals.repair")]];
    return list(i18n.t("plans.fitsNowhere"), headings, rows, i18n.t("plans.allPlaced"), more(rows.length, all.length, i18n.t("plans.itsRefusals"), href("refusals", { plan: id })));
  }

  /** The rules that close most nodes, with how many. */
  function counted(rules: readonly { rule: string; nodes: number }[] | undefined): string | null {
    if (!rules || rules.length === 0) return null;
    const most = rules.toSorted((a, b) => b.nodes - a.nodes).slice(0, MOST.rules);
    return most.map(({ rule, nodes }) => `${i18n.word("rule", rule)} ${i18n.number(nodes)}`).join(" · ") + (rules.length > most.length ? " …" : "");
  }

  /** What breaks a rule where it stays, and the nodes that are used and do not operate today. */
  function trouble({ comparison, details }: Found, names: ReadonlyMap<string, string>): HTMLElement {
    const rows = details.disturbed.slice(0, MOST.trouble).map((row) => [
      `${row.workload} · ${i18n.number(row.shard + 1)}`,
      row.node === null ? i18n.t("common.none") : (names.get(row.node) ?? row.node),
      `${i18n.t(row.disturbed?.unlawful ? "plans.unlawful" : "plans.disturbed")}: ${(row.disturbed?.rules ?? []).map((rule) => i18n.word("rule", rule)).join(", ")}`,
    ]);
    const closed = comparison.not_operating;
    const named = closed.slice(0, MOST.closed).map((one) => names.get(one) ?? one).join(", ") + (closed.length > MOST.closed ? " …" : "");
    return list(
      i18n.t("plans.inTrouble"),
      [[i18n.t("plans.workload")], [i18n.t("plans.node")], [i18n.t("plans.status")]],
      rows,
      i18n.t("plans.noTrouble"),
      more(rows.length, comparison.disturbed, i18n.t("plans.ofThePlan"), link({ report: false })),
      closed.length > 0 && h("p", { class: "report-line" }, h("strong", {}, i18n.t("plans.closed", { count: i18n.number(closed.length) })), " ", named),
    );
  }

  function promises({ map, placed }: Found, names: ReadonlyMap<string, string>): HTMLElement {
    const all = hanging(map, placed, localDay(new Date()));
    const rows = all.slice(0, MOST.hanging).map((one) => [
      h("a", { href: href("map", { plan: id, node: one.node }) }, names.get(one.node) ?? one.node),
      i18n.word("commitment", one.commitment),
      one.from === null ? i18n.t("common.none") : i18n.day(one.from),
      i18n.number(one.shards),
    ]);
    const headings: Heading[] = [[i18n.t("plans.node")], [i18n.t("plans.commitment")], [i18n.t("plans.opens")], [i18n.t("plans.shards"), "end"]];
    return list(i18n.t("plans.hanging"), headings, rows, i18n.t("plans.noHanging"), more(rows.length, all.length, i18n.t("view.capacity"), href("capacity", { plan: id })));
  }

  function costs({ sites, map }: Found): HTMLElement {
    const names = siteNames(i18n, map);
    const rows = sites.items.slice(0, MOST.sites).map((one) => [names.get(one.site) ?? one.site, i18n.money(one.placed_month), i18n.money(one.unplaced_month)]);
    const headings: Heading[] = [[i18n.t("plans.sites.site")], [i18n.t("plans.cost"), "end"], [i18n.t("plans.sites.missing"), "end"]];
    return list(i18n.t("plans.sites.caption"), headings, rows, i18n.t("common.none"), more(rows.length, sites.items.length, i18n.t("plans.ofThePlan"), link({ report: false })));
  }

  function limits({ tightest }: Capacity, names: ReadonlyMap<string, string>): HTMLElement {
    const all = limitsNamed(i18n, tightest, names);
    const rows = all.slice(0, MOST.limits).map((one) => [one.name, i18n.word("resource", one.use.resource), i18n.permille(one.use.used_permille), one.price]);
    const headings: Heading[] = [[i18n.t("plans.what")], [i18n.t("plans.resource")], [i18n.t("plans.share"), "end"], [i18n.t("plans.price"), "end"]];
    return list(i18n.t("plans.tightest"), headings, rows, i18n.t("common.none"), more(rows.length, all.length, i18n.t("plans.ofThePlan"), link({ report: false })));
  }

  function provenance(plan: PlanOut): HTMLElement {
    const at = (moment: string | null): string => (moment === null ? i18n.t("common.none") : i18n.time(moment));
    const facts: [string, string][] = [
      [i18n.t("plans.plan"), plan.id],
      [i18n.t("plans.generation"), plan.generation === null ? i18n.t("common.none") : String(plan.generation)],
      [i18n.t("plans.submitted"), at(plan.submitted_at)],
      [i18n.t("plans.ended"), at(plan.finished_at)],
      [i18n.t("plans.appliedIn"), plan.applied_generation === null ? i18n.t("plans.notApplied") : String(plan.applied_generation)],
      [i18n.t("plans.written"), at(new Date().toISOString())],
      [i18n.t("plans.address"), location.origin],
    ];
    return h(
      "section",
      { class: "card" },
      h("div", { class: "card-head" }, h("h2", {}, i18n.t("plans.restsOn"))),
      h("p", { class: "report-line small" }, facts.flatMap(([name, value], i): Child[] => [i > 0 && " · ", h("span", { class: "quiet" }, name), " ", value])),
    );
  }

  return { update: () => undefined, dispose: () => undefined };
}

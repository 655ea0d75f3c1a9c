/** Two plans beside each other: their figures, and what moves between them, on the map and in a list. */
import { BarChart, LinesChart, ScatterChart } from "echarts/charts";
import { GeoComponent, LegendComponent } from "echarts/components";
import { axis, chart, registerMap, use, type Chart } from "../../chart";
import { h, type Child } from "../../dom";
import { ATTRIBUTION, provinceFeatures } from "../../outline";
import { href } from "../../route";
import { allPlans, region } from "../../states";
import { table, type Column } from "../../table";
import type { Comparison, NetworkMap, PlanOut, ShardChange } from "../../wire";
import { PAGE, changesTable, nodeNames } from "./changes";
import { counts, detailsOf, otherDay, signed, warnings, type Details } from "./consequences";
import { goneNotice } from "./gone";
import { ways, type Way } from "./ways";
import { toggled, type Page, type PlansContext } from "./params";

use([BarChart, LinesChart, ScatterChart, GeoComponent, LegendComponent]);
registerMap("provinces", provinceFeatures() as unknown as Parameters<typeof registerMap>[1]);

/** More arcs than this say nothing more. */
const MOST_WAYS = 400;
/** Cosine of Korea's latitude. */
const ASPECT = 0.81;
/** What the map shows; arcs to nodes beyond it leave its frame. */
const FRAME = { west: 124, east: 132, south: 33, north: 39 };

interface Found {
  here: PlanOut;
  there: PlanOut;
  others: readonly PlanOut[];
  comparison: Comparison;
  details: Details;
  map: NetworkMap;
}

interface Line {
  name: string;
  there: number | null;
  here: number | null;
  said(value: number): string;
  /** Whether both figures are about the same workloads, whatever the plans are about. */
  whole?: boolean;
}

/** Show in `root` what changes from the plan `from` to the plan `to`. */
export function comparePage(root: HTMLElement, context: PlansContext, to: string, from: string): Page {
  const { i18n, api, values, go, link } = context;
  const charts: { name: "goals" | "moves"; drawn: Chart }[] = [];
  const inside = h("div", { class: "plans-stack" });
  root.append(h("p", {}, h("a", { href: link({ with: "" }) }, i18n.t("plans.backToPlan"))), h("h2", {}, i18n.t("plans.comparison")), goneNotice(context, () => [to, from]), inside);

  const part = region<Found>(
    inside,
    i18n,
    async () => {
      const [here, there, page, comparison, map] = await Promise.all([
        api.get("/v1/plans/{id}", { path: { id: to } }),
        api.get("/v1/plans/{id}", { path: { id: from } }),
        api.get("/v1/plans", { query: { limit: 500 } }),
        api.get("/v1/plans/{id}/comparison", { path: { id: to }, query: { with: from, limit: PAGE } }),
        api.get("/v1/map"),
      ]);
      return { here, there, others: page.items, comparison, details: await detailsOf(api, comparison, from), map };
    },
    (found) => {
      dispose();
      const names = nodeNames(i18n, found.map);
      const drawn = movesMap(found.map, names);
      drawn.set(found.comparison.items);
      const day = otherDay(i18n, found.here);
      return [
        choice(found),
        day !== null && h("p", { class: "notice", "data-part": "day" }, day),
        warnings(i18n, found.comparison, found.details, names, from),
        h("div", { class: "plans-two plans-moves" }, drawn.chart.element, h("div", { class: "plans-stack" }, figures(found), goals(found.comparison))),
        h(
          "section",
          { class: "card", "aria-labelledby": "plans-between" },
          h("div", { class: "card-head" }, h("h2", { id: "plans-between" }, i18n.t("plans.changesBetween"))),
          h("div", { class: "card-body plans-stack" }, counts(i18n, found.comparison, found.details, from)),
          changesTable(
            i18n,
            found.comparison,
            names,
            (cursor) => api.get("/v1/plans/{id}/comparison", { path: { id: to }, query: { with: from, limit: PAGE, cursor } }),
            (rows) => drawn.set(rows),
          ),
        ),
      ];
    },
    allPlans(i18n),
  );
  void part.load();

  /** Which two; choosing others changes the URL. */
  function choice({ here, there, others }: Found): HTMLElement {
    const known = new Map([here, there, ...others.filter((plan) => plan.result !== null)].map((plan) => [plan.id, plan]));
    const options = (chosen: string) =>
      [...known.values()].map((plan) =>
        h("option", { value: plan.id, selected: plan.id === chosen }, `${plan.name ?? plan.id.slice(0, 8)} · ${i18n.time(plan.submitted_at)}`),
      );
    const first = h("select", { "aria-label": i18n.t("plans.from") }, options(from));
    const second = h("select", { "aria-label": i18n.t("plans.to") }, options(to));
    const follow = () => go({ plan: second.value, with: first.value });
    first.addEventListener("change", follow);
    second.addEventListener("change", follow);
    return h(
      "div",
      { class: "bar plans-choice" },
      h("label", {}, i18n.t("plans.from"), " ", first),
      h("span", { "aria-hidden": true }, "→"),
      h("label", {}, i18n.t("plans.to"), " ", second),
      h("a", { class: "button", href: link({ plan: from, with: to }) }, i18n.t("plans.swap")),
      h("span", { class: "small" }, [there, here].map((plan, i): Child => [i > 0 && " → ", h("a", { href: link({ plan: plan.id, with: "" }) }, plan.name ?? plan.id.slice(0, 8))])),
    );
  }

  function figures({ here, there, comparison }: Found): HTMLElement {
    const about = (plan: PlanOut): number => (plan.result ? plan.result.summary.placed.workloads + plan.result.summary.refused.workloads : 0);
    const alike = comparison.same_workloads === about(here) && comparison.same_workloads === about(there);
    const same = i18n.number(comparison.same_workloads);
    const amount = (value: number) => i18n.money(value);
    const count = (value: number) => i18n.number(value);
    const line = (name: string, said: (value: number) => string, value: (plan: PlanOut) => number | null | undefined): Line => ({
      name,
      said,
      there: value(there) ?? null,
      here: value(here) ?? null,
    });
    const lines = [
      { name: i18n.t("plans.costOfSame", { count: same }), said: amount, there: comparison.other_cost, here: comparison.cost, whole: true },
      line(i18n.t("plans.requestShort"), amount, (plan) => plan.result?.request_cost),
      line(i18n.t(alike ? "plans.cost" : "plans.costAll"), amount, (plan) => plan.result?.cost),
      line(i18n.t("plans.bound"), amount, (plan) => plan.result?.bound),
      line(i18n.t("plans.gap"), (part) => i18n.gap(part), (plan) => plan.result?.gap),
      line(i18n.t("plans.placed"), count, (plan) => plan.result?.placed_shards),
      line(i18n.t("plans.unplaced"), count, (plan) => plan.result?.unplaced_shards),
      line(i18n.t("plans.disturbedShards"), count, (plan) => plan.result?.disturbed_shards),
      line(i18n.t("plans.refusedDevices"), count, (plan) => plan.result?.summary.refused.devices),
      line(i18n.t("plans.leastMargin"), (micros) => i18n.micros(micros), (plan) => plan.result?.summary.margins?.least_us),
      line(i18n.t("plans.medianMarginShort"), (micros) => i18n.micros(micros), (plan) => plan.result?.summary.margins?.median_us),
      line(i18n.t("plans.seconds"), (taken) => i18n.seconds(taken), (plan) => plan.result?.seconds),
    ];
    const shown = (value: number | null, said: (value: number) => string): string => (value === null ? i18n.t("common.none") : said(value));
    const difference = (one: Line) => (one.here === null || one.there === null || !(alike || one.whole) ? null : one.here - one.there);
    const signedBy = (change: number, said: string): string => `${change > 0 ? "+" : change < 0 ? "−" : "±"}${said}`;
    const relative = (one: Line): number | null => {
      const change = difference(one);
      return change === null || !one.there ? null : change / one.there;
    };
    const columns: Column<Line>[] = [
      { key: "name", label: i18n.t("plans.figure"), value: (one) => one.name },
      { key: "from", label: i18n.t("plans.from"), fixed: true, align: "end", value: (one) => one.there, cell: (one) => shown(one.there, one.said) },
      { key: "to", label: i18n.t("plans.to"), fixed: true, align: "end", value: (one) => one.here, cell: (one) => shown(one.here, one.said) },
      { key: "difference", label: i18n.t("plans.difference"), fixed: true, align: "end", value: difference, cell: (one) => shown(difference(one), (change) => signedBy(change, one.said(Math.abs(change)))) },
      {
        key: "relative",
        label: i18n.t("plans.relative"),
        align: "end",
        value: relative,
        by: (one) => (relative(one) === null ? null : Math.abs(relative(one) ?? 0)),
        cell: (one) => shown(relative(one), (part) => signedBy(part, i18n.percent(Math.abs(part)))),
      },
    ];
    return h("div", { class: "card plans-figures-table" }, table({ i18n, caption: i18n.t("plans.figures"), columns, id: (one) => one.name }, lines).element, !alike && h("p", { class: "small quiet plans-foot" }, i18n.t("plans.partOnly")));
  }

  function goals({ cost_by_goal: costs }: Comparison): HTMLElement {
    const columns: Column<Comparison["cost_by_goal"][number]>[] = [
      { key: "goal", label: i18n.t("plans.goal"), fixed: true, value: (cost) => i18n.word("goal", cost.goal) },
      { key: "from", label: i18n.t("plans.from"), fixed: true, align: "end", value: (cost) => cost.other_cost_month, cell: (cost) => i18n.money(cost.other_cost_month) },
      { key: "to", label: i18n.t("plans.to"), fixed: true, align: "end", value: (cost) => cost.cost_month, cell: (cost) => i18n.money(cost.cost_month) },
      {
        key: "difference",
        label: i18n.t("plans.difference"),
        align: "end",
        value: (cost) => cost.cost_month - cost.other_cost_month,
        by: (cost) => Math.abs(cost.cost_month - cost.other_cost_month),
        cell: (cost) => signed(i18n, cost.cost_month - cost.other_cost_month),
      },
    ];
    const series = (name: string, colour: string | undefined, values: number[]) => ({
      type: "bar",
      name,
      barMaxWidth: 16,
      itemStyle: { color: colour },
      data: values,
      tooltip: { valueFormatter: (amount: unknown) => i18n.money(Number(amount)) },
    });
    const drawn = chart({
      i18n,
      title: i18n.t("plans.costByGoal"),
      description: costs.map((cost) => `${i18n.word("goal", cost.goal)} ${i18n.money(cost.other_cost_month)} → ${i18n.money(cost.cost_month)}`).join(", "),
      asTable: values().tables.includes("goals"),
      onToggle: (asTable) => go({ tables: toggled(values().tables, "goals", asTable) }, true),
      option: (colours) => ({
        legend: { top: 8, left: 12, textStyle: { color: colours.text }, itemWidth: 12, itemHeight: 12 },
        grid: { left: 12, right: 20, top: 44, bottom: 12, containLabel: true },
        xAxis: { type: "value", splitNumber: 3, ...axis(colours), axisLabel: { color: colours.quiet, formatter: (amount: number) => i18n.shortMoney(amount) } },
        yAxis: { type: "category", inverse: true, data: costs.map((cost) => i18n.word("goal", cost.goal)), ...axis(colours), axisLabel: { color: colours.text } },
        series: [
          series(i18n.t("plans.from"), colours.kinds[7], costs.map((cost) => cost.other_cost_month)),
          series(i18n.t("plans.to"), colours.kinds[1], costs.map((cost) => cost.cost_month)),
        ],
      }),
      table: () => table({ i18n, caption: i18n.t("plans.costByGoal"), quietCaption: true, columns, id: (cost) => cost.goal }, costs).element,
    });
    charts.push({ name: "goals", drawn });
    return drawn.element;
  }

  /** Arcs from where shards ran to where they would run, one for all that go the same way. */
  function movesMap(map: NetworkMap, names: ReadonlyMap<string, string>): { chart: Chart; set(rows: readonly ShardChange[]): void } {
    const at = new Map(map.nodes.id.map((id, i) => [id, [map.nodes.lon[i] ?? null, map.nodes.lat[i] ?? null] as const]));
    let found: Way[] = [];
    const name = (id: string) => names.get(id) ?? id;
    const where = (id: string) => at.get(id) ?? [null, null];
    const beyond = (id: string) => {
      const [lon, lat] = where(id);
      return lon !== null && lat !== null && (lon < FRAME.west || lon > FRAME.east || lat < FRAME.south || lat > FRAME.north);
    };
    const drawable = () => found.filter((way) => where(way.from)[0] !== null && where(way.to)[0] !== null).slice(0, MOST_WAYS);
    const describe = () => i18n.t("plans.movesSaid", { moves: i18n.number(found.reduce((sum, way) => sum + way.shards, 0)), ways: i18n.number(found.length) });
    const columns: Column<Way>[] = [
      { key: "from", label: i18n.t("plans.from"), value: (way) => name(way.from), href: (way) => href("map", { node: way.from }) },
      { key: "to", label: i18n.t("plans.to"), value: (way) => name(way.to), href: (way) => href("map", { node: way.to }) },
      { key: "shards", label: i18n.t("plans.shards"), align: "end", value: (way) => way.shards },
    ];
    const foot = h("p", { class: "small quiet plans-foot" });
    const drawn = chart({
      i18n,
      fills: true,
      title: i18n.t("plans.movesMap"),
      description: describe(),
      asTable: values().tables.includes("moves"),
      onToggle: (asTable) => go({ tables: toggled(values().tables, "moves", asTable) }, true),
      option: (colours) => {
        const shown = drawable();
        const most = Math.max(1, ...shown.map((way) => way.shards));
        const ends = [...new Set(shown.flatMap((way) => [way.from, way.to]))];
        return {
          geo: {
            map: "provinces",
            roam: true,
            top: 12,
            bottom: 12,
            left: 12,
            right: 12,
            preserveAspect: "contain",
            aspectScale: ASPECT,
            silent: true,
            itemStyle: { areaColor: colours.land, borderColor: colours.coast, borderWidth: 0.8 },
          },
          series: [
            {
              type: "lines",
              coordinateSystem: "geo",
              symbol: ["none", "arrow"],
              symbolSize: 7,
              lineStyle: { color: colours.accent, opacity: 0.75, curveness: 0.25 },
              data: shown.map((way) => ({
                coords: [where(way.from), where(way.to)],
                shards: way.shards,
                name: `${name(way.from)} → ${name(way.to)}`,
                lineStyle: { width: 1 + (3 * way.shards) / most },
              })),
              tooltip: { formatter: ({ data }: { data: { name: string; shards: number } }) => `${data.name}\n${i18n.t("plans.shards")} ${i18n.number(data.shards)}` },
            },
            {
              type: "scatter",
              coordinateSystem: "geo",
              symbolSize: 6,
              itemStyle: { color: colours.kinds[1], borderColor: colours.surface, borderWidth: 1 },
              data: ends.map((id) => ({ name: name(id), value: where(id) })),
              tooltip: { formatter: ({ name: said }: { name: string }) => said },
            },
          ],
        };
      },
      table: () => table({ i18n, caption: i18n.t("plans.movesMap"), quietCaption: true, columns, id: (way) => `${way.from} ${way.to}` }, found).element,
    });
    drawn.element.append(foot);
    charts.push({ name: "moves", drawn });
    return {
      chart: drawn,
      set(rows) {
        found = ways(rows);
        const hidden = found.length - drawable().length;
        const abroad = drawable().filter((way) => beyond(way.from) || beyond(way.to)).length;
        foot.textContent = [abroad > 0 && i18n.t("plans.waysAbroad", { count: i18n.number(abroad) }), hidden > 0 && i18n.t("plans.waysHidden", { count: i18n.number(hidden) }), ATTRIBUTION[i18n.language]].filter((one) => one).join(" ");
        drawn.update(describe());
      },
    };
  }

  function dispose(): void {
    for (const { drawn } of charts.splice(0)) drawn.dispose();
  }

  return {
    update(now) {
      for (const { name, drawn } of charts) drawn.show(now.tables.includes(name));
    },
    dispose,
  };
}

/** Charts of plans: how a solve comes along, and what makes up the cost. */
import { BarChart, LineChart } from "echarts/charts";
import { LegendComponent, MarkLineComponent } from "echarts/components";
import { axis, chart, use, type Chart } from "../../chart";
import { h } from "../../dom";
import type { I18n } from "../../i18n";
import { table, type Column } from "../../table";
import type { PlanOut, ProgressPoint } from "../../wire";

use([BarChart, LineChart, LegendComponent, MarkLineComponent]);

type Scale = "linear" | "log";

export interface Convergence {
  chart: Chart;
  /** All points anew, or one more. */
  set(points: readonly ProgressPoint[]): void;
  add(point: ProgressPoint): void;
  scale(scale: Scale): void;
}

/** Cost and proven bound over the seconds of a solve. */
export function convergence(
  i18n: I18n,
  limit: number | null,
  options: { scale: Scale; asTable: boolean; onScale(scale: Scale): void; onToggle(asTable: boolean): void },
): Convergence {
  let points: readonly ProgressPoint[] = [];
  let scale = options.scale;
  const columns: Column<ProgressPoint>[] = [
    { key: "seconds", label: i18n.t("plans.elapsed"), align: "end", value: (point) => point.seconds, cell: (point) => i18n.seconds(point.seconds) },
    { key: "phase", label: i18n.t("plans.phase"), value: (point) => i18n.word("phase", point.phase) },
    { key: "cost", label: i18n.t("plans.cost"), align: "end", value: (point) => point.cost, cell: (point) => i18n.money(point.cost) },
    { key: "bound", label: i18n.t("plans.bound"), align: "end", value: (point) => point.bound, cell: (point) => i18n.money(point.bound) },
    { key: "gap", label: i18n.t("plans.gap"), align: "end", value: (point) => point.gap, cell: (point) => i18n.gap(point.gap) },
    { key: "unplaced", label: i18n.t("plans.unplaced"), align: "end", value: (point) => point.unplaced },
  ];
  const log = h("input", { type: "checkbox", checked: scale === "log" });
  log.addEventListener("change", () => options.onScale(log.checked ? "log" : "linear"));

  const drawn = chart({
    i18n,
    title: i18n.t("plans.convergence"),
    description: describe(),
    asTable: options.asTable,
    onToggle: options.onToggle,
    extra: h("label", { class: "plans-switch small" }, log, i18n.t("plans.logScale")),
    option: (colours) => {
      const last = points.at(-1);
      const line = (name: string, colour: string | undefined, value: (point: ProgressPoint) => number, dashed = false) => ({
        type: "line",
        name,
        step: "end",
        symbol: points.length < 60 ? "circle" : "none",
        symbolSize: 5,
        lineStyle: { color: colour, width: 2, type: dashed ? "dashed" : "solid" },
        itemStyle: { color: colour },
        data: points.map((point) => [point.seconds, value(point) > 0 ? value(point) : null]),
        tooltip: { valueFormatter: (amount: unknown) => (typeof amount === "number" ? i18n.money(amount) : i18n.t("common.none")) },
      });
      return {
        legend: { top: 8, left: 12, textStyle: { color: colours.text }, itemWidth: 18, itemHeight: 8 },
        grid: { left: 12, right: 24, top: 44, bottom: 28, containLabel: true },
        tooltip: {
          trigger: "axis",
          renderMode: "richText",
          confine: true,
          backgroundColor: colours.surface,
          borderColor: colours.line,
          textStyle: { color: colours.text, fontSize: 12, fontFamily: colours.font },
        },
        xAxis: {
          type: "value",
          min: 0,
          max: Math.max(limit ?? 0, Math.ceil(last?.seconds ?? 1)),
          name: i18n.t("plans.secondsAxis"),
          nameLocation: "middle",
          nameGap: 26,
          ...axis(colours),
        },
        yAxis: {
          type: scale === "log" ? "log" : "value",
          scale: true,
          ...axis(colours),
          axisLabel: { color: colours.quiet, formatter: (amount: number) => i18n.shortMoney(amount) },
        },
        series: [
          line(i18n.t("plans.bestCost"), colours.kinds[1], (point) => point.cost),
          line(i18n.t("plans.bound"), colours.kinds[0], (point) => point.bound, true),
        ],
      };
    },
    table: () => table({ i18n, caption: i18n.t("plans.convergence"), quietCaption: true, columns, id: (point) => `${point.seconds} ${point.phase}` }, points).element,
  });

  function describe(): string {
    const last = points.at(-1);
    if (!last) return i18n.t("plans.noPoint");
    return i18n.t("plans.convergenceSaid", { cost: i18n.money(last.cost), bound: i18n.money(last.bound), gap: i18n.gap(last.gap) });
  }
  function set(next: readonly ProgressPoint[]): void {
    points = next;
    drawn.update(describe());
  }
  return {
    chart: drawn,
    set,
    add: (point) => set([...points.filter((one) => one.seconds < point.seconds), point]),
    scale(next) {
      if (next === scale) return;
      scale = next;
      log.checked = next === "log";
      drawn.update();
    },
  };
}

interface GoalRow {
  name: string;
  from: number;
  amount: number;
  /** Part of the whole cost. */
  part: number;
  kind: "goal" | "total" | "bound";
}

/** What each goal costs, one after the other up to the whole, and the bound below it. */
export function goalsChart(i18n: I18n, plan: PlanOut, asTable: boolean, onToggle: (asTable: boolean) => void): Chart | null {
  const { result } = plan;
  if (!result) return null;
  let sum = 0;
  const share = (amount: number): number => (result.cost > 0 ? amount / result.cost : 0);
  const rows: GoalRow[] = result.cost_by_goal.map(({ goal, cost_month: amount }) => {
    sum += amount;
    return { name: i18n.word("goal", goal), from: sum - amount, amount, part: share(amount), kind: "goal" };
  });
  rows.push({ name: i18n.t("plans.total"), from: 0, amount: result.cost, part: share(result.cost), kind: "total" });
  rows.push({ name: i18n.t("plans.bound"), from: 0, amount: result.bound, part: share(result.bound), kind: "bound" });
  const columns: Column<GoalRow>[] = [
    { key: "name", label: i18n.t("plans.goal"), fixed: true, value: (row) => row.name },
    { key: "amount", label: i18n.t("plans.cost"), fixed: true, align: "end", value: (row) => row.amount, cell: (row) => i18n.money(row.amount) },
    { key: "part", label: i18n.t("plans.part"), fixed: true, align: "end", value: (row) => row.part, cell: (row) => i18n.percent(row.part, 2) },
  ];
  return chart({
    i18n,
    title: i18n.t("plans.costByGoal"),
    description: rows.map((row) => `${row.name} ${i18n.money(row.amount)}`).join(", "),
    asTable,
    onToggle,
    option: (colours) => ({
      grid: { left: 12, right: 84, top: 12, bottom: 12, containLabel: true },
      xAxis: { type: "value", min: 0, ...axis(colours), splitNumber: 3, axisLabel: { color: colours.quiet, formatter: (amount: number) => i18n.shortMoney(amount) } },
      yAxis: { type: "category", inverse: true, data: rows.map((row) => row.name), ...axis(colours), axisLabel: { color: colours.text } },
      series: [
        { type: "bar", stack: "cost", silent: true, itemStyle: { color: "transparent" }, data: rows.map((row) => row.from), tooltip: { show: false } },
        {
          type: "bar",
          stack: "cost",
          barMaxWidth: 22,
          data: rows.map((row) => ({
            value: row.amount,
            itemStyle: { color: row.kind === "bound" ? colours.kinds[0] : row.kind === "total" ? colours.kinds[1] : colours.kinds[7] },
          })),
          label: { show: true, position: "right", color: colours.text, formatter: ({ dataIndex }: { dataIndex: number }) => i18n.shortMoney(rows[dataIndex]?.amount ?? 0) },
          tooltip: { valueFormatter: (amount: unknown) => i18n.money(Number(amount)) },
          markLine: {
            silent: true,
            symbol: "none",
            label: { show: false },
            lineStyle: { color: colours.kinds[0], type: "dashed" },
            data: [{ xAxis: result.bound }],
          },
        },
      ],
    }),
    table: () => table({ i18n, caption: i18n.t("plans.costByGoal"), quietCaption: true, columns, id: (row) => row.name }, rows).element,
  });
}

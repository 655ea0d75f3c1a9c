/** What is there by when: the capacity of each step of the ladder of commitments over the years. */
import { LineChart } from "echarts/charts";
import { MarkLineComponent } from "echarts/components";
import type { ECharts } from "echarts/core";
import { axis, chart, tooltip, use, type Chart } from "../../chart";
import { fill, h, newId } from "../../dom";
import type { I18n } from "../../i18n";
import { gridSaver, table, tableView } from "../../table";
import type { Tokens } from "../../theme";
import { UNFIRM, changeDays, dayNumber, dayOf, rungsOf, spanOf, stepLines, type AsOf, type Facts, type Measure, type NodeFact, type Rung } from "./facts";

use([LineChart, MarkLineComponent]);

/** How each step is drawn: the firmer, the fuller; what is not firm is only an outline. */
interface Look {
  kind: number;
  opacity: number;
  line: "solid" | "dashed" | "dotted";
}
const LOOKS: Record<string, Look> = {
  operational: { kind: 0, opacity: 0.9, line: "solid" },
  under_construction: { kind: 2, opacity: 0.7, line: "solid" },
  contracted: { kind: 4, opacity: 0.55, line: "solid" },
  announced: { kind: 1, opacity: 0.35, line: "solid" },
  mou: { kind: 3, opacity: 0.14, line: "dashed" },
  aspiration: { kind: 6, opacity: 0.08, line: "dotted" },
};
const OTHER: Look = { kind: 7, opacity: 0.1, line: "dotted" };

export interface TimelineState {
  facts: Facts;
  /** Those that are looked at. */
  nodes: readonly NodeFact[];
  asOf: AsOf;
  today: string;
  measure: Measure;
  /** An amount of the measure, with its unit. */
  amount(value: number): string;
  title: string;
}

export interface Timeline {
  element: HTMLElement;
  update(state: TimelineState): void;
  show(asTable: boolean): void;
  dispose(): void;
}

export interface TimelineOptions {
  i18n: I18n;
  asTable: boolean;
  onToggle(asTable: boolean): void;
  /** A day was pressed in the chart. */
  onDay(day: string): void;
  /** What chooses the measure. */
  controls: HTMLElement;
}

export function timelinePart({ i18n, asTable, onToggle, onDay, controls }: TimelineOptions): Timeline {
  let state: TimelineState | null = null;
  let days: string[] = [];
  let lines: number[][] = [];

  const drawn: Chart = chart({
    i18n,
    title: i18n.t("capacity.timeline"),
    description: "",
    asTable,
    onToggle,
    extra: controls,
    option: (colours) => (state ? option(state, colours) : {}),
    table: () => asRows(),
  });
  const caption = newId("rungs");
  const grid = h("table", { class: "table", "aria-labelledby": caption });
  const { view, edges } = tableView(i18n, grid, caption);
  view.classList.add("rungs");
  const sentences = h("div", { class: "card-body promises" });
  drawn.element.classList.add("capacity-timeline");
  const keep = gridSaver(i18n, () => grid, () => i18n.t("capacity.rungs"));
  drawn.element.append(view, h("div", { class: "bar table-end" }, h("span", { class: "end table-keep" }, keep)), sentences);
  drawn.onEngine((engine) => engine.getZr().on("click", (event) => press(engine, event.offsetX, event.offsetY)));

  function press(engine: ECharts, x: number, y: number): void {
    if (!engine.containPixel("grid", [x, y])) return;
    const found = engine.convertFromPixel({ gridIndex: 0 }, [x, y]);
    if (Array.isArray(found) && typeof found[0] === "number") onDay(dayOf(Math.round(found[0] / 86_400_000)));
  }

  function option(now: TimelineState, colours: Tokens): Record<string, unknown> {
    const { facts } = now;
    const times = days.map((day) => dayNumber(day) * 86_400_000);
    const [first = 0, last = 1] = [times[0], times.at(-1)];
    const years = yearStarts(days[0] ?? now.today, days.at(-1) ?? now.today);
    return {
      grid: { left: 12, right: 24, top: 28, bottom: 12, containLabel: true },
      tooltip: {
        ...tooltip(colours),
        trigger: "axis",
        axisPointer: { type: "line", lineStyle: { color: colours.quiet } },
        formatter: (points: unknown) => tip(points, now),
      },
      xAxis: {
        type: "value",
        min: first,
        max: last,
        ...axis(colours),
        splitLine: { show: false },
        axisTick: { customValues: years, lineStyle: { color: colours.line } },
        axisLabel: { customValues: years, color: colours.quiet, hideOverlap: true, formatter: (value: number) => String(new Date(value).getUTCFullYear()) },
        axisPointer: { label: { show: false } },
      },
      yAxis: { type: "value", min: 0, splitNumber: 4, ...axis(colours), axisLabel: { color: colours.quiet, formatter: (value: number) => compact(value) } },
      series: facts.commitments.map((commitment, step) => {
        const look = LOOKS[commitment] ?? OTHER;
        const colour = colours.kinds[look.kind];
        return {
          type: "line",
          name: i18n.word("commitment", commitment),
          step: "end",
          stack: "all",
          symbol: "none",
          lineStyle: { color: colour, width: 1.5, type: look.line, opacity: (lines[step]?.at(-1) ?? 0) > 0 ? 1 : 0 },
          areaStyle: { color: colour, opacity: look.opacity },
          emphasis: { disabled: true },
          data: times.map((time, i) => [time, lines[step]?.[i] ?? 0]),
          ...(step === 0 ? { markLine: marks(now, colours) } : {}),
        };
      }),
    };
  }

  function marks(now: TimelineState, colours: Tokens): Record<string, unknown> {
    const at = (day: string): number => dayNumber(day) * 86_400_000;
    const within = (day: string): boolean => (days[0] ?? "") <= day && day <= (days.at(-1) ?? "");
    return {
      silent: true,
      symbol: "none",
      animation: false,
      data: [
        ...(within(now.today) && now.today !== now.asOf.day
          ? [{ xAxis: at(now.today), lineStyle: { color: colours.quiet, type: "dotted", width: 1 }, label: { show: false } }]
          : []),
        ...(within(now.asOf.day)
          ? [{ xAxis: at(now.asOf.day), lineStyle: { color: colours.text, type: "solid", width: 1.5 }, label: { color: colours.text, fontWeight: 600, formatter: i18n.day(now.asOf.day) } }]
          : []),
      ],
    };
  }

  /** The values at a day, the least firm on top, as they are stacked. */
  function tip(points: unknown, now: TimelineState): string {
    const time = (points as { value: [number, number] }[])[0]?.value[0];
    if (time === undefined) return "";
    const i = days.findIndex((day) => dayNumber(day) * 86_400_000 === time);
    const said = now.facts.commitments.flatMap((commitment, step) => {
      const value = lines[step]?.[i] ?? 0;
      return value > 0 ? [`${i18n.word("commitment", commitment)}: ${now.amount(value)}`] : [];
    });
    return [i18n.day(dayOf(Math.round(time / 86_400_000))), ...said.toReversed()].join("\n");
  }

  const compact = (value: number): string => new Intl.NumberFormat(i18n.language, { notation: "compact" }).format(value);

  /** Day by day on which something changes, as a table. */
  function asRows(): HTMLElement {
    if (!state) return h("div");
    const { facts, amount } = state;
    const rows = days.map((day, i) => ({ day, amounts: lines.map((line) => line[i] ?? 0) }));
    return table<(typeof rows)[number]>(
      {
        i18n,
        caption: state.title,
        quietCaption: true,
        columns: [
          { key: "day", label: i18n.t("capacity.day"), value: (row) => row.day, cell: (row) => i18n.day(row.day), fixed: true },
          ...facts.commitments.map((commitment, step) => ({
            key: commitment,
            label: i18n.word("commitment", commitment),
            align: "end" as const,
            fixed: true,
            value: (row: (typeof rows)[number]) => row.amounts[step] ?? 0,
            cell: (row: (typeof rows)[number]) => amount(row.amounts[step] ?? 0),
          })),
        ],
        id: (row) => row.day,
      },
      rows,
    ).element;
  }

  /** The caption, the heading and the rows of the rungs. */
  function rungParts(found: readonly Rung[], now: TimelineState): HTMLElement[] {
    const part = (one: Rung["now"]): HTMLElement =>
      h("td", { class: "end" }, one.nodes === 0 ? h("span", { class: "quiet" }, i18n.t("common.none")) : [now.amount(one.amount), h("span", { class: "quiet small rung-nodes" }, i18n.t("capacity.onNodes", { count: i18n.number(one.nodes) }))]);
    return [
      h("caption", { id: caption, class: "spoken" }, i18n.t("capacity.rungs")),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("th", { scope: "col" }, h("span", {}, i18n.t("capacity.commitment"))),
          [i18n.t("capacity.by.day", { day: i18n.day(now.asOf.day) }), i18n.t("capacity.later"), i18n.t("capacity.dateless")].map((word) =>
            h("th", { scope: "col", class: "end" }, h("span", {}, word)),
          ),
        ),
      ),
      h(
        "tbody",
        {},
        found
          .filter((rung) => rung.now.nodes + rung.later.nodes + rung.dateless.nodes > 0)
          .map((rung) => {
            const commitment = now.facts.commitments[rung.step] ?? "";
            const counted = rung.step <= now.asOf.step;
            return h(
              "tr",
              { "data-commitment": commitment },
              h(
                "th",
                { scope: "row" },
                h(
                  "div",
                  { class: "rung-name" },
                  h("span", { class: `rung-look rung-${commitment}`, "aria-hidden": true }),
                  h("span", {}, i18n.word("commitment", commitment)),
                  counted ? null : h("span", { class: "badge" }, i18n.t("capacity.notCounted")),
                ),
              ),
              part(rung.now),
              part(rung.later),
              part(rung.dateless),
            );
          }),
      ),
    ];
  }

  function promises(found: readonly Rung[], now: TimelineState): (HTMLElement | false)[] {
    const sum = (rungs: readonly Rung[], parts: readonly ("now" | "later" | "dateless")[]) =>
      rungs.flatMap((rung) => parts.map((part) => rung[part])).reduce((all, one) => ({ nodes: all.nodes + one.nodes, amount: all.amount + one.amount }), { nodes: 0, amount: 0 });
    const all = ["now", "later", "dateless"] as const;
    const every = sum(found, all);
    const loose = found.filter((rung) => UNFIRM.includes(now.facts.commitments[rung.step] ?? ""));
    const promised = sum(loose, all);
    const dateless = sum(found, ["dateless"]);
    const days = changeDays(now.nodes.filter((node) => UNFIRM.includes(now.facts.commitments[node.step] ?? "")));
    return [
      h(
        "p",
        { class: "promise" },
        promised.nodes === 0
          ? i18n.t("capacity.noPromises")
          : i18n.t("capacity.promises", {
              amount: now.amount(promised.amount),
              all: now.amount(every.amount),
              share: i18n.percent(every.amount === 0 ? 0 : promised.amount / every.amount),
              nodes: i18n.number(promised.nodes),
            }),
        promised.nodes > 0 && [" ", days[0] === undefined ? i18n.t("capacity.promisesNever") : i18n.t("capacity.promisesFrom", { day: i18n.day(days[0]) })],
      ),
      dateless.nodes > 0 &&
        h("p", { class: "quiet small" }, i18n.t("capacity.datelessSaid", { nodes: i18n.number(dateless.nodes), amount: now.amount(dateless.amount) })),
    ];
  }

  return {
    element: drawn.element,
    update(next) {
      state = next;
      const steps = next.facts.commitments.length;
      const [first, last] = spanOf(next.nodes.length > 0 ? next.facts.nodes : [], next.today);
      days = [...new Set([first, ...changeDays(next.nodes).filter((day) => first < day && day < last), last])];
      lines = stepLines(next.nodes, steps, days, next.measure);
      const found = rungsOf(next.nodes, steps, next.asOf.day, next.measure);
      const heading = drawn.element.querySelector("h2");
      if (heading) heading.textContent = next.title;
      const there = found.filter((rung) => rung.step <= next.asOf.step).reduce((all, rung) => all + rung.now.amount, 0);
      drawn.update(i18n.t("capacity.timelineSaid", { day: i18n.day(next.asOf.day), amount: next.amount(there), last: i18n.day(last), all: next.amount(lines.reduce((all, line) => all + (line.at(-1) ?? 0), 0)) }));
      fill(grid, rungParts(found, next));
      edges();
      fill(sentences, promises(found, next));
    },
    show: (asTable) => drawn.show(asTable),
    dispose: () => drawn.dispose(),
  };
}

function yearStarts(first: string, last: string): number[] {
  const years: number[] = [];
  for (let year = Number(first.slice(0, 4)); year <= Number(last.slice(0, 4)); year += 1) years.push(Date.UTC(year, 0, 1));
  return years;
}

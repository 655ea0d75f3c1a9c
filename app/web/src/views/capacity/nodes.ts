/** How full the nodes are: how many are how full, and which are the fullest. */
import { BarChart } from "echarts/charts";
import { axis, chart, use, type Chart } from "../../chart";
import { h } from "../../dom";
import type { I18n } from "../../i18n";
import { href } from "../../route";
import { table, type Column, type Sort, type Table } from "../../table";
import { amountOf, binsOf, type NodeFact, type Use } from "./facts";
import { provinceName } from "./provinces";
import { amountWord } from "./use";

use([BarChart]);

/** A node, and how much of the resource that is looked at it uses. */
export interface NodeUse extends Use {
  node: NodeFact;
}

export interface Nodes {
  chart: HTMLElement;
  list: HTMLElement;
  update(uses: readonly NodeUse[], title: string, caption: string): void;
  show(asTable: boolean): void;
  dispose(): void;
}

export interface NodesOptions {
  i18n: I18n;
  asTable: boolean;
  onToggle(asTable: boolean): void;
  sort: Sort;
  onSort(sort: Sort): void;
}

export function nodesPart({ i18n, asTable, onToggle, sort, onSort }: NodesOptions): Nodes {
  let bars: { label: string; nodes: number }[] = [];

  const drawn: Chart = chart({
    i18n,
    title: i18n.t("capacity.distribution"),
    description: "",
    asTable,
    onToggle,
    fills: true,
    option: (colours) => ({
      grid: { left: 12, right: 16, top: 24, bottom: 12, containLabel: true },
      tooltip: { show: false },
      xAxis: {
        type: "category",
        data: bars.map((bar) => bar.label),
        ...axis(colours),
        axisTick: { show: false },
        axisLabel: { color: colours.quiet, interval: 0, fontSize: 11, hideOverlap: true },
      },
      yAxis: { type: "value", minInterval: 1, ...axis(colours), splitNumber: 3 },
      series: [
        {
          type: "bar",
          barCategoryGap: "12%",
          data: bars.map((bar, i) => ({
            value: bar.nodes,
            itemStyle: { color: i === 0 ? colours.coast : colours.amounts[amountOf((i - 1) / 10) - 1], borderRadius: [2, 2, 0, 0] },
          })),
          label: { show: true, position: "top", color: colours.text, fontSize: 11, formatter: (one: { value: number }) => (one.value > 0 ? i18n.number(one.value) : "") },
        },
      ],
    }),
    table: () =>
      table<{ label: string; nodes: number }>(
        {
          i18n,
          caption: i18n.t("capacity.distribution"),
          quietCaption: true,
          columns: [
            { key: "share", label: i18n.t("capacity.share"), value: (bar) => bar.label, fixed: true },
            { key: "nodes", label: i18n.t("capacity.nodes"), value: (bar) => bar.nodes, align: "end", fixed: true },
          ],
          id: (bar) => bar.label,
        },
        bars,
      ).element,
  });

  const columns: Column<NodeUse>[] = [
    { key: "node", label: i18n.t("capacity.node"), value: (one) => one.node.name },
    { key: "share", label: i18n.t("capacity.share"), align: "end", value: (one) => one.share, cell: (one) => (one.share === null ? i18n.t("common.none") : i18n.percent(one.share)) },
    { key: "used", label: i18n.t("capacity.used"), align: "end", value: (one) => one.used, cell: (one) => i18n.amount(one.used, one.unit) },
    { key: "capacity", label: i18n.t("capacity.capacity"), align: "end", value: (one) => one.capacity, cell: (one) => amountWord(i18n, one.capacity, one.resource, one.unit) },
    { key: "tier", label: i18n.t("capacity.by.tier"), value: (one) => i18n.word("tier", one.node.tier) },
    { key: "province", label: i18n.t("capacity.by.province"), value: (one) => provinceName(i18n, one.node.province) || null },
    { key: "state", label: i18n.t("capacity.state"), value: (one) => i18n.word("state", one.node.state), cell: state },
  ];
  const list: Table<NodeUse> = table<NodeUse>({
    i18n,
    caption: i18n.t("capacity.fullest"),
    columns,
    id: (one) => one.node.id,
    href: (one) => href("map", { node: one.node.id }),
    sort,
    onSort,
    empty: i18n.t("capacity.noneCounts"),
  });

  function state(one: NodeUse) {
    const word = i18n.word("state", one.node.state);
    const tone = one.node.state === "failed" ? "bad" : "warn";
    return one.node.state === "active" ? h("span", { class: "quiet" }, word) : h("span", { class: `badge ${tone}` }, word);
  }

  return {
    chart: drawn.element,
    list: h("section", { class: "card capacity-fullest" }, list.element),
    update(uses, title, caption) {
      const bins = binsOf(uses);
      const edge = (tenth: number): string => i18n.number(tenth * 10);
      bars = [
        { label: i18n.t("capacity.idle"), nodes: bins.idle },
        ...bins.tenths.map((nodes, i) => ({ label: i === 0 ? i18n.t("capacity.under", { to: edge(1) }) : `${edge(i)}–${edge(i + 1)}`, nodes })),
        { label: i18n.t("capacity.full"), nodes: bins.full },
      ];
      const heading = drawn.element.querySelector("h2");
      if (heading) heading.textContent = title;
      const all = uses.filter((one) => one.share !== null).length;
      drawn.update(
        i18n.t("capacity.distributionSaid", { nodes: i18n.number(all), idle: i18n.number(bins.idle), full: i18n.number(bins.full) }),
      );
      const head = list.element.querySelector("h2");
      if (head) head.textContent = caption;
      list.update(uses);
    },
    show: (asTable) => drawn.show(asTable),
    dispose: () => drawn.dispose(),
  };
}

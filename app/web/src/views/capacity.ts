/** How full the network is, by tier, with the plan that is in force. */
import { BarChart } from "echarts/charts";
import { LegendComponent } from "echarts/components";
import { axis, chart, use, type Chart } from "../chart";
import { h } from "../dom";
import { flag } from "../params";
import { href } from "../route";
import { empty, region } from "../states";
import { table, type Column } from "../table";
import { view } from "../view";
import type { GroupUse } from "../wire";

use([BarChart, LegendComponent]);

const TIERS = ["onsite", "mec", "metro", "regional", "core"] as const;

export default view({
  params: { table: flag() },
  title: (i18n) => i18n.t("view.capacity"),
  mount(root, { i18n, api, live, values, go }) {
    let drawn: Chart | null = null;
    const columns: Column<GroupUse>[] = [
      { key: "group", label: i18n.t("capacity.group"), value: (use) => i18n.word("tier", use.group) },
      { key: "resource", label: i18n.t("capacity.resource"), value: (use) => i18n.word("resource", use.resource) },
      { key: "nodes", label: i18n.t("capacity.nodes"), align: "end", value: (use) => use.nodes },
      { key: "used", label: i18n.t("capacity.used"), align: "end", value: (use) => use.used, cell: (use) => i18n.amount(use.used, use.unit) },
      { key: "capacity", label: i18n.t("capacity.capacity"), align: "end", value: (use) => use.capacity, cell: (use) => i18n.amount(use.capacity, use.unit) },
      { key: "share", label: i18n.t("capacity.share"), align: "end", value: (use) => use.used_permille, cell: (use) => i18n.permille(use.used_permille) },
    ];

    function shown(uses: readonly GroupUse[]): HTMLElement {
      const resources = [...new Set(uses.map((use) => use.resource))].sort();
      const tiers = TIERS.filter((tier) => uses.some((use) => use.group === tier));
      const at = new Map(uses.map((use) => [`${use.group} ${use.resource}`, use.used_permille / 1000]));
      const fullest = uses.reduce((most, use) => (use.used_permille > most.used_permille ? use : most));
      drawn?.dispose();
      drawn = chart({
        i18n,
        title: i18n.t("capacity.caption"),
        description: `${i18n.word("tier", fullest.group)}, ${i18n.word("resource", fullest.resource)}: ${i18n.permille(fullest.used_permille)}`,
        asTable: values().table,
        onToggle: (asTable) => go({ table: asTable }, true),
        option: (colours) => ({
          legend: { top: 8, left: 12, textStyle: { color: colours.text }, itemWidth: 12, itemHeight: 12 },
          grid: { left: 12, right: 20, top: 44, bottom: 12, containLabel: true },
          xAxis: { type: "category", data: tiers.map((tier) => i18n.word("tier", tier)), ...axis(colours) },
          yAxis: { type: "value", min: 0, max: 1, ...axis(colours), axisLabel: { color: colours.quiet, formatter: (part: number) => i18n.percent(part, 0) } },
          series: resources.map((resource) => ({
            type: "bar",
            name: i18n.word("resource", resource),
            barMaxWidth: 26,
            data: tiers.map((tier) => at.get(`${tier} ${resource}`) ?? null),
            tooltip: { valueFormatter: (part: unknown) => i18n.percent(Number(part)) },
          })),
        }),
        table: () => table({ i18n, caption: i18n.t("capacity.caption"), quietCaption: true, columns, id: (use) => `${use.group} ${use.resource}` }, uses).element,
      });
      return drawn.element;
    }

    const part = region(
      root,
      i18n,
      () => api.get("/v1/allocations/summary"),
      (summary) => {
        const uses = summary.as_applied?.use_by_tier ?? [];
        if (uses.length > 0) return shown(uses);
        const way = h("a", { href: href("plans") }, i18n.t("capacity.toPlans"));
        return h("div", { class: "card" }, empty(i18n.t("capacity.empty"), [i18n.t("capacity.emptyHint"), " ", way]));
      },
    );
    void part.load();
    live.on("plan.applied", () => void part.load());
    return {
      update: (now) => drawn?.show(now.table),
      dispose: () => drawn?.dispose(),
    };
  },
});

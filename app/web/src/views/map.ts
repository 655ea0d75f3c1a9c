/** The network on the map. */
import { ScatterChart } from "echarts/charts";
import { GeoComponent, LegendComponent } from "echarts/components";
import { chart, registerMap, use, type Chart } from "../chart";
import { h } from "../dom";
import { ATTRIBUTION, PROVINCES, provinceFeatures } from "../outline";
import { flag } from "../params";
import { empty, region } from "../states";
import { table, type Column } from "../table";
import { view } from "../view";
import type { NetworkMap } from "../wire";
import "./map.css";

use([ScatterChart, GeoComponent, LegendComponent]);
registerMap("provinces", provinceFeatures() as unknown as Parameters<typeof registerMap>[1]);

/** Colours of tiers, as numbers of the categorical palette. */
const TIER_KIND: Record<string, number> = { onsite: 1, mec: 4, metro: 2, regional: 0, core: 6 };

interface MapNode {
  id: string;
  name: string;
  tier: string;
  state: string;
  commitment: string;
  province: string;
  at: [lon: number, lat: number] | null;
}

export default view({
  params: { table: flag() },
  title: (i18n) => i18n.t("view.map"),
  mount(root, { i18n, api, live, values, go }) {
    let drawn: Chart | null = null;
    const provinces = new Map(PROVINCES.map((one) => [one.code, i18n.language === "ko" ? one.name_ko : one.name]));
    const columns: Column<MapNode>[] = [
      { key: "name", label: i18n.t("map.node"), value: (node) => node.name },
      { key: "tier", label: i18n.t("map.tier"), value: (node) => i18n.word("tier", node.tier) },
      { key: "state", label: i18n.t("map.state"), value: (node) => i18n.word("state", node.state) },
      { key: "commitment", label: i18n.t("map.commitment"), value: (node) => i18n.word("commitment", node.commitment) },
      { key: "province", label: i18n.t("map.province"), value: (node) => provinces.get(node.province) ?? node.province },
    ];

    function nodesOf(map: NetworkMap): MapNode[] {
      const { nodes } = map;
      const said = (words: readonly string[], index: number | undefined): string => words[index ?? -1] ?? "";
      return nodes.id.map((id, i) => {
        const [lat, lon] = [nodes.lat[i] ?? null, nodes.lon[i] ?? null];
        return {
          id,
          name: i18n.name({ id, name: nodes.name[i] ?? null, name_ko: nodes.name_ko[i] ?? null }),
          tier: said(map.tiers, nodes.tier[i]),
          state: said(map.states, nodes.state[i]),
          commitment: said(map.commitments, nodes.commitment[i]),
          province: said(map.provinces, nodes.province[i]),
          at: lat === null || lon === null ? null : [lon, lat],
        };
      });
    }

    function shown(map: NetworkMap): HTMLElement {
      const nodes = nodesOf(map);
      const nowhere = nodes.filter((node) => node.at === null).length;
      drawn?.dispose();
      drawn = chart({
        i18n,
        title: i18n.t("map.caption"),
        description: map.tiers.map((tier) => `${i18n.word("tier", tier)} ${nodes.filter((node) => node.tier === tier).length}`).join(", "),
        fills: true,
        asTable: values().table,
        onToggle: (asTable) => go({ table: asTable }, true),
        option: (colours) => ({
          legend: { top: 8, left: 12, textStyle: { color: colours.text }, itemWidth: 10, itemHeight: 10 },
          geo: {
            map: "provinces",
            roam: true,
            top: 44,
            bottom: 16,
            left: 16,
            right: 16,
            preserveAspect: "contain",
            aspectScale: 0.81, // the cosine of Korea's latitude
            silent: true,
            itemStyle: { areaColor: colours.land, borderColor: colours.coast, borderWidth: 0.8 },
          },
          series: map.tiers.map((tier) => ({
            type: "scatter",
            name: i18n.word("tier", tier),
            coordinateSystem: "geo",
            symbolSize: tier === "core" || tier === "regional" ? 10 : 7,
            itemStyle: { color: colours.kinds[TIER_KIND[tier] ?? 7], borderColor: colours.surface, borderWidth: 1, opacity: 0.95 },
            data: nodes.filter((node) => node.tier === tier && node.at !== null).map((node) => ({ name: node.name, value: node.at })),
            tooltip: { formatter: (one: { name: string }) => `${one.name}\n${i18n.word("tier", tier)}` },
          })),
        }),
        table: () => table({ i18n, caption: i18n.t("map.caption"), quietCaption: true, columns, id: (node) => node.id }, nodes).element,
      });
      const foot = h("p", { class: "map-foot small quiet" }, nowhere > 0 && [i18n.t("map.nowhere", { count: i18n.number(nowhere) }), " "], ATTRIBUTION);
      drawn.element.append(foot);
      return drawn.element;
    }

    const part = region(
      root,
      i18n,
      () => api.get("/v1/map"),
      (map) => {
        if (map.nodes.id.length > 0) return shown(map);
        return h("div", { class: "card" }, empty(i18n.t("map.empty"), i18n.t("map.emptyHint")));
      },
    );
    void part.load();
    live.on("node", () => void part.load());
    live.on("generation", (event) => event.detail.parts.includes("network") && void part.load());
    return {
      update: (now) => drawn?.show(now.table),
      dispose: () => drawn?.dispose(),
    };
  },
});

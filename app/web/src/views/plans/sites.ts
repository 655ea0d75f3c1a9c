/** What a plan costs by site: each part of it once. */
import type { Api } from "../../api";
import { h } from "../../dom";
import type { I18n } from "../../i18n";
import { href } from "../../route";
import { region } from "../../states";
import { table, type Column } from "../../table";
import type { NetworkMap, SiteCosts } from "../../wire";

type SiteCost = SiteCosts["items"][number];

/** The costs of a plan by site, read when they are shown. */
export function sitesPart(i18n: I18n, api: Api, plan: string, map: NetworkMap): HTMLElement {
  const inside = h("div", {});
  const names = siteNames(i18n, map);
  void region(inside, i18n, () => api.get("/v1/plans/{id}/sites", { path: { id: plan } }), (told) => shown(i18n, told, names)).load();
  return h("section", { class: "card plans-limits", "data-part": "sites" }, inside);
}

/** Ids of sites and how people call them. */
export function siteNames(i18n: I18n, map: NetworkMap): Map<string, string> {
  const { id, name, name_ko } = map.sites;
  return new Map(id.map((one, i) => [one, i18n.name({ id: one, name: name[i] ?? null, name_ko: name_ko[i] ?? null })]));
}

/** The sites as a table, and how they add up to the cost of the plan. */
export function shown(i18n: I18n, told: SiteCosts, names: ReadonlyMap<string, string>): HTMLElement[] {
  const columns: Column<SiteCost>[] = [
    { key: "site", label: i18n.t("plans.sites.site"), value: (one) => names.get(one.site) ?? one.site },
    { key: "cost", label: i18n.t("plans.cost"), align: "end", value: (one) => one.placed_month, cell: (one) => i18n.money(one.placed_month) },
    { key: "missing", label: i18n.t("plans.sites.missing"), align: "end", value: (one) => one.unplaced_month, cell: (one) => i18n.money(one.unplaced_month) },
    { key: "workloads", label: i18n.t("plans.workloads"), align: "end", value: (one) => one.workloads },
    { key: "placed", label: i18n.t("plans.placed"), align: "end", value: (one) => one.placed_shards },
    { key: "refused", label: i18n.t("plans.unplaced"), align: "end", value: (one) => one.unplaced_shards },
    { key: "shard", label: i18n.t("plans.sites.each"), align: "end", value: each, cell: (one) => (each(one) === null ? i18n.t("common.none") : i18n.money(each(one) ?? 0)) },
  ];
  const list = table<SiteCost>(
    {
      i18n,
      caption: i18n.t("plans.sites.caption"),
      columns,
      id: (one) => one.site,
      href: (one) => href("map", { site: one.site, plan: told.plan }),
      extra: h("a", { href: `/v1/plans/${encodeURIComponent(told.plan)}/sites`, class: "small" }, "JSON"),
    },
    told.items,
  );
  const line = (name: string, label: string, amount: number) => h("div", { "data-line": name }, h("dt", {}, label), h("dd", { class: "number" }, i18n.money(amount)));
  return [
    list.element,
    h(
      "dl",
      { class: "plans-price card-body" },
      line("placed", i18n.t("plans.sites.placed"), told.placed_month),
      line("missing", i18n.t("plans.sites.missingAll"), told.unplaced_month),
      line("common", i18n.t("plans.sites.common"), told.common_month),
      line("cost", i18n.t("plans.sites.cost"), told.cost),
    ),
  ];
}

/** What a placed shard of a site costs on average; null where none is placed. */
function each(one: SiteCost): number | null {
  return one.placed_shards === 0 ? null : one.placed_month / one.placed_shards;
}

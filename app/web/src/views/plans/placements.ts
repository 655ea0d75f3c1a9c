/** Every placement of a plan, read when somebody opens the list; quick with 100,000 of them. */
import type { Api } from "../../api";
import { h } from "../../dom";
import type { I18n } from "../../i18n";
import { href } from "../../route";
import { region } from "../../states";
import { table, type Column } from "../../table";
import type { NetworkMap, PlacementMap } from "../../wire";
import { nodeNames } from "./changes";
import { siteNames } from "./sites";

export interface PlacementsOptions {
  i18n: I18n;
  api: Api;
  plan: string;
  /** Whether the plan is the one in force, which the map shows without being told its name. */
  inForce: boolean;
  map: NetworkMap;
  /** How many shards the plan is about. */
  count: number;
  open: boolean;
  onToggle(open: boolean): void;
}

/** The list of all placements, folded until it is wanted. */
export function placementsPart({ i18n, api, plan, inForce, map, count, open, onToggle }: PlacementsOptions): HTMLElement {
  const inside = h("div", {});
  const part = region(inside, i18n, () => api.get("/v1/map/plans/{id}", { path: { id: plan } }), (placed) => placementsTable(i18n, placed, map, inForce ? "" : plan));
  const fold = h("details", { class: "card plans-placements", open, on: { toggle: () => toggle() } }, h("summary", { class: "card-head" }, h("h2", {}, i18n.t("plans.placements", { count: i18n.number(count) }))), inside);
  let asked = false;

  function toggle(): void {
    if (fold.open && !asked) void part.load();
    asked ||= fold.open;
    onToggle(fold.open);
  }
  return fold;
}

/** The placements as a table; a row is its place in the columns of the answer. */
export function placementsTable(i18n: I18n, { nodes, sites, models, policies, profiles, statuses, shards }: PlacementMap, map: NetworkMap, plan: string): HTMLElement {
  const [nodeName, siteName] = [nodeNames(i18n, map), siteNames(i18n, map)];
  const word = (words: readonly string[], places: readonly number[]) => (row: number): string | null => words[places[row] ?? -1] ?? null;
  const workload = (row: number): string => shards.workload[row] ?? "";
  const [node, site] = [word(nodes, shards.node), word(sites, shards.site)];
  const status = word(statuses, shards.status);
  const called = (names: ReadonlyMap<string, string>, id: string | null): string | null => (id === null ? null : (names.get(id) ?? id));
  const margin = (row: number): number | null => shards.margin_us[row] ?? null;
  const columns: Column<number>[] = [
    { key: "workload", label: i18n.t("plans.workload"), value: workload, href: (row) => href("map", { plan, workload: workload(row) }) },
    { key: "shard", label: i18n.t("plans.shard"), align: "end", value: (row) => (shards.shard[row] ?? 0) + 1 },
    { key: "status", label: i18n.t("plans.status"), value: (row) => i18n.word("status", status(row) ?? "") },
    { key: "node", label: i18n.t("plans.node"), value: (row) => called(nodeName, node(row)), href: (row) => (node(row) === null ? null : href("map", { plan, node: node(row) ?? "" })) },
    { key: "site", label: i18n.t("plans.sites.site"), value: (row) => called(siteName, site(row)), href: (row) => (site(row) === null ? null : href("map", { plan, site: site(row) ?? "" })) },
    { key: "profile", label: i18n.t("plans.profile"), value: word(profiles, shards.profile) },
    { key: "servers", label: i18n.t("plans.servers"), align: "end", value: (row) => (node(row) === null ? null : shards.servers[row]) },
    { key: "margin", label: i18n.t("plans.margin"), align: "end", value: margin, cell: (row) => (margin(row) === null ? i18n.t("common.none") : i18n.micros(margin(row) ?? 0)) },
    { key: "devices", label: i18n.t("plans.devices"), align: "end", fileOnly: true, value: (row) => shards.devices[row] },
    { key: "node_id", label: "node", fileOnly: true, value: node },
    { key: "site_id", label: "site", fileOnly: true, value: site },
    { key: "model", label: "model", fileOnly: true, value: word(models, shards.model) },
    { key: "policy", label: "policy", fileOnly: true, value: word(policies, shards.policy) },
    { key: "deadline", label: "deadline_us", fileOnly: true, value: (row) => shards.deadline_us[row] },
  ];
  return table<number>(
    { i18n, caption: i18n.t("plans.placementsCaption"), quietCaption: true, columns, id: (row) => `${workload(row)} ${shards.shard[row] ?? 0}` },
    shards.workload.map((_, row) => row),
  ).element;
}

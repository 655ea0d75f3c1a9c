/** What is drawn, as tables: the nodes, and the allocation shard by shard. What is `given` may change under them. */
import { h, type Child } from "../../../dom";
import type { I18n } from "../../../i18n";
import { disturbedSaid } from "../../../sentences";
import { table, type Column, type Sort, type Table } from "../../../table";
import { rulesSaid, statusBadge, type BrokenBy } from "../disturbed";
import { said, type Net, type Picked, type Placed } from "../model";
import type { Scene } from "../scene";
import { share } from "./bars";
import { brokenOf, severity } from "./story";

export const ROWS = ["nodes", "allocations"] as const;
export type Rows = (typeof ROWS)[number];

export interface TableOf {
  i18n: I18n;
  net: Net;
  placed: Placed | null;
  province(code: string): string;
  /** Why what is disturbed is so. */
  broken: BrokenBy;
  link(picked: Picked): string;
  sort: Sort | null;
  onSort(sort: Sort): void;
}

const STATE_TONE: Record<string, string> = { active: "", draining: "warn", failed: "bad" };

export function nodesTable(given: TableOf, scene: Scene): Table<number> {
  const { i18n } = given;
  const id = (at: number): string => given.net.map.nodes.id[at] ?? "";
  const word = (words: "tiers" | "states" | "commitments" | "provinces" | "owners" | "sovereignties", column: "tier" | "state" | "commitment" | "province" | "owner" | "sovereignty") =>
    (at: number): string => said(given.net.map[words], given.net.map.nodes[column][at]);
  const [tier, state, owner] = [word("tiers", "tier"), word("states", "state"), word("owners", "owner")];
  const [commitment, sovereignty, province] = [word("commitments", "commitment"), word("sovereignties", "sovereignty"), word("provinces", "province")];
  const devices = (at: number): number => (given.placed?.byNode.get(at) ?? []).reduce((sum, shard) => sum + (given.placed?.devices(shard) ?? 0), 0);
  const columns: Column<number>[] = [
    { key: "name", label: i18n.t("map.node"), value: (at) => given.net.nodeName(i18n, id(at)) },
    { key: "id", label: i18n.t("map.id"), value: id },
    { key: "tier", label: i18n.t("map.tier"), value: (at) => i18n.word("tier", tier(at)) },
    {
      key: "state",
      label: i18n.t("map.state"),
      value: (at) => i18n.word("state", state(at)),
      cell: (at) => badge(i18n.word("state", state(at)), STATE_TONE[state(at)]),
    },
    {
      key: "cards",
      label: i18n.t("map.cardsUsed"),
      align: "end",
      value: (at) => cardsOf(given.placed, at),
      cell: (at) => (cardsOf(given.placed, at) === null ? i18n.t("common.none") : share(i18n, cardsOf(given.placed, at) ?? 0)),
    },
    {
      key: "used",
      label: i18n.t("map.fullest"),
      align: "end",
      value: (at) => given.placed?.load[at] ?? null,
      cell: (at) => (given.placed ? (given.placed.byNode.has(at) ? fullest(i18n, given.placed, at) : i18n.t("map.unused")) : i18n.t("common.none")),
    },
    { key: "devices", label: i18n.t("map.devices"), align: "end", value: devices },
    {
      key: "margin",
      label: i18n.t("map.leastMargin"),
      align: "end",
      value: (at) => marginOf(given.placed, at),
      cell: (at) => (marginOf(given.placed, at) === null ? i18n.t("common.none") : i18n.permille(marginOf(given.placed, at) ?? 0)),
    },
    { key: "commitment", label: i18n.t("map.commitment"), value: (at) => i18n.word("commitment", commitment(at)) },
    { key: "sovereignty", label: i18n.t("map.sovereignty"), value: (at) => i18n.word("sovereignty", sovereignty(at)) },
    { key: "owner", label: i18n.t("map.owner"), value: (at) => owner(at) },
    { key: "province", label: i18n.t("map.province"), value: (at) => given.province(province(at)) },
  ];
  return table<number>(
    {
      i18n,
      caption: i18n.t("map.nodesTable"),
      quietCaption: true,
      columns,
      id,
      href: (at) => given.link({ kind: "node", id: id(at) }),
      sort: given.sort,
      onSort: given.onSort,
      empty: i18n.t("map.nothingPasses"),
    },
    scene.nodes,
  );
}

export function allocationsTable(given: TableOf, scene: Scene): Table<number> {
  const { i18n } = given;
  const node = (i: number): string | null => given.net.map.nodes.id[given.placed?.node[i] ?? -1] ?? null;
  const site = (i: number): string | null => given.net.map.sites.id[given.placed?.site[i] ?? -1] ?? null;
  const columns: Column<number>[] = [
    { key: "workload", label: i18n.t("map.workload"), value: (i) => given.placed?.map.shards.workload[i] },
    { key: "shard", label: i18n.t("map.shard"), align: "end", value: (i) => (given.placed?.map.shards.shard[i] ?? 0) + 1 },
    {
      key: "status",
      label: i18n.t("map.status"),
      value: (i) => severity(given, i),
      cell: (i) => (given.placed?.status(i) === "placed" ? i18n.word("status", "placed") : statusBadge(i18n, given.placed?.status(i) ?? "", brokenOf(given, i))),
    },
    {
      key: "broken",
      label: i18n.t("map.brokenRules"),
      value: (i) => {
        const broken = brokenOf(given, i);
        return broken ? rulesSaid(i18n, broken) : null;
      },
      cell: (i) => {
        const broken = brokenOf(given, i);
        if (!broken) return i18n.t("common.none");
        const since = broken.since === null ? "" : ` · ${i18n.t("map.sinceGeneration", { generation: String(broken.since) })}`;
        return h("span", { title: disturbedSaid(i18n, broken) }, `${rulesSaid(i18n, broken)}${since}`);
      },
    },
    { key: "site", label: i18n.t("map.site"), value: (i) => (site(i) === null ? null : given.net.siteName(i18n, site(i) ?? "")) },
    { key: "node", label: i18n.t("map.node"), value: (i) => (node(i) === null ? null : given.net.nodeName(i18n, node(i) ?? "")) },
    { key: "devices", label: i18n.t("map.devices"), align: "end", value: (i) => given.placed?.map.shards.devices[i] },
    { key: "servers", label: i18n.t("map.serversShort"), align: "end", value: (i) => given.placed?.map.shards.servers[i] },
    {
      key: "margin",
      label: i18n.t("map.margin"),
      align: "end",
      value: (i) => ((given.placed?.marginOf(i) ?? -1) < 0 ? null : (given.placed?.marginOf(i) ?? 0)),
      cell: (i) => ((given.placed?.marginOf(i) ?? -1) < 0 ? i18n.t("common.none") : i18n.permille(given.placed?.marginOf(i) ?? 0)),
    },
    { key: "deadline", label: i18n.t("map.budget.deadline"), align: "end", value: (i) => given.placed?.map.shards.deadline_us[i], cell: (i) => i18n.micros(given.placed?.map.shards.deadline_us[i] ?? 0) },
    { key: "model", label: i18n.t("map.model"), value: (i) => said(given.placed?.map.models ?? [], given.placed?.map.shards.model[i]) },
    { key: "policy", label: i18n.t("map.policy"), value: (i) => said(given.placed?.map.policies ?? [], given.placed?.map.shards.policy[i]) },
  ];
  return table<number>(
    {
      i18n,
      caption: i18n.t("map.allocationsTable"),
      quietCaption: true,
      columns,
      id: (i) => `${given.placed?.map.shards.workload[i] ?? ""}/${given.placed?.map.shards.shard[i] ?? 0}`,
      href: (i) => given.link({ kind: "workload", id: given.placed?.map.shards.workload[i] ?? "" }),
      sort: given.sort,
      onSort: given.onSort,
      empty: i18n.t(given.placed ? "map.nothingPasses" : "map.noPlan"),
    },
    troubledFirst(given, scene.shards),
  );
}

/** Shards in their order, but what is unlawful, disturbed or without a place before all else. */
export function troubledFirst(given: Pick<TableOf, "placed" | "broken">, shards: readonly number[]): readonly number[] {
  return given.placed && given.placed.disturbed + given.placed.unplaced > 0 ? shards.toSorted((a, b) => severity(given, a) - severity(given, b)) : shards;
}

function cardsOf(placed: Placed | null, at: number): number | null {
  const used = placed?.cards[at] ?? -1;
  return used < 0 ? null : used;
}

function marginOf(placed: Placed | null, at: number): number | null {
  const margin = placed?.margin[at] ?? -1;
  return margin < 0 ? null : margin;
}

function fullest(i18n: I18n, placed: Placed, at: number): string {
  const load = placed.load[at] ?? 0;
  const resource = said(placed.map.resources, placed.fullest[at]);
  return load <= 0 ? i18n.t("common.none") : `${i18n.word("resource", resource)} ${i18n.permille(load)}`;
}

function badge(word: string, tone: string | undefined): Child {
  return tone ? h("span", { class: `badge ${tone}` }, word) : word;
}

/** What would become of what runs on a node without it: asked for as a what-if, and told shard by shard. */
import type { Api } from "./api";
import { askedFor, supposing, type PlanRequest } from "./asking";
import { h, type Child } from "./dom";
import type { I18n } from "./i18n";
import { href } from "./route";
import { failureSaid } from "./sentences";
import type { PlanOut } from "./wire";

/** The time to search. */
const SECONDS = 5;
/** The most letters of a plan's name. */
const NAME = 128;
/** Shards that are listed of each kind. */
const LISTED = 12;
const PAGE = 1_000;
/** Changes that are looked through. */
const MOST = 50_000;

/** One shard of what ran on the node, and where it would run; null for nowhere. */
export interface Fallen {
  workload: string;
  shard: number;
  to_node: string | null;
}

/** How shards and nodes are called. */
export interface Called {
  shard(one: Fallen): Child;
  node(id: string): string;
}

/** A plan that repairs what is disturbed of what is in force, and touches nothing else. */
export function repairing(day: string): PlanRequest {
  return {
    workloads: [],
    workload_ids: [],
    terms: { horizon: day },
    limits: { seed: 0, start: "warm" },
    scope: { running: "repair", may_end: [], from_nodes: [], from_sites: [] },
    priority: "high",
  };
}

/** Ask for the same without a node, and tell what becomes of what ran there; `other` is what it is compared with. */
export async function askedWithout(api: Api, i18n: I18n, asked: PlanRequest, name: string, node: string, other: string, called: Called): Promise<Child[]> {
  const plan = await askedFor(api, quickly(asked, name, { id: node, state: "failed" }));
  if (plan.result === null) return [h("p", { class: "notice" }, failureSaid(i18n, plan.failure)), wholePlan(i18n, plan)];
  const path = { id: plan.id };
  const [sum, changes, left] = await Promise.all([
    api.get("/v1/plans/{id}/comparison", { path, query: { with: other, limit: 1 } }),
    api.all("/v1/plans/{id}/comparison", { path, query: { with: other, limit: PAGE } }, MOST),
    api.get("/v1/plans/{id}/decisions", { path, query: { status: "disturbed", node, limit: PAGE } }),
  ]);
  const { moved, lost } = fallen(node, changes, left.items);
  if (moved.length + lost.length === 0) return [h("p", {}, i18n.t("map.rehearsedNothing")), wholePlan(i18n, plan)];
  const listed = (part: string, heading: HTMLElement, rows: readonly Fallen[]): Child => rows.length > 0 && h("div", { "data-part": part }, heading, shardList(i18n, rows, called));
  return [
    listed("found", h("strong", {}, i18n.t("map.rehearsedFound", { shards: i18n.number(moved.length) })), moved),
    listed("lost", h("strong", { class: "bad" }, i18n.t("map.rehearsedLost", { shards: i18n.number(lost.length) })), lost),
    h("p", {}, i18n.t("map.rehearsedCost", { amount: `${sum.cost > sum.other_cost ? "+" : ""}${i18n.money(sum.cost - sum.other_cost)}` })),
    wholePlan(i18n, plan),
  ];
}

/** A request that somebody waits for, with a node otherwise. */
export const quickly = (asked: PlanRequest, name: string, node: Parameters<typeof supposing>[3]): PlanRequest => supposing(asked, name.slice(0, NAME), SECONDS, node);

/** Of what ran on a node, what finds another place, and what finds none: it ends, or stays where nothing runs any more. */
export function fallen(node: string, changes: readonly (Fallen & { from_node: string | null })[], left: readonly Omit<Fallen, "to_node">[]): { moved: Fallen[]; lost: Fallen[] } {
  const here = changes.filter((row) => row.from_node === node);
  const known = new Set(here.map((row) => `${row.workload} ${row.shard}`));
  const stays = left.filter((row) => !known.has(`${row.workload} ${row.shard}`)).map((row) => ({ ...row, to_node: null }));
  return { moved: here.filter((row) => row.to_node !== null && row.to_node !== node), lost: [...here.filter((row) => row.to_node === null), ...stays] };
}

/** The first of some shards, and where they go. */
export function shardList(i18n: I18n, rows: readonly Fallen[], called: Called): HTMLElement {
  return h(
    "ul",
    {},
    rows.slice(0, LISTED).map((row) => h("li", {}, called.shard(row), row.to_node !== null && ` → ${called.node(row.to_node)}`)),
    rows.length > LISTED && h("li", { class: "quiet" }, i18n.t("map.rehearsedMore", { count: i18n.number(rows.length - LISTED) })),
  );
}

export const wholePlan = (i18n: I18n, plan: PlanOut): HTMLElement => h("p", {}, h("a", { href: href("plans", { plan: plan.id }) }, i18n.t("map.rehearsedPlan")));

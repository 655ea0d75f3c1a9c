/** What would become of what runs if a node failed, or never came: a what-if that a plan answers within seconds. */
import { isAbort } from "../../api";
import { askedFor, supposing, type PlanRequest } from "../../asking";
import { fill, h, type Child } from "../../dom";
import { href } from "../../route";
import { failureSaid } from "../../sentences";
import { sentence } from "../../states";
import { localDay } from "../../today";
import type { Node, PlanOut } from "../../wire";
import type { Teller } from "./story";

/** The time to search. */
const SECONDS = 4;
/** Shards that are listed of each kind. */
const LISTED = 12;
const PAGE = 1_000;
/** Changes that are looked through. */
const MOST = 50_000;

/** What is asked about. */
export interface Missed {
  id: string;
  name?: string | null;
  name_ko?: string | null;
}

/** The button of a node, and what the plan says. One that does not operate yet is asked about as one that never comes. */
export function rehearsal(teller: Teller, node: Node): HTMLElement {
  return without(teller, node, (node.commitment ?? "operational") !== "operational");
}

/**
 * The button, and what would become of what rests on a node.
 *
 * What runs there, in force or in the plan that is drawn, is planned anew without it. A claim that carries nothing of what is in
 * force is asked about the other way round: what of that which runs nowhere would run there, and falls away if it never comes.
 */
export function without(teller: Teller, node: Missed, never: boolean): HTMLElement {
  const { i18n, net, placed } = teller;
  const carries = (placed?.byNode.get(net.nodeAt.get(node.id) ?? -1) ?? []).length > 0;
  const told = h("div", { role: "status", "data-part": "rehearsal" });
  const label = i18n.t(never ? "map.without" : "map.rehearse");
  const button = h("button", { type: "button", "aria-label": never ? i18n.t("map.withoutLabel", { node: i18n.name(node) }) : label, on: { click: () => void ask() } }, label);

  async function ask(): Promise<void> {
    button.disabled = true;
    fill(told, h("p", { class: "quiet" }, i18n.t("map.rehearsing")));
    try {
      const name = i18n.t(never ? "map.withoutName" : "map.rehearseName", { node: i18n.name(node) });
      if (never && !carries && !teller.inForce) fill(told, h("p", {}, i18n.t("map.restsNothing")));
      else if (never && !carries) fill(told, await couldCarry(teller, node, i18n.t("map.withName", { node: i18n.name(node) })));
      else if (teller.inForce) fill(told, await answer(teller, node, await askedFor(teller.api, repair(node, name)), "allocation"));
      else fill(told, await answer(teller, node, await askedFor(teller.api, await again(teller, node, name)), teller.plan ?? ""));
    } catch (error) {
      if (!isAbort(error)) fill(told, h("p", { class: "notice" }, sentence(i18n, error)));
    } finally {
      button.disabled = false;
    }
  }

  return h("div", { class: "deeds" }, h("div", { class: "bar" }, button), told);
}

const QUICK = { seconds: SECONDS, seed: 0, start: "warm" } as const;

/** What is disturbed once the node has failed: nothing else is touched. */
function repair(node: Missed, name: string): PlanRequest {
  return {
    name,
    workloads: [],
    workload_ids: [],
    terms: { horizon: localDay(new Date()) },
    limits: QUICK,
    scope: { running: "repair", may_end: [], from_nodes: [], from_sites: [] },
    what_if: { nodes: [{ id: node.id, state: "failed" }], links: [], accesses: [] },
    priority: "high",
  };
}

/** The plan that is drawn, asked for once more without the node. */
async function again({ api, plan }: Teller, node: Missed, name: string): Promise<PlanRequest> {
  return supposing(await api.get("/v1/plans/{id}/request", { path: { id: plan ?? "" } }), name, SECONDS, { id: node.id, state: "failed" });
}

/** What runs nowhere, and would run on a node if it operated today. */
async function couldCarry(teller: Teller, node: Missed, name: string): Promise<Child[]> {
  const { i18n, api, placed } = teller;
  const waiting = [...new Set(Array.from({ length: placed?.count ?? 0 }, (_, shard) => shard).filter((shard) => placed?.status(shard) === "unplaced").map((shard) => placed?.workload(shard) ?? ""))];
  if (waiting.length === 0) return [h("p", {}, i18n.t("map.nothingWaits"))];
  const today = localDay(new Date());
  const body = repair(node, name);
  const plan = await askedFor(api, {
    ...body,
    workload_ids: waiting,
    scope: { ...body.scope, running: "keep" },
    what_if: { nodes: [{ id: node.id, state: "active", commitment: "operational", available_from: today }], links: [], accesses: [] },
  });
  const whole = wholePlan(teller, plan);
  if (plan.result === null) return [h("p", { class: "notice" }, failureSaid(i18n, plan.failure)), whole];
  const found = await api.get("/v1/plans/{id}/decisions", { path: { id: plan.id }, query: { status: "placed", node: node.id, limit: PAGE } });
  const asked = new Set(waiting);
  const rows = found.items.filter((row) => asked.has(row.workload));
  if (rows.length === 0) return [h("p", {}, i18n.t("map.couldCarryNothing", { waiting: i18n.number(waiting.length) })), whole];
  return [h("div", { "data-part": "lost" }, h("strong", {}, i18n.t("map.couldCarry", { shards: i18n.number(rows.length) })), rowList(teller, rows, () => "")), whole];
}

const wholePlan = ({ i18n }: Teller, plan: PlanOut): HTMLElement => h("p", {}, h("a", { href: href("plans", { plan: plan.id }) }, i18n.t("map.rehearsedPlan")));

/** Workloads as links, the first of them. */
function rowList<Row extends { workload: string }>({ i18n, link }: Teller, rows: readonly Row[], end: (row: Row) => string): HTMLElement {
  const workload = (id: string): HTMLElement => h("a", { href: link({ kind: "workload", id }) }, id);
  return h(
    "ul",
    {},
    rows.slice(0, LISTED).map((row) => h("li", {}, workload(row.workload), end(row))),
    rows.length > LISTED && h("li", { class: "quiet" }, i18n.t("map.rehearsedMore", { count: i18n.number(rows.length - LISTED) })),
  );
}

/** Who finds a place and where, who does not, and at what price, against what is in force or another plan. */
async function answer(teller: Teller, node: Missed, plan: PlanOut, other: string): Promise<Child[]> {
  const { i18n, api, net } = teller;
  const whole = wholePlan(teller, plan);
  if (plan.result === null) return [h("p", { class: "notice" }, failureSaid(i18n, plan.failure)), whole];
  const path = { id: plan.id };
  const [found, changes, left] = await Promise.all([
    api.get("/v1/plans/{id}/comparison", { path, query: { with: other, limit: 1 } }),
    api.all("/v1/plans/{id}/comparison", { path, query: { with: other, limit: PAGE } }, MOST),
    api.get("/v1/plans/{id}/decisions", { path, query: { status: "disturbed", node: node.id, limit: PAGE } }),
  ]);
  const here = changes.filter((row) => row.from_node === node.id);
  const moved = here.filter((row) => row.to_node !== null && row.to_node !== node.id);
  const lost = [...here.filter((row) => row.to_node === null), ...left.items];
  if (moved.length + lost.length === 0) return [h("p", {}, i18n.t("map.rehearsedNothing")), whole];
  return [
    moved.length > 0 && h("div", { "data-part": "found" }, h("strong", {}, i18n.t("map.rehearsedFound", { shards: i18n.number(moved.length) })), rowList(teller, moved, (row) => ` → ${net.nodeName(i18n, row.to_node ?? "")}`)),
    lost.length > 0 && h("div", { "data-part": "lost" }, h("strong", { class: "bad" }, i18n.t("map.rehearsedLost", { shards: i18n.number(lost.length) })), rowList<{ workload: string }>(teller, lost, () => "")),
    h("p", {}, i18n.t("map.rehearsedCost", { won: i18n.won(found.cost - found.other_cost) })),
    whole,
  ];
}

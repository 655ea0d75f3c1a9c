/** What would become of what runs if a node failed, or never came: a what-if that a plan answers within seconds. */
import { isAbort } from "../../../api";
import { askedFor } from "../../../asking";
import { fill, h, type Child } from "../../../dom";
import { failureSaid } from "../../../sentences";
import { sentence } from "../../../states";
import { localDay } from "../../../today";
import type { Node } from "../../../wire";
import { askedWithout, quickly, repairing, shardList, wholePlan, type Called } from "../../../without";
import type { Teller } from "./story";

/** Decisions that are looked through. */
const PAGE = 1_000;

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
      else fill(told, await fallsAway(teller, node, name));
    } catch (error) {
      if (!isAbort(error)) fill(told, h("p", { class: "notice" }, sentence(i18n, error)));
    } finally {
      button.disabled = false;
    }
  }

  return h("div", { class: "deeds" }, h("div", { class: "bar" }, button), told);
}

const called = ({ i18n, net, link }: Teller): Called => ({
  shard: ({ workload }) => h("a", { href: link({ kind: "workload", id: workload }) }, workload),
  node: (id) => net.nodeName(i18n, id),
});

/** What becomes of what is in force, or of the plan that is drawn, without the node. */
async function fallsAway(teller: Teller, node: Missed, name: string): Promise<Child[]> {
  const { i18n, api, inForce } = teller;
  const plan = teller.plan ?? "";
  const asked = inForce ? repairing(localDay(new Date())) : await api.get("/v1/plans/{id}/request", { path: { id: plan } });
  return askedWithout(api, i18n, asked, name, node.id, inForce ? "allocation" : plan, called(teller));
}

/** What runs nowhere, and would run on a node if it operated today. */
async function couldCarry(teller: Teller, node: Missed, name: string): Promise<Child[]> {
  const { i18n, api, placed } = teller;
  const waiting = [...new Set(Array.from({ length: placed?.count ?? 0 }, (_, shard) => shard).filter((shard) => placed?.status(shard) === "unplaced").map((shard) => placed?.workload(shard) ?? ""))];
  if (waiting.length === 0) return [h("p", {}, i18n.t("map.nothingWaits"))];
  const today = localDay(new Date());
  const body = repairing(today);
  const asked = { ...body, workload_ids: waiting, scope: { ...body.scope, running: "keep" as const } };
  const plan = await askedFor(api, quickly(asked, name, { id: node.id, state: "active", commitment: "operational", available_from: today }));
  const whole = wholePlan(i18n, plan);
  if (plan.result === null) return [h("p", { class: "notice" }, failureSaid(i18n, plan.failure)), whole];
  const found = await api.get("/v1/plans/{id}/decisions", { path: { id: plan.id }, query: { status: "placed", node: node.id, limit: PAGE } });
  const wanted = new Set(waiting);
  const rows = found.items.filter((row) => wanted.has(row.workload));
  if (rows.length === 0) return [h("p", {}, i18n.t("map.couldCarryNothing", { waiting: i18n.number(waiting.length) })), whole];
  const listed = rows.map(({ workload, shard }) => ({ workload, shard, to_node: null }));
  return [h("div", { "data-part": "lost" }, h("strong", {}, i18n.t("map.couldCarry", { shards: i18n.number(rows.length) })), shardList(i18n, listed, called(teller))), whole];
}

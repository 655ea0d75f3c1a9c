/** What would become of what runs if a node failed, or never came: a what-if that a plan answers within seconds. */
import { isAbort } from "../../api";
import { fill, h } from "../../dom";
import { href } from "../../route";
import { failureSaid } from "../../sentences";
import { sentence } from "../../states";
import { localDay } from "../../today";
import type { Comparison, Decision, Node, PlanOut } from "../../wire";
import type { Teller } from "./story";

/** The time to search, and how long an answer is waited for at a time. */
const SECONDS = 4;
const PREFER = "wait=20";
/** Shards that are listed of each kind. */
const LISTED = 12;
const PAGE = 1_000;
const ENDED = ["finished", "cancelled", "failed"];

/** The button, and what the plan says. A node that does not operate yet is asked about as one that never comes. */
export function rehearsal(teller: Teller, node: Node): HTMLElement {
  const { i18n } = teller;
  const never = (node.commitment ?? "operational") !== "operational";
  const told = h("div", { role: "status", "data-part": "rehearsal" });
  const button = h("button", { type: "button", on: { click: () => void ask() } }, i18n.t(never ? "map.without" : "map.rehearse"));

  async function ask(): Promise<void> {
    button.disabled = true;
    fill(told, h("p", { class: "quiet" }, i18n.t("map.rehearsing")));
    try {
      const plan = await planned(teller, node, i18n.t(never ? "map.withoutName" : "map.rehearseName", { node: i18n.name(node) }));
      fill(told, await answer(teller, node, plan));
    } catch (error) {
      if (!isAbort(error)) fill(told, h("p", { class: "notice" }, sentence(i18n, error)));
    } finally {
      button.disabled = false;
    }
  }

  return h("div", { class: "deeds" }, h("div", { class: "bar" }, button), told);
}

/** The plan of what is disturbed once the node has failed: nothing else is touched, and nothing is ever applied. */
async function planned({ api }: Teller, node: Node, name: string): Promise<PlanOut> {
  let plan = await api.post("/v1/plans", {
    prefer: PREFER,
    body: {
      name,
      workloads: [],
      workload_ids: [],
      terms: { horizon: localDay(new Date()) },
      limits: { seconds: SECONDS, seed: 0, start: "warm" },
      scope: { running: "repair", may_end: [], from_nodes: [], from_sites: [] },
      what_if: { nodes: [{ id: node.id, state: "failed" }], links: [], accesses: [] },
      priority: "high",
    },
  });
  while (!ENDED.includes(plan.status)) {
    await new Promise((wake) => setTimeout(wake, 500));
    plan = await api.get("/v1/plans/{id}", { path: { id: plan.id } });
  }
  return plan;
}

/** Who finds a place and where, who does not, and at what price. */
async function answer({ i18n, api, net, link }: Teller, node: Node, plan: PlanOut): Promise<HTMLElement[]> {
  const whole = h("p", {}, h("a", { href: href("plans", { plan: plan.id }) }, i18n.t("map.rehearsedPlan")));
  if (plan.result === null) return [h("p", { class: "notice" }, failureSaid(i18n, plan.failure)), whole];
  const [found, left] = await Promise.all([
    api.get("/v1/plans/{id}/comparison", { path: { id: plan.id }, query: { with: "allocation", limit: PAGE } }),
    api.get("/v1/plans/{id}/decisions", { path: { id: plan.id }, query: { status: "disturbed", node: node.id, limit: PAGE } }),
  ]);
  const moved = found.items.filter((row) => row.from_node === node.id && row.to_node !== null);
  const workload = (id: string): HTMLElement => h("a", { href: link({ kind: "workload", id }) }, id);
  const list = <Row extends Comparison["items"][number] | Decision>(rows: readonly Row[], end: (row: Row) => string) =>
    h("ul", {}, rows.slice(0, LISTED).map((row) => h("li", {}, workload(row.workload), end(row))), rows.length > LISTED && h("li", { class: "quiet" }, i18n.t("map.rehearsedMore", { count: i18n.number(rows.length - LISTED) })));
  if (moved.length + left.items.length === 0) return [h("p", {}, i18n.t("map.rehearsedNothing")), whole];
  const more = found.cost - found.other_cost;
  return [
    moved.length > 0 && h("div", { "data-part": "found" }, h("strong", {}, i18n.t("map.rehearsedFound", { shards: i18n.number(moved.length) })), list(moved, (row) => ` → ${net.nodeName(i18n, row.to_node ?? "")}`)),
    left.items.length > 0 && h("div", { "data-part": "lost" }, h("strong", { class: "bad" }, i18n.t("map.rehearsedLost", { shards: i18n.number(left.items.length) })), list(left.items, () => "")),
    h("p", {}, i18n.t("map.rehearsedCost", { won: i18n.won(more) })),
    whole,
  ].filter((one) => one !== false);
}

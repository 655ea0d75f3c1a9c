/** Putting a plan in force: what it would do is said first, and a world that has changed since is not passed over. */
import { Refused } from "../../api";
import { choose, confirm } from "../../dialog";
import { h, type Child } from "../../dom";
import { table } from "../../table";
import type { BodyOf, Comparison, PlanOut } from "../../wire";
import { PAGE, changed, columnsOf, nodeNames, tally } from "./changes";
import type { PlansContext } from "./params";

export type Outcome =
  | { kind: "left" }
  | { kind: "applied"; sentence: string }
  /** The same was asked again, of the world as it is now. */
  | { kind: "again"; plan: string };

/** Ask, and put a plan in force. Refusals other than that of a world that has changed are thrown. */
export async function apply(context: PlansContext, plan: PlanOut): Promise<Outcome> {
  const { i18n, api } = context;
  const [found, map] = await Promise.all([
    api.get("/v1/plans/{id}/comparison", { path: { id: plan.id }, query: { with: "allocation", limit: PAGE } }),
    api.get("/v1/map"),
  ]);
  const sure = await confirm(i18n, {
    title: i18n.t("plans.applyTitle", { name: plan.name ?? plan.id.slice(0, 8) }),
    body: consequences(context, found, nodeNames(i18n, map)),
    action: i18n.t("plans.apply"),
  });
  if (!sure) return { kind: "left" };
  try {
    return await carryOut(context, plan, "refuse");
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== "generation.stale") throw error;
    return onStale(context, plan, error);
  }
}

/** The world has changed since: judge the plan again, or make another. */
async function onStale(context: PlansContext, plan: PlanOut, error: Refused): Promise<Outcome> {
  const { i18n } = context;
  const newest = error.problem.errors?.[0]?.message ?? "";
  const body = [
    h("p", {}, i18n.t("plans.stale", { made: String(plan.generation ?? ""), newest })),
    h("ul", {}, h("li", {}, i18n.t("plans.staleReverify")), h("li", {}, i18n.t("plans.staleAgain"))),
  ];
  const way = await choose(i18n, i18n.t("plans.staleTitle"), body, [
    { value: "again", label: i18n.t("plans.again") },
    { value: "reverify", label: i18n.t("plans.reverify"), kind: "primary" },
  ]);
  if (way === null) return { kind: "left" };
  if (way === "reverify") return carryOut(context, plan, "reverify");
  return { kind: "again", plan: await again(context, plan.id) };
}

async function carryOut({ i18n, api }: PlansContext, plan: PlanOut, onStale: "refuse" | "reverify"): Promise<Outcome> {
  const done = await api.post("/v1/plans/{id}/apply", { path: { id: plan.id }, body: { on_stale: onStale } });
  const said = (count: number): string => i18n.number(count);
  const sentence = i18n.t(done.reverified ? "plans.appliedReverified" : "plans.applied", {
    generation: String(done.generation),
    placed: said(done.placed),
    moved: said(done.moved),
    unplaced: said(done.unplaced),
    kept: said(done.kept),
    ended: said(done.ended),
  });
  return { kind: "applied", sentence };
}

/** Ask the same again; the id of the new plan. */
export async function again({ api }: PlansContext, id: string): Promise<string> {
  const asked = await api.get("/v1/plans/{id}/request", { path: { id } });
  const plan = await api.post("/v1/plans", { body: asked as BodyOf<"/v1/plans", "post"> });
  return plan.id;
}

/** What applying would do: how many, at which cost, and the shards by name. */
function consequences({ i18n }: PlansContext, found: Comparison, names: ReadonlyMap<string, string>): Child {
  const count = changed(found);
  const cost = i18n.t("plans.costNow", { amount: i18n.won(found.cost) });
  const before = found.other_cost;
  const list = table(
    { i18n, caption: i18n.t("plans.changesCaption"), quietCaption: true, columns: columnsOf(i18n, names).slice(0, 5), id: (row) => `${row.workload} ${row.shard}` },
    found.items,
  );
  return [
    h("p", {}, i18n.t("plans.applyMeaning", { count: i18n.number(count) })),
    h("p", { class: "quiet" }, cost, before !== null && before !== undefined && [" ", i18n.t("plans.costBefore", { amount: i18n.won(before) })]),
    tally(i18n, found),
    found.items.length > 0 && h("div", { class: "plans-dialog-list" }, list.element),
    found.next && h("p", { class: "small quiet" }, i18n.t("plans.shownOf", { shown: i18n.number(found.items.length), count: i18n.number(count) })),
  ];
}

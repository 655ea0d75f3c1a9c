/** Putting a plan in force: what it would do is said first, and a world that has changed since is not passed over. */
import { Refused } from "../../api";
import { choose } from "../../dialog";
import { h, type Child } from "../../dom";
import { detailSaid, titleSaid } from "../../sentences";
import type { BodyOf, Comparison, PlanOut } from "../../wire";
import { ALLOCATION, PAGE, changed, changesRead, nodeNames } from "./changes";
import { closedPart, counts, detailsOf, otherDay, warnings, type Details } from "./consequences";
import type { PlansContext } from "./params";
import { warned } from "./warned";

export type Outcome =
  | { kind: "left" }
  | { kind: "applied"; sentence: string; generation: number }
  /** The same was asked again, of the world as it is now. */
  | { kind: "again"; plan: string };

type How = Required<NonNullable<BodyOf<"/v1/plans/{id}/apply", "post">>>;

/** Ask, and put a plan in force. Refusals other than that of a world that has changed are thrown. */
export async function apply(context: PlansContext, plan: PlanOut): Promise<Outcome> {
  const { i18n, api } = context;
  const [found, map] = await Promise.all([
    api.get("/v1/plans/{id}/comparison", { path: { id: plan.id }, query: { with: ALLOCATION, limit: PAGE } }),
    api.get("/v1/map"),
  ]);
  const names = nodeNames(i18n, map);
  const details = await detailsOf(api, found, ALLOCATION);
  const insists = found.not_operating.length > 0 ? insistence(context) : null;
  const way = await choose(i18n, i18n.t("plans.applyTitle", { name: plan.name ?? plan.id.slice(0, 8) }), body(context, plan, found, details, names, insists?.element ?? null), [
    { value: "apply", label: i18n.t("plans.apply"), kind: found.ended > 0 ? "danger" : "primary", ...(insists ? { once: insists.box } : {}) },
  ]);
  if (way === null) return { kind: "left" };
  return carryOut(context, plan, { on_stale: "refuse", allow_not_operating: insists !== null }, names);
}

/** The box that insists on nodes which do not operate. */
function insistence({ i18n }: PlansContext): { box: HTMLInputElement; element: HTMLElement } {
  const box = h("input", { type: "checkbox", name: "allow_not_operating" });
  return { box, element: h("label", { class: "plans-insist" }, box, h("span", {}, i18n.t("plans.insist"))) };
}

/** Put it in force; a world that has changed, and nodes that are closed by now, are asked about. */
async function carryOut(context: PlansContext, plan: PlanOut, how: How, names: ReadonlyMap<string, string>): Promise<Outcome> {
  const { i18n, api } = context;
  try {
    const done = await api.post("/v1/plans/{id}/apply", { path: { id: plan.id }, body: how });
    const said = (count: number): string => i18n.number(count);
    const sentence = i18n.t(done.reverified ? "plans.appliedReverified" : "plans.applied", {
      generation: String(done.generation),
      placed: said(done.placed),
      moved: said(done.moved),
      resized: said(done.resized),
      unplaced: said(done.unplaced),
      kept: said(done.kept),
      ended: said(done.ended),
      disturbed: said(done.disturbed),
    });
    return { kind: "applied", sentence, generation: done.generation };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (error.code === "generation.stale" && how.on_stale === "refuse") return onStale(context, plan, error, how, names);
    if (error.code === "plan.not_operating" && !how.allow_not_operating) return onClosed(context, plan, error, how, names);
    throw error;
  }
}

/** The world has changed since: judge the plan again, or make another. */
async function onStale(context: PlansContext, plan: PlanOut, error: Refused, how: How, names: ReadonlyMap<string, string>): Promise<Outcome> {
  const { i18n } = context;
  const newest = error.problem.errors?.[0]?.value ?? "";
  const told = [
    h("p", {}, i18n.t("plans.stale", { made: String(plan.generation ?? ""), newest })),
    h("ul", {}, h("li", {}, i18n.t("plans.staleReverify")), h("li", {}, i18n.t("plans.staleAgain"))),
  ];
  const way = await choose(i18n, i18n.t("plans.staleTitle"), told, [
    { value: "again", label: i18n.t("plans.again") },
    { value: "reverify", label: i18n.t("plans.reverify"), kind: "primary" },
  ]);
  if (way === null) return { kind: "left" };
  if (way === "reverify") return carryOut(context, plan, { ...how, on_stale: "reverify" }, names);
  return { kind: "again", plan: await again(context, plan.id) };
}

/** Some nodes do not operate, which was not so when the question was asked. */
async function onClosed(context: PlansContext, plan: PlanOut, error: Refused, how: How, names: ReadonlyMap<string, string>): Promise<Outcome> {
  const { i18n } = context;
  const nodes = (error.problem.errors ?? []).map((one) => /^nodes\[(.+)\]$/.exec(one.field)?.[1] ?? one.field);
  const insists = insistence(context);
  const told = [h("p", {}, detailSaid(i18n, error)), closedPart(i18n, nodes, names), insists.element];
  const way = await choose(i18n, titleSaid(i18n, error), told, [{ value: "apply", label: i18n.t("plans.apply"), kind: "danger", once: insists.box }]);
  return way === null ? { kind: "left" } : carryOut(context, plan, { ...how, allow_not_operating: true }, names);
}

/** Ask the same again; the id of the new plan. */
export async function again({ api }: PlansContext, id: string): Promise<string> {
  const asked = await api.get("/v1/plans/{id}/request", { path: { id } });
  const plan = await api.post("/v1/plans", { body: asked as BodyOf<"/v1/plans", "post"> });
  return plan.id;
}

/** What applying would do, what matters most first, and the shards by name. */
function body({ i18n }: PlansContext, plan: PlanOut, found: Comparison, details: Details, names: ReadonlyMap<string, string>, insists: Child): Child {
  const count = changed(found);
  const day = otherDay(i18n, plan);
  return [
    h("p", {}, i18n.t("plans.applyMeaning", { count: i18n.number(count) })),
    day !== null && h("p", { class: "notice", "data-part": "day" }, day),
    plan.result?.restored && warned(i18n, plan.result),
    warnings(i18n, found, details, names, ALLOCATION),
    insists,
    counts(i18n, found, details, ALLOCATION),
    changesRead(i18n, found, names),
  ];
}

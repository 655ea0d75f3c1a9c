/** Going back to what ran: a plan of it is made, shown as any plan is, and put in force if that is wanted. */
import { Refused } from "../../api";
import { choose } from "../../dialog";
import { h } from "../../dom";
import { faultSaid } from "../../sentences";
import type { BodyOf, PlanOut } from "../../wire";
import { apply, type Outcome } from "./apply";
import type { PlansContext } from "./params";

type How = NonNullable<BodyOf<"/v1/allocations/history/{generation}/restore", "post">>;

/**
 * Undo a generation (`before`), or go back to what ran just after it. What cannot run any more as it did is named, and
 * left out only if that is chosen. Refusals of another kind are thrown.
 */
export async function goBack(context: PlansContext, generation: number, moment: "before" | "after"): Promise<Outcome> {
  const plan = await made(context, generation, { moment, leave_out: false, end_later: false });
  if (plan === null) return { kind: "left" };
  const outcome = await apply(context, plan);
  // Nobody asked for this plan but to put it in force.
  if (outcome.kind === "left") await context.api.delete("/v1/plans/{id}", { path: { id: plan.id } });
  return outcome;
}

/** The plan of what ran; null if it is not wanted without what is lost. */
async function made(context: PlansContext, generation: number, how: How): Promise<PlanOut | null> {
  const { i18n, api } = context;
  try {
    return await api.post("/v1/allocations/history/{generation}/restore", { path: { generation }, body: how });
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== "history.rows_lost" || how.leave_out) throw error;
    const lost = (error.problem.errors ?? []).map((one) => h("li", {}, h("code", {}, one.field), " – ", faultSaid(i18n, one, error.code)));
    const told = [h("p", {}, i18n.t("plans.lost")), h("ul", { class: "plans-faults" }, lost), h("p", {}, i18n.t("plans.lostMeaning"))];
    const way = await choose(i18n, i18n.t("plans.lostTitle"), told, [{ value: "without", label: i18n.t("plans.leaveOut") }]);
    return way === null ? null : made(context, generation, { ...how, leave_out: true });
  }
}

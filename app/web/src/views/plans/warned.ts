/** What has to be known of a plan before it is believed; it stands before everything else that is said of it. */
import { h, type Child } from "../../dom";
import type { I18n } from "../../i18n";
import { warningWord } from "../../sentences";
import type { PlanOut, PlanResult } from "../../wire";
import { TONE } from "./params";

/** One warning of a plan's result or of the event of its end. */
export interface Warning {
  code: string;
  message: string;
}

/** Where a plan comes from that puts back what ran, in the language of the page; for others nothing. */
export function restoredWord(i18n: I18n, { restored }: PlanResult): string | null {
  if (!restored) return null;
  return i18n.t(restored.moment === "before" ? "plans.restoredBefore" : "plans.restoredAfter", { generation: String(restored.generation) });
}

/** What a plan that puts back what ran leaves out or leaves alone; for others nothing. */
function leftWord(i18n: I18n, code: string, { restored }: PlanResult): string | null {
  if (!restored) return null;
  const named = (shards: number, names: readonly string[]) => ({ shards: i18n.number(shards), names: names.join(", ") });
  if (code === "restored.stays") return i18n.t("plans.warned.stays", named(restored.stays_shards, restored.stays));
  if (code !== "restored.left_out") return null;
  return i18n.t("plans.warned.leftOut", named(restored.left_out_shards, restored.left_out.map((row) => `${row.workload} (${row.shard + 1})`)));
}

/** The warnings of a result, the gravest first. */
export function warned(i18n: I18n, result: PlanResult): Child {
  const restored = restoredWord(i18n, result);
  return [
    restored !== null && h("p", { class: "notice", "data-part": "restored" }, restored),
    (result.warnings ?? []).map((one) => warning(i18n, one, result)),
  ];
}

function warning(i18n: I18n, one: Warning, result: PlanResult): HTMLElement {
  const left = leftWord(i18n, one.code, result);
  if (left !== null) return h("p", { class: "notice", "data-part": "warning" }, left);
  return (
    h("p", { class: one.code === "cut_off" ? "notice" : "notice bad", "data-part": "warning" }, warningWord(i18n, one), one.code === "cut_off" && [" ", h("span", { lang: "en" }, result.cut_off)])
  );
}

/** The status of a plan; one that proves nothing says so first, and one that is solved before or after others says that, too. */
export function statusBadges(i18n: I18n, plan: PlanOut): Child {
  const unproven = plan.result?.warnings?.some((one) => one.code === "bound.none") ?? false;
  return [
    unproven && [h("span", { class: "badge bad" }, i18n.t("plans.unproven")), " "],
    h("span", { class: `badge ${TONE[plan.status]}` }, i18n.word("plan", plan.status)),
    plan.priority !== "normal" && [" ", h("span", { class: "badge" }, i18n.t(`plans.priority.${plan.priority}`))],
  ];
}

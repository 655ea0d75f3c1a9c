/** What has to be known of a plan before it is believed; it stands before everything else that is said of it. */
import { h, type Child } from "../../dom";
import type { I18n } from "../../i18n";
import type { PlanOut, PlanResult } from "../../wire";
import { TONE } from "./params";

/** One warning of a plan's result or of the event of its end. */
export interface Warning {
  code: string;
  message: string;
}

/** A warning in the language of the page; one that it does not know in the service's words. */
export function warningWord(i18n: I18n, { code, message }: Warning): string {
  if (code === "bound.none") return i18n.t("plans.warned.noBound");
  if (code === "better.lost") return i18n.t("plans.warned.betterLost");
  return code === "cut_off" ? i18n.t("plans.cutOff") : message;
}

/** The warnings of a result, the gravest first. */
export function warned(i18n: I18n, result: PlanResult): Child {
  return (result.warnings ?? []).map((one) =>
    h("p", { class: one.code === "cut_off" ? "notice" : "notice bad", "data-part": "warning" }, warningWord(i18n, one), one.code === "cut_off" && [" ", result.cut_off]),
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

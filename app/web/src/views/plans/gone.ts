/** A plan that is deleted while it is shown stays in sight, as it was; that is said above it. */
import { fill, h, type Child } from "../../dom";
import type { I18n } from "../../i18n";
import type { Context } from "../../view";

/** What is needed to say it. */
export interface GoneOf {
  i18n: I18n;
  live: Pick<Context["live"], "on">;
  announce(sentence: string): void;
}

/** A place that says so once one of the plans that are `shown` is deleted. */
export function goneNotice({ i18n, live, announce }: GoneOf, shown: () => readonly string[], way: Child = null): HTMLElement {
  const element = h("div", { class: "gone" });
  live.on("plan.deleted", ({ plan, detail }) => {
    if (plan === null || !shown().includes(plan)) return;
    const said = i18n.t("plans.gone", { name: detail.name ?? plan.slice(0, 8) });
    fill(element, h("p", { class: "notice" }, said, " ", way));
    announce(said);
  });
  return element;
}

/** Bars in panels: how full a resource is, and how a deadline is spent. The numbers stand beside them as text. */
import { amountOf } from "../../../amounts";
import { h, type Child } from "../../../dom";
import type { I18n } from "../../../i18n";
import type { Latency, UseOut } from "../../../wire";

/** How full one resource is. */
export function useBar(i18n: I18n, name: string, use: UseOut): HTMLElement {
  const full = Math.min(1000, use.used_permille);
  // How full is told in the colours of amounts; what is over its capacity is wrong, and in the colour of that.
  const tone = use.used_permille > 1000 ? "bad" : `amount-fill amount-${amountOf(use.used_permille)}`;
  return h(
    "div",
    { class: "gauge" },
    h("span", { class: "gauge-name" }, name),
    h("span", { class: "gauge-figures number" }, i18n.t("map.ofCapacity", { used: i18n.amount(use.used, use.unit), capacity: i18n.measure(use.capacity, use.unit) })),
    h("span", { class: "gauge-share number" }, i18n.permille(use.used_permille)),
    h("span", { class: "gauge-track", "aria-hidden": true }, h("span", { class: `gauge-fill ${tone}`, style: { width: `${full / 10}%` } })),
  );
}

/** A share with its colour beside it. */
export function share(i18n: I18n, permille: number): Child {
  return [h("span", { class: `key-dot amount-fill amount-${amountOf(permille)}`, "aria-hidden": true }), " ", i18n.permille(permille)];
}

/** The parts of a latency, in the order in which a request goes through them. */
export const SPENT = ["access", "transfer", "transport", "service", "waiting"] as const;

/** Where the time of a request goes: a bar of the deadline, and its parts in numbers. */
export function budget(i18n: I18n, latency: Latency): HTMLElement {
  const late = latency.margin_us < 0;
  const parts = [
    ...SPENT.map((name) => ({ name, micros: latency[`${name}_us`] })),
    { name: "margin" as const, micros: latency.margin_us },
  ];
  const whole = Math.max(1, latency.deadline_us);
  return h(
    "div",
    { class: "budget" },
    h(
      "div",
      { class: "budget-bar", "aria-hidden": true },
      parts.map(({ name, micros }) => micros > 0 && h("span", { class: `budget-${name}`, style: { width: `${(100 * micros) / whole}%` } })),
    ),
    h(
      "dl",
      { class: "budget-parts" },
      parts.map(({ name, micros }) =>
        h(
          "div",
          { class: name === "margin" && late ? "bad" : "" },
          h("dt", {}, h("span", { class: `key-dot budget-${name}`, "aria-hidden": true }), i18n.t(`map.budget.${name}`)),
          h("dd", { class: "number" }, i18n.micros(micros)),
          h("dd", { class: "number quiet" }, i18n.percent(micros / whole)),
        ),
      ),
      h("div", { class: "total" }, h("dt", {}, i18n.t("map.budget.deadline")), h("dd", { class: "number" }, i18n.micros(latency.deadline_us)), h("dd", {})),
    ),
  );
}

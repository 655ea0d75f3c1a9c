/** The bar that says what the rest is about: which plan, which nodes count, and where. */
import { fill, h, newId } from "../../dom";
import type { I18n } from "../../i18n";
import { href } from "../../route";
import type { PlanOut } from "../../wire";
import { PROVINCES } from "../../outline";
import { changeDays, dayNumber, dayOf, monthsLater, spanOf, type AsOf, type NodeFact } from "./facts";
import { provinceName } from "./provinces";

export interface BarState {
  plans: readonly PlanOut[];
  /** The plan that is looked at; empty for what is in force. */
  plan: string;
  inForce: string | null;
  commitments: readonly string[];
  nodes: readonly NodeFact[];
  asOf: AsOf;
  today: string;
  province: string;
  /** Which nodes count, in a sentence. */
  sentence: string;
  warning: string;
}

export interface BarChoices {
  plan(id: string): void;
  day(day: string): void;
  commitment(word: string): void;
  province(code: string): void;
}

export interface Bar {
  element: HTMLElement;
  update(state: BarState): void;
}

export function asOfBar(i18n: I18n, choices: BarChoices): Bar {
  let days: string[] = [];
  let day = "";

  const plan = h("select", { on: { change: () => choices.plan(plan.value) } });
  const commitment = h("select", { on: { change: () => choices.commitment(commitment.value) } });
  const province = h("select", { on: { change: () => choices.province(province.value) } });
  const date = h("input", { type: "date", required: true, on: { change: () => date.value !== "" && choices.day(date.value) } });
  const name = newId("asof");
  const slider = h("input", { type: "range", step: "1", id: name, class: "asof-slider" });
  slider.addEventListener("input", () => choices.day(dayOf(Number(slider.value))));
  slider.addEventListener("keydown", (event) => key(event));
  const before = h("button", { type: "button", on: { click: () => jump(-1) } }, i18n.t("capacity.changeBefore"));
  const after = h("button", { type: "button", on: { click: () => jump(1) } }, i18n.t("capacity.changeAfter"));
  const sentence = h("p", { class: "asof-said" });
  const warning = h("p", { class: "notice", hidden: true });
  const door = h("a", { class: "asof-door" });
  const field = (label: string, control: HTMLElement): HTMLElement => h("label", { class: "field" }, h("span", {}, label), control);
  const element = h(
    "section",
    { class: "card capacity-bar", "aria-label": i18n.t("capacity.what") },
    h(
      "div",
      { class: "bar capacity-fields" },
      field(i18n.t("capacity.plan"), plan),
      field(i18n.t("capacity.by.province"), province),
      field(i18n.t("capacity.lowest"), commitment),
      field(i18n.t("capacity.asOf"), date),
    ),
    h("div", { class: "bar asof-row" }, before, h("div", { class: "asof-track" }, h("label", { for: name, class: "spoken" }, i18n.t("capacity.asOf")), slider), after),
    h("div", { class: "bar asof-words" }, sentence, door),
    warning,
  );

  /** Left and right go by months, Page Up and Page Down by years; Home and End to the ends. */
  function key(event: KeyboardEvent): void {
    const months: Record<string, number> = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageUp: 12, PageDown: -12 };
    const step = months[event.key];
    if (step === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const next = dayNumber(monthsLater(dayOf(Number(slider.value)), step));
    choices.day(dayOf(Math.max(Number(slider.min), Math.min(Number(slider.max), next))));
  }

  /** To the day on which the next nodes come, or the last ones came. */
  function jump(way: 1 | -1): void {
    const next = way === 1 ? days.find((one) => one > day) : days.findLast((one) => one < day);
    if (next !== undefined) choices.day(next);
  }

  function planName(one: PlanOut): string {
    return `${one.name ?? one.id.slice(0, 8)} · ${i18n.time(one.submitted_at)}${one.what_if ? ` · ${i18n.t("plans.whatIf")}` : ""}`;
  }

  /** Change a select only where it differs, so that one that is open stays so. */
  function offer(select: HTMLSelectElement, options: readonly (readonly [value: string, label: string])[], value: string): void {
    const key = JSON.stringify(options);
    if (select.dataset["offered"] !== key) {
      select.dataset["offered"] = key;
      fill(select, options.map(([one, label]) => h("option", { value: one }, label)));
    }
    select.value = value;
  }

  return {
    element,
    update(state) {
      day = state.asOf.day;
      days = changeDays(state.nodes);
      const inForce = state.plans.find((one) => one.id === state.inForce);
      const others = state.plans.filter((one) => one.result !== null && one.id !== state.inForce);
      const listed = others.some((one) => one.id === state.plan) || state.plan === "";
      offer(
        plan,
        [
          ["", state.inForce === null ? i18n.t("capacity.nothingInForce") : i18n.t("capacity.inForce", { plan: inForce ? (inForce.name ?? inForce.id.slice(0, 8)) : state.inForce.slice(0, 8) })],
          ...(listed ? [] : [[state.plan, state.plan.slice(0, 8)] as const]),
          ...others.map((one) => [one.id, planName(one)] as const),
        ],
        state.plan,
      );
      const there = new Set(state.nodes.map((node) => node.province));
      const known = PROVINCES.filter((one) => there.has(one.code)).map((one) => one.code);
      const codes = [...known, ...[...there].filter((code) => code !== "" && !known.includes(code)).sort()];
      offer(province, [["", i18n.t("capacity.everywhere")], ...codes.map((code) => [code, provinceName(i18n, code)] as const)], state.province);
      offer(commitment, state.commitments.map((word) => [word, i18n.word("commitment", word)] as const), state.commitments[state.asOf.step] ?? "");
      const [first, last] = spanOf(state.nodes, state.today);
      slider.min = String(dayNumber(first));
      slider.max = String(dayNumber(last));
      slider.value = String(dayNumber(day));
      slider.setAttribute("aria-valuetext", i18n.day(day));
      if (date.value !== day) date.value = day;
      // Not `disabled`: that would take the focus away from who presses it again and again.
      before.setAttribute("aria-disabled", String(!days.some((one) => one < day)));
      after.setAttribute("aria-disabled", String(!days.some((one) => one > day)));
      sentence.textContent = state.sentence;
      warning.textContent = state.warning;
      warning.hidden = state.warning === "";
      const lowest = state.commitments[state.asOf.step] ?? "";
      door.href = href("plans", { new: "1", horizon: day, commitment: lowest });
      door.textContent = i18n.t("capacity.whatIf", { day: i18n.day(day) });
    },
  };
}

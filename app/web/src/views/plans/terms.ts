/** The terms of a request in a form: those in force are shown and kept; only what is touched is sent. */
import { fill, h, newId } from "../../dom";
import type { I18n } from "../../i18n";
import type { PlanOut, Terms } from "../../wire";

export const COMMITMENTS = ["operational", "under_construction", "contracted", "announced", "mou", "aspiration"] as const;
export type CommitmentWord = (typeof COMMITMENTS)[number];

export const PARTIES = ["owner", "operator", "vendor"] as const;

export type ShareCap = NonNullable<Terms["share_caps"]>[number];

/** The terms in force are those that the plan in force was made on. */
export function termsOf(inForce: PlanOut | null): Terms | null {
  return inForce === null ? null : (inForce.result?.effective_terms ?? inForce.terms);
}

/** A cap in words: "operator: at most 30%", "owner KT: at most 30%". */
export function capWord(i18n: I18n, cap: ShareCap): string {
  const who = cap.name == null ? i18n.t("plans.capEach", { of: i18n.word("party", cap.of) }) : `${i18n.word("party", cap.of)} ${cap.name}`;
  return i18n.t("plans.capOf", { who, share: i18n.permille(cap.permille) });
}

export interface CapsField {
  element: HTMLElement;
  /** Show those in force, unless something was touched already. */
  inForce(caps: readonly ShareCap[]): void;
  /** What is to be sent; undefined while nothing was touched: then those in force stay. */
  value(): ShareCap[] | undefined;
}

/** A list of caps that can be changed, taken away and added to. */
export function capsField(i18n: I18n): CapsField {
  interface Line {
    of: HTMLSelectElement;
    name: HTMLInputElement;
    permille: HTMLInputElement;
    element: HTMLElement;
  }
  let lines: Line[] = [];
  let standing: readonly ShareCap[] = [];
  let touched = false;
  const rows = h("div", { class: "plans-caps" });
  const state = h("p", { class: "small quiet", role: "status" });
  const add = h("button", { type: "button" }, i18n.t("plans.capAdd"));
  const back = h("button", { type: "button", class: "plain", hidden: true }, i18n.t("plans.capBack"));
  add.addEventListener("click", () => {
    const one = line({ of: "operator", permille: 500, name: null });
    lines.push(one);
    rows.append(one.element);
    touch();
    one.of.focus();
  });
  back.addEventListener("click", () => {
    touched = false;
    show(standing);
    add.focus();
  });

  function line(cap: ShareCap): Line {
    const of = h("select", { "aria-label": i18n.t("plans.capWho") }, PARTIES.map((one) => h("option", { value: one, selected: one === cap.of }, i18n.word("party", one))));
    const name = h("input", { type: "text", maxLength: 128, value: cap.name ?? "", placeholder: i18n.t("plans.capAny"), "aria-label": i18n.t("plans.capName") });
    const permille = h("input", { type: "number", min: "0", max: "1000", step: "1", required: true, value: String(cap.permille), "aria-label": i18n.t("plans.capPermille") });
    const away = h("button", { type: "button", "aria-label": i18n.t("plans.capRemove"), title: i18n.t("plans.capRemove") }, "×");
    const element = h("div", { class: "plans-cap" }, of, name, h("span", { class: "plans-permille" }, permille, h("span", { "aria-hidden": true }, "‰")), away);
    const made: Line = { of, name, permille, element };
    for (const control of [of, name, permille]) control.addEventListener("input", touch);
    away.addEventListener("click", () => {
      lines = lines.filter((one) => one !== made);
      element.remove();
      touch();
      add.focus();
    });
    return made;
  }

  function touch(): void {
    touched = true;
    say();
  }
  function say(): void {
    back.hidden = !touched;
    state.textContent = i18n.t(touched ? (lines.length === 0 ? "plans.capsNone" : "plans.capsChanged") : standing.length === 0 ? "plans.capsNoneInForce" : "plans.capsInForce");
  }
  function show(caps: readonly ShareCap[]): void {
    lines = caps.map(line);
    fill(rows, lines.map((one) => one.element));
    say();
  }
  show([]);

  return {
    element: h("fieldset", { class: "plans-fieldset" }, h("legend", {}, i18n.t("plans.caps")), h("p", { class: "small quiet" }, i18n.t("plans.capsHint")), rows, h("div", { class: "bar" }, add, back), state),
    inForce(caps) {
      standing = caps;
      if (!touched) show(caps);
      else say();
    },
    value() {
      if (!touched) return undefined;
      return lines.map(({ of, name, permille }) => ({
        of: PARTIES.find((one) => one === of.value) ?? "operator",
        permille: Number(permille.value),
        name: name.value.trim() === "" ? null : name.value.trim(),
      }));
    },
  };
}

/** A field for ids, parted by lines, spaces or commas. */
export function idsField(rows: number, spelling: string): HTMLTextAreaElement {
  return h("textarea", { rows, spellcheck: false, placeholder: spelling, id: newId("ids") });
}

/** The ids that were written, each once. */
export function idsIn(written: string): string[] {
  return [...new Set(written.split(/[\s,]+/).filter((id) => id !== ""))];
}

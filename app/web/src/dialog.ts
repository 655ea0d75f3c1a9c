/** Questions that must be answered: the browser's own modal dialog, which keeps the focus and heeds Escape. */
import { h, newId, type Child } from "./dom";
import type { I18n } from "./i18n";

export interface Question {
  title: string;
  /** What will happen, in words and figures. */
  body: Child;
  /** The word on the button that does it. */
  action: string;
  /** Whether it takes something away that runs. */
  danger?: boolean;
}

/** One of the ways out of a dialog, besides leaving everything as it is. */
export interface Choice<V extends string> {
  value: V;
  label: string;
  kind?: "primary" | "danger";
  /** A box in the body; the button can be pressed only once it is ticked. */
  once?: HTMLInputElement;
}

/** Ask; true only if the action's button was pressed. */
export async function confirm(i18n: I18n, question: Question): Promise<boolean> {
  const choice: Choice<"yes"> = { value: "yes", label: question.action, kind: question.danger ? "danger" : "primary" };
  return (await choose(i18n, question.title, question.body, [choice])) === "yes";
}

/** Ask which; null if the dialog was left without a choice. The focus goes back to where it was. */
export function choose<V extends string>(i18n: I18n, title: string, body: Child, choices: readonly Choice<V>[]): Promise<V | null> {
  return new Promise((answer) => {
    const name = newId("dialog");
    const before = document.activeElement;
    const cancel = h("button", { type: "submit", value: "", autofocus: true }, i18n.t("dialog.cancel"));
    const ways = choices.map(({ value, label, kind, once }) => {
      const button = h("button", { type: "submit", value, class: kind ?? "", disabled: once !== undefined && !once.checked }, label);
      once?.addEventListener("change", () => (button.disabled = !once.checked));
      return button;
    });
    const form = h("form", { method: "dialog" }, h("h2", { id: name }, title));
    form.append(h("div", { class: "dialog-body" }, body), h("div", { class: "dialog-actions" }, cancel, ways));
    const dialog = h("dialog", { class: "dialog", "aria-labelledby": name }, form);
    dialog.addEventListener("close", () => {
      dialog.remove();
      const back = before instanceof HTMLElement && before.isConnected ? before : document.querySelector<HTMLElement>("main");
      if (document.activeElement === document.body) back?.focus({ preventScroll: true });
      answer(choices.find((one) => one.value === dialog.returnValue)?.value ?? null);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

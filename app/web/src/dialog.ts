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

/** Ask; true only if the action's button was pressed. */
export function confirm(i18n: I18n, question: Question): Promise<boolean> {
  return new Promise((answer) => {
    const title = newId("dialog");
    const cancel = h("button", { type: "submit", value: "no", autofocus: true }, i18n.t("dialog.cancel"));
    const act = h(
      "button",
      { type: "submit", value: "yes", class: question.danger ? "danger" : "primary" },
      question.action,
    );
    const form = h("form", { method: "dialog" }, h("h2", { id: title }, question.title));
    form.append(h("div", { class: "dialog-body" }, question.body), h("div", { class: "dialog-actions" }, cancel, act));
    const dialog = h("dialog", { class: "dialog", "aria-labelledby": title }, form);
    dialog.addEventListener("close", () => {
      dialog.remove();
      answer(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

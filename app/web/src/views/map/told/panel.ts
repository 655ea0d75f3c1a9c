/** The panel beside the map: a landmark of its own that takes the focus, gives it back, and closes with Escape. */
import { fill, h, newId } from "../../../dom";
import type { I18n } from "../../../i18n";

export interface Panel {
  element: HTMLElement;
  /** Show a story; `take` moves the focus to its heading. */
  open(title: string, kind: string, body: HTMLElement, take: boolean): void;
  /** Say that it is gone. */
  close(): void;
  readonly shown: boolean;
}

/** Make a panel; `leave` is asked for when the person closes it, `back` gives the focus back. */
export function panel(i18n: I18n, leave: () => void, back: () => void): Panel {
  const name = newId("panel");
  const heading = h("h2", { id: name, tabIndex: -1 });
  const kindOf = h("p", { class: "small quiet" });
  const close = h("button", { type: "button", class: "plain", on: { click: leave } }, i18n.t("map.close"));
  const inside = h("div", { class: "panel-body", tabIndex: 0, role: "group", "aria-labelledby": name });
  const element = h(
    "aside",
    { class: "card map-panel", "aria-labelledby": name, hidden: true },
    h("div", { class: "card-head" }, h("div", {}, kindOf, heading), close),
    inside,
  );
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    leave();
  });
  return {
    element,
    get shown() {
      return !element.hidden;
    },
    open(title, kind, body, take) {
      heading.textContent = title;
      kindOf.textContent = kind;
      fill(inside, body);
      inside.scrollTop = 0;
      element.hidden = false;
      if (take) heading.focus({ preventScroll: true });
    },
    close() {
      if (element.hidden) return;
      const had = element.contains(document.activeElement);
      element.hidden = true;
      fill(inside);
      if (had) back();
    },
  };
}

/** Facts: words and what they are, in two columns; what is not known is left out. */
export function facts(...all: readonly (readonly [string, string | Node | (string | Node)[] | null | undefined | false])[]): HTMLElement {
  const known = all.filter(([, fact]) => fact !== null && fact !== undefined && fact !== false && fact !== "");
  return h("dl", { class: "facts" }, known.map(([word, fact]) => [h("dt", {}, word), h("dd", {}, fact as string | Node)]));
}

/** A part of a story, under a heading. */
export function part(title: string, ...children: Parameters<typeof fill>[1][]): HTMLElement {
  return h("section", { class: "panel-part" }, h("h3", {}, title), children);
}

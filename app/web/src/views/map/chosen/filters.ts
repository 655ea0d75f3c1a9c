/** The filters: a menu of checkboxes for each, and what is chosen as chips that can be taken away. */
import { fill, h } from "../../../dom";
import type { I18n } from "../../../i18n";
import { FILTERS, type Filters } from "../scene";

type FilterName = (typeof FILTERS)[number];

const NONE: Filters = { model: [], policy: [], province: [], tier: [], state: [], kind: [], status: [] };

export interface Choices {
  /** The words that a filter offers, in order. */
  words(name: FilterName): readonly string[];
  label(name: FilterName, word: string): string;
}

export interface FilterBar {
  menus: HTMLElement;
  chips: HTMLElement;
  update(filters: Filters): void;
}

/** With more words than this a menu can be searched. */
const SEARCHED = 12;

export function filterBar(i18n: I18n, choices: Choices, change: (filters: Partial<Filters>) => void): FilterBar {
  let now: Filters | null = null;
  const made = new Map(FILTERS.map((name) => [name, menu(name)]));
  const menus = h("div", { class: "filters", role: "group", "aria-label": i18n.t("map.filters") }, [...made.values()].map((one) => one.element));
  const chips = h("ul", { class: "chips", "aria-label": i18n.t("map.chosen"), hidden: true });

  function menu(name: FilterName): { element: HTMLElement; summary: HTMLElement; build(): void } {
    const inside = h("div", { class: "menu" });
    const summary = h("summary", {}, i18n.t(`map.filter.${name}`));
    const element = h("details", { class: "filter" }, summary, inside);
    element.addEventListener("toggle", () => {
      if (!element.open) return;
      build();
      inside.querySelector("input")?.focus();
    });
    element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !element.open) return;
      event.preventDefault();
      element.open = false;
      summary.focus();
    });
    element.addEventListener("focusout", (event) => {
      if (!(event.relatedTarget instanceof Node) || !element.contains(event.relatedTarget)) element.open = false;
    });
    inside.addEventListener("mousedown", (event) => {
      // A press on the menu beside its boxes must not take the focus out of it, which would close it.
      if (!(event.target instanceof HTMLInputElement)) event.preventDefault();
    });
    function build(): void {
      const words = choices.words(name);
      const boxes = words.map((word) => {
        const box = h("input", { type: "checkbox", checked: now?.[name].includes(word) ?? false });
        box.addEventListener("change", () => {
          const others = (now?.[name] ?? []).filter((one) => one !== word);
          change({ [name]: box.checked ? [...others, word] : others });
        });
        return h("label", {}, box, choices.label(name, word));
      });
      const narrow = h("input", { type: "search", "aria-label": i18n.t("map.narrow"), placeholder: i18n.t("map.narrow") });
      narrow.addEventListener("input", () => {
        const wanted = narrow.value.trim().toLowerCase();
        for (const box of boxes) box.hidden = !(box.textContent ?? "").toLowerCase().includes(wanted);
      });
      fill(inside, words.length > SEARCHED && narrow, boxes.length > 0 ? boxes : h("p", { class: "quiet small" }, i18n.t("map.noWords")));
    }
    return { element, summary, build };
  }

  return {
    menus,
    chips,
    update(filters) {
      now = filters;
      for (const [name, { summary }] of made) {
        const count = filters[name].length;
        fill(summary, i18n.t(`map.filter.${name}`), count > 0 && [" ", h("span", { class: "badge accent" }, i18n.number(count))]);
      }
      const chosen = FILTERS.flatMap((name) => filters[name].map((word) => ({ name, word })));
      const had = chips.contains(document.activeElement);
      chips.hidden = chosen.length === 0;
      fill(
        chips,
        chosen.map(({ name, word }) => {
          const label = `${i18n.t(`map.filter.${name}`)}: ${choices.label(name, word)}`;
          const away = h("button", { type: "button", class: "chip", "aria-label": i18n.t("map.takeAway", { filter: label }) }, label, h("span", { "aria-hidden": true }, "×"));
          away.addEventListener("click", () => change({ [name]: filters[name].filter((one) => one !== word) }));
          return h("li", {}, away);
        }),
        chosen.length > 1 && h("li", {}, h("button", { type: "button", class: "plain", on: { click: () => change(NONE) } }, i18n.t("map.clear"))),
      );
      if (had) (chips.querySelector<HTMLElement>("button") ?? made.get("model")?.summary)?.focus();
    },
  };
}

/** The tools above the map: the search, what is drawn and in which colours, and the filters. */
import { h } from "../../../dom";
import type { I18n } from "../../../i18n";
import type { Atlas } from "../atlas";
import { WAYS, type Way } from "../drawing/colours";
import type { Picked } from "../model";
import { STATUSES, type Filters } from "../scene";
import { filterBar } from "./filters";
import { find, search } from "./search";

export interface Tools {
  element: HTMLElement;
  /** Where one types what is looked for. */
  input: HTMLInputElement;
  /** Show what is chosen; `drawable` says whether the plan that is chosen can be drawn. */
  update(now: Chosen, drawable: boolean): void;
}

interface Chosen extends Filters {
  plan: string;
  by: Way;
  wipe: boolean;
  links: boolean;
  bare: boolean;
  table: boolean;
}

export interface ToolsOf {
  i18n: I18n;
  values(): Chosen;
  go(change: Partial<Chosen>, replace?: boolean): void;
}

/** What they are for, and what stands among them. */
export interface Toolbox {
  atlas(): Atlas;
  province(code: string): string;
  /** Something was looked for and found. */
  pick(picked: Picked): void;
  /** The choice of a plan, and what there is to say of it. */
  plans: HTMLElement;
  notice: HTMLElement;
}

export function tools({ i18n, values, go }: ToolsOf, { atlas, province, pick, plans, notice }: Toolbox): Tools {
  const finder = search(i18n, (typed) => find(i18n, atlas().net, atlas().placed, typed), pick);
  const wayChoice = h(
    "select",
    { on: { change: () => go({ by: wayChoice.value as Way }, true) } },
    WAYS.map((way) => h("option", { value: way, selected: way === values().by }, i18n.t(`map.way.${way}`))),
  );
  const wipeButton = h("button", { type: "button", on: { click: () => go({ wipe: !values().wipe }, true) } }, i18n.t("map.wipe"));
  const linkBox = h("input", { type: "checkbox", on: { change: () => go({ links: linkBox.checked }, true) } });
  const flowBox = h("input", { type: "checkbox", on: { change: () => go({ bare: !flowBox.checked }, true) } });
  const filters = filterBar(
    i18n,
    {
      words(name) {
        const { net, placed } = atlas();
        const { map } = net;
        if (name === "model" || name === "policy") return (name === "model" ? placed?.map.models : placed?.map.policies) ?? [];
        return { province: map.provinces, tier: map.tiers, state: map.states, kind: map.kinds, status: STATUSES }[name];
      },
      label: (name, one) =>
        name === "province" ? province(one) : name === "model" || name === "policy" ? one : i18n.word(name, one),
    },
    (chosen) => go(chosen, true),
  );
  const element = h(
    "div",
    { class: "card map-tools" },
    h(
      "div",
      { class: "bar" },
      finder.element,
      h("label", { class: "field" }, h("span", {}, i18n.t("map.plan")), plans),
      wipeButton,
      h("label", { class: "field" }, h("span", {}, i18n.t("map.colourBy")), wayChoice),
      h("label", { class: "box" }, flowBox, i18n.t("map.flows")),
      h("label", { class: "box" }, linkBox, i18n.t("map.links")),
    ),
    filters.menus,
    filters.chips,
    notice,
  );
  return {
    element,
    input: finder.input,
    update(now, drawable) {
      filters.update(now);
      wayChoice.value = now.by;
      linkBox.checked = now.links;
      flowBox.checked = !now.bare;
      wipeButton.hidden = now.plan === "" || now.table || !drawable;
      wipeButton.setAttribute("aria-pressed", String(now.wipe));
    },
  };
}

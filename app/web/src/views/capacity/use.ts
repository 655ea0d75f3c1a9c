/** How full each tier, province or kind of card is, for each resource: a table in which each cell is a bar. */
import { fill, h, newId, type Child } from "../../dom";
import type { I18n } from "../../i18n";
import { gridSaver, gridSearch, tableView } from "../../table";
import { amountOf, type By, type Use } from "./facts";
import { provinceName } from "./provinces";

/** In the order in which they are shown. */
export const RESOURCES = ["accelerators", "power", "vcpu", "memory"] as const;
export type Resource = (typeof RESOURCES)[number];

/** The unit of a resource in a heading. */
export function unitWord(i18n: I18n, resource: string): string {
  if (resource === "accelerators") return i18n.t("capacity.unit.cards");
  if (resource === "vcpu") return i18n.t("capacity.unit.vcpu");
  if (resource === "power") return i18n.t("capacity.unit.power");
  return i18n.t("capacity.unit.memory");
}

/** An amount with its unit. */
export function amountWord(i18n: I18n, value: number, resource: string, unit: string): string {
  const amount = i18n.amount(value, unit);
  if (resource === "accelerators") return i18n.t("capacity.cards", { count: amount });
  return resource === "vcpu" ? `${amount} vCPU` : amount;
}

export interface UseTable {
  element: HTMLElement;
  update(uses: readonly Use[], by: By, resource: Resource, tiers: readonly string[], chosen: string): void;
}

export interface Choices {
  by(by: By): void;
  resource(resource: Resource): void;
  province(code: string): void;
  accelerator(id: string): string;
}

export function useTable(i18n: I18n, choices: Choices): UseTable {
  const name = newId("use");
  const group = newId("by");
  const radios = (["tier", "province", "accelerator"] as const).map((by) => {
    const input = h("input", { type: "radio", name: group, value: by, on: { change: () => choices.by(by) } });
    return [by, input, h("label", { class: "choice" }, input, i18n.t(`capacity.by.${by}`))] as const;
  });
  const head = h("tr");
  const body = h("tbody");
  const grid = h("table", { class: "table use-table", "aria-labelledby": name }, h("thead", {}, head), body);
  const { view, edges } = tableView(i18n, grid, name);
  const search = gridSearch(i18n, grid, name);
  const element = h(
    "div",
    { class: "card capacity-use" },
    h(
      "div",
      { class: "card-head" },
      h("h2", { id: name }, i18n.t("capacity.caption")),
      h("div", { class: "choices", role: "radiogroup", "aria-label": i18n.t("capacity.by") }, radios.map(([, , label]) => label)),
    ),
    search.element,
    view,
    h("div", { class: "bar table-end" }, h("span", { class: "end table-keep" }, gridSaver(i18n, () => grid, () => i18n.t("capacity.caption")))),
  );

  let headings = new Map<Resource, HTMLTableCellElement>();
  let shownBy: By | null = null;

  function heading(by: By, resource: Resource): void {
    if (shownBy !== by) {
      const resources = by === "accelerator" ? RESOURCES.slice(0, 1) : RESOURCES;
      headings = new Map(
        resources.map((one) => [
          one,
          h(
            "th",
            { scope: "col" },
            h(
              "button",
              { type: "button", on: { click: () => choices.resource(one) } },
              i18n.word("resource", one), " ", h("span", { class: "unit" }, unitWord(i18n, one)),
            ),
          ),
        ]),
      );
      fill(
        head,
        h("th", { scope: "col" }, h("span", {}, i18n.t(`capacity.by.${by}`))),
        h("th", { scope: "col", class: "end" }, h("span", {}, i18n.t("capacity.nodes"))),
        [...headings.values()],
      );
      shownBy = by;
    }
    for (const [one, cell] of headings) {
      if (one === resource) cell.setAttribute("aria-sort", by === "tier" ? "none" : "descending");
      else cell.removeAttribute("aria-sort");
      cell.classList.toggle("chosen", one === resource);
    }
  }

  function update(uses: readonly Use[], by: By, resource: Resource, tiers: readonly string[], chosen: string): void {
    for (const [one, input] of radios) input.checked = one === by;
    heading(by, resource);
    const groups = new Map<string, Map<string, Use>>();
    for (const use of uses) {
      const found = groups.get(use.group) ?? new Map<string, Use>();
      groups.set(use.group, found.set(use.resource, use));
    }
    const share = (name: string): number => groups.get(name)?.get(by === "accelerator" ? "accelerators" : resource)?.share ?? -1;
    const order =
      by === "tier"
        ? tiers.filter((tier) => groups.has(tier))
        : [...groups.keys()].sort((a, b) => share(b) - share(a) || (a < b ? -1 : 1));
    const focused = document.activeElement?.closest<HTMLElement>("tr[data-group]");
    const again = focused && body.contains(focused) ? (focused.dataset["group"] ?? null) : null;
    fill(body, order.map((one) => row(one, groups.get(one) ?? new Map<string, Use>(), by, chosen)));
    if (order.length === 0) fill(body, h("tr", {}, h("td", { colSpan: 2 + headings.size, class: "quiet" }, i18n.t("capacity.noneCounts"))));
    if (again !== null) body.querySelector<HTMLElement>(`tr[data-group="${CSS.escape(again)}"] button`)?.focus({ preventScroll: true });
    search.look();
    edges();
  }

  function row(group: string, uses: ReadonlyMap<string, Use>, by: By, chosen: string): HTMLElement {
    const nodes = Math.max(0, ...[...uses.values()].map((use) => use.nodes));
    const pressed = by === "province" && group === chosen;
    return h(
      "tr",
      { "data-group": group, "aria-selected": pressed ? true : null },
      h("th", { scope: "row" }, groupName(group, by, pressed)),
      h("td", { class: "end" }, i18n.number(nodes)),
      [...headings.keys()].map((resource) => h("td", { class: "use" }, cell(uses.get(resource)))),
    );
  }

  function groupName(group: string, by: By, pressed: boolean): Child {
    if (by === "tier") return i18n.word("tier", group);
    if (by === "accelerator") return choices.accelerator(group);
    const name = provinceName(i18n, group);
    return h("button", { type: "button", class: "plain", "aria-pressed": pressed, on: { click: () => choices.province(group) } }, name);
  }

  function cell(use: Use | undefined): Child {
    if (use?.share == null) return h("span", { class: "quiet" }, i18n.t("common.none"));
    const part = h("div", { class: `bar-part amount-${amountOf(use.share)}`, style: { width: `${Math.min(100, use.share * 100)}%` } });
    return h(
      "div",
      { class: "use-cell" },
      h("span", { class: "use-share" }, i18n.percent(use.share), use.used > use.capacity && [" ", h("span", { class: "badge bad" }, i18n.t("capacity.over"))]),
      h("span", { class: "use-of quiet" }, `${i18n.amount(use.used, use.unit)} / ${i18n.amount(use.capacity, use.unit)}`),
      h("div", { class: "bar-whole", "aria-hidden": true }, part),
    );
  }

  return { element, update };
}

/** The tightest limits of a plan, and what one more unit of each would save. */
import { apartName, idOf, nodeOf, subjectName, thought } from "../../accounts";
import { h } from "../../dom";
import type { I18n } from "../../i18n";
import { href } from "../../route";
import { table, type Column, type Sort, type Table } from "../../table";
import type { Capacity } from "../../wire";
import type { NodeFact } from "./facts";

export type Tight = Capacity["tightest"][number];

/** From so many thousandths on a limit is called tight. */
const TIGHT = 900;

export interface Names {
  node(id: string): NodeFact | undefined;
  accelerator(id: string): string;
}

/** What one more of it, in the unit in which one thinks of it, would save a month. */
export function saving(i18n: I18n, tight: Tight): number | null {
  return tight.price === null ? null : tight.price * thought(i18n, tight).factor;
}

/** What is limited, in words: "H100 SXM at Busan 3". */
export function limitName(i18n: I18n, tight: Tight, names: Names): string {
  const node = (id: string): string => names.node(id)?.name ?? id;
  const apart = apartName(i18n, tight, node);
  if (apart !== null) return apart;
  const { subject } = tight;
  const resource = i18n.word("resource", tight.resource);
  if (tight.rule === "node_capacity" && subject.node !== undefined) {
    const what = subject.accelerator === undefined ? resource : names.accelerator(subject.accelerator);
    return i18n.t("capacity.limit.node", { what, node: node(subject.node) });
  }
  if (subject.link !== undefined) return i18n.t("capacity.limit.link", { link: subject.link, towards: node(subject.direction ?? "") });
  if (subject.access !== undefined) return i18n.t("capacity.limit.access", { access: subject.access, what: resource });
  return i18n.t("capacity.limit.other", { rule: i18n.word("rule", tight.rule), what: subjectName(i18n, tight, node) });
}

/** "One more card of H100 SXM at Busan 3 would save ₩97,000 a month." */
export function limitSentence(i18n: I18n, tight: Tight, names: Names): string {
  const name = limitName(i18n, tight, names);
  const amount = saving(i18n, tight);
  if (amount === null) {
    return tight.used_permille >= TIGHT ? i18n.t("capacity.limit.unpriced", { name }) : i18n.t("capacity.limit.room", { name, share: i18n.permille(tight.used_permille) });
  }
  return i18n.t("capacity.limit.priced", { one: thought(i18n, tight).one, name, amount: i18n.money(amount) });
}

export interface Limits {
  element: HTMLElement;
  update(rows: readonly Tight[], names: Names, note: string): void;
}

export function limitsTable(i18n: I18n, sort: Sort, onSort: (sort: Sort) => void): Limits {
  let known: Names = { node: () => undefined, accelerator: (id) => id };
  const used = (tight: Tight): string => `${i18n.amount(tight.used, tight.unit)} / ${i18n.amount(tight.capacity, tight.unit)}`;
  const columns: Column<Tight>[] = [
    { key: "limit", label: i18n.t("capacity.limit"), value: (tight) => limitSentence(i18n, tight, known), cell: sentence },
    { key: "price", label: i18n.t("capacity.saves"), align: "end", value: (tight) => saving(i18n, tight), cell: price },
    { key: "share", label: i18n.t("capacity.share"), align: "end", value: (tight) => tight.used_permille, cell: (tight) => i18n.permille(tight.used_permille) },
    { key: "used", label: i18n.t("capacity.usedOf"), align: "end", value: (tight) => tight.used, cell: used },
    { key: "rule", label: i18n.t("capacity.rule"), value: (tight) => i18n.word("rule", tight.rule) },
  ];
  function sentence(tight: Tight) {
    const node = nodeOf(tight);
    const said = limitSentence(i18n, tight, known);
    return node === null || !known.node(node) ? said : h("a", { href: href("map", { node }) }, said);
  }
  function price(tight: Tight) {
    const amount = saving(i18n, tight);
    return amount === null ? i18n.t("common.none") : i18n.money(amount);
  }
  const note = h("p", { class: "small quiet capacity-note" });
  const list: Table<Tight> = table<Tight>({
    i18n,
    caption: i18n.t("capacity.tightest"),
    columns,
    id: idOf,
    sort,
    onSort,
    extra: note,
    empty: i18n.t("capacity.noLimits"),
  });
  list.element.classList.add("limits-table");
  return {
    element: h("section", { class: "card capacity-limits" }, list.element),
    update(rows, names, said) {
      known = names;
      note.textContent = said;
      list.update(rows);
    },
  };
}

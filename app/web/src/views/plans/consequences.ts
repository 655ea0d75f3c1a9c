/** What going from what is in force, or from another plan, to a plan means: what matters most stands first. */
import type { Api } from "../../api";
import { h, type Child } from "../../dom";
import type { I18n } from "../../i18n";
import { href } from "../../route";
import { disturbedSaid } from "../../sentences";
import { table, type Column } from "../../table";
import { localDay } from "../../today";
import type { Comparison, Decision, PlanOut } from "../../wire";
import { ALLOCATION, PAGE, tally } from "./changes";
import { capWord, type ShareCap } from "./terms";

type TermDifference = Comparison["terms"][number];

/** More disturbed shards than this are counted and not listed. */
const MOST_DISTURBED = 2_000;
/** Ended workloads that are named. */
const MOST_NAMED = 50;

/** What is not in the figures of a comparison. */
export interface Details {
  /** Shards that the plan leaves where they break a rule, unlawful ones first. */
  disturbed: readonly Decision[];
  /** Workloads of which something ends. */
  ended: readonly string[];
}

/** Read what stays disturbed under the plan of a comparison, and what ends. */
export async function detailsOf(api: Api, found: Comparison, other: string): Promise<Details> {
  const [disturbed, ended] = await Promise.all([
    found.disturbed === 0 ? [] : api.all("/v1/plans/{id}/decisions", { path: { id: found.plan }, query: { status: "disturbed", limit: 500 } }, MOST_DISTURBED),
    endedOf(api, found, other),
  ]);
  return { disturbed: unlawfulFirst(disturbed), ended };
}

/** Decisions, those that are unlawful first; otherwise in their order. */
export function unlawfulFirst<T extends Pick<Decision, "disturbed">>(rows: readonly T[]): T[] {
  const law = (row: T): number => (row.disturbed?.unlawful ? 0 : 1);
  return rows.toSorted((a, b) => law(a) - law(b));
}

/** The workloads of which shards end, page by page until all of them are known. */
async function endedOf(api: Api, found: Comparison, other: string): Promise<string[]> {
  const names = new Set<string>();
  let shards = 0;
  let page = found;
  for (;;) {
    for (const row of page.items) {
      if (row.action !== "ended") continue;
      names.add(row.workload);
      shards += 1;
    }
    const cursor = page.next ?? null;
    if (cursor === null || shards >= found.ended) return [...names];
    page = await api.get("/v1/plans/{id}/comparison", { path: { id: found.plan }, query: { with: other, limit: PAGE, cursor } });
  }
}

/** What stands before all figures: terms that differ, what stays unlawful or disturbed, nodes that do not operate. */
export function warnings(i18n: I18n, found: Comparison, details: Details, names: ReadonlyMap<string, string>, other: string): Child[] {
  return [termsPart(i18n, found.terms, other), disturbedPart(i18n, found.disturbed, details.disturbed, names), closedPart(i18n, found.not_operating, names)];
}

/** How many shards become what, what ends by name, and the price. */
export function counts(i18n: I18n, found: Comparison, details: Details, other: string): Child[] {
  return [tally(i18n, found), endedPart(i18n, found.ended, details.ended), pricePart(i18n, found, other)];
}

/** Terms that differ: the answers are to different questions then. */
export function termsPart(i18n: I18n, terms: readonly TermDifference[], other: string): Child {
  if (terms.length === 0) return null;
  const columns: Column<TermDifference>[] = [
    { key: "field", label: i18n.t("plans.term"), fixed: true, value: (one) => termWord(i18n, one.field) },
    { key: "other", label: i18n.t(other === ALLOCATION ? "plans.termInForce" : "plans.from"), fixed: true, value: (one) => termSaid(i18n, one.field, one.other) },
    { key: "this", label: i18n.t(other === ALLOCATION ? "plans.termHere" : "plans.to"), fixed: true, value: (one) => termSaid(i18n, one.field, one.this) },
  ];
  return h(
    "section",
    { class: "notice plans-consequence", "data-part": "terms" },
    h("p", {}, h("strong", {}, i18n.t(other === ALLOCATION ? "plans.termsDiffer" : "plans.termsDifferBetween"))),
    table({ i18n, caption: i18n.t("plans.terms"), quietCaption: true, columns, id: (one) => one.field }, terms).element,
  );
}

/** What a term is called. */
export function termWord(i18n: I18n, field: string): string {
  if (field === "horizon") return i18n.t("plans.horizon");
  if (field === "lowest_commitment") return i18n.t("plans.lowest");
  if (field === "share_caps") return i18n.t("plans.caps");
  if (field.startsWith("weights.")) return `${i18n.t("plans.weight")} ${i18n.word("goal", field.slice("weights.".length))}`;
  return field;
}

/** The value of a term, for people. */
export function termSaid(i18n: I18n, field: string, value: unknown): string {
  if (value === null || value === undefined) return i18n.t("common.none");
  if (field === "horizon") return i18n.day(String(value));
  if (field === "lowest_commitment") return i18n.word("commitment", String(value));
  if (field === "share_caps" && Array.isArray(value)) {
    return value.length === 0 ? i18n.t("plans.noCaps") : (value as ShareCap[]).map((cap) => capWord(i18n, cap)).join("; ");
  }
  if (field.startsWith("weights.")) return i18n.number(Number(value) / 1_000, 3);
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** What breaks a rule where it stays. Ending what is unlawful is for a person: it is said first. */
export function disturbedPart(i18n: I18n, count: number, rows: readonly Decision[], names: ReadonlyMap<string, string>): Child {
  if (count === 0) return null;
  const unlawful = rows.filter((row) => row.disturbed?.unlawful).length;
  const columns: Column<Decision>[] = [
    { key: "workload", label: i18n.t("plans.workload"), value: (row) => row.workload, href: (row) => href("map", { workload: row.workload }) },
    { key: "shard", label: i18n.t("plans.shard"), align: "end", value: (row) => row.shard + 1 },
    {
      key: "status",
      label: i18n.t("plans.status"),
      value: (row) => i18n.t(row.disturbed?.unlawful ? "plans.unlawful" : "plans.disturbed"),
      cell: (row) => h("span", { class: `badge ${row.disturbed?.unlawful ? "bad" : "warn"}` }, i18n.t(row.disturbed?.unlawful ? "plans.unlawful" : "plans.disturbed")),
    },
    { key: "rules", label: i18n.t("plans.rule"), value: (row) => (row.disturbed?.rules ?? []).map((rule) => i18n.word("rule", rule)).join(", ") },
    { key: "node", label: i18n.t("plans.node"), value: (row) => (row.node === null ? null : (names.get(row.node) ?? row.node)), href: (row) => (row.node === null ? null : href("map", { node: row.node })) },
    { key: "sentence", label: i18n.t("plans.why"), value: (row) => (row.disturbed ? disturbedSaid(i18n, row.disturbed) : null) },
  ];
  return h(
    "section",
    { class: `notice plans-consequence${unlawful > 0 ? " bad" : ""}`, "data-part": "disturbed" },
    unlawful > 0 && h("p", {}, h("strong", {}, i18n.t("plans.unlawfulStay", { shards: i18n.number(unlawful) }))),
    count > unlawful && h("p", {}, i18n.t("plans.disturbedStay", { shards: i18n.number(count - unlawful) })),
    rows.length > 0 && table({ i18n, caption: i18n.t("plans.disturbedCaption"), quietCaption: true, columns, id: (row) => `${row.workload} ${row.shard}` }, rows).element,
    rows.length < count && h("p", { class: "small" }, i18n.t("plans.shownOf", { shown: i18n.number(rows.length), count: i18n.number(count) })),
  );
}

/** Nodes that are used and do not operate today. */
export function closedPart(i18n: I18n, nodes: readonly string[], names: ReadonlyMap<string, string>): Child {
  if (nodes.length === 0) return null;
  return h(
    "section",
    { class: "notice bad plans-consequence", "data-part": "closed" },
    h("p", {}, h("strong", {}, i18n.t("plans.closed", { count: i18n.number(nodes.length) }))),
    h("p", { class: "plans-names" }, nodes.slice(0, MOST_NAMED).flatMap((id, i): Child[] => [i > 0 && ", ", h("a", { href: href("map", { node: id }) }, names.get(id) ?? id)]), nodes.length > MOST_NAMED && " ..."),
  );
}

function endedPart(i18n: I18n, shards: number, workloads: readonly string[]): Child {
  if (shards === 0) return null;
  return h(
    "p",
    { class: "plans-ended plans-names", "data-part": "ended" },
    h("strong", {}, i18n.t("plans.endedNames", { shards: i18n.number(shards), workloads: i18n.number(workloads.length) })),
    " ",
    workloads.slice(0, MOST_NAMED).join(", "),
    workloads.length > MOST_NAMED && " ...",
  );
}

/** What this request costs, and what changes over the workloads that both are about: never a part against the whole. */
export function pricePart(i18n: I18n, found: Comparison, other: string): Child {
  const lines: [string, string, string][] = [];
  if (found.request_cost !== null) lines.push(["request", i18n.t("plans.requestCost"), i18n.money(found.request_cost)]);
  if (found.same_workloads > 0) {
    const same = i18n.number(found.same_workloads);
    lines.push(["here", i18n.t("plans.costSame", { count: same }), i18n.money(found.cost)]);
    lines.push(["other", i18n.t(other === ALLOCATION ? "plans.costSameNow" : "plans.costSameOther"), i18n.money(found.other_cost)]);
    lines.push(["difference", i18n.t("plans.difference"), signed(i18n, found.cost - found.other_cost)]);
  }
  if (lines.length === 0) return null;
  return h("dl", { class: "plans-price", "data-part": "price" }, lines.map(([key, name, said]) => h("div", { "data-line": key }, h("dt", {}, name), h("dd", { class: "number" }, said))));
}

/** An amount with its sign. */
export function signed(i18n: I18n, amount: number): string {
  return `${amount > 0 ? "+" : amount < 0 ? "−" : "±"}${i18n.money(Math.abs(amount))}`;
}

/** That a plan is for a day which is not today; null where it is for today. */
export function otherDay(i18n: I18n, plan: Pick<PlanOut, "terms">, now = new Date()): string | null {
  const day = plan.terms.horizon;
  return day === localDay(now) ? null : i18n.t("plans.otherDay", { day: i18n.day(day) });
}

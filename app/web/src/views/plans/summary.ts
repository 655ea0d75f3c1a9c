/** What a plan was asked for and came to: the parts that its page and its report share. */
import { idOf, nodeOf, ofWhole, subjectName } from "../../accounts";
import { h, type Child } from "../../dom";
import type { I18n } from "../../i18n";
import { href } from "../../route";
import { table } from "../../table";
import type { Capacity, PlanOut, PlanResult } from "../../wire";
import { capWord } from "./terms";

type Tight = Capacity["tightest"][number];

/** A figure with its name, and what is to be known of it. */
export function figure(name: string, value: Child, hint: Child = null): HTMLElement {
  return h("div", {}, h("dt", {}, name), h("dd", {}, value), hint !== null && h("dd", { class: "plans-hint" }, hint));
}

/** What it came to. */
export function resultFigures(i18n: I18n, result: PlanResult): HTMLElement {
  const { summary } = result;
  const { margins } = summary;
  const money = (name: string, amount: number) => figure(name, i18n.shortMoney(amount), i18n.money(amount));
  const shards = (tallied: { shards: number; workloads: number; devices: number }) =>
    i18n.t("plans.ofWorkloads", { workloads: i18n.number(tallied.workloads), devices: i18n.number(tallied.devices) });
  return h(
    "dl",
    { class: "figures plans-figures" },
    money(i18n.t("plans.cost"), result.cost),
    result.request_cost !== null && result.request_cost !== undefined && money(i18n.t("plans.requestCost"), result.request_cost),
    money(i18n.t("plans.bound"), result.bound),
    figure(i18n.t("plans.gap"), i18n.gap(result.gap), i18n.t(result.status === "optimal" ? "plans.optimal" : "plans.feasible")),
    figure(i18n.t("plans.placed"), i18n.number(summary.placed.shards), shards(summary.placed)),
    figure(i18n.t("plans.refused"), i18n.number(summary.refused.shards), shards(summary.refused)),
    figure(i18n.t("plans.disturbedShards"), i18n.number(result.disturbed_shards)),
    figure(i18n.t("plans.leastMargin"), margins ? i18n.micros(margins.least_us) : i18n.t("common.none"), margins && i18n.t("plans.medianMargin", { margin: i18n.micros(margins.median_us) })),
    figure(i18n.t("plans.seconds"), i18n.seconds(result.seconds), i18n.t("plans.firstAfter", { seconds: i18n.seconds(result.first_seconds) })),
  );
}

/** What a limit is of, by name. */
function named(i18n: I18n, use: Tight, names: ReadonlyMap<string, string>): string {
  return subjectName(i18n, use, (id) => names.get(id) ?? id);
}

/** Those first of which one more unit saves most. */
function dearestFirst(tightest: readonly Tight[]): Tight[] {
  return [...tightest].sort((a, b) => (priced(b) ?? -1) - (priced(a) ?? -1) || b.used_permille - a.used_permille);
}

/** The tightest limits, each with its name and what one more of it would save; the dearest first. */
export function limitsNamed(i18n: I18n, tightest: readonly Tight[], names: ReadonlyMap<string, string>): { use: Tight; name: string; price: string }[] {
  return dearestFirst(tightest).map((use) => {
    const price = priced(use);
    return { use, name: named(i18n, use, names), price: price === null ? i18n.t("common.none") : i18n.money(price) };
  });
}

/** The tightest limits as a table; the dearest first. */
export function limitsOf(i18n: I18n, plan: string, tightest: readonly Tight[], names: ReadonlyMap<string, string>) {
  const link = (use: Tight): string | null => {
    const node = nodeOf(use);
    return node !== null && names.has(node) ? href("map", { plan, node }) : null;
  };
  return table<Tight>(
    {
      i18n,
      caption: i18n.t("plans.tightest"),
      columns: [
        { key: "key", label: i18n.t("plans.what"), value: (use) => named(i18n, use, names), href: link },
        { key: "rule", label: i18n.t("plans.rule"), value: (use) => i18n.word("rule", use.rule) },
        { key: "resource", label: i18n.t("plans.resource"), value: (use) => i18n.word("resource", use.resource) },
        { key: "used", label: i18n.t("plans.used"), align: "end", value: (use) => use.used, cell: (use) => i18n.measure(use.used, use.unit) },
        { key: "capacity", label: i18n.t("plans.capacity"), align: "end", value: (use) => use.capacity, cell: (use) => i18n.measure(use.capacity, use.unit) },
        { key: "share", label: i18n.t("plans.share"), align: "end", value: (use) => use.used_permille, cell: (use) => i18n.permille(use.used_permille) },
        { key: "price", label: i18n.t("plans.price"), align: "end", value: priced, cell: (use) => (priced(use) === null ? i18n.t("common.none") : i18n.money(priced(use) ?? 0)) },
        { key: "unit", label: i18n.t("plans.unit"), fileOnly: true, value: (use) => i18n.word("unit", use.unit) },
      ],
      id: idOf,
    },
    dearestFirst(tightest),
  );
}

/** What one more of it would save a month: one card or cell, where the wire counts thousandths. */
function priced(use: Tight): number | null {
  return ofWhole(use.price, use);
}

/** What was asked for. */
export function askedOf(i18n: I18n, plan: PlanOut): HTMLElement {
  const { terms, limits } = plan;
  const weights = Object.entries(terms.weights ?? {}).filter(([, weight]) => weight !== 1_000);
  const fact = (name: string, value: Child) => h("div", {}, h("dt", {}, name), h("dd", {}, value));
  return h(
    "section",
    { class: "card", "aria-labelledby": "plans-asked" },
    h("div", { class: "card-head" }, h("h2", { id: "plans-asked" }, i18n.t("plans.asked"))),
    h(
      "dl",
      { class: "plans-facts card-body" },
      fact(i18n.t("plans.workloads"), i18n.number(plan.workloads)),
      fact(i18n.t("plans.horizon"), i18n.day(terms.horizon)),
      fact(i18n.t("plans.lowest"), i18n.word("commitment", terms.lowest_commitment ?? "operational")),
      fact(i18n.t("plans.limit"), limits.seconds === null || limits.seconds === undefined ? i18n.t("plans.defaultSeconds") : i18n.seconds(limits.seconds)),
      fact(i18n.t("plans.seed"), String(limits.seed ?? 0)),
      weights.map(([goal, weight]) => fact(`${i18n.t("plans.weight")} ${i18n.word("goal", goal)}`, i18n.number(Number(weight) / 1_000, 3))),
      (terms.share_caps ?? []).length > 0 && fact(i18n.t("plans.caps"), (terms.share_caps ?? []).map((cap) => h("div", {}, capWord(i18n, cap)))),
    ),
  );
}

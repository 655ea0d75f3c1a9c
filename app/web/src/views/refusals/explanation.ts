/** Why one workload runs nowhere: node by node, with what is needed and what there is, and what would make it fit. */
import { h, type Child } from "../../dom";
import type { I18n } from "../../i18n";
import { refusalSaid, violationSaid } from "../../sentences";
import { table, type Column } from "../../table";
import type { ExplanationOut } from "../../wire";
import { holderList, repairList } from "./repairs";

type Candidate = ExplanationOut["candidates"][number];
type Violation = Candidate["refusals"][number];

/** One rule that says no on one node. */
interface Obstacle {
  rank: number;
  candidate: Candidate;
  violation: Violation | null;
}

/** How near a refusal is: what there is, of what is needed; null for a permission, which is there or not. */
export function nearness(violation: Pick<Violation, "unit" | "needed" | "available">): number | null {
  const { unit, needed, available } = violation;
  if (unit === "permission" || needed <= 0) return null;
  return Math.max(0, available) / needed;
}

/** How many rules say no on a node. */
function against(candidate: Candidate): number {
  return new Set(candidate.refusals.map((one) => one.rule)).size;
}

/** The explanation in words, and a table of its nodes. */
export function explained(i18n: I18n, story: ExplanationOut, names: ReadonlyMap<string, string>): HTMLElement[] {
  const node = (id: string): string => names.get(id) ?? id;
  const repairs = story.refusal?.repairs ?? [];
  const fitting = story.candidates.filter((one) => one.refusals.length === 0);
  const nearest = story.candidates[0];
  const rows: Obstacle[] = story.candidates.flatMap((candidate, i): Obstacle[] =>
    candidate.refusals.length === 0
      ? [{ rank: i + 1, candidate, violation: null }]
      : candidate.refusals.map((violation) => ({ rank: i + 1, candidate, violation })),
  );

  function summary(): Child {
    const nodes = i18n.number(story.candidate_count);
    const least = Math.min(...fitting.map((one) => one.cost ?? 0));
    return [
      fitting.length > 0
        ? h("p", {}, i18n.t("refusals.wouldFit", { count: i18n.number(fitting.length), nodes, amount: i18n.money(least) }))
        : h("p", {}, i18n.t("refusals.noneFits", { nodes })),
      fitting.length === 0 && nearest && h("p", {}, i18n.t("refusals.nearest", { node: node(nearest.node), count: i18n.number(against(nearest)) }), " ", nearest.refusals.map(short).join(" · ")),
      fitting.length > 0 && story.refusal !== null && h("p", {}, refusalSaid(i18n, story.refusal, true)),
      (story.refusal?.holders ?? []).length > 0 && holderList(i18n, story.refusal?.holders ?? [], "refusals.holdersNearest"),
    ];
  }

  /** What is short, in a few words. */
  function short(violation: Violation): string {
    const rule = i18n.word("rule", violation.rule);
    if (nearness(violation) === null) return `${rule}: ${i18n.t("refusals.notAllowed")}`;
    return `${rule}: ${i18n.t("refusals.neededOf", { needed: said(violation.needed, violation.unit), available: said(violation.available, violation.unit) })}`;
  }
  function said(value: number, unit: string): string {
    return i18n.measure(value, unit);
  }

  const columns: Column<Obstacle>[] = [
    { key: "rank", label: "#", align: "end", value: (row) => row.rank },
    { key: "node", label: i18n.t("refusals.node"), value: (row) => node(row.candidate.node) },
    { key: "count", label: i18n.t("refusals.rulesAgainst"), align: "end", value: (row) => against(row.candidate) },
    { key: "rule", label: i18n.t("refusals.rule"), value: (row) => (row.violation ? i18n.word("rule", row.violation.rule) : i18n.t("refusals.fits")) },
    { key: "needed", label: i18n.t("refusals.needed"), align: "end", value: (row) => amountOf(row, "needed"), cell: (row) => amountSaid(row, "needed") },
    { key: "available", label: i18n.t("refusals.available"), align: "end", value: (row) => amountOf(row, "available"), cell: (row) => amountSaid(row, "available") },
    { key: "near", label: i18n.t("refusals.near"), align: "end", value: (row) => (row.violation ? nearness(row.violation) : null), cell: nearSaid },
    { key: "sentence", label: i18n.t("refusals.sentence"), value: (row) => (row.violation ? violationSaid(i18n, row.violation, node) : null) },
  ];
  function amountOf({ violation }: Obstacle, which: "needed" | "available"): number | null {
    return violation === null || nearness(violation) === null ? null : violation[which];
  }
  function amountSaid({ violation }: Obstacle, which: "needed" | "available"): string {
    if (violation === null) return i18n.t("common.none");
    if (nearness(violation) === null) return i18n.t(which === "needed" ? "refusals.permission" : "refusals.notAllowed");
    return said(violation[which], violation.unit);
  }
  function nearSaid({ violation }: Obstacle): Child {
    const near = violation === null ? null : nearness(violation);
    if (near === null) return i18n.t("common.none");
    return [h("meter", { class: "refusals-near", min: 0, max: 1, value: Math.min(1, near), "aria-hidden": true }), " ", i18n.percent(near, 0)];
  }

  return [
    h("div", { class: "refusals-story" }, summary()),
    h(
      "div",
      { class: "refusals-repairs" },
      h("h3", {}, i18n.t("refusals.repairs")),
      repairs.length === 0
        ? h("p", { class: "quiet" }, i18n.t(fitting.length > 0 ? "refusals.noRepairNeeded" : "refusals.noRepair"))
        : repairList(i18n, repairs, node, story.workload),
    ),
    h(
      "div",
      { class: "refusals-reasons" },
      h("h3", {}, i18n.t("refusals.reasons")),
      h(
        "dl",
        { class: "refusals-bars" },
        (story.refusal?.reasons ?? []).map(({ rule, nodes }) => [
          h("dt", {}, i18n.word("rule", rule)),
          h("dd", {}, h("meter", { min: 0, max: Math.max(1, story.candidate_count), value: nodes, "aria-label": i18n.word("rule", rule) }), " ", i18n.t("refusals.nodesOf", { count: i18n.number(nodes), nodes: i18n.number(story.candidate_count) })),
        ]),
      ),
    ),
    h(
      "div",
      { class: "refusals-candidates" },
      table({ i18n, caption: i18n.t("refusals.candidates", { shown: i18n.number(story.candidates.length), nodes: i18n.number(story.candidate_count) }), columns, id: (row) => `${row.candidate.node} ${row.violation?.rule ?? ""} ${row.violation?.sentence ?? ""}` }, rows).element,
    ),
  ];
}

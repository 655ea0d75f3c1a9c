/** All plans, as they come along. */
import { h } from "../../dom";
import { region, tooMuch, empty } from "../../states";
import { table, type Column } from "../../table";
import type { PlanOut } from "../../wire";
import { historyPart } from "./history";
import { SORTS, STATUSES, type Page, type PlansContext } from "./params";
import { statusBadges } from "./warned";

const MOST = 5_000;

interface Found {
  plans: Map<string, PlanOut>;
  inForce: string | null;
}

/** Show the plans in `root`. */
export function listPage(root: HTMLElement, context: PlansContext): Page {
  const { i18n, api, live, values, go, link } = context;
  let known: Found | null = null;
  const columns: Column<PlanOut>[] = [
    { key: "name", label: i18n.t("plans.name"), value: (plan) => plan.name ?? plan.id.slice(0, 8), cell: named },
    { key: "status", label: i18n.t("plans.status"), value: (plan) => STATUSES.indexOf(plan.status), cell: status },
    { key: "workloads", label: i18n.t("plans.workloads"), align: "end", value: (plan) => plan.workloads, cell: (plan) => i18n.number(plan.workloads) },
    { key: "cost", label: i18n.t("plans.cost"), align: "end", value: costOf, cell: (plan) => or(costOf(plan), (amount) => i18n.money(amount)) },
    { key: "gap", label: i18n.t("plans.gap"), align: "end", value: gapOf, cell: (plan) => or(gapOf(plan), (part) => i18n.gap(part)) },
    { key: "unplaced", label: i18n.t("plans.placedRefused"), align: "end", value: unplacedOf, cell: tally },
    { key: "seconds", label: i18n.t("plans.seconds"), align: "end", value: secondsOf, cell: (plan) => or(secondsOf(plan), (taken) => i18n.seconds(taken)) },
    { key: "submitted", label: i18n.t("plans.submitted"), value: (plan) => plan.submitted_at, cell: (plan) => i18n.time(plan.submitted_at) },
  ];

  function or<T>(value: T | undefined, said: (value: T) => string): string {
    return value === undefined ? i18n.t("common.none") : said(value);
  }
  function named(plan: PlanOut) {
    return [
      plan.name ?? h("code", {}, plan.id.slice(0, 8)),
      plan.what_if && [" ", h("span", { class: "badge" }, i18n.t("plans.whatIf"))],
      plan.id === known?.inForce && [" ", h("span", { class: "badge accent" }, i18n.t("plans.inForce"))],
    ];
  }
  function status(plan: PlanOut) {
    return statusBadges(i18n, plan);
  }
  function tally(plan: PlanOut) {
    const unplaced = unplacedOf(plan);
    if (unplaced === undefined) return i18n.t("common.none");
    const placed = plan.result ? i18n.number(plan.result.placed_shards) : i18n.t("common.none");
    return [placed, h("span", { class: "quiet" }, " / "), i18n.number(unplaced)];
  }

  const list = table<PlanOut>({
    i18n,
    caption: i18n.t("plans.caption"),
    columns,
    id: (plan) => plan.id,
    href: (plan) => link({ plan: plan.id, with: "", new: false }),
    sort: { key: values().sort, descending: values().descending === 1 },
    onSort: (sort) => go({ sort: sort.key as (typeof SORTS)[number], descending: sort.descending ? 1 : 0 }, true),
    empty: i18n.t("plans.noMatch"),
  });

  const boxes = STATUSES.map((one) => {
    const box = h("input", { type: "checkbox", value: one });
    box.addEventListener("change", () => go({ status: STATUSES.filter((_, i) => boxes[i]?.checked) }, true));
    return box;
  });
  const whatIf = h(
    "select",
    { "aria-label": i18n.t("plans.whatIf") },
    (["all", "without", "only"] as const).map((one) => h("option", { value: one }, i18n.t(`plans.whatIf.${one}`))),
  );
  whatIf.addEventListener("change", () => go({ whatif: (["without", "only"] as const).find((one) => one === whatIf.value) ?? "all" }, true));
  const compare = h("a", { class: "button", hidden: true }, i18n.t("plans.compareTwo"));
  const ask = h("a", { class: "button primary", href: link({ new: true }) }, i18n.t("plans.new"));
  const bar = h(
    "div",
    { class: "bar" },
    h("fieldset", { class: "plan-statuses" }, h("legend", { class: "spoken" }, i18n.t("plans.status")), boxes.map((box, i) => h("label", {}, box, i18n.word("plan", STATUSES[i] ?? "")))),
    whatIf,
    h("div", { class: "end bar" }, compare, ask),
  );
  const inside = h("div", {});
  root.append(bar, inside, historyPart(context));

  function drawn(): void {
    if (!known) return;
    const now = values();
    const kept = [...known.plans.values()].filter(
      (plan) => (now.status.length === 0 || now.status.includes(plan.status)) && (now.whatif === "all" || plan.what_if === (now.whatif === "only")),
    );
    list.update(kept);
    const [newest, before] = [...known.plans.values()].filter((plan) => plan.result !== null).sort((a, b) => (a.submitted_at < b.submitted_at ? 1 : -1));
    compare.hidden = !newest || !before;
    if (newest && before) compare.href = link({ plan: newest.id, with: before.id });
  }

  const part = region<Found>(
    inside,
    i18n,
    async (progress) => {
      const [plans, summary] = await Promise.all([
        api.all("/v1/plans", { query: { limit: 500 } }, MOST, progress),
        api.get("/v1/allocations/summary"),
      ]);
      return { plans: new Map(plans.map((plan) => [plan.id, plan])), inForce: summary.plan };
    },
    (found) => {
      known = found;
      if (found.plans.size === 0) {
        const way = h("a", { href: link({ new: true }) }, i18n.t("plans.new"));
        return h("div", { class: "card" }, empty(i18n.t("plans.empty"), [i18n.t("plans.emptyHint"), " ", way]));
      }
      drawn();
      return [found.plans.size >= MOST && tooMuch(i18n, MOST), h("div", { class: "card" }, list.element)];
    },
  );
  void part.load();

  /** Look at one plan again; the others are as they were. */
  async function refresh(id: string): Promise<void> {
    try {
      known?.plans.set(id, await api.get("/v1/plans/{id}", { path: { id } }));
      drawn();
    } catch {
      void part.load(); // says what is wrong, unless nobody looks any more
    }
  }
  live.on("plan", (event) => {
    const id = event.plan;
    if (id === null || !known || known.plans.size === 0) return void part.load();
    const plan = known.plans.get(id);
    if (event.type === "plan.deleted") known.plans.delete(id);
    else if (event.type === "plan.improved" && plan) known.plans.set(id, { ...plan, best: event.detail });
    else {
      if (event.type === "plan.applied") known.inForce = id;
      void refresh(id);
      return;
    }
    drawn();
  });

  return {
    update(now) {
      boxes.forEach((box, i) => (box.checked = now.status.includes(STATUSES[i] as (typeof STATUSES)[number])));
      whatIf.value = now.whatif;
      drawn();
    },
    dispose: () => undefined,
  };
}

function costOf(plan: PlanOut): number | undefined {
  return plan.result?.cost ?? plan.best?.cost;
}
function gapOf(plan: PlanOut): number | undefined {
  return plan.result?.gap ?? plan.best?.gap;
}
function unplacedOf(plan: PlanOut): number | undefined {
  return plan.result?.unplaced_shards ?? plan.best?.unplaced;
}
function secondsOf(plan: PlanOut): number | undefined {
  return plan.result?.seconds ?? plan.best?.seconds;
}

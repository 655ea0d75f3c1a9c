/** The plans: what was asked for, how each has come along, and which is in force. */
import { h } from "../dom";
import { whole, word } from "../params";
import { empty, region, tooMuch } from "../states";
import { table, type Column } from "../table";
import { view } from "../view";
import type { PlanOut, PlanStatus } from "../wire";

const SORTS = ["submitted", "name", "status", "workloads", "cost", "gap", "unplaced", "seconds"] as const;
const MOST = 5_000;

const TONE: Record<PlanStatus, string> = { queued: "", running: "accent", finished: "good", cancelled: "warn", failed: "bad" };

export default view({
  params: { sort: word(SORTS, "submitted"), descending: whole(1, 0, 1) },
  title: (i18n) => i18n.t("view.plans"),
  mount(root, { i18n, api, live, values, go }) {
    const columns: Column<PlanOut>[] = [
      { key: "name", label: i18n.t("plans.name"), value: (plan) => plan.name ?? plan.id.slice(0, 8), cell: named },
      { key: "status", label: i18n.t("plans.status"), value: (plan) => plan.status, cell: status },
      { key: "submitted", label: i18n.t("plans.submitted"), value: (plan) => plan.submitted_at, cell: (plan) => i18n.time(plan.submitted_at) },
      { key: "workloads", label: i18n.t("plans.workloads"), align: "end", value: (plan) => plan.workloads },
      { key: "cost", label: i18n.t("plans.cost"), align: "end", value: (plan) => plan.result?.cost ?? plan.best?.cost, cell: cost },
      { key: "gap", label: i18n.t("plans.gap"), align: "end", value: (plan) => plan.result?.gap ?? plan.best?.gap, cell: gap },
      { key: "unplaced", label: i18n.t("plans.unplaced"), align: "end", value: (plan) => plan.result?.unplaced_shards ?? plan.best?.unplaced },
      { key: "seconds", label: i18n.t("plans.seconds"), align: "end", value: (plan) => plan.result?.seconds ?? plan.best?.seconds, cell: seconds },
    ];

    function named(plan: PlanOut) {
      return [
        plan.name ?? h("code", {}, plan.id.slice(0, 8)),
        plan.what_if && [" ", h("span", { class: "badge" }, i18n.t("plans.whatIf"))],
        plan.applied_generation !== null && [" ", h("span", { class: "badge accent" }, i18n.t("plans.inForce"))],
      ];
    }
    function status(plan: PlanOut) {
      return h("span", { class: `badge ${TONE[plan.status]}` }, i18n.word("plan", plan.status));
    }
    function cost(plan: PlanOut) {
      const won = plan.result?.cost ?? plan.best?.cost;
      return won === undefined ? i18n.t("common.none") : i18n.won(won);
    }
    function gap(plan: PlanOut) {
      const part = plan.result?.gap ?? plan.best?.gap;
      return part === undefined ? i18n.t("common.none") : i18n.percent(part, 2);
    }
    function seconds(plan: PlanOut) {
      const taken = plan.result?.seconds ?? plan.best?.seconds;
      return taken === undefined ? i18n.t("common.none") : i18n.seconds(taken);
    }

    const list = table<PlanOut>({
      i18n,
      caption: i18n.t("plans.caption"),
      columns,
      id: (plan) => plan.id,
      sort: { key: values().sort, descending: values().descending === 1 },
      onSort: (sort) => go({ sort: sort.key as (typeof SORTS)[number], descending: sort.descending ? 1 : 0 }, true),
    });
    const part = region(
      root,
      i18n,
      (progress) => api.all("/v1/plans", { query: { limit: 500 } }, MOST, progress),
      (plans) => {
        if (plans.length === 0) return h("div", { class: "card" }, empty(i18n.t("plans.empty"), i18n.t("plans.emptyHint")));
        list.update(plans);
        return [plans.length >= MOST && tooMuch(i18n, MOST), h("div", { class: "card" }, list.element)];
      },
    );
    void part.load();
    live.on("plan", () => void part.load());
    return { update: () => undefined, dispose: () => undefined };
  },
});

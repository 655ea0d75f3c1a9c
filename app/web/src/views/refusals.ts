/** Who was refused by a plan, and why. */
import { h } from "../dom";
import { text } from "../params";
import { empty, region, tooMuch } from "../states";
import { table, type Column } from "../table";
import { view } from "../view";
import type { PlanOut, Unplaced } from "../wire";

const MOST = 20_000;

interface Found {
  plan: PlanOut | null;
  unplaced: readonly Unplaced[];
}

export default view({
  params: { plan: text() },
  title: (i18n) => i18n.t("view.refusals"),
  mount(root, { i18n, api, live, values }) {
    const columns: Column<Unplaced>[] = [
      { key: "workload", label: i18n.t("refusals.workload"), value: (one) => one.workload },
      { key: "site", label: i18n.t("refusals.site"), value: (one) => one.site },
      { key: "policy", label: i18n.t("refusals.policy"), value: (one) => one.policy },
      { key: "devices", label: i18n.t("refusals.devices"), align: "end", value: (one) => one.devices },
      { key: "why", label: i18n.t("refusals.why"), value: (one) => one.refusal?.sentence },
    ];

    /** The plan that the URL names, or else the newest that has ended with a result. */
    async function chosen(): Promise<PlanOut | null> {
      const id = values().plan;
      if (id !== "") return api.get("/v1/plans/{id}", { path: { id } });
      for await (const plans of api.pages("/v1/plans", { query: { limit: 50 } })) {
        const ended = plans.find((plan) => plan.result !== null);
        if (ended) return ended;
      }
      return null;
    }

    const part = region<Found>(
      root,
      i18n,
      async (progress) => {
        const plan = await chosen();
        if (!plan) return { plan, unplaced: [] };
        const asked = { path: { id: plan.id }, query: { limit: 1000 } };
        return { plan, unplaced: await api.all("/v1/plans/{id}/unplaced", asked, MOST, progress) };
      },
      ({ plan, unplaced }) => {
        if (!plan) return h("div", { class: "card" }, empty(i18n.t("refusals.noPlan"), i18n.t("refusals.noPlanHint")));
        if (unplaced.length === 0) return h("div", { class: "card" }, empty(i18n.t("refusals.none"), i18n.t("refusals.noneHint")));
        const list = table({ i18n, caption: i18n.t("refusals.caption"), columns, id: (one) => `${one.workload} ${one.shard}` }, unplaced);
        return [
          h("p", { class: "quiet" }, `${i18n.t("refusals.plan")}: ${plan.name ?? plan.id} · ${i18n.time(plan.submitted_at)}`),
          unplaced.length >= MOST && tooMuch(i18n, MOST),
          h("div", { class: "card" }, list.element),
        ];
      },
    );
    live.on("plan.finished", () => values().plan === "" && void part.load());
    return { update: () => void part.load(), dispose: () => undefined };
  },
});

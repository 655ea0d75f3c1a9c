/** What changed what runs, newest first: each plan that was applied, with a way back to it, and what else ended something. */
import { isAbort } from "../../api";
import { fill, h, type Child } from "../../dom";
import { empty, region } from "../../states";
import { table, type Column } from "../../table";
import type { AllocationRecord } from "../../wire";
import type { PlansContext } from "./params";
import { refused } from "./request";
import { goBack } from "./undo";

/** More than this is not listed. */
const MOST = 500;
const COUNTED = ["placed", "moved", "resized", "ended", "unplaced"] as const;

/** The history, as a part of the page of all plans. */
export function historyPart(context: PlansContext): HTMLElement {
  const { i18n, api, live, link, announce } = context;
  let busy = false;
  let newest: number | null = null;
  const notice = h("div", { class: "plans-note", tabIndex: -1 });
  const inside = h("div", {});

  const counts: Column<AllocationRecord>[] = COUNTED.map((action) => ({
    key: action,
    label: i18n.word("action", action),
    align: "end",
    fixed: true,
    value: (one) => one[action] ?? 0,
    cell: (one) => ((one[action] ?? 0) > 0 ? i18n.number(one[action] ?? 0) : i18n.t("common.none")),
  }));
  const list = table<AllocationRecord>({
    i18n,
    caption: i18n.t("plans.history"),
    columns: [
      { key: "what", label: i18n.t("plans.historyWhat"), fixed: true, value: what, cell: named },
      { key: "at", label: i18n.t("plans.historyWhen"), fixed: true, value: (one) => one.at, cell: (one) => (one.at === null ? i18n.t("common.none") : i18n.time(one.at)) },
      { key: "generation", label: i18n.t("plans.generation"), align: "end", fixed: true, value: (one) => one.generation },
      ...counts,
      { key: "actor", label: i18n.t("plans.historyActor"), fixed: true, value: (one) => one.actor },
      { key: "tenant", label: i18n.t("plans.historyTenant"), fixed: true, value: (one) => one.tenant },
      { key: "back", label: i18n.t("plans.historyBack"), fixed: true, value: (one) => one.why_not ?? "", cell: ways },
    ],
    id: (one) => String(one.generation),
    href: (one) => (one.plan === null ? null : link({ plan: one.plan, with: "", new: false })),
  });

  function what(one: AllocationRecord): string {
    return one.plan === null ? i18n.t("plans.historyStored") : (one.name ?? one.plan.slice(0, 8));
  }
  function named(one: AllocationRecord): Child {
    return [what(one), one.in_force && [" ", h("span", { class: "badge accent" }, i18n.t("plans.inForce"))]];
  }
  /** The newest plan that was applied can be undone; what is not as it is now can be gone back to. */
  function ways(one: AllocationRecord): Child {
    const press = (moment: "before" | "after", word: string, of: string): HTMLElement =>
      h("button", { type: "button", class: "small", "aria-label": of, on: { click: () => void act(one, moment) } }, word);
    const undo = one.generation === newest && one.can_undo && press("before", i18n.t("plans.undo"), i18n.t("plans.undoOf", { name: what(one) }));
    const back = one.can_restore && press("after", i18n.t("plans.backToThis"), i18n.t("plans.backTo", { name: what(one) }));
    if (undo || back) return h("span", { class: "bar" }, undo, back);
    return h("span", { class: "quiet" }, one.why_not === "history.not_kept" ? i18n.t("plans.notKept") : i18n.t("plans.asNow"));
  }

  async function act(one: AllocationRecord, moment: "before" | "after"): Promise<void> {
    if (busy) return;
    busy = true;
    fill(notice);
    try {
      const outcome = await goBack(context, one.generation, moment);
      if (outcome.kind === "again") return context.go({ plan: outcome.plan, with: "" });
      if (outcome.kind !== "applied") return;
      fill(notice, h("p", { class: "notice good" }, outcome.sentence));
      announce(outcome.sentence);
      await part.load();
      notice.focus();
    } catch (error) {
      if (!isAbort(error)) fill(notice, refused(context, error, null));
    } finally {
      busy = false;
    }
  }

  const part = region<readonly AllocationRecord[]>(
    inside,
    i18n,
    () => api.all("/v1/allocations/history", { query: { limit: 100 } }, MOST),
    (records) => {
      newest = records.find((one) => one.plan !== null)?.generation ?? null;
      if (records.length === 0) return empty(i18n.t("plans.historyEmpty"), i18n.t("plans.historyEmptyHint"));
      list.update(records);
      return list.element;
    },
  );
  void part.load();
  live.on("generation", (event) => {
    if (event.detail.parts.includes("allocation")) void part.load();
  });
  return h("div", { class: "card plans-history" }, notice, inside);
}

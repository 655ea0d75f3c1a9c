/** Which plan is drawn: the choice of one, and what there is to say above the map of what was chosen. */
import { isAbort, type Api } from "../../../api";
import { fill, h, type Child } from "../../../dom";
import type { I18n } from "../../../i18n";
import { href } from "../../../route";
import { sentence } from "../../../states";
import { localDay } from "../../../today";
import type { AllocationSummary, PlanOut } from "../../../wire";
import { drawable, plansOf, type Found } from "../found";
import type { Rows } from "../told/tables";

export interface Notices {
  choice: HTMLSelectElement;
  element: HTMLElement;
  /** Offer and say what holds now. */
  update(): void;
  /** Read anew which plans there are. */
  load(): Promise<void>;
}

/** What notices are about. */
export interface Noticed {
  found: Found;
  /** The plan that the URL names. */
  plan: string;
  /** Whether nothing has coordinates. */
  placeless: boolean;
  /** Whether a story is told. */
  picked: boolean;
}

/** Where a notice leads. */
type Way = { plan?: string } | { table: true; rows?: Rows; sort?: string; down?: boolean };

export interface NoticesOf {
  i18n: I18n;
  api: Api;
  go(change: { plan: string }, replace?: boolean): void;
  link(change: Way): string;
}

export function notices({ i18n, api, go, link }: NoticesOf, now: () => Noticed): Notices {
  let plans: PlanOut[] = [];
  /** Whether somebody has said what to draw. */
  let chosePlan = false;
  const choice = h("select", { on: { change: () => ((chosePlan = true), go({ plan: choice.value })) } });
  const element = h("div", { class: "map-notice" });

  function update(): void {
    const { found, plan: chosen, placeless } = now();
    offer(found, chosen);
    const newest = drawable(plans);
    const toForce = h("a", { href: link({ plan: "" }) }, i18n.t("map.showInForce"));
    const toPlan = h("a", { href: href("plans", { plan: chosen }) }, i18n.t("map.toPlan"));
    fill(
      element,
      found.problem && h("p", { class: "notice", role: "alert" }, sentence(i18n, found.problem), " ", toForce),
      placeless && h("p", { class: "notice" }, i18n.t("map.noPlaces"), " ", h("a", { href: link({ table: true }) }, i18n.t("map.listThem"))),
      !found.problem && found.placement?.plan === null && [
        h("p", { class: "notice" }, i18n.t("map.noPlan"), newest && [" ", h("a", { href: link({ plan: newest.id }) }, i18n.t("map.showNewest"))]),
      ],
      !found.problem && chosen !== "" && found.inForce !== chosen && h("p", { class: "notice" }, i18n.t(found.inForce === null ? "map.noneYet" : "map.notInForce"), " ", anotherDay(found), found.inForce === null ? toPlan : toForce),
      !found.problem && found.summary !== null && standing(found.summary),
    );
  }

  function offer(found: Found, chosen: string): void {
    const inForce = plans.find((plan) => plan.id === (chosen === "" ? found.placement?.plan : null));
    const label = (plan: PlanOut): string => `${plan.name ?? plan.id.slice(0, 8)} · ${i18n.time(plan.submitted_at)}${plan.what_if ? ` · ${i18n.t("map.whatIf")}` : ""}`;
    const options = plans.filter((plan) => plan.result !== null).map((plan) => h("option", { value: plan.id }, label(plan)));
    if (chosen !== "" && !plans.some((plan) => plan.id === chosen)) options.unshift(h("option", { value: chosen }, found.plan?.id === chosen ? label(found.plan) : chosen.slice(0, 8)));
    fill(choice, h("option", { value: "" }, inForce ? i18n.t("map.inForceNamed", { plan: label(inForce) }) : i18n.t("map.inForce")), options);
    choice.value = chosen;
  }

  /** A plan for another day is not what would run today. */
  function anotherDay({ plan }: Found): Child {
    const day = plan?.terms.horizon;
    if (day === undefined || day === localDay(new Date())) return null;
    return [h("strong", {}, i18n.t("plans.otherDay", { day: i18n.day(day) })), " "];
  }

  /** How what is in force stands now, where not everything is as promised: what is unlawful first. */
  function standing({ now, standing: stands }: AllocationSummary): Child {
    const disturbed = now.find((one) => one.status === "disturbed")?.shards ?? 0;
    if (disturbed === 0 || stands === null) return null;
    const rules = stands.broken.map((one) => `${i18n.word("rule", one.rule)} ${i18n.number(one.shards)}`).join(", ");
    return h(
      "p",
      { class: `notice map-standing${stands.unlawful_shards > 0 ? " bad" : ""}` },
      stands.unlawful_shards > 0 && [h("strong", {}, i18n.t("map.nowUnlawful", { shards: i18n.number(stands.unlawful_shards) })), " "],
      i18n.t("map.nowDisturbed", { shards: i18n.number(disturbed), rules }),
      " ",
      h("a", { href: link({ table: true, rows: "allocations", sort: "status", down: false }) }, i18n.t("map.listThem")),
    );
  }

  async function load(): Promise<void> {
    try {
      plans = await plansOf(api);
      update();
      const { found, plan: chosen, picked } = now();
      const newest = drawable(plans);
      // The first plan there is, made while one looked on.
      if (newest && found.inForce === null && !chosePlan && chosen === "" && !picked) go({ plan: newest.id }, true);
    } catch (error) {
      if (!isAbort(error)) fill(element, h("p", { class: "notice", role: "alert" }, sentence(i18n, error)));
    }
  }

  return { choice, element, update, load };
}

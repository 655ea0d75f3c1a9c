/** What would give a shard a place: each found to hold by carrying it out, with what to change. */
import { h, type Child } from "../../dom";
import type { I18n, Key } from "../../i18n";
import { href } from "../../route";
import type { Holder, Repair } from "../../wire";
import { tryLink } from "./trying";

/** What giving way in one rule means, where a repair does not say it in the language of the page. */
const MEANS: Partial<Record<string, Key>> = {
  deadline: "refusals.repair.deadline",
  tier: "refusals.repair.tier",
  pin: "refusals.repair.pin",
  commitment: "refusals.repair.commitment",
  node_capacity: "refusals.repair.capacity",
  cards: "refusals.repair.capacity",
  access_capacity: "refusals.repair.capacity",
  link_capacity: "refusals.repair.capacity",
  residency: "refusals.repair.policy",
  control: "refusals.repair.policy",
  certification: "refusals.repair.policy",
  transit: "refusals.repair.policy",
  accelerator: "refusals.repair.accelerator",
  node_state: "refusals.repair.state",
  anti_affinity: "refusals.repair.apart",
  failure_domain: "refusals.repair.domain",
  share_cap: "refusals.repair.share",
  scope: "refusals.repair.scope",
};

/** Each repair with its sentence, what to change, how many nodes it opens, who holds the room, which scope frees it, and the
 * way to try it for the workload. */
export function repairList(i18n: I18n, repairs: readonly Repair[], node: (id: string) => string, workload: string): HTMLElement {
  return h("ul", { class: "repair-list" }, repairs.map((one) => repair(i18n, one, node, workload)));
}

function repair(i18n: I18n, one: Repair, node: (id: string) => string, workload: string): HTMLElement {
  const attempt = tryLink(workload, one);
  const means = MEANS[one.rule];
  const changes = one.change.map(changeSaid).filter((said) => said !== null);
  return h(
    "li",
    { "data-rule": one.rule, "data-scope": one.scope === "" ? null : one.scope },
    h("strong", {}, i18n.word("rule", one.rule)),
    ": ",
    i18n.t("refusals.opens", { count: i18n.number(one.nodes) }),
    one.node != null && one.cost != null && [" ", i18n.t("refusals.thereFor", { node: node(one.node), amount: i18n.money(one.cost) })],
    one.scope !== "" && h("div", {}, h("strong", {}, i18n.t("refusals.freedBy", { scope: scopeWord(i18n, one.scope) }))),
    one.holders.length > 0 && holderList(i18n, one.holders, one.scope === "" ? "refusals.holders" : "refusals.holdersMove"),
    one.sentence !== "" && (i18n.language === "en" || means === undefined)
      ? h("div", { lang: "en" }, one.sentence)
      : means !== undefined && h("div", { class: "quiet" }, i18n.t(means as "refusals.repair.tier")),
    changes.length > 0 && h("div", { class: "small quiet" }, i18n.t("refusals.toChange"), " ", changes.map((said, i) => [i > 0 && ", ", h("code", {}, said)])),
    attempt !== null && h("div", {}, h("a", { href: attempt }, i18n.t("refusals.tryThis"))),
  );
}

function scopeWord(i18n: I18n, scope: string): string {
  const known: Record<string, string> = {
    repair: i18n.t("plans.scope.repair"),
    keep: i18n.t("plans.scope.keep"),
    move: i18n.t("plans.scope.move"),
    preempt: i18n.t("plans.scope.preempt"),
  };
  return known[scope] ?? scope;
}

/** Who holds room, with links to their stories. */
export function holderList(i18n: I18n, holders: readonly Holder[], key: "refusals.holders" | "refusals.holdersMove" | "refusals.holdersNearest"): HTMLElement {
  const names = holders.flatMap((one, i): Child[] => [i > 0 && ", ", h("a", { href: href("map", { workload: one.workload }) }, one.workload), one.shards > 1 && ` (${i18n.measure(one.shards, "shards")})`]);
  return h("div", {}, i18n.t(key), " ", names);
}

/** A change as it is made: of what, which field, to what; null where the value has parts, which the sentence tells better. */
export function changeSaid({ kind, id, field, value }: Repair["change"][number]): string | null {
  const parts: unknown[] = Array.isArray(value) ? value : [value];
  if (parts.some((part) => typeof part === "object" && part !== null)) return null;
  const of = id === "" ? kind : `${kind}/${id}`;
  return `${of} ${field} = ${Array.isArray(value) ? parts.join(" ") : String(value)}`;
}

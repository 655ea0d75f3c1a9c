/** Which rules break where something runs, since when: what is drawn in a placement only as a status. */
import type { Api } from "../../api";
import { h, type Child } from "../../dom";
import type { I18n } from "../../i18n";
import { disturbedSaid } from "../../sentences";
import type { PlacementMap } from "../../wire";

/** Why a shard is disturbed. */
export interface Broken {
  rules: readonly string[];
  sentence: string;
  unlawful: boolean;
  /** The generation since which it is so; null where a plan says so, and not what is in force. */
  since: number | null;
}

/** By workload and shard, as {@link keyOf} names them. */
export type BrokenBy = ReadonlyMap<string, Broken>;

/** More than this are drawn as disturbed, without their reasons. */
const MOST = 20_000;

export const keyOf = (workload: string, shard: number): string => `${workload}/${shard}`;

/** Read the reasons of what is disturbed in a placement; `plan` is empty for what is in force. */
export async function brokenIn(api: Api, map: PlacementMap, plan: string): Promise<BrokenBy> {
  const disturbed = map.statuses.indexOf("disturbed");
  if (map.plan === null || !map.shards.status.includes(disturbed)) return new Map();
  const query = { status: "disturbed" as const, limit: 1000 };
  const rows =
    plan === ""
      ? (await api.all("/v1/allocations", { query }, MOST)).map((row) => [row, row.disturbed_since] as const)
      : (await api.all("/v1/plans/{id}/decisions", { path: { id: plan }, query }, MOST)).map((row) => [row, null] as const);
  return new Map(
    rows.flatMap(([{ workload, shard, disturbed: why }, since]): [string, Broken][] =>
      why ? [[keyOf(workload, shard), { rules: why.rules, sentence: why.sentence, unlawful: why.unlawful, since }]] : [],
    ),
  );
}

/** The badge of a status; what is unlawful says so. */
export function statusBadge(i18n: I18n, status: string, broken: Broken | undefined): HTMLElement {
  if (status !== "disturbed") return h("span", { class: `badge ${status === "unplaced" ? "bad" : ""}` }, i18n.word("status", status));
  return h("span", { class: `badge ${broken?.unlawful ? "bad" : "warn"}` }, i18n.t(broken?.unlawful ? "map.unlawful" : "map.disturbedBadge"));
}

/** The rules that break, as words. */
export const rulesSaid = (i18n: I18n, broken: Broken): string => broken.rules.map((rule) => i18n.word("rule", rule)).join(", ");

/** Rules, why, and since when. */
export function brokenSaid(i18n: I18n, broken: Broken): Child {
  return [
    h("strong", {}, i18n.t(broken.unlawful ? "map.unlawfulBy" : "map.disturbedBy", { rules: rulesSaid(i18n, broken) })),
    " ",
    disturbedSaid(i18n, broken),
    broken.since !== null && [" ", h("span", { class: "quiet" }, i18n.t("map.sinceGeneration", { generation: String(broken.since) }))],
  ];
}

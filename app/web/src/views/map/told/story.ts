/** What the stories of nodes, sites and workloads share: what they are told by, and lists of what runs. */
import type { Api } from "../../../api";
import { h } from "../../../dom";
import type { I18n } from "../../../i18n";
import { disturbedSaid } from "../../../sentences";
import { keyOf, rulesSaid, statusBadge, type Broken, type BrokenBy } from "../disturbed";
import type { Net, Picked, Placed } from "../model";

export interface Teller {
  i18n: I18n;
  api: Api;
  net: Net;
  placed: Placed | null;
  /** The plan that the drawn placement comes from: what is in force, or one that was asked for. */
  plan: string | null;
  /** Whether what is in force is drawn. */
  inForce: boolean;
  /** The link that picks something. */
  link(picked: Picked): string;
  /** Have a route on the map, as places of nodes and links; null takes it away. */
  showRoutes(routes: readonly Route[]): void;
  announce(sentence: string): void;
  province(code: string): string;
  /** Why what is drawn as disturbed is so. */
  broken: BrokenBy;
}

/** Why a shard of what is drawn is disturbed, if it is. */
export function brokenOf({ placed, broken }: Pick<Teller, "placed" | "broken">, shard: number): Broken | undefined {
  return placed ? broken.get(keyOf(placed.workload(shard), placed.map.shards.shard[shard] ?? 0)) : undefined;
}

/** Where a shard stands in a list: unlawful ones first, then what is disturbed, what has no place, and all else. */
export function severity(given: Pick<Teller, "placed" | "broken">, shard: number): number {
  const status = given.placed?.status(shard);
  if (status === "disturbed") return brokenOf(given, shard)?.unlawful ? 0 : 1;
  return status === "unplaced" ? 2 : 3;
}

/** How the traffic of a shard goes: from a site through nodes to where it is served. */
export interface Route {
  site: number;
  through: number[];
}

/** At most so many lines of what runs, until more are asked for. */
const FIRST = 8;
const STEP = 40;

/** Shards as links to their workloads: what is in trouble first, then the largest; the rest on demand. */
export function shardList(teller: Teller, shards: readonly number[], other: "node" | "site"): HTMLElement {
  const { i18n, net, placed } = teller;
  if (!placed || shards.length === 0) return h("p", { class: "quiet" }, i18n.t(other === "site" ? "map.unusedHere" : "map.asksNothing"));
  const sorted = shards.toSorted((a, b) => severity(teller, a) - severity(teller, b) || placed.devices(b) - placed.devices(a));
  const body = h("tbody");
  const more = h("button", { type: "button", class: "plain", on: { click: () => show(STEP) } });
  let shown = 0;
  function show(count: number): void {
    for (const shard of sorted.slice(shown, shown + count)) body.append(line(shard));
    shown = Math.min(sorted.length, shown + count);
    more.hidden = shown >= sorted.length;
    more.textContent = i18n.t("map.more", { count: i18n.number(Math.min(STEP, sorted.length - shown)), all: i18n.number(sorted.length) });
  }
  function line(shard: number): HTMLElement {
    const at = (other === "site" ? placed?.site : placed?.node)?.[shard] ?? -1;
    const id = (other === "site" ? net.map.sites.id : net.map.nodes.id)[at];
    const workload = placed?.workload(shard) ?? "";
    const status = placed?.status(shard) ?? "";
    const broken = brokenOf(teller, shard);
    return h(
      "tr",
      {},
      h("td", {}, h("a", { href: teller.link({ kind: "workload", id: workload }) }, workload)),
      h(
        "td",
        {},
        id === undefined
          ? statusBadge(i18n, status, undefined)
          : h("a", { href: teller.link({ kind: other, id }) }, other === "site" ? net.siteName(i18n, id) : net.nodeName(i18n, id)),
        status === "disturbed" && [" ", statusBadge(i18n, status, broken), broken && h("div", { class: "small quiet", title: disturbedSaid(i18n, broken) }, rulesSaid(i18n, broken), broken.since !== null && ` · ${i18n.t("map.sinceGeneration", { generation: String(broken.since) })}`)],
      ),
      h("td", { class: "end number" }, i18n.number(placed?.devices(shard) ?? 0)),
    );
  }
  show(FIRST);
  return h(
    "div",
    {},
    h(
      "table",
      { class: "table lines" },
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          h("th", { scope: "col" }, h("span", {}, i18n.t("map.workload"))),
          h("th", { scope: "col" }, h("span", {}, i18n.t(other === "site" ? "map.site" : "map.node"))),
          h("th", { scope: "col", class: "end" }, h("span", {}, i18n.t("map.devices"))),
        ),
      ),
      body,
    ),
    more,
  );
}

/** The devices of all these shards. */
export function devicesOf(placed: Placed | null, shards: readonly number[]): number {
  return shards.reduce((sum, shard) => sum + (placed?.devices(shard) ?? 0), 0);
}

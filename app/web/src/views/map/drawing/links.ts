/** Links as wide as they are full, in the colours of amounts. */
import { amountOf } from "../../../amounts";
import type { I18n } from "../../../i18n";
import type { Tokens } from "../../../theme";
import type { Net, Placed } from "../model";
import type { Place, Places } from "../place/spread";
import type { Scene } from "../scene";

/** Widths in pixels: of a link that carries nothing, and of the steps of amounts. */
export const LINK_PX = [0.6, 1.2, 1.8, 2.5, 3.3, 4.2, 5.2, 6.4] as const;

/** How full a link is as a step of amounts; 0 where it carries nothing. */
export const linkStep = (placed: Placed | null, link: number): number => {
  const used = placed?.linkUsed[link] ?? -1;
  return used <= 0 ? 0 : amountOf(placed?.linkShare[link] ?? 0);
};

export const linkColour = (tokens: Tokens, step: number): string => (step === 0 ? tokens.quiet : (tokens.amounts[step - 1] ?? tokens.quiet));

/** The links that have both ends drawn. */
export function linksOf(net: Net, scene: Pick<Scene, "nodes">): number[] {
  const shown = new Uint8Array(net.map.nodes.id.length);
  for (const at of scene.nodes) shown[at] = 1;
  const { source, target } = net.map.links;
  return Array.from(source.keys()).filter((link) => shown[source[link] ?? -1] && shown[target[link] ?? -1]);
}

export function linkEnds(net: Net, places: Places, link: number): [Place, Place] | null {
  const [a, b] = [places.node(net.map.links.source[link] ?? -1), places.node(net.map.links.target[link] ?? -1)];
  return a && b ? [a, b] : null;
}

/** What is said of a link that is pointed at: its ends, its load in the direction in which it is fuller, and its latency. */
export function linkSaid(i18n: I18n, net: Net, placed: Placed | null, link: number): string {
  const { id, source, target, capacity_kbps, latency_us } = net.map.links;
  const name = (at: number | undefined): string => net.nodeName(i18n, net.map.nodes.id[at ?? -1] ?? id[link] ?? "");
  const used = Math.max(0, placed?.linkUsed[link] ?? 0);
  const capacity = used > 0 ? (placed?.linkCapacity[link] ?? 0) : (capacity_kbps[link] ?? 0);
  const load = i18n.t("map.ofCapacity", { used: i18n.amount(used, "kbps"), capacity: i18n.measure(capacity, "kbps") });
  return [
    i18n.t("map.linkBetween", { one: name(source[link]), other: name(target[link]) }),
    placed ? i18n.t("map.linkLoad", { load, share: i18n.permille(Math.max(0, placed.linkShare[link] ?? 0)) }) : i18n.measure(capacity, "kbps"),
    i18n.micros(latency_us[link] ?? 0),
  ].join("\n");
}

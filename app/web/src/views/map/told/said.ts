/** What is said of what is drawn: of a node, site, flow or bundle that is pointed at, and of all of it in a sentence. */
import type { I18n } from "../../../i18n";
import type { Bundle } from "../drawing/bundles";
import { said, type Picked, type Placed } from "../model";
import type { Picture } from "../picture";
import type { Inset } from "../place/insets";
import type { Flow } from "../scene";
import { devicesOf, type Teller } from "./story";

/** What is said of a node or site that is pointed at. */
export function hitSaid({ i18n, net, placed }: Pick<Teller, "i18n" | "net" | "placed">, { kind, id }: Picked): string {
  const { nodes, sites } = net.map;
  const one = (kind === "site" ? net.siteAt : net.nodeAt).get(id) ?? -1;
  if (kind === "site") {
    const shards = placed?.bySite.get(one) ?? [];
    return [net.siteName(i18n, sites.id[one] ?? ""), i18n.word("kind", said(net.map.kinds, sites.kind[one])), tally(i18n, placed, shards)].join("\n");
  }
  const load = placed?.load[one] ?? 0;
  return [
    net.nodeName(i18n, nodes.id[one] ?? ""),
    `${i18n.word("tier", said(net.map.tiers, nodes.tier[one]))} · ${i18n.word("state", said(net.map.states, nodes.state[one]))} · ${i18n.word("commitment", said(net.map.commitments, nodes.commitment[one]))}`,
    placed && (placed.cards[one] ?? -1) >= 0 && i18n.t("map.cardsShare", { share: i18n.permille(placed.cards[one] ?? 0) }),
    placed && load > 0 && i18n.t("map.fullestShare", { resource: i18n.word("resource", said(placed.map.resources, placed.fullest[one])), share: i18n.permille(load) }),
    placed && !placed.byNode.has(one) ? i18n.t("map.unused") : tally(i18n, placed, placed?.byNode.get(one) ?? []),
  ]
    .filter(Boolean)
    .join("\n");
}

export function flowSaid({ i18n, net }: Pick<Teller, "i18n" | "net">, { site, node, ...flow }: Flow): string {
  const ends = { site: net.siteName(i18n, net.map.sites.id[site] ?? ""), node: net.nodeName(i18n, net.map.nodes.id[node] ?? "") };
  return [i18n.t("map.flowFromTo", ends), ...carried(i18n, flow)].join("\n");
}

export function bundleSaid({ i18n, net, province }: Pick<Teller, "i18n" | "net" | "province">, { source, target, site, node, lead, flows, ...bundle }: Bundle): string {
  const siteName = (at: number): string => net.siteName(i18n, net.map.sites.id[at] ?? "");
  const nodeName = (at: number): string => net.nodeName(i18n, net.map.nodes.id[at] ?? "");
  const where = (only: number, place: number, most: number, name: (at: number) => string): string =>
    only >= 0 ? name(only) : place >= 0 ? province(net.map.provinces[place] ?? "") : i18n.t("map.around", { name: name(most) });
  const ends = { site: where(site, source, lead.site, siteName), node: where(node, target, lead.node, nodeName) };
  return [i18n.t("map.flowFromTo", ends), ...(flows > 1 ? [i18n.t("map.bundleOf", { flows: i18n.number(flows) })] : []), ...carried(i18n, bundle)].join("\n");
}

/** What a flow or bundle carries. */
function carried(i18n: I18n, { shards, devices, margin, disturbed }: Pick<Flow, "shards" | "devices" | "margin" | "disturbed">): string[] {
  return [
    i18n.t("map.tally", { shards: i18n.number(shards), devices: i18n.number(devices) }),
    ...(margin >= 0 ? [`${i18n.t("map.leastMargin")}: ${i18n.permille(margin)}`] : []),
    ...(disturbed ? [i18n.word("status", "disturbed")] : []),
  ];
}

function tally(i18n: I18n, placed: Placed | null, shards: readonly number[]): string {
  return i18n.t("map.tally", { shards: i18n.number(shards.length), devices: i18n.number(devicesOf(placed, shards)) });
}

/** What an inset is called. */
export function insetName(i18n: I18n, { country }: Inset): string {
  return country === "" ? i18n.t("map.elsewhere") : i18n.country(country);
}

/** What stands in insets. */
export function farOff(i18n: I18n, insets: readonly Inset[]): string {
  const count = insets.reduce((sum, one) => sum + one.nodes.length + one.sites.length, 0);
  return i18n.t("map.farOff", { count: i18n.number(count), names: insets.map((one) => insetName(i18n, one)).join(", ") });
}

/** How much is drawn. */
export function described(i18n: I18n, { scene, placed }: Picture): string {
  return i18n.t("map.described", {
    nodes: i18n.number(scene.nodes.length),
    sites: i18n.number(scene.sites.length),
    shards: i18n.number(scene.shards.length),
    flows: i18n.number(scene.flows.length),
    unplaced: i18n.number(scene.shards.filter((shard) => placed?.status(shard) === "unplaced").length),
    disturbed: i18n.number(scene.shards.filter((shard) => placed?.status(shard) === "disturbed").length),
  });
}

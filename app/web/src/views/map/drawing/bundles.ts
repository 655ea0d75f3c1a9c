/** Flows with both ends in common as one curve: between provinces while the whole country is looked at, from nearer between places close by. */
import type { Net } from "../model";
import type { Place, Places, Scale } from "../place/spread";
import type { Flow } from "../scene";

export interface Bundle {
  from: Place;
  to: Place;
  /** The provinces that it goes between, as places among them; -1 where it is not by provinces. */
  source: number;
  target: number;
  /** The site that all of it comes from, and the node that it leads to; -1 where there are several. */
  site: number;
  node: number;
  /** The flow with most devices. */
  lead: Flow;
  flows: number;
  shards: number;
  devices: number;
  /** The least margin of them, in thousandths of the deadline. */
  margin: number;
  /** Whether these are disturbed: they have a curve of their own. */
  disturbed: boolean;
  /** The colour of most of its devices. */
  colour: number;
}

/** Fewer flows than this are drawn one by one: they can be told apart. */
export const FEW = 100;

/** Pixels within which places are close by. */
const CLOSE_PX = 36;

/** Whether flows are drawn as bundles: not if they are few. */
export const bundled = (flows: readonly Flow[]): boolean => flows.length > FEW;

/** Which sites, and which nodes, are one end of a bundle: those with the same number. Numbers, as there may be 100,000 flows. */
export interface Groups {
  site(at: number): number;
  node(at: number): number;
  /** More than any number. */
  count: number;
  /** The province that a group is, as a place among them; -1 where it is none. */
  province(group: number): number;
}

/** What stands in one province; what stands in none is a group of its own. */
export function byProvince({ map: { provinces, sites, nodes } }: Net): Groups {
  const own = (province: number | undefined, at: number): number => (province === undefined || province < 0 ? provinces.length + at : province);
  return {
    site: (at) => own(sites.province[at], at),
    node: (at) => own(nodes.province[at], at),
    count: provinces.length + Math.max(sites.id.length, nodes.id.length),
    province: (group) => (group < provinces.length ? group : -1),
  };
}

/** What stands close by at a scale, around what has most devices. */
export function byCloseness(flows: readonly Flow[], places: Places, scale: Scale): Groups {
  const [sites, nodes] = [new Map<number, number>(), new Map<number, number>()];
  for (const { site, node, devices } of flows) {
    sites.set(site, (sites.get(site) ?? 0) + devices);
    nodes.set(node, (nodes.get(node) ?? 0) + devices);
  }
  const [arises, served] = [around(sites, places.site, scale), around(nodes, places.node, scale)];
  return { site: (at) => arises.get(at) ?? 0, node: (at) => served.get(at) ?? 0, count: Math.max(arises.size, served.size) + 1, province: () => -1 };
}

/** The group of each: the largest first, each joins the nearest group close by or begins one. Groups are found by their cell. */
function around(all: ReadonlyMap<number, number>, where: (at: number) => Place | null, scale: Scale): Map<number, number> {
  const groups = new Map<number, number>();
  const cells = new Map<string, { x: number; y: number; group: number }[]>();
  for (const [at] of [...all].toSorted((a, b) => b[1] - a[1] || a[0] - b[0])) {
    const place = where(at);
    if (!place) continue;
    const [x, y] = [place[0] * scale.lon, place[1] * scale.lat];
    const [column, row] = [Math.floor(x / CLOSE_PX), Math.floor(y / CLOSE_PX)];
    let least = CLOSE_PX;
    let found: number | null = null;
    for (let i = column - 1; i <= column + 1; i += 1)
      for (let j = row - 1; j <= row + 1; j += 1)
        for (const one of cells.get(`${i}/${j}`) ?? []) {
          const far = Math.hypot(one.x - x, one.y - y);
          if (far < least) [least, found] = [far, one.group];
        }
    groups.set(at, found ?? groups.size);
    if (found !== null) continue;
    const cell = `${column}/${row}`;
    const begun = { x, y, group: groups.size - 1 };
    const known = cells.get(cell);
    if (known) known.push(begun);
    else cells.set(cell, [begun]);
  }
  return groups;
}

/** A middle that is being found. */
interface Middle {
  lon: number;
  lat: number;
  weight: number;
}

/** The bundles of flows. Each group has one end where its traffic arises, and one where it is served: the middle of either. */
export function bundlesOf(flows: readonly Flow[], places: Places, groups: Groups, colour: (flow: Flow) => number): Bundle[] {
  const found = new Map<number, Bundle & { ends: [from: number, to: number]; colours: Map<number, number> }>();
  const [arises, served] = [new Map<number, Middle>(), new Map<number, Middle>()];
  for (const flow of flows) {
    const [a, b] = [places.site(flow.site), places.node(flow.node)];
    if (!a || !b) continue;
    const [from, to] = [groups.site(flow.site), groups.node(flow.node)];
    join(arises, from, a, flow.devices);
    join(served, to, b, flow.devices);
    const key = 2 * (from * groups.count + to) + Number(flow.disturbed);
    let one = found.get(key);
    if (!one) {
      one = { from: a, to: b, source: groups.province(from), target: groups.province(to), site: flow.site, node: flow.node, lead: flow, flows: 0, shards: 0, devices: 0, margin: -1, disturbed: flow.disturbed, colour: 0, ends: [from, to], colours: new Map() };
      found.set(key, one);
    }
    one.flows += 1;
    one.shards += flow.shards;
    one.devices += flow.devices;
    if (flow.margin >= 0 && (one.margin < 0 || flow.margin < one.margin)) one.margin = flow.margin;
    if (one.site !== flow.site) one.site = -1;
    if (one.node !== flow.node) one.node = -1;
    if (flow.devices > one.lead.devices) one.lead = flow;
    const its = colour(flow);
    one.colours.set(its, (one.colours.get(its) ?? 0) + flow.devices);
  }
  return [...found.values()].map(({ ends, colours, ...bundle }) => {
    const strongest = [...colours].reduce((best, next) => (next[1] > best[1] ? next : best), [0, -1]);
    return { ...bundle, from: middle(arises.get(ends[0])) ?? bundle.from, to: middle(served.get(ends[1])) ?? bundle.to, colour: strongest[0] };
  });
}

function join(ends: Map<number, Middle>, key: number, [lon, lat]: Place, devices: number): void {
  const weight = Math.max(1, devices);
  const known = ends.get(key);
  if (!known) ends.set(key, { lon: lon * weight, lat: lat * weight, weight });
  else {
    known.lon += lon * weight;
    known.lat += lat * weight;
    known.weight += weight;
  }
}

const middle = (one: Middle | undefined): Place | null => (one ? [one.lon / one.weight, one.lat / one.weight] : null);

/** Widths of bundles in pixels, from those that carry least to those that carry most. */
export const BUNDLE_PX = [0.8, 1.6, 2.6, 3.8, 5.2, 7] as const;

/** The place among the widths of what carries so many devices, where the most that any carries is `most`: by the root, as areas are. */
export const bandOf = (devices: number, most: number): number =>
  Math.min(BUNDLE_PX.length - 1, Math.floor(Math.sqrt(devices / Math.max(1, most)) * BUNDLE_PX.length));

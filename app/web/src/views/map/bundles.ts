/** Flows of one province to another as one, while the whole country is looked at: one curve for each pair. */
import type { Net } from "./model";
import type { Flow } from "./scene";
import type { Place, Places } from "./spread";

export interface Bundle {
  from: Place;
  to: Place;
  /** The provinces that it goes between, as places among them; -1 where there is none. */
  source: number;
  target: number;
  /** The node that all of it leads to; -1 where there are several. */
  node: number;
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

/** Whether flows are drawn as bundles: not if one has come near, and not if they are few. */
export const bundled = (near: number, flows: readonly Flow[]): boolean => near === 0 && flows.length > FEW;

/** A middle that is being found. */
interface Middle {
  lon: number;
  lat: number;
  weight: number;
}

/** The bundles of flows. Each province has one end where its traffic arises, and one where it is served: the middle of either. */
export function bundlesOf(net: Net, flows: readonly Flow[], places: Places, colour: (flow: Flow) => number): Bundle[] {
  const { provinces, sites, nodes } = net.map;
  // What stands in no province is a group of its own. Groups are numbers, as there may be 100,000 flows.
  const groups = provinces.length + Math.max(sites.id.length, nodes.id.length);
  const found = new Map<number, Bundle & { ends: [from: number, to: number]; colours: Map<number, number> }>();
  const [arises, served] = [new Map<number, Middle>(), new Map<number, Middle>()];
  for (const flow of flows) {
    const [a, b] = [places.site(flow.site), places.node(flow.node)];
    if (!a || !b) continue;
    const [source, target] = [sites.province[flow.site] ?? -1, nodes.province[flow.node] ?? -1];
    const from = source < 0 ? provinces.length + flow.site : source;
    const to = target < 0 ? provinces.length + flow.node : target;
    join(arises, from, a, flow.devices);
    join(served, to, b, flow.devices);
    const key = 2 * (from * groups + to) + Number(flow.disturbed);
    let one = found.get(key);
    if (!one) {
      one = { from: a, to: b, source, target, node: flow.node, flows: 0, shards: 0, devices: 0, margin: -1, disturbed: flow.disturbed, colour: 0, ends: [from, to], colours: new Map() };
      found.set(key, one);
    }
    one.flows += 1;
    one.shards += flow.shards;
    one.devices += flow.devices;
    if (flow.margin >= 0 && (one.margin < 0 || flow.margin < one.margin)) one.margin = flow.margin;
    if (one.node !== flow.node) one.node = -1;
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

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
  const { sites, nodes } = net.map;
  const found = new Map<string, Bundle & { colours: Map<number, number> }>();
  const ends = { from: new Map<string, Middle>(), to: new Map<string, Middle>() };
  const keys = new Map<Bundle, readonly [from: string, to: string]>();
  for (const flow of flows) {
    const [a, b] = [places.site(flow.site), places.node(flow.node)];
    if (!a || !b) continue;
    const [source, target] = [sites.province[flow.site] ?? -1, nodes.province[flow.node] ?? -1];
    const [from, to] = [source < 0 ? `s${flow.site}` : `${source}`, target < 0 ? `n${flow.node}` : `${target}`];
    join(ends.from, from, a, flow.devices);
    join(ends.to, to, b, flow.devices);
    const key = `${from}/${to}/${flow.disturbed}`;
    let one = found.get(key);
    if (!one) {
      one = { from: a, to: b, source, target, node: flow.node, flows: 0, shards: 0, devices: 0, margin: -1, disturbed: flow.disturbed, colour: 0, colours: new Map() };
      found.set(key, one);
      keys.set(one, [from, to]);
    }
    one.flows += 1;
    one.shards += flow.shards;
    one.devices += flow.devices;
    if (flow.margin >= 0 && (one.margin < 0 || flow.margin < one.margin)) one.margin = flow.margin;
    if (one.node !== flow.node) one.node = -1;
    const its = colour(flow);
    one.colours.set(its, (one.colours.get(its) ?? 0) + flow.devices);
  }
  return [...found.values()].map((one) => {
    const [from = "", to = ""] = keys.get(one) ?? [];
    const { colours, ...bundle } = one;
    const strongest = [...colours].reduce((best, next) => (next[1] > best[1] ? next : best), [0, -1]);
    return { ...bundle, from: middle(ends.from.get(from)) ?? one.from, to: middle(ends.to.get(to)) ?? one.to, colour: strongest[0] };
  });
}

function join(ends: Map<string, Middle>, key: string, [lon, lat]: Place, devices: number): void {
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

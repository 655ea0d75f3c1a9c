/**
 * Where everything is drawn. What stands at one and the same place is spread around it, so that each can be seen and hit:
 * the first of them where they all stand, the others on rings around it.
 *
 * The distance is one of pixels, so places are worked out anew when one comes nearer, and draw together as one does.
 */
import type { Net } from "../model";
import type { Scene } from "../scene";

export type Place = [lon: number, lat: number];

/** Where nodes and sites are drawn; null where their coordinates are not known. */
export interface Places {
  node(at: number): Place | null;
  site(at: number): Place | null;
}

/** Pixels in a degree of longitude and of latitude. */
export interface Scale {
  lon: number;
  lat: number;
}

/** What stands together: nodes before sites, as they come. */
interface Group {
  nodes: number[];
  sites: number[];
}

/** Parts of a degree within which things count as being at one place: about 100 m. */
const SAME = 1_000;

/** How many stand on the ring of a number, the first of which is one. */
const onRing = (ring: number): number => 6 * ring;

/** The places of so many things that stand together, in distances from one to the next; each is at least one from all others. */
export function slots(count: number): Place[] {
  const found: Place[] = count > 0 ? [[0, 0]] : [];
  for (let ring = 1; found.length < count; ring += 1) {
    const here = Math.min(onRing(ring), count - found.length);
    for (let i = 0; i < here; i += 1) {
      // The first to the right of the place and a little below: there it hides least of what is labelled above.
      const angle = (2 * Math.PI * i) / here + Math.PI / 6;
      found.push([ring * Math.cos(angle), -ring * Math.sin(angle)]);
    }
  }
  return found;
}

/** What of a scene stands together with something else, the most important of its nodes first. */
export class Twins {
  readonly #groups: readonly Group[];

  constructor(
    net: Net,
    scene: Pick<Scene, "nodes" | "sites">,
    /** Where each of them would stand alone. */
    readonly alone: Places = { node: (at) => net.nodePosition(at), site: (at) => net.sitePosition(at) },
  ) {
    const found = new Map<string, Group>();
    const groupAt = ([lon, lat]: Place): Group => {
      const key = `${Math.round(lon * SAME)}/${Math.round(lat * SAME)}`;
      const known = found.get(key) ?? { nodes: [], sites: [] };
      found.set(key, known);
      return known;
    };
    for (const at of scene.nodes) {
      const place = alone.node(at);
      if (place) groupAt(place).nodes.push(at);
    }
    for (const at of scene.sites) {
      const place = alone.site(at);
      if (place) groupAt(place).sites.push(at);
    }
    this.#groups = [...found.values()].filter(({ nodes, sites }) => nodes.length + sites.length > 1);
    // Larger tiers come later in the list of tiers, and are drawn larger.
    const tier = (at: number): number => net.map.nodes.tier[at] ?? -1;
    for (const { nodes } of this.#groups) nodes.sort((a, b) => tier(b) - tier(a) || a - b);
  }

  /** Whether anything stands together. */
  get any(): boolean {
    return this.#groups.length > 0;
  }

  /** Where everything is drawn at a scale, with `pitch` pixels from one twin to the next. */
  spread(scale: Scale, pitch: number): Places {
    const moved = { node: new Map<number, Place>(), site: new Map<number, Place>() };
    for (const { nodes, sites } of this.#groups) {
      const around = slots(nodes.length + sites.length);
      const put = (kind: "node" | "site", at: number, slot: Place | undefined): void => {
        const place = this.alone[kind](at);
        if (place && slot) moved[kind].set(at, [place[0] + (slot[0] * pitch) / scale.lon, place[1] + (slot[1] * pitch) / scale.lat]);
      };
      nodes.forEach((at, i) => put("node", at, around[i]));
      sites.forEach((at, i) => put("site", at, around[nodes.length + i]));
    }
    return {
      node: (at) => moved.node.get(at) ?? this.alone.node(at),
      site: (at) => moved.site.get(at) ?? this.alone.site(at),
    };
  }
}

/** The network and what runs on it, joined: columns as they came, and the places of one in the other. */
import type { I18n } from "../../i18n";
import type { NetworkMap, PlacementMap } from "../../wire";

/** What a person can pick. */
export type Picked = { kind: "node" | "site" | "workload"; id: string };

/** The words at the places of a column; empty for none. */
export const said = (words: readonly string[], place: number | undefined): string => words[place ?? -1] ?? "";

/** The network, with the places of its nodes and sites by id. */
export class Net {
  readonly nodeAt: ReadonlyMap<string, number>;
  readonly siteAt: ReadonlyMap<string, number>;
  readonly linkAt: ReadonlyMap<string, number>;

  constructor(readonly map: NetworkMap) {
    this.nodeAt = places(map.nodes.id);
    this.siteAt = places(map.sites.id);
    this.linkAt = places(map.links.id);
  }

  nodeName(i18n: I18n, id: string): string {
    const at = this.nodeAt.get(id) ?? -1;
    const { name, name_ko } = this.map.nodes;
    return i18n.name({ id, name: name[at] ?? null, name_ko: name_ko[at] ?? null });
  }

  siteName(i18n: I18n, id: string): string {
    const at = this.siteAt.get(id) ?? -1;
    const { name, name_ko } = this.map.sites;
    return i18n.name({ id, name: name[at] ?? null, name_ko: name_ko[at] ?? null });
  }

  /** Longitude and latitude of a node; null where they are not known. */
  nodePosition(at: number): [number, number] | null {
    return position(this.map.nodes, at);
  }

  sitePosition(at: number): [number, number] | null {
    return position(this.map.sites, at);
  }

  /** The nodes along a route, from where the traffic enters to where it is served. */
  along(route: readonly string[], end: string): number[] {
    let here = this.nodeAt.get(end) ?? -1;
    const passed = [here];
    for (const id of route.toReversed()) {
      const link = this.linkAt.get(id) ?? -1;
      const [source, target] = [this.map.links.source[link] ?? -1, this.map.links.target[link] ?? -1];
      here = here === source ? target : source;
      passed.push(here);
    }
    return passed.reverse();
  }
}

/** What runs where, with the places of its nodes and sites in the network; -1 where the network has none. */
export class Placed {
  /** For each shard. */
  readonly node: Int32Array;
  readonly site: Int32Array;
  /** For each node of the network its fullest resource, in thousandths, and which it is. */
  readonly load: Int32Array;
  readonly fullest: Int32Array;
  /** For each node the share of its cards that is used, in thousandths; -1 where it has none, or nothing is used. */
  readonly cards: Int32Array;
  /** For each node the least margin of a shard there, in thousandths of its deadline; -1 where nothing runs. */
  readonly margin: Int32Array;
  /** For each link of the network what its fuller direction carries, of how much, and the share of it in thousandths; -1 for nothing. */
  readonly linkUsed: Float64Array;
  readonly linkCapacity: Float64Array;
  readonly linkShare: Int32Array;
  readonly byNode: ReadonlyMap<number, readonly number[]>;
  readonly bySite: ReadonlyMap<number, readonly number[]>;
  readonly count: number;
  readonly unplaced: number;
  readonly disturbed: number;
  #byWorkload: Map<string, number[]> | null = null;
  #workloads: string[] | null = null;

  constructor(
    readonly map: PlacementMap,
    net: Net,
  ) {
    const { shards, load } = map;
    const nodes = map.nodes.map((id) => net.nodeAt.get(id) ?? -1);
    const sites = map.sites.map((id) => net.siteAt.get(id) ?? -1);
    this.count = shards.workload.length;
    this.node = Int32Array.from(shards.node, (at) => nodes[at] ?? -1);
    this.site = Int32Array.from(shards.site, (at) => sites[at] ?? -1);
    this.load = new Int32Array(net.map.nodes.id.length);
    this.fullest = new Int32Array(net.map.nodes.id.length).fill(-1);
    this.cards = new Int32Array(net.map.nodes.id.length).fill(-1);
    load.node.forEach((at, i) => {
      const node = nodes[at] ?? -1;
      if (node < 0) return;
      this.load[node] = load.used_permille[i] ?? 0;
      this.fullest[node] = load.resource[i] ?? -1;
      this.cards[node] = load.cards_permille[i] ?? -1;
    });
    this.margin = new Int32Array(net.map.nodes.id.length).fill(-1);
    for (let i = 0; i < this.count; i += 1) {
      const node = this.node[i] ?? -1;
      const share = this.marginOf(i);
      if (node < 0 || share < 0) continue;
      const least = this.margin[node] ?? -1;
      if (least < 0 || share < least) this.margin[node] = share;
    }
    const links = net.map.links.id.length;
    this.linkUsed = new Float64Array(links).fill(-1);
    this.linkCapacity = new Float64Array(links).fill(-1);
    this.linkShare = new Int32Array(links).fill(-1);
    map.link_load.id.forEach((id, i) => {
      const link = net.linkAt.get(id);
      if (link === undefined) return;
      this.linkUsed[link] = map.link_load.used_kbps[i] ?? -1;
      this.linkCapacity[link] = map.link_load.capacity_kbps[i] ?? -1;
      this.linkShare[link] = map.link_load.used_permille[i] ?? -1;
    });
    this.byNode = grouped(this.node);
    this.bySite = grouped(this.site);
    this.unplaced = shards.status.filter((status) => map.statuses[status] === "unplaced").length;
    this.disturbed = shards.status.filter((status) => map.statuses[status] === "disturbed").length;
  }

  /** What is left of a shard's deadline, in thousandths; -1 where it is unplaced. */
  marginOf(shard: number): number {
    const margin = this.map.shards.margin_us[shard];
    const deadline = this.map.shards.deadline_us[shard] ?? 0;
    return margin === null || margin === undefined || deadline <= 0 ? -1 : Math.max(0, Math.floor((margin * 1000) / deadline));
  }

  status(shard: number): string {
    return said(this.map.statuses, this.map.shards.status[shard]);
  }

  devices(shard: number): number {
    return this.map.shards.devices[shard] ?? 0;
  }

  workload(shard: number): string {
    return this.map.shards.workload[shard] ?? "";
  }

  /** The ids of all workloads. */
  get workloads(): readonly string[] {
    this.#workloads ??= [...new Set(this.map.shards.workload)];
    return this.#workloads;
  }

  /** The shards of a workload. */
  of(workload: string): readonly number[] {
    if (this.#byWorkload === null) {
      const found = new Map<string, number[]>();
      this.map.shards.workload.forEach((id, i) => {
        const shards = found.get(id);
        if (shards) shards.push(i);
        else found.set(id, [i]);
      });
      this.#byWorkload = found;
    }
    return this.#byWorkload.get(workload) ?? [];
  }
}

function places(ids: readonly string[]): ReadonlyMap<string, number> {
  return new Map(ids.map((id, i) => [id, i]));
}

function position(columns: { lat: (number | null)[]; lon: (number | null)[] }, at: number): [number, number] | null {
  const [lat, lon] = [columns.lat[at] ?? null, columns.lon[at] ?? null];
  return lat === null || lon === null ? null : [lon, lat];
}

function grouped(column: Int32Array): Map<number, number[]> {
  const found = new Map<number, number[]>();
  column.forEach((key, i) => {
    if (key < 0) return;
    const group = found.get(key);
    if (group) group.push(i);
    else found.set(key, [i]);
  });
  return found;
}

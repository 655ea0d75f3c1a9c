/** Small networks, and what runs on them, of which only what is drawn is said. */
import { Net, Placed } from "../src/views/map/model";
import type { Filters } from "../src/views/map/scene";
import type { NetworkMap, PlacementMap } from "../src/wire";

export const NONE: Filters = { model: [], policy: [], province: [], tier: [], state: [], kind: [], status: [] };

export interface Spot {
  at?: [lon: number, lat: number] | null;
  tier?: number;
  state?: number;
  commitment?: number;
  from?: string;
  /** A place in the list of provinces. */
  province?: number;
}

/** A network of nodes and sites in the middle of Korea, unless they are elsewhere. */
export function netOf(nodes: readonly Spot[], sites: readonly Spot[] = [], links: readonly (readonly [source: number, target: number])[] = []): Net {
  const lon = (one: Spot): number | null => (one.at === undefined ? 127 : (one.at?.[0] ?? null));
  const lat = (one: Spot): number | null => (one.at === undefined ? 37 : (one.at?.[1] ?? null));
  return new Net({
    tiers: ["mec", "core"],
    states: ["active", "draining", "failed"],
    commitments: ["operational", "mou"],
    provinces: ["KR-11", "KR-26"],
    countries: ["KR", "JP"],
    kinds: ["factory"],
    nodes: {
      id: nodes.map((_, i) => `n${i}`),
      name: nodes.map(() => null),
      name_ko: nodes.map(() => null),
      lon: nodes.map(lon),
      lat: nodes.map(lat),
      tier: nodes.map((one) => one.tier ?? 0),
      state: nodes.map((one) => one.state ?? 0),
      commitment: nodes.map((one) => one.commitment ?? 0),
      available_from: nodes.map((one) => one.from ?? null),
      province: nodes.map((one) => one.province ?? -1),
      country: nodes.map((one) => ((one.at?.[0] ?? 0) > 135 ? 1 : 0)),
    },
    sites: { id: sites.map((_, i) => `s${i}`), name: sites.map(() => null), name_ko: sites.map(() => null), lon: sites.map(lon), lat: sites.map(lat), kind: sites.map(() => 0), province: sites.map((one) => one.province ?? -1) },
    links: {
      id: links.map((_, i) => `l${i}`),
      source: links.map(([source]) => source),
      target: links.map(([, target]) => target),
      latency_us: links.map(() => 500),
      capacity_kbps: links.map(() => 1_000),
    },
  } as unknown as NetworkMap);
}

/** What runs where: for each shard its site, its node, and its status. */
export function placedOf(net: Net, shards: readonly [site: number, node: number, status: number][], carried: readonly [link: number, used: number][] = []): Placed {
  const column = (value: (one: readonly [number, number, number], i: number) => number): number[] => shards.map(value);
  return new Placed(
    {
      plan: "p",
      sites: net.map.sites.id,
      nodes: net.map.nodes.id,
      models: ["m"],
      policies: ["o"],
      resources: ["power"],
      statuses: ["placed", "unplaced", "disturbed"],
      shards: {
        workload: shards.map((_, i) => `w${i}`),
        shard: column(() => 0),
        site: column(([site]) => site),
        node: column(([, node]) => node),
        model: column(() => 0),
        policy: column(() => 0),
        status: column(([, , status]) => status),
        devices: column(() => 1),
        margin_us: column(() => 1),
        deadline_us: column(() => 2),
      },
      load: { node: [], resource: [], used_permille: [], cards_permille: [] },
      link_load: {
        id: carried.map(([link]) => `l${link}`),
        used_kbps: carried.map(([, used]) => used),
        capacity_kbps: carried.map(() => 1_000),
        used_permille: carried.map(([, used]) => used),
      },
    } as unknown as PlacementMap,
    net,
  );
}

import { describe, expect, test } from "vitest";
import { hitAt } from "../src/views/map/hit";
import { KOREA, homeOf, scaleOf } from "../src/views/map/home";
import { Net, Placed } from "../src/views/map/model";
import { sceneOf, type Filters } from "../src/views/map/scene";
import { Twins, slots } from "../src/views/map/spread";
import { hollow, troubleOf } from "../src/views/map/trouble";
import type { NetworkMap, PlacementMap } from "../src/wire";

const NONE: Filters = { model: [], policy: [], province: [], tier: [], state: [], kind: [], status: [] };
const PITCH = 11;

interface Spot {
  at?: [lon: number, lat: number] | null;
  tier?: number;
  state?: number;
  commitment?: number;
  from?: string;
}

/** A network of nodes and sites of which only what is drawn is said. */
function netOf(nodes: readonly Spot[], sites: readonly Spot[] = []): Net {
  const lon = (one: Spot): number | null => (one.at === undefined ? 127 : (one.at?.[0] ?? null));
  const lat = (one: Spot): number | null => (one.at === undefined ? 37 : (one.at?.[1] ?? null));
  return new Net({
    tiers: ["mec", "core"],
    states: ["active", "draining", "failed"],
    commitments: ["operational", "mou"],
    provinces: [],
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
      province: nodes.map(() => -1),
    },
    sites: { id: sites.map((_, i) => `s${i}`), name: sites.map(() => null), name_ko: sites.map(() => null), lon: sites.map(lon), lat: sites.map(lat), kind: sites.map(() => 0), province: sites.map(() => -1) },
    links: { id: [], source: [], target: [] },
  } as unknown as NetworkMap);
}

/** What runs where: for each shard its site, its node, and its status. */
function placedOf(net: Net, shards: readonly [site: number, node: number, status: number][]): Placed {
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
    } as unknown as PlacementMap,
    net,
  );
}

const pixels = (a: readonly number[], b: readonly number[], scale: { lon: number; lat: number }): number =>
  Math.hypot(((a[0] ?? 0) - (b[0] ?? 0)) * scale.lon, ((a[1] ?? 0) - (b[1] ?? 0)) * scale.lat);

describe("twins", () => {
  test("have places that are at least one apart, the first of them in the middle", () => {
    for (const count of [1, 2, 3, 7, 8, 19, 20, 61]) {
      const found = slots(count);
      expect(found).toHaveLength(count);
      expect(found[0]).toEqual([0, 0]);
      for (const [i, a] of found.entries()) for (const b of found.slice(0, i)) expect(Math.hypot(a[0] - b[0], a[1] - b[1])).toBeGreaterThan(0.99);
    }
  });

  test("are as many pixels apart at every zoom, in the same direction", () => {
    const net = netOf([{}, {}, { at: [128, 36] }], [{}]);
    const twins = new Twins(net, sceneOf(net, null, NONE));
    const angles = [60, 600, 6_000].map((lat) => {
      const scale = { lon: lat * 0.8, lat };
      const places = twins.spread(scale, PITCH);
      const [a, b, site] = [places.node(0)!, places.node(1)!, places.site(0)!];
      expect(a).toEqual([127, 37]);
      expect(pixels(a, b, scale)).toBeCloseTo(PITCH);
      expect(pixels(a, site, scale)).toBeCloseTo(PITCH);
      expect(places.node(2)).toEqual([128, 36]);
      return Math.atan2((b[1] - a[1]) * scale.lat, (b[0] - a[0]) * scale.lon).toFixed(6);
    });
    expect(new Set(angles).size).toBe(1);
  });

  test("have the largest tier where they stand, and a node before a site", () => {
    const net = netOf([{ tier: 0 }, { tier: 1 }], [{}]);
    const places = new Twins(net, sceneOf(net, null, NONE)).spread({ lon: 80, lat: 100 }, PITCH);
    expect(places.node(1)).toEqual([127, 37]);
    expect(places.site(0)).not.toEqual([127, 37]);
  });

  test("are spread quickly where there are ten thousand", () => {
    const net = netOf(Array.from({ length: 10_000 }, (_, i) => ({ at: [126 + (i % 700) / 200, 35] as [number, number] })));
    const scene = sceneOf(net, null, NONE);
    const begun = performance.now();
    const places = new Twins(net, scene).spread({ lon: 80, lat: 100 }, PITCH);
    expect(performance.now() - begun).toBeLessThan(400);
    expect(new Set(scene.nodes.map((at) => String(places.node(at)))).size).toBe(10_000);
  });

  test("stay away where nothing has coordinates", () => {
    const net = netOf([{ at: null }, { at: null }]);
    const twins = new Twins(net, sceneOf(net, null, NONE));
    expect(twins.any).toBe(false);
    expect(twins.spread({ lon: 1, lat: 1 }, PITCH).node(0)).toBeNull();
  });
});

describe("trouble", () => {
  const net = netOf([{ state: 2 }, { state: 1 }, {}, {}], [{ at: [129, 35] }, { at: [128, 35] }]);
  const placed = placedOf(net, [
    [0, 0, 2],
    [0, 2, 2],
    [1, 3, 0],
    [1, -1, 1],
  ]);

  test("is each node once, by its gravest state, and each site that was refused something", () => {
    expect(troubleOf(net, placed, sceneOf(net, placed, NONE))).toEqual({ failed: [0], draining: [1], disturbed: [2], refused: [1] });
  });

  test("is hit before what stands beside it", () => {
    const twins = netOf([{ tier: 1 }, { state: 2 }]);
    const scene = sceneOf(twins, null, NONE);
    const frame = { x: (lon: number) => (lon - 127) * 80, y: (lat: number) => (37 - lat) * 100 };
    const places = new Twins(twins, scene).spread({ lon: 80, lat: 100 }, PITCH);
    const given = { net: twins, scene, places, trouble: troubleOf(twins, null, scene) };
    const [x, y] = [frame.x(places.node(1)![0]), frame.y(places.node(1)![1])];
    expect(hitAt(frame, x, y, given)).toEqual({ kind: "node", id: "n1" });
    expect(hitAt(frame, x * 0.1, y * 0.1, given)).toEqual({ kind: "node", id: "n1" });
    expect(hitAt(frame, -4, -4, given)).toEqual({ kind: "node", id: "n0" });
    expect(hitAt(frame, 100, 100, given)).toBeNull();
  });

  test("is asked for by status, unlawful apart from disturbed", () => {
    const of = (status: string): number[] => sceneOf(net, placed, { ...NONE, status: [status] }, (shard) => shard === 1).shards;
    expect([of("unlawful"), of("disturbed"), of("unplaced"), of("placed")]).toEqual([[1], [0, 1], [3], [2]]);
  });

  test("and what is idle, not there yet or only promised is hollow", () => {
    const later = netOf([{}, {}, { from: "2027-01-01" }, { commitment: 1 }], [{}]);
    const runs = placedOf(later, [[0, 0, 0], [0, 2, 0], [0, 3, 0]]);
    const on = (day: string) => [0, 1, 2, 3].filter((at) => hollow(later, runs, at, day));
    expect(on("2026-12-01")).toEqual([1, 2, 3]);
    expect(on("2027-01-01")).toEqual([1, 3]);
  });
});

describe("home", () => {
  test("is Korea while half of the network stands there", () => {
    expect(homeOf(netOf([{}, { at: [139.7, 35.7] }]))).toBe(KOREA);
  });

  test("is elsewhere all that has a place, with room around it", () => {
    const home = homeOf(netOf([{ at: [2, 48] }, { at: null }], [{ at: [8, 52] }]))!;
    expect([home.west < 2, home.east > 8, home.south < 48, home.north > 52]).toEqual([true, true, true, true]);
    expect(home.aspect).toBeCloseTo(Math.cos((50 * Math.PI) / 180));
    expect(homeOf(netOf([{ at: [2, 48] }]))!.east).toBeGreaterThan(2.02);
    expect(homeOf(netOf([{ at: null }]))).toBeNull();
  });

  test("fits into the canvas at zoom 1", () => {
    const scale = scaleOf(KOREA, 800, 600, 1);
    expect((KOREA.north - KOREA.south) * scale.lat).toBeCloseTo(568);
    expect((KOREA.east - KOREA.west) * scale.lon).toBeLessThanOrEqual(768);
    expect(scaleOf(KOREA, 800, 600, 4).lat).toBeCloseTo(4 * scale.lat);
  });
});

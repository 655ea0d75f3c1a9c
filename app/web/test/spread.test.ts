import { describe, expect, test } from "vitest";
import { hitAt } from "../src/views/map/chosen/hit";
import { framing } from "../src/views/map/place/camera";
import { KOREA, homeOf, scaleOf } from "../src/views/map/place/home";
import { sceneOf } from "../src/views/map/scene";
import { Twins, slots } from "../src/views/map/place/spread";
import { faintOf, troubleOf } from "../src/views/map/trouble";
import { NONE, netOf, placedOf } from "./world";

const PITCH = 11;

const pixels = (a: readonly number[], b: readonly number[], scale: { lon: number; lat: number }): number =>
  Math.hypot(((a[0] ?? 0) - (b[0] ?? 0)) * scale.lon, ((a[1] ?? 0) - (b[1] ?? 0)) * scale.lat);

describe("what is framed", () => {
  const size = [900, 700] as const;

  test("is in the middle, and none of it is outside", () => {
    const places: [number, number][] = [[129.3, 35.5], [129.0, 35.2], [128.6, 35.9]];
    const camera = framing(places, KOREA, ...size)!;
    expect(camera.zoom).toBeGreaterThan(2);
    const scale = scaleOf(KOREA, ...size, camera.zoom);
    for (const [lon, lat] of places) {
      expect(Math.abs(lon - camera.lon) * scale.lon).toBeLessThan(size[0] * 0.31);
      expect(Math.abs(lat - camera.lat) * scale.lat).toBeLessThan(size[1] * 0.31);
    }
  });

  test("is not looked at from nearer than one can find one's way, nor from farther than the whole", () => {
    expect(framing([[127, 37]], KOREA, ...size)).toEqual({ lon: 127, lat: 37, zoom: 8 });
    expect(framing([[126, 34], [129.5, 38.5]], KOREA, ...size)).toBeNull();
    expect(framing([], KOREA, ...size)).toBeNull();
  });
});

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

  test("and what is not used is hollow, what does not operate on the day a ghost", () => {
    const later = netOf([{}, {}, { from: "2027-01-01" }, { commitment: 1, from: "2027-01-01" }, { commitment: 1 }], [{}]);
    const runs = placedOf(later, [[0, 0, 0], [0, 2, 0], [0, 3, 0]]);
    const on = (day: string, step: number) => [...faintOf(later, runs, [0, 1, 2, 3, 4], { day, step })];
    expect(on("2026-12-01", 1)).toEqual([[1, "unused"], [2, "ghost"], [3, "ghost"], [4, "ghost"]]);
    expect(on("2027-01-01", 0)).toEqual([[1, "unused"], [3, "ghost"], [4, "ghost"]]);
    expect(on("2027-01-01", 1)).toEqual([[1, "unused"], [4, "ghost"]]);
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

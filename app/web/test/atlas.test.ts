import { describe, expect, test } from "vitest";
import { I18n } from "../src/i18n";
import { claims, comings, nearestStop, operates, stopOf } from "../src/views/map/time/asof";
import { BUNDLE_PX, FEW, bandOf, bundled, bundlesOf, byCloseness, byProvince } from "../src/views/map/drawing/bundles";
import { hitAt } from "../src/views/map/chosen/hit";
import { KOREA, homeOf, scaleOf } from "../src/views/map/place/home";
import { insetsOf } from "../src/views/map/place/insets";
import { inLens, lensBox, lensFrame, lensOf, lensProvinces, regionOf, type Box } from "../src/views/map/place/lens";
import { linkEnds, linkSaid, linkStep, linksOf } from "../src/views/map/drawing/links";
import { sceneOf } from "../src/views/map/scene";
import { Twins } from "../src/views/map/place/spread";
import { troubleOf } from "../src/views/map/trouble";
import { NONE, netOf, placedOf } from "./world";

const i18n = new I18n("en");

describe("the day that is looked at", () => {
  const net = netOf([
    {},
    { from: "2027-06-30" },
    { from: "2027-06-30", commitment: 1 },
    { from: "2028-01-01", commitment: 1 },
    { commitment: 1 },
    { from: "2020-01-01" },
  ]);
  const all = [0, 1, 2, 3, 4, 5];

  test("has those operate that are firm enough and there", () => {
    const on = (day: string, step: number) => all.filter((at) => operates(net, at, { day, step }));
    expect(on("2026-12-01", 1)).toEqual([0, 5]);
    expect(on("2027-06-30", 0)).toEqual([0, 1, 5]);
    expect(on("2030-01-01", 1)).toEqual([0, 1, 2, 3, 5]);
  });

  test("stops only where something that is drawn changes", () => {
    expect([...comings(net, all, 1, "2026-12-01")]).toEqual([["2027-06-30", [1, 2]], ["2028-01-01", [3]]]);
    expect([...comings(net, all, 0, "2026-12-01").keys()]).toEqual(["2027-06-30"]);
    expect([...comings(net, [0, 3], 1, "2026-12-01").keys()]).toEqual(["2028-01-01"]);
    expect(comings(net, all, 1, "2028-01-01").size).toBe(0);
    for (const [day, step] of [["2027-06-30", 1], ["2028-01-01", 1]] as const) {
      const before = new Date(Date.parse(day) - 86_400_000).toISOString().slice(0, 10);
      const [then, now] = [before, day].map((one) => all.filter((at) => operates(net, at, { day: one, step })));
      expect(now).not.toEqual(then);
    }
  });

  test("belongs to the last stop before it, and a handle to the nearest", () => {
    const stops = ["2026-12-01", "2027-06-30", "2028-01-01"];
    expect(["2026-01-01", "2026-12-01", "2027-12-31", "2029-01-01"].map((day) => stopOf(stops, day))).toEqual([0, 0, 1, 2]);
    expect(nearestStop(stops, Date.parse("2027-10-20") / 86_400_000)).toBe(2);
    expect(nearestStop(stops, 0)).toBe(0);
  });

  test("has claims listed: what carries something first, then the soonest", () => {
    expect(claims(net, null, all)).toEqual([2, 3, 4]);
    const placed = placedOf(netOf([{}, {}, {}, {}, {}], [{}]), [[0, 4, 0]]);
    expect(claims(net, placed, all)).toEqual([4, 2, 3]);
  });
});

describe("insets", () => {
  const net = netOf([{}, { at: [139.7, 35.7] }, { at: [140.2, 36.1] }, {}, {}], [{ at: [114.2, 22.3] }, {}]);

  test("take in what lies far off, side by side as it is, and leave the rest where it is", () => {
    const { frames, places } = insetsOf(net, homeOf(net));
    expect(frames.map((one) => [one.country, one.nodes, one.sites])).toEqual([["JP", [1, 2], []], ["", [], [0]]]);
    const [east, west] = frames;
    for (const [frame, place] of [[east, places.node(1)], [east, places.node(2)], [west, places.site(0)]] as const) {
      expect(place![0]).toBeGreaterThan(frame!.west);
      expect(place![0]).toBeLessThan(frame!.east);
      expect(place![1]).toBeGreaterThan(frame!.south);
      expect(place![1]).toBeLessThan(frame!.north);
      expect([frame!.west >= KOREA.west, frame!.east <= KOREA.east]).toEqual([true, true]);
    }
    expect(places.node(2)![0]).toBeGreaterThan(places.node(1)![0]);
    expect(places.node(2)![1]).toBeGreaterThan(places.node(1)![1]);
    expect(places.node(0)).toEqual([127, 37]);
    // Japan on the eastern side, Hong Kong on the western, one beside the other.
    expect(east!.west).toBeGreaterThan(west!.west);
  });

  test("are none where the view takes in everything", () => {
    const abroad = netOf([{ at: [2, 48] }, { at: [13, 52] }]);
    expect(insetsOf(abroad, homeOf(abroad)).frames).toEqual([]);
    expect(insetsOf(netOf([{}]), KOREA).frames).toEqual([]);
  });
});

describe("the lens", () => {
  const spots = Array.from({ length: 20 }, (_, i) => ({ at: [126.9 + (i % 5) * 0.03, 37.4 + Math.floor(i / 5) * 0.03] as [number, number], province: i < 12 ? 0 : 1 }));
  const net = netOf([...spots, { at: [129, 35] }, { state: 2, at: [126.99, 37.46] }], [{ at: [127, 37.45] }]);
  const scene = sceneOf(net, null, NONE);
  const twins = new Twins(net, scene);
  const trouble = troubleOf(net, null, scene);
  const region = regionOf(scene.nodes, twins.alone, KOREA);
  const size = { width: 1400, height: 600, taken: [], home: KOREA };
  const lens = lensOf(region, scene, trouble, twins, size)!;

  test("lies over what stands closest together, and is called after it", () => {
    expect(lens.scene.nodes).toEqual([...Array.from({ length: 20 }, (_, i) => i), 21]);
    expect(lens.scene.sites).toEqual([0]);
    expect(lens.trouble.failed).toEqual([21]);
    expect(lensProvinces(net, lens)).toEqual(["KR-11", "KR-26"]);
    expect(regionOf([0, 1, 2], twins.alone, KOREA)).toBeNull();
  });

  test("tells apart and has hit what the map has not, trouble first", () => {
    const frame = lensFrame(lens);
    for (const at of [0, 7, 21]) {
      const [lon, lat] = lens.places.node(at)!;
      const [x, y] = [frame.x(lon), frame.y(lat)];
      expect([inLens(lens, x, y), hitAt(frame, x, y, { net, ...lens })]).toEqual([true, { kind: "node", id: `n${at}` }]);
    }
    expect([inLens(lens, 10, 10), inLens(null, 1300, 100)]).toEqual([false, false]);
    const times = (frame.x(127) - frame.x(126)) / scaleOf(KOREA, size.width, size.height, 1).lon;
    expect(times).toBeGreaterThan(3);
  });

  test("needs room beside the map", () => {
    expect(lensOf(region, scene, trouble, twins, { ...size, width: 700 })).toBeNull();
    expect(lens.left + lens.width).toBeLessThan(size.width);
  });

  test("lies under nothing that floats above the map, and hides nothing if it can", () => {
    const panel = { left: 1036, top: 6, width: 350, height: 520 };
    const legend = { left: 14, top: 250, width: 280, height: 336 };
    const apart = (a: Box, b: Box) => a.left + a.width <= b.left || b.left + b.width <= a.left || a.top + a.height <= b.top || b.top + b.height <= a.top;
    for (const taken of [[panel], [legend], [panel, legend]]) {
      const its = lensBox(lensOf(region, scene, trouble, twins, { ...size, taken })!);
      expect(taken.map((one) => apart(one, its))).toEqual(taken.map(() => true));
      expect(its.left > 0 && its.top > 0 && its.left + its.width < size.width && its.top + its.height < size.height).toBe(true);
    }
    expect(lensOf(region, scene, trouble, twins, { ...size, taken: [{ left: 0, top: 0, width: 1400, height: 600 }] })).toBeNull();
    // What stands where it would lie sends it to the other side.
    const east = netOf([...spots, { at: [131.3, 38] }], []);
    const there = new Twins(east, sceneOf(east, null, NONE));
    const away = lensOf(region, sceneOf(east, null, NONE), trouble, there, { ...size, width: 1110 })!;
    expect(lensBox(away).left).toBeLessThan(400);
  });
});

describe("bundles", () => {
  const net = netOf(
    [{ at: [127, 37], province: 0 }, { at: [129, 35], province: 1 }, { at: [129.2, 35.2], province: 1 }, { at: [126, 33] }],
    [{ at: [127, 37.4], province: 0 }, { at: [127.2, 37.2], province: 0 }],
  );
  const placed = placedOf(net, [[0, 1, 0], [0, 2, 0], [1, 1, 0], [1, 2, 2], [0, 3, 0]]);
  const { flows } = sceneOf(net, placed, NONE);
  const places = { node: (at: number) => net.nodePosition(at), site: (at: number) => net.sitePosition(at) };
  const found = bundlesOf(flows, places, byProvince(net), (flow) => flow.node);

  test("are one for each pair of provinces; what is disturbed has its own", () => {
    expect(found.map(({ source, target, node, flows, shards, devices, disturbed }) => [source, target, node, flows, shards, devices, disturbed])).toEqual([
      [0, 1, -1, 3, 3, 3, false],
      [0, 1, 2, 1, 1, 1, true],
      [0, -1, 3, 1, 1, 1, false],
    ]);
    expect(found.reduce((sum, one) => sum + one.flows, 0)).toBe(flows.length);
    expect(found[0]?.colour).toBe(1);
  });

  test("begin and end in the middle of what they bundle, all of a province at one place", () => {
    expect(found[0]?.from).toEqual(found[2]?.from);
    expect(found[0]?.to).toEqual(found[1]?.to);
    expect(found[2]?.to).toEqual([126, 33]);
    expect(found[0]!.to[0]).toBeCloseTo(129.1);
  });

  test("are from nearer between what stands close by, until it can be told apart", () => {
    const near = (lon: number) => bundlesOf(flows, places, byCloseness(flows, places, { lon, lat: lon }), (flow) => flow.node);
    const ends = (lon: number) => near(lon).map(({ source, site, node, flows }) => [source, site, node, flows]);
    expect(ends(100)).toEqual([[-1, -1, -1, 3], [-1, 1, 2, 1], [-1, 0, 3, 1]]);
    expect(ends(1_000)).toHaveLength(flows.length);
    for (const one of near(1_000)) expect([one.from, one.to]).toEqual([places.site(one.site), places.node(one.node)]);
    expect(near(100)[0]?.lead.devices).toBe(1);
  });

  test("are made quickly of a hundred thousand flows between ten thousand nodes", () => {
    const many = Array.from({ length: 100_000 }, (_, i) => ({ ...flows[0]!, site: i % 2_000, node: i % 10_007, devices: i % 17 }));
    const spread = { node: (at: number): [number, number] => [126 + (at % 100) / 30, 34 + at / 2_500], site: (at: number): [number, number] => [126 + (at % 50) / 15, 34 + at / 500] };
    const found = bundlesOf(many, spread, byCloseness(many, spread, { lon: 120, lat: 150 }), (flow) => flow.node % 7);
    expect(found.reduce((sum, one) => sum + one.flows, 0)).toBe(many.length);
    expect(found.length).toBeLessThan(many.length / 5);
  });

  test("are drawn where flows are many", () => {
    const many = Array.from({ length: FEW + 1 }, () => flows[0]!);
    expect([bundled(many), bundled(flows)]).toEqual([true, false]);
    expect([0, 10, 100].map((devices) => bandOf(devices, 100))).toEqual([0, 1, BUNDLE_PX.length - 1]);
  });
});

describe("links", () => {
  const net = netOf([{}, { at: [128, 36] }, { at: null }], [], [[0, 1], [1, 0], [1, 2]]);
  const placed = placedOf(net, [], [[1, 430]]);

  test("are as wide as they are full in the direction that is fuller", () => {
    expect([0, 1, 2].map((link) => linkStep(placed, link))).toEqual([0, 4, 0]);
    expect(linkStep(null, 1)).toBe(0);
  });

  test("are drawn between what is drawn and has a place", () => {
    expect(linksOf(net, { nodes: [0, 1] })).toEqual([0, 1]);
    const places = { node: (at: number) => net.nodePosition(at), site: () => null };
    expect(linkEnds(net, places, 0)).toEqual([[127, 37], [128, 36]]);
    expect(linkEnds(net, places, 2)).toBeNull();
  });

  test("tell their ends, load, capacity and share", () => {
    expect(linkSaid(i18n, net, placed, 1)).toMatch(/n1 – n0\nLoad: 0.4 Mbit\/s of 1 Mbit\/s \(43%\)\n/);
    expect(linkSaid(i18n, net, placed, 0)).toContain("(0%)");
  });
});

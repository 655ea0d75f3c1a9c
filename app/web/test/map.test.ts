import { describe, expect, test } from "vitest";
import { amountOf, step } from "../src/amounts";
import { I18n } from "../src/i18n";
import { readCamera, writeCamera } from "../src/views/map/place/camera";
import { UNUSED, colouring, counts } from "../src/views/map/drawing/colours";
import { Net, Placed } from "../src/views/map/model";
import { bandsOf, sceneOf, type Filters } from "../src/views/map/scene";
import { find } from "../src/views/map/chosen/search";
import type { NetworkMap, PlacementMap } from "../src/wire";

const i18n = new I18n("en");
const NONE: Filters = { model: [], policy: [], province: [], tier: [], state: [], kind: [], status: [] };

/** Two sites in two provinces, three nodes on a line of two links. */
const network = {
  generation: 1,
  tiers: ["onsite", "metro"],
  states: ["active", "draining"],
  commitments: ["operational"],
  provinces: ["KR-11", "KR-26"],
  countries: ["KR"],
  owners: ["A"],
  kinds: ["factory", "port"],
  accelerators: [],
  sovereignties: ["domestic", "unknown"],
  nodes: {
    id: ["edge", "office", "spare"],
    name: ["Edge of the works", null, "Spare"],
    name_ko: [null, "국사", null],
    lat: [37, 35, null],
    lon: [127, 129, null],
    tier: [0, 1, 1],
    state: [0, 1, 0],
    commitment: [0, 0, 0],
    available_from: [null, null, null],
    province: [0, 1, 1],
    owner: [0, 0, 0],
    owner_country: [0, 0, 0],
    country: [0, 0, 0],
    sovereignty: [0, 1, 0],
    cards: [[], [], []],
  },
  sites: { id: ["works", "quay"], name: [null, null], name_ko: [null, null], lat: [37, 35], lon: [127, 129], kind: [0, 1], province: [0, 1] },
  links: { id: ["l1", "l2"], source: [0, 2], target: [1, 1], latency_us: [1, 1], capacity_kbps: [1, 1] },
} as unknown as NetworkMap;

const placement = {
  generation: 2,
  plan: "p",
  sites: ["quay", "works"],
  nodes: ["edge", "office"],
  models: ["seer", "talker"],
  policies: ["open"],
  profiles: [],
  resources: ["power"],
  statuses: ["placed", "unplaced", "disturbed"],
  shards: {
    workload: ["a", "a", "b", "c"],
    shard: [0, 1, 0, 0],
    site: [1, 1, 0, 0],
    node: [0, 0, 1, -1],
    previous_node: [-1, -1, -1, -1],
    model: [0, 0, 1, 1],
    policy: [0, 0, 0, 0],
    profile: [-1, -1, -1, -1],
    status: [0, 0, 2, 1],
    devices: [5, 7, 9, 3],
    servers: [1, 1, 1, 0],
    margin_us: [100, 30, 500, null],
    deadline_us: [1000, 1000, 1000, 1000],
  },
  load: { node: [1], resource: [0], used_permille: [930], cards_permille: [420] },
  link_load: { id: [], used_kbps: [], capacity_kbps: [], used_permille: [] },
} as unknown as PlacementMap;

const net = new Net(network);
const placed = new Placed(placement, net);
const scene = (filters: Partial<Filters>) => sceneOf(net, placed, { ...NONE, ...filters });

describe("the scene", () => {
  test("adds up equal flows, and tells the sites that are short", () => {
    const { flows, nodes, sites, short } = scene({});
    expect(flows).toEqual([
      { site: 0, node: 0, devices: 12, shards: 2, margin: 30, disturbed: false },
      { site: 1, node: 1, devices: 9, shards: 1, margin: 500, disturbed: true },
    ]);
    expect(nodes).toEqual([0, 1, 2]);
    expect(sites).toEqual([0, 1]);
    expect([...short]).toEqual([1]);
  });

  test("combines filters: what is drawn passes all of them", () => {
    expect(scene({ model: ["talker"] }).nodes).toEqual([1]);
    expect(scene({ model: ["talker"] }).sites).toEqual([1]);
    expect(scene({ model: ["talker"] }).shards).toEqual([2, 3]);
    expect(scene({ model: ["talker"], tier: ["metro"] }).shards).toEqual([2]);
    expect(scene({ model: ["talker"], kind: ["factory"] }).shards).toEqual([]);
    expect(scene({ province: ["KR-11"] })).toMatchObject({ nodes: [0], sites: [0], shards: [0, 1] });
    expect(scene({ state: ["draining"] })).toMatchObject({ nodes: [1], sites: [1] });
    expect(scene({ tier: ["nothing of the kind"] }).nodes).toEqual([]);
  });

  test("goes without a plan", () => {
    expect(sceneOf(net, null, NONE)).toMatchObject({ nodes: [0, 1, 2], sites: [0, 1], flows: [], shards: [] });
  });

  test("parts flows by what they carry", () => {
    const flows = Array.from({ length: 100 }, (_, i) => ({ site: 0, node: 0, devices: i, shards: 1, margin: 0, disturbed: false }));
    expect(bandsOf(flows)).toEqual([50, 90]);
    expect(bandsOf([])).toEqual([0, 0]);
  });
});

describe("colours", () => {
  test("have a class for every node", () => {
    for (const [way, expected] of [
      ["utilisation", ["load-0", "load-3", "unused"]],
      ["margin", ["margin-1", "margin-5", "unused"]],
      ["sovereignty", ["domestic", "unknown", "domestic"]],
      ["tier", ["onsite", "metro", "metro"]],
    ] as const) {
      const colours = colouring(way, net, placed, i18n);
      expect([0, 1, 2].map((at) => colours.classes[colours.node(at)]?.key)).toEqual(expected);
      expect(counts(colours, scene({}), new Map()).reduce((a, b) => a + b)).toBe(3);
    }
  });

  test("count what is not there yet only where they do not say how much is used", () => {
    const faint = new Map([[1, "ghost"], [2, "unused"]] as const);
    for (const [way, expected] of [["utilisation", 2], ["margin", 2], ["sovereignty", 3]] as const) {
      const colours = colouring(way, net, placed, i18n);
      const found = counts(colours, scene({}), faint);
      expect(found.reduce((a, b) => a + b)).toBe(expected);
      expect(found[colours.classes.findIndex((one) => one.key === UNUSED)] ?? 0).toBe(way === "sovereignty" ? 0 : 1);
    }
  });

  test("call a node unused only if nothing runs there, with cards or without", () => {
    const { classes, node } = colouring("utilisation", net, placed, i18n);
    expect([placed.cards[0], classes[node(0)]?.key]).toEqual([-1, "load-0"]);
    expect(classes[node(2)]?.key).toBe(UNUSED);
  });

  test("tell the share of cards first, whatever else is full", () => {
    expect(placed.cards[1]).toBe(420);
    expect(placed.load[1]).toBe(930);
    expect([null, 0, 99, 100, 849, 850, 2000].map(amountOf)).toEqual([0, 1, 1, 2, 6, 7, 7]);
  });

  test("part a range at its ends", () => {
    expect([0, 249, 250, 949, 950, 2000].map((value) => step([250, 500, 950], value))).toEqual([0, 0, 1, 2, 3, 3]);
  });
});

describe("places", () => {
  test("follow a route backwards, whichever way its links were written", () => {
    expect(net.along(["l1", "l2"], "spare")).toEqual([0, 1, 2]);
    expect(net.along([], "office")).toEqual([1]);
  });

  test("go into the URL and out of it", () => {
    expect(readCamera(writeCamera({ lon: 127.12345, lat: 36.5, zoom: 3.14159 }))).toEqual({ lon: 127.123, lat: 36.5, zoom: 3.14 });
    for (const wrong of ["", "1,2", "a,b,c", "127,36,0", "127,99,2", "1,2,3,4"]) expect(readCamera(wrong)).toBeNull();
  });
});

describe("search", () => {
  test("looks in ids and names of both languages, the best first", () => {
    const ids = (typed: string) => find(i18n, net, placed, typed).map((hit) => `${hit.picked.kind} ${hit.picked.id}`);
    expect(ids("국사")).toEqual(["node office"]);
    expect(ids("works")).toEqual(["site works", "node edge"]);
    expect(ids("A")).toContain("workload a");
    expect(ids("  ")).toEqual([]);
    expect(ids("nowhere")).toEqual([]);
  });
});

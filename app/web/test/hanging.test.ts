import { expect, test } from "vitest";
import { hanging } from "../src/views/plans/hanging";
import type { NetworkMap, PlacementMap } from "../src/wire";

const map = {
  commitments: ["operational", "contracted", "mou"],
  nodes: { id: ["hub", "hall", "field", "soon"], commitment: [0, 1, 2, 0], available_from: [null, "2027-03-01", null, "2027-01-01"] },
} as unknown as NetworkMap;
const placed = { nodes: ["soon", "hall", "field", "hub"], shards: { workload: ["a", "a", "b", "c", "d", "e"], node: [1, 1, 1, 2, 3, 0] } } as unknown as PlacementMap;

test("what is put on nodes that are only promised or open later is counted, the least firm first", () => {
  expect(hanging(map, placed, "2026-12-01")).toEqual([
    { node: "field", commitment: "mou", from: null, workloads: 1, shards: 1 },
    { node: "hall", commitment: "contracted", from: "2027-03-01", workloads: 2, shards: 3 },
    { node: "soon", commitment: "operational", from: "2027-01-01", workloads: 1, shards: 1 },
  ]);
  expect(hanging(map, placed, "2027-01-01").map((one) => one.node)).toEqual(["field", "hall"]);
});

test("what is refused hangs on nothing", () => {
  const refused = { nodes: ["field"], shards: { workload: ["a"], node: [-1] } } as unknown as PlacementMap;
  expect(hanging(map, refused, "2026-12-01")).toEqual([]);
});

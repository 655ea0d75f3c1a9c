import { expect, test } from "vitest";
import { fallen, quickly, repairing } from "../src/without";

test("what ran on a node moves, or falls away: what ends, and what stays where nothing runs any more", () => {
  const change = (workload: string, shard: number, from_node: string | null, to_node: string | null) => ({ workload, shard, from_node, to_node });
  const changes = [change("a", 0, "x", "y"), change("a", 1, "x", null), change("b", 0, "x", "x"), change("c", 0, "z", null), change("d", 0, null, "x")];
  const left = [{ workload: "a", shard: 1 }, { workload: "e", shard: 0 }];
  const { moved, lost } = fallen("x", changes, left);
  expect(moved.map((one) => `${one.workload}/${one.shard} ${one.to_node}`)).toEqual(["a/0 y"]);
  expect(lost.map((one) => `${one.workload}/${one.shard} ${one.to_node}`)).toEqual(["a/1 null", "e/0 null"]);
});

test("a repair is asked as a what-if with the node failed, with a name that the service takes", () => {
  const asked = quickly(repairing("2026-12-01"), "n".repeat(200), { id: "x", state: "failed" });
  expect(asked).toMatchObject({ priority: "high", scope: { running: "repair" }, terms: { horizon: "2026-12-01" }, limits: { seed: 0 }, what_if: { nodes: [{ id: "x", state: "failed" }] } });
  expect(asked.name).toHaveLength(128);
});

import { expect, test } from "vitest";
import { supposing, type PlanRequest } from "../src/asking";

const asked = { name: "mine", note: "n", workload_ids: ["w"], terms: { horizon: "2027-01-01" }, limits: { seconds: 60, seed: 7, start: "cold" }, what_if: { nodes: [{ id: "a", state: "failed" }, { id: "b", vcpu: 3 }], links: [], accesses: [] } } as unknown as PlanRequest;

test("a supposition is asked on top of what a request supposes already", () => {
  const one = supposing(asked, "+1", 5, { id: "b", state: "failed" });
  expect(one.what_if?.nodes).toEqual([{ id: "a", state: "failed" }, { id: "b", vcpu: 3, state: "failed" }]);
  expect(one).toMatchObject({ name: "+1", note: null, workload_ids: ["w"], terms: { horizon: "2027-01-01" }, limits: { seconds: 5, seed: 7 } });
});

test("weights take the place of those that were asked, and nothing else of the terms", () => {
  const weights = { unplaced: 1_000, accelerators: 1_000, energy: 1_000, transport: 1_000, moves: 0 };
  expect(supposing(asked, "free", 5, undefined, weights).terms).toEqual({ horizon: "2027-01-01", weights });
});

test("a request that supposes nothing is a what-if all the same, which is never applied", () => {
  const { what_if: _, ...plain } = asked;
  expect(supposing(plain as PlanRequest, "as it is", 5).what_if?.nodes).toEqual([]);
});

import { beforeEach, expect, test, vi } from "vitest";
import type { Api } from "../src/api";
import type { PlanRequest } from "../src/asking";
import { fill } from "../src/dom";
import { I18n } from "../src/i18n";
import { cardsPart } from "../src/views/capacity/cards";
import { claimsPart } from "../src/views/capacity/claims";
import type { NodeFact } from "../src/views/capacity/facts";

const i18n = new I18n("en");
const HALL: NodeFact = { id: "hall", name: "Hall", tier: "core", province: "", state: "active", owner: "telco", step: 4, from: "2029-01-01", cards: [["l4", 2]], watts: 1 };

/** A service that answers by path, and keeps what plans it was asked for; each is solved as soon as it is asked. */
function service(answers: Record<string, (asked: { path?: { id?: string }; query?: object }) => unknown>, solve: (body: PlanRequest) => object) {
  const asked: PlanRequest[] = [];
  const get = (path: string, given: object = {}): Promise<unknown> => Promise.resolve(answers[path]?.(given));
  const api = {
    get,
    all: async (path: string, given: object) => ((await get(path, given)) as { items: unknown[] }).items,
    post: (_: string, { body }: { body: PlanRequest }) => {
      asked.push(body);
      return Promise.resolve({ id: `asked${asked.length}`, status: "finished", failure: null, result: solve(body) });
    },
  };
  return { api: api as unknown as Api, asked };
}

beforeEach(() => {
  fill(document.body);
  Element.prototype.scrollIntoView = vi.fn();
});

test("more and more cards are tried until they no longer pay, moves being free", async () => {
  // The first saves 3,000, the second 2,000, no further one anything; each costs 1,000.
  const saved = (more: number): number => [0, 3_000, 5_000][more] ?? 5_000;
  const moreOf = (body: PlanRequest): number => (body.what_if?.nodes?.[0]?.pools?.[0]?.count ?? 0) - 2;
  const costs: number[] = [];
  const { api, asked } = service(
    {
      "/v1/plans/{id}/card-savings": () => ({ plan: "p", bounded: true, gap_month: 5, items: [{ node: "hall", accelerator: "l4", owner: "telco", cards: 2, card_month: 1_000, before_price_month: 4_000, net_month: 3_000, used_permille: 1_000 }] }),
      "/v1/plans/{id}/request": () => ({ workload_ids: ["w"], terms: { horizon: "2027-01-01" }, limits: { seconds: 60 } }),
      "/v1/plans/{id}": () => ({ result: { effective_terms: { weights: { unplaced: 1_000, accelerators: 1_000, energy: 500, transport: 1_000, moves: 1_000 } } } }),
      "/v1/nodes/{id}": () => ({ id: "hall", pools: [{ accelerator: "l4", count: 2, price_month: 1_000 }] }),
      "/v1/plans/{id}/usage": ({ path }) => ({ items: [{ used: 1_000 * Math.min(4, 2 + [0, 1, 2, 4][Number(path?.id?.slice(5)) - 1]!) }] }),
    },
    (body) => {
      costs.push(20_000 - saved(moreOf(body)));
      return { cost: costs.at(-1), bound: costs.at(-1) };
    },
  );
  const part = cardsPart({ i18n, api, onOwner: () => undefined });
  document.body.append(part.element);
  part.update("p", { node: () => HALL, accelerator: () => "L4" }, ["telco"], "telco", "");
  await vi.waitFor(() => expect(part.element.querySelector("tr[data-id] button")).not.toBeNull());
  part.element.querySelector<HTMLButtonElement>("tr[data-id] button")?.click();
  await vi.waitFor(() => expect(part.element.querySelector("[data-part=answer]")).not.toBeNull());
  expect(asked.map(moreOf)).toEqual([0, 1, 2, 4]);
  expect(asked[1]).toMatchObject({ workload_ids: ["w"], terms: { weights: { energy: 500, moves: 0 } }, what_if: { nodes: [{ id: "hall" }] } });
  expect(part.element.querySelector("[data-part=answer]")?.textContent).toBe("Of those tried 2 more save the most: ₩5,000 a month. More than that no longer pay.");
});

test("what hangs on a promised node is told, and asked without it", async () => {
  const shard = { workload: "w", shard: 0, site: "plant", model: "detector", devices: 3, node: "hall" };
  const { api, asked } = service(
    {
      "/v1/allocations": () => ({ items: [] }),
      "/v1/plans/{id}/decisions": () => ({ items: [shard, { ...shard, shard: 1 }] }),
      "/v1/plans/{id}/request": () => ({ workload_ids: ["w"], terms: { horizon: "2030-01-01", lowest_commitment: "mou" } }),
      "/v1/plans/{id}/comparison": () => ({ cost: 30, other_cost: 10, items: [{ workload: "w", shard: 0, from_node: "hall", to_node: "edge" }, { workload: "w", shard: 1, from_node: "hall", to_node: null }] }),
    },
    () => ({ cost: 1, bound: 1 }),
  );
  const part = claimsPart({ i18n, api, link: (id) => `?claim=${id}` });
  document.body.append(part.element);
  const ahead = { id: "later", name: "Later", submitted_at: "1", what_if: false, result: {}, terms: { horizon: "2030-01-01", lowest_commitment: "mou" } };
  part.update({ nodes: [HALL], commitments: ["operational", "", "", "", "mou"], plans: [ahead] as never, today: "2026-12-01", generation: 1, chosen: "hall", site: () => "Plant", node: () => "Edge" });
  await vi.waitFor(() => expect(part.element.querySelector("[data-part=ahead] button")).not.toBeNull());
  expect(part.element.querySelector("[data-part=now]")?.textContent).toBe("In force now: 0 shards");
  part.element.querySelector<HTMLButtonElement>("[data-part=ahead] button")?.click();
  await vi.waitFor(() => expect(part.element.querySelector("[data-part=lost]")).not.toBeNull());
  expect(asked[0]).toMatchObject({ workload_ids: ["w"], terms: { horizon: "2030-01-01", lowest_commitment: "mou" }, what_if: { nodes: [{ id: "hall", state: "failed" }] } });
  expect(part.element.querySelector("[data-part=found]")?.textContent).toContain("Plant · detector → Edge");
  expect(part.element.querySelector("[data-part=lost]")?.textContent).toContain("Plant · detector");
  expect(part.element.textContent).toContain("+₩20");
});

import { describe, expect, test } from "vitest";
import { byRule, byWorkload, filtered, type Filter } from "../src/views/refusals/counts";
import { nearness } from "../src/views/refusals/explanation";
import type { Refusal, Unplaced } from "../src/wire";

const why = (reasons: Record<string, number>, repairs: Record<string, number> = {}): Refusal => {
  const list = (counts: Record<string, number>) => Object.entries(counts).map(([rule, nodes]) => ({ rule, nodes }));
  const change = { change: [], sentence: "", scope: "", holders: [] };
  return { sentence: "", reasons: list(reasons), repairs: list(repairs).map((one) => ({ ...one, ...change })), holders: [] };
};
const row = (workload: string, shard: number, site: string, refusal: Refusal | null): Unplaced =>
  ({ workload, shard, site, policy: "open", model: "m", devices: 5, deadline_us: 1_000, refusal }) as Unplaced;

const rows = [
  row("a", 0, "x", null),
  row("a", 1, "x", why({ deadline: 9, tier: 4 }, { deadline: 2 })),
  row("b", 0, "y", why({ tier: 9 })),
  row("c", 0, "y", null),
];
const any: Filter = { rule: "", alone: false, site: "", policy: "", model: "" };

describe("refusals", () => {
  test("are one for each workload, with the reasons that any shard gives", () => {
    expect(byWorkload(rows, "p").map(({ workload, shards, devices, plan, refusal }) => [workload, shards, devices, plan, refusal?.reasons.length])).toEqual([
      ["a", 2, 10, "p", 2],
      ["b", 1, 5, "p", 1],
      ["c", 1, 5, "p", undefined],
    ]);
  });

  test("are counted by rule, in shards", () => {
    expect(byRule(byWorkload(rows, "p"))).toEqual([
      { rule: "tier", shards: 3, alone: 0, nodes: 17 },
      { rule: "deadline", shards: 2, alone: 2, nodes: 18 },
    ]);
  });

  test.each<[Partial<Filter>, string[]]>([
    [{}, ["a", "b", "c"]],
    [{ rule: "tier" }, ["a", "b"]],
    [{ rule: "tier", alone: true }, []],
    [{ alone: true }, ["a"]],
    [{ site: "y" }, ["b", "c"]],
    [{ site: "y", rule: "deadline" }, []],
    [{ model: "other" }, []],
    [{ policy: "open" }, ["a", "b", "c"]],
  ])("are narrowed down by %o", (asked, left) => {
    expect(filtered(byWorkload(rows, "p"), { ...any, ...asked }).map((one) => one.workload)).toEqual(left);
  });

  test("are near as what there is of what is needed; a permission is there or not", () => {
    expect(nearness({ unit: "us", needed: 200, available: 50 })).toBe(0.25);
    expect(nearness({ unit: "kbps", needed: 10, available: -5 })).toBe(0);
    expect(nearness({ unit: "permission", needed: 1, available: 0 })).toBeNull();
  });
});

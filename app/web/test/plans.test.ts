import { describe, expect, test } from "vitest";
import { I18n } from "../src/i18n";
import { fileName } from "../src/saving";
import { csv } from "../src/views/plans/download";
import { describeRequest, documentIn, valueAt, withoutProvenance } from "../src/views/plans/file";
import { changesRead } from "../src/views/plans/changes";
import { ways } from "../src/views/plans/ways";
import type { Comparison, Decision, ShardChange } from "../src/wire";

describe("files with requests", () => {
  const body = { name: "n", workloads: [{ id: "a", devices: 3 }], workload_ids: ["b", "c"], terms: { horizon: "2026-12-01" }, limits: { seconds: 7 } };

  test("are told of, and what is missing or odd is not", () => {
    expect(describeRequest(body)).toEqual({ name: "n", workloads: 3, horizon: "2026-12-01", seconds: 7 });
    const nothing = { name: null, workloads: null, horizon: null, seconds: null };
    for (const odd of [null, 3, [], "x", { name: 3, terms: 1, workloads: "many", limits: null }]) expect(describeRequest(odd)).toEqual(nothing);
  });

  test("lose their sources and nothing else", () => {
    expect(withoutProvenance({ ...body, provenance: [1] })).toEqual([body, true]);
    expect(withoutProvenance(body)).toEqual([body, false]);
    expect(withoutProvenance([1])).toEqual([[1], false]);
  });

  test("are told apart from whole documents", () => {
    expect(documentIn({ format: "edgeplan/1", nodes: [], links: [] })).toBe("network");
    expect(documentIn({ accelerators: [] })).toBe("catalogue");
    expect(documentIn({ policies: [] })).toBe("policies");
    for (const one of [body, null, [], { workloads: [] }, { nodes: 3 }, { nodes: [], terms: {} }]) expect(documentIn(one)).toBeNull();
  });

  test("show what stands at a place", () => {
    expect(valueAt(body, "workloads[0].devices")).toBe("3");
    expect(valueAt(body, "workload_ids[1]")).toBe('"c"');
    expect(valueAt(body, "workloads[7].devices")).toBeUndefined();
    expect(valueAt(body, "name.more")).toBeUndefined();
    expect(valueAt(body, "")).toBeUndefined();
    expect(valueAt({ note: "x".repeat(500) }, "note")).toHaveLength(121);
  });
});

test("moves of one way are added up, the busiest way first", () => {
  const row = (from_node: string | null, to_node: string | null) => ({ from_node, to_node }) as ShardChange;
  const rows = [row("a", "b"), row("b", "a"), row("b", "a"), row(null, "a"), row("a", null), row("a", "a"), row("a", "c")];
  expect(ways(rows)).toEqual([
    { from: "b", to: "a", shards: 2 },
    { from: "a", to: "b", shards: 1 },
    { from: "a", to: "c", shards: 1 },
  ]);
});

const placed = {
  workload: "w", shard: 0, status: "placed", site: "s", access: "a", policy: "p", model: "m", devices: 2, in_request: true, previous_node: null,
  node: "n", tier: "mec", province: "KR-26", profile: "f", servers: 1, route: ["l1", "l2"],
  role: "primary", cards: [[0, 0], [3, 4]], batch_limit: 8, disturbed: { rules: ["node_state"], sentence: "it drains", unlawful: false },
  latency: { access_us: 1, transfer_us: 2, transport_us: 3, service_us: 4, waiting_us: 5, margin_us: 6, deadline_us: 21 }, refusal: null,
} as Decision; // prettier-ignore

test("decisions become lines, quoted where they must be", () => {
  const unplaced = { ...placed, status: "unplaced", node: null, tier: null, province: null, profile: null, servers: null, route: [], latency: null, refusal: { sentence: 'says "no", thrice', reasons: [], repairs: [], holders: [] }, cards: [], batch_limit: 0, disturbed: null } as Decision;
  const [names, first, second, end] = csv([placed, unplaced]).split("\r\n");
  expect(names?.split(",")).toHaveLength(27);
  expect(first).toBe("w,0,placed,s,a,p,m,2,true,,n,mec,KR-26,f,1,l1 l2,1,2,3,4,5,6,21,,0.0 3.4,8,node_state");
  expect(second).toBe('w,0,unplaced,s,a,p,m,2,true,,,,,,,,,,,,,,,"says ""no"", thrice",,,');
  expect(end).toBe("");
});

test("no cell of a table is a formula, and no letter of it drives what shows it", () => {
  const row = (model: string) => csv([{ ...placed, model } as Decision]).split("\r\n")[1];
  for (const model of ["=1+2", "+1", "-1", "@SUM(A1)", "\uff1dcmd", "\tx"]) expect(row(model)).toContain(`,'${model},`);
  expect(row('=HYPERLINK("http://evil.example","x")')).toContain(`"'=HYPERLINK(""http`);
  expect(row("a\u001b[31mb\u202ec")).toContain(",a[31mbc,");
  expect(row("plain-1")).toContain(",plain-1,");
});

test("a file is named by what every system takes", () => {
  expect(fileName("plan-a/b\\c:d", "csv")).toBe("plan-a_b_c_d.csv");
  expect(fileName("plan-\u202egnp", "json")).toBe("plan-_gnp.json");
  expect(fileName("plan-\u001b[2J\n", "csv")).toBe("plan-_[2J_.csv");
  expect(fileName("..", "csv")).toBe("plan.csv");
});

test("what applying moves is read out with the names of both nodes, what ends first, and the rest is folded", () => {
  const change = (i: number, action: ShardChange["action"], from: string | null, to: string | null): ShardChange =>
    ({ workload: `w${i}`, shard: 0, action, from_node: from, to_node: to, from_profile: null, to_profile: null, from_servers: 1, to_servers: 1 });
  const items = [change(13, "unplaced", null, null), ...Array.from({ length: 12 }, (_, i) => change(i, "moved", "a", "b")), change(12, "ended", "a", null)];
  const found = { items, next: null, placed: 0, moved: 12, resized: 0, unplaced: 1, ended: 1 } as unknown as Comparison;
  const read = changesRead(new I18n("en"), found, new Map([["a", "Busan 3"], ["b", "Seoul 1"]]));
  const lines = [...(read?.querySelectorAll("li") ?? [])].map((one) => one.textContent);
  expect(lines).toHaveLength(8);
  expect(lines.slice(0, 2)).toEqual(["w12\u00a0·\u00a01EndedFrom Busan 3→To nowhere", "w0\u00a0·\u00a01MovedFrom Busan 3→To Seoul 1"]);
  expect(read?.querySelector("details")?.open).toBe(false);
  expect(read?.querySelector("summary")?.textContent).toBe("All 14 changes");
  expect(read?.querySelectorAll("details tr[data-id]")).toHaveLength(14);
});

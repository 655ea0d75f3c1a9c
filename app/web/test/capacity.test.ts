import { describe, expect, test } from "vitest";
import { h } from "../src/dom";
import { I18n } from "../src/i18n";
import { amountOf, binsOf, changeDays, counts, factsOf, groupOf, monthsLater, rungsOf, spanOf, stepLines, usesBy, type NodeFact, type Use } from "../src/views/capacity/facts";
import { bestOf, mainOwner, netOf, resultOf, uncertain, type Tried } from "../src/views/capacity/cards";
import { planAhead, promised } from "../src/views/capacity/claims";
import { limitName, limitSentence, saving, type Tight } from "../src/views/capacity/limits";
import { apartName, idOf, nodeOf, subjectName } from "../src/accounts";
import type { Capacity, NetworkMap, PlanOut } from "../src/wire";

const i18n = new I18n("en");
const node = (id: string, step: number, from: string | null, cards = 10): NodeFact => ({
  id, name: id.toUpperCase(), tier: "mec", province: "KR-26", state: "active", owner: "telco", step, from, cards: [["l4", cards]], watts: 100,
});
const NODES = [node("a", 0, null), node("b", 0, "2027-01-01"), node("c", 3, "2027-01-01", 5), node("d", 3, null, 7), node("e", 4, "2029-12-31", 100)];

describe("nodes that count", () => {
  test.each([
    ["2026-12-01", 0, "a"],
    ["2027-01-01", 0, "ab"],
    ["2026-12-31", 5, "a"],
    ["2027-01-01", 3, "abc"],
    ["2029-12-31", 5, "abce"],
  ])("by %s with step %d are %s", (day, step, ids) => {
    expect(NODES.filter((one) => counts(one, { day, step })).map((one) => one.id).join("")).toBe(ids);
  });

  test("stand on the ladder now, later, or without a day", () => {
    const cards = (one: NodeFact): number => one.cards[0]?.[1] ?? 0;
    const rungs = rungsOf(NODES, 6, "2027-01-01", cards);
    expect(rungs[3]).toEqual({ step: 3, now: { nodes: 1, amount: 5 }, later: { nodes: 0, amount: 0 }, dateless: { nodes: 1, amount: 7 } });
    expect(rungs[4]?.later).toEqual({ nodes: 1, amount: 100 });
  });

  test("are drawn from the day on which they are there; those without one never", () => {
    const days = ["2026-01-01", ...changeDays(NODES), "2030-01-01"];
    const lines = stepLines(NODES, 6, days, (one) => one.cards[0]?.[1] ?? 0);
    expect(days).toEqual(["2026-01-01", "2027-01-01", "2029-12-31", "2030-01-01"]);
    expect([lines[0], lines[3], lines[4]]).toEqual([[10, 20, 20, 20], [0, 5, 5, 5], [0, 0, 100, 100]]);
    expect(spanOf(NODES, "2026-11-22")).toEqual(["2025-01-01", "2030-01-01"]);
  });

  test("months end where they end", () => {
    expect([monthsLater("2027-01-31", 1), monthsLater("2027-01-15", -2), monthsLater("2028-02-29", 12)]).toEqual(["2027-02-28", "2026-11-15", "2029-02-28"]);
  });
});

describe("use", () => {
  const map = {
    tiers: ["onsite", "mec"], states: ["active"], commitments: ["operational"], provinces: ["KR-26"], accelerators: ["h100", "l4"], owners: ["telco"],
    nodes: { owner: [0, 0], id: ["a", "b"], name: ["A", null], name_ko: [null, null], tier: [1, 0], province: [0, -1], state: [0, 0], commitment: [0, 0], available_from: [null, null], cards: [[[1, 4]], []], power_w: [9, 0] },
  } as unknown as NetworkMap;
  const capacity = {
    accounts: {
      nodes: ["a", "b", "gone"], resources: ["accelerators", "power"], units: ["card_milli", "w"], accelerators: ["h100", "l4"],
      node: [0, 0, 0, 1, 2], resource: [0, 0, 1, 1, 1], accelerator: [0, 1, -1, -1, -1], used: [500, 1500, 3, 0, 7], capacity: [1000, 3000, 9, 0, 8],
    },
  } as unknown as Capacity;

  test("is added up by tier and by kind of card; nodes that are gone are told", () => {
    const facts = factsOf(i18n, map, capacity);
    expect(facts.gone).toBe(1);
    const tiers = usesBy(facts, facts.accounts, groupOf("tier"));
    expect(tiers).toContainEqual({ group: "mec", resource: "accelerators", unit: "card_milli", nodes: 1, used: 2000, capacity: 4000, share: 0.5 });
    expect(tiers.find((use) => use.group === "onsite")?.share).toBeNull();
    expect(usesBy(facts, facts.accounts, groupOf("accelerator")).map((use) => [use.group, use.share])).toEqual([["h100", 0.5], ["l4", 0.5]]);
    expect(usesBy(facts, facts.accounts, groupOf("province")).map((use) => use.group)).toEqual(["KR-26", "KR-26"]);
  });

  test("falls into tenths; idle and full stand apart", () => {
    const of = (used: number, share: number | null): Use => ({ group: "", resource: "", unit: "", nodes: 1, used, capacity: 1, share });
    const bins = binsOf([of(0, 0), of(1, 0.05), of(1, 0.1), of(1, 0.999), of(1, 1), of(2, 1.2), of(0, null)]);
    expect(bins).toEqual({ idle: 1, tenths: [1, 1, 0, 0, 0, 0, 0, 0, 0, 1], full: 2 });
    expect([null, 0, 0.0999, 0.1, 0.84, 0.85, 2].map(amountOf)).toEqual([0, 1, 1, 2, 6, 7, 7]);
  });
});

describe("promises", () => {
  test("are the nodes that do not operate today, the first to come first", () => {
    expect(promised(NODES, "2026-12-01").map((one) => one.id)).toEqual(["b", "c", "e", "d"]);
    expect(promised(NODES, "2027-01-01").map((one) => one.id)).toEqual(["c", "e", "d"]);
  });

  test("hang on the newest plan for a later day that counts on them and supposes nothing", () => {
    const plan = (id: string, horizon: string, submitted_at: string, more: object = {}) => ({ id, terms: { horizon, lowest_commitment: "announced" }, submitted_at, what_if: false, result: {}, ...more }) as unknown as PlanOut;
    const ladder = ["operational", "under_construction", "contracted", "announced", "mou"];
    const ahead = (some: readonly PlanOut[], at: number): string | undefined => planAhead(some, "2026-12-01", NODES[at]!, ladder)?.id;
    const plans = [plan("today", "2026-12-01", "9"), plan("old", "2028-01-01", "1"), plan("new", "2027-01-01", "2"), plan("if", "2027-01-01", "3", { what_if: true }), plan("runs", "2027-01-01", "4", { result: null })];
    expect([ahead(plans, 2), ahead(plans.slice(0, 1), 2)]).toEqual(["new", undefined]);
    // No memorandum is counted on, and nothing that is not there by then.
    expect(ahead(plans, 4)).toBeUndefined();
    expect(ahead([plan("soon", "2026-12-31", "9"), ...plans], 2)).toBe("new");
  });
});

describe("more cards", () => {
  const tried = (more: number, cost: number, used: number): Tried => ({ more, plan: `p${more}`, cost, bound: cost - 10, used });
  const without = tried(0, 10_000, 4_000);

  test("save what the plan costs less, and are paid for whether they are used or not", () => {
    // Two more at 1,000: the plan pays for one and a half of them; the other half is paid for, too.
    expect(netOf(without, tried(2, 7_000, 5_500), 1_000)).toBe(3_000 - 500);
    expect(netOf(without, tried(2, 10_000, 4_000), 1_000)).toBe(-2_000);
    expect(uncertain(without, tried(2, 7_000, 5_500))).toBe(20);
  });

  test("pay as long as more of them save more", () => {
    const all = [tried(1, 8_000, 5_000), tried(2, 7_000, 6_000), tried(4, 7_000, 6_000)];
    expect(bestOf(without, all, 1_000)?.more).toBe(2);
    expect(bestOf(without, [tried(1, 9_500, 4_000)], 1_000)).toBeNull();
    const said = (list: Tried[]): string => h("div", {}, resultOf(i18n, without, list, 1_000, true)).querySelector("[data-part=answer]")?.textContent ?? "";
    expect(said(all)).toContain("Of those tried 2 more save the most");
    expect(said(all.slice(0, 2))).toContain("Even 2 more still pay");
    expect(said([tried(1, 9_500, 4_000)])).toBe("One more does not pay.");
  });

  test("are first those of whoever has most of the nodes", () => {
    expect([mainOwner(["b", "a", "b"]), mainOwner(["b", "a"]), mainOwner([])]).toEqual(["b", "a", ""]);
  });
});

describe("limits", () => {
  const names = { node: (id: string) => NODES.find((one) => one.id === id), accelerator: (id: string) => (id === "l4" ? "L4" : id) };
  const tight = (rule: string, subject: Tight["subject"], resource: string, unit: string, price: number | null): Tight => ({ rule, subject, resource, unit, used: 1, capacity: 1, used_permille: 1000, price: price });

  test("are told in units in which one thinks", () => {
    const card = tight("node_capacity", { node: "a", accelerator: "l4" }, "accelerators", "card_milli", 12.3456);
    expect(saving(i18n, card)).toBeCloseTo(12_345.6);
    expect(limitSentence(i18n, card, names)).toBe("One more card for L4 at A would save ₩12,346 a month.");
    expect(saving(i18n, tight("node_capacity", { node: "a" }, "memory", "mib", 2))).toBe(2048);
    expect(saving(i18n, tight("link_capacity", { link: "x", direction: "a" }, "bandwidth", "kbps", 2))).toBe(2_000_000);
    const power = tight("node_capacity", { node: "zz" }, "power", "w", null);
    expect(limitSentence(i18n, power, names)).toBe("Power at zz: tight; no dual price for one more.");
    expect(limitSentence(i18n, { ...power, used_permille: 2 }, names)).toBe("Power at zz: 0.2% used; not tight, no dual price.");
  });

  test("of places kept apart name the group and the domain", () => {
    const place = tight("anti_affinity", { group: "fleet", power_domain: "grid-1" }, "power_domain", "shards", 5);
    expect(limitName(i18n, place, names)).toBe("fleet, kept apart by power domain, in grid-1");
    expect(limitName(i18n, tight("anti_affinity", { group: "fleet", node: "b" }, "node", "shards", 5), names)).toContain("in B");
    expect(apartName(new I18n("ko"), place, (id) => id)).toBe("grid-1의 fleet(전력 도메인 단위 분산)");
    expect(apartName(i18n, tight("node_capacity", { node: "a in node b" }, "vcpu", "vcpu_milli", 5), (id) => id)).toBeNull();
  });

  test("are told by their parts, whatever stands in the names", () => {
    const node = (id: string): string => id;
    const odd = tight("anti_affinity", { group: "A in B", node: "b/c in node d" }, "node", "shards", 5);
    expect(limitName(i18n, odd, names)).toBe("A in B, kept apart by node, in b/c in node d");
    expect(nodeOf(odd)).toBe("b/c in node d");
    const cards = tight("node_capacity", { node: "b/c", accelerator: "l4" }, "accelerators", "card_milli", 5);
    expect([limitName(i18n, cards, names), nodeOf(cards), subjectName(i18n, cards, node)]).toEqual(["L4 at b/c", "b/c", "b/c · l4"]);
    const link = tight("link_capacity", { link: "to>core", direction: "a" }, "bandwidth", "kbps", 5);
    expect([limitName(i18n, link, names), nodeOf(link)]).toEqual(["link to>core towards A", null]);
    const share = tight("share_cap", { owner: "owner of all" }, "share", "devices", 5);
    expect([limitName(i18n, share, names), subjectName(new I18n("ko"), share, node)]).toEqual(["Share of one vendor or owner: owner owner of all", "소유자 owner of all"]);
    expect(idOf({ ...odd, subject: { node: "b/c in node d", group: "A in B" } })).toBe(idOf(odd));
  });
});

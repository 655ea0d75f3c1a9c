import { describe, expect, test } from "vitest";
import { choose } from "../src/dialog";
import { h } from "../src/dom";
import { I18n } from "../src/i18n";
import { localDay } from "../src/today";
import { counts, otherDay, unlawfulFirst, warnings, type Details } from "../src/views/plans/consequences";
import { capsField, idsIn, termsOf } from "../src/views/plans/terms";
import { changeSaid, repairList } from "../src/views/refusals/repairs";
import type { Comparison, Decision, PlanOut, Repair } from "../src/wire";

const en = new I18n("en");

const comparison = {
  plan: "p", other: "o", same_workloads: 3, cost: 70, other_cost: 100, request_cost: 40, kept: 5, moved: 1, resized: 0, placed: 0, unplaced: 0, ended: 2,
  disturbed: 2, items: [], next: null, not_operating: ["later-hall"], cost_by_goal: [], request_cost_by_goal: null,
  terms: [
    { field: "weights.moves", this: 2000, other: 1000 },
    { field: "share_caps", this: [{ of: "owner", permille: 300, name: null }], other: [] },
  ],
} as Comparison; // prettier-ignore
const row = (workload: string, unlawful: boolean): Decision => ({ workload, shard: 0, node: "n", disturbed: { rules: [unlawful ? "residency" : "node_state"], sentence: "it has 4 cards", unlawful } }) as Decision;
const details: Details = { disturbed: unlawfulFirst([row("a", false), row("b", true)]), ended: ["gone"] };

describe("what applying a plan does", () => {
  const body = h("div", {}, ...warnings(en, comparison, details, new Map(), "allocation"), ...counts(en, comparison, details, "allocation"));
  const said = (part: string): string => body.querySelector(`[data-part=${part}]`)?.textContent ?? "";

  test("is said in the order in which it matters", () => {
    expect([...body.querySelectorAll("[data-part]")].map((one) => one.getAttribute("data-part"))).toEqual(["terms", "disturbed", "closed", "ended", "price"]);
    expect([...body.querySelectorAll("[data-part=disturbed] tr[data-id]")].map((one) => one.getAttribute("data-id"))).toEqual(["b 0", "a 0"]);
    expect(said("terms")).toContain("each owner: at most 30%");
    expect(said("disturbed")).toContain("it has 4 cards");
    expect(said("ended")).toContain("gone");
  });

  test("sets costs against each other over the same workloads, and says what the request costs", () => {
    const lines = [...body.querySelectorAll("[data-part=price] [data-line]")].map((one) => [one.getAttribute("data-line"), one.querySelector("dd")?.textContent]);
    expect(lines).toEqual([["request", "₩40"], ["here", "₩70"], ["other", "₩100"], ["difference", "−₩30"]]);
    const apart = h("div", {}, ...counts(en, { ...comparison, same_workloads: 0 }, details, "allocation"));
    expect(apart.querySelector("[data-line=difference]")).toBeNull();
  });

  test("waits for the box where one has to be ticked", () => {
    HTMLDialogElement.prototype.showModal ??= () => undefined;
    const box = h("input", { type: "checkbox" });
    void choose(en, "t", box, [{ value: "yes", label: "Do it", once: box }]);
    const button = document.querySelector<HTMLButtonElement>("dialog button[value=yes]");
    expect(button?.disabled).toBe(true);
    box.checked = true;
    box.dispatchEvent(new Event("change"));
    expect(button?.disabled).toBe(false);
  });
});

describe("terms", () => {
  test("a day is that of the clock on the wall, and a plan for another one says so", () => {
    const now = new Date(2026, 11, 1, 0, 30);
    expect(localDay(now)).toBe("2026-12-01");
    expect(otherDay(en, { terms: { horizon: "2026-12-01" } }, now)).toBeNull();
    expect(otherDay(en, { terms: { horizon: "2029-03-01" } }, now)).toContain("1 Mar 2029");
  });

  test("in force are those that the plan in force was made on", () => {
    const effective = { horizon: "2026-12-01", share_caps: [{ of: "owner", permille: 10 }] };
    expect(termsOf({ terms: { horizon: "2026-12-01" }, result: { effective_terms: effective } } as PlanOut)).toBe(effective);
    expect(termsOf(null)).toBeNull();
  });

  test("caps that nobody touched are not sent; what is touched takes their place", () => {
    const field = capsField(en);
    field.inForce([{ of: "owner", permille: 10, name: "Amazon" }]);
    expect(field.value()).toBeUndefined();
    const inputs = field.element.querySelectorAll("input");
    expect([...inputs].map((one) => one.value)).toEqual(["Amazon", "10"]);
    (inputs[1] as HTMLInputElement).value = "20";
    inputs[1]?.dispatchEvent(new Event("input"));
    expect(field.value()).toEqual([{ of: "owner", permille: 20, name: "Amazon" }]);
    field.element.querySelector<HTMLButtonElement>(".plans-cap button")?.click();
    expect(field.value()).toEqual([]);
    [...field.element.querySelectorAll("button")].at(-1)?.click();
    expect(field.value()).toBeUndefined();
  });

  test("ids are parted as people write them", () => {
    expect(idsIn(" a, b\n\nc a ")).toEqual(["a", "b", "c"]);
    expect(idsIn("")).toEqual([]);
  });
});

describe("repairs", () => {
  const repair = (more: Partial<Repair>): Repair => ({ rule: "deadline", nodes: 3, node: "n", cost: 5, sentence: "Allow 14 ms.", scope: "", holders: [], change: [], ...more });

  test("say what to change, and leave what has parts to the sentence", () => {
    expect(changeSaid({ kind: "workloads", id: "w", field: "deadline_us", value: 14_000 })).toBe("workloads/w deadline_us = 14000");
    expect(changeSaid({ kind: "terms", id: "", field: "horizon", value: "2029-03-01" })).toBe("terms horizon = 2029-03-01");
    expect(changeSaid({ kind: "policies", id: "p", field: "countries", value: ["JP", "KR"] })).toBe("policies/p countries = JP KR");
    expect(changeSaid({ kind: "nodes", id: "n", field: "pools", value: [{ count: 2 }] })).toBeNull();
  });

  test("name who holds the room, and the scope that frees it", () => {
    const list = repairList(en, [repair({ rule: "node_capacity", scope: "move", holders: [{ workload: "big", shards: 2, amount: 4000 }] }), repair({})], (id) => id.toUpperCase(), "w");
    const [room, later] = [...list.querySelectorAll("li")].map((one) => one.textContent ?? "");
    expect(room).toContain("scope Move");
    expect(room).toContain("big (2 shards)");
    expect(later).toContain("On N it costs ₩5 a month.");
    expect(later).toContain("Allow 14 ms.");
  });
});

test("thousandths are counted whole", () => {
  expect([en.measure(40_000, "card_milli"), en.measure(1_000, "cell_milli"), en.measure(125, "vcpu_milli")]).toEqual(["40 cards", "1 cell", "0.125 vCPUs"]);
  expect([en.measure(1, "shards"), en.measure(7, "widgets"), en.measure(2_000, "us")]).toEqual(["1 shard", "7 widgets", "2 ms"]);
  expect([en.measure(1, "named_domain"), new I18n("ko").measure(1, "named_domain")]).toEqual(["1 named failure domain", "1 명시된 장애 도메인"]);
});

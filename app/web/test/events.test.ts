import { describe, expect, test } from "vitest";
import { h } from "../src/dom";
import { I18n, LANGUAGES } from "../src/i18n";
import { ago, detailsOf, filled, sentenceOf, toneOf, type Names } from "../src/views/events/sentence";
import { stream } from "../src/views/events/stream";
import type { EventType, ServiceEvent } from "../src/wire";
import { EVENT_TYPES } from "../src/wire/coming";

const names: Names = { node: (id) => (id === "n" ? "Hub" : id), deleted: (plan) => plan === "gone" };
const event = (type: EventType, detail: object, rest: Partial<ServiceEvent> = {}): ServiceEvent =>
  ({ id: 7, at: "2026-12-01T00:00:00Z", type, severity: "info", generation: 3, plan: type.startsWith("plan") ? "p-1" : null, node: type.startsWith("node") ? "n" : null, detail, ...rest }) as ServiceEvent;
const told = (one: ServiceEvent, language: "en" | "ko" = "en"): HTMLElement => h("p", {}, sentenceOf(new I18n(language), one, names));

describe("sentences", () => {
  test.each(LANGUAGES)("are whole for every type, in %s", (language) => {
    for (const type of EVENT_TYPES) {
      for (const detail of [{ name: "x", parts: ["network"] }, { name: null, cost: 5, gap: 0.1, phase: "first", what_if: true, restored: 2 }]) {
        const said = told(event(type, detail), language).textContent ?? "";
        expect(said, type).not.toMatch(/[{}]|undefined|NaN/);
        expect(said.length, type).toBeGreaterThan(5);
      }
    }
  });

  test("link plans and nodes, but not a plan that is gone", () => {
    const link = told(event("plan.started", { name: "night" })).querySelector("a");
    expect([link?.textContent, link?.getAttribute("href")]).toEqual(["night", "/?view=plans&plan=p-1"]);
    expect(told(event("plan.deleted", { name: "night" }, { plan: "gone" })).querySelector("a")).toBeNull();
    expect(told(event("node.failed", { disturbed: 12 })).textContent).toBe("Hub has failed; shards disturbed: 12.");
    expect(told(event("node.failed", { disturbed: 0 })).querySelector("a")?.getAttribute("href")).toBe("/?node=n");
  });

  test("say what a finished plan came to, where it is known", () => {
    const ended = { name: "night", cost: 1_234_567, gap: 0.0123, placed_shards: 90, unplaced_shards: 2 };
    expect(told(event("plan.finished", ended)).textContent).toBe("Plan night is finished: ₩1,234,567 a month, within 1.23% of the optimum; 90 shards placed, 2 not.");
    expect(told(event("plan.cancelled", { name: "night" })).textContent).toBe("Plan night was cancelled.");
  });

  test("begin with what has to be known of a plan that ended", () => {
    const warnings = [{ code: "bound.none", message: "no bound" }, { code: "new.one", message: "Something new." }];
    const ended = event("plan.finished", { name: "night", cost: 5, gap: 1, placed_shards: 1, unplaced_shards: 0, warnings });
    expect(told(ended).textContent).toMatch(/^The plan has no useful lower bound: others may cost far less. Something new. Plan night is finished/);
    const rows = detailsOf(new I18n("en"), ended).filter(([name]) => name === "Warning");
    expect(rows.map(([, said]) => said)).toEqual(["The plan has no useful lower bound: others may cost far less.", "Something new."]);
    expect([toneOf(ended), toneOf(event("plan.finished", { name: "night" }))]).toEqual(["warn", "good"]);
  });

  test("leave text that looks like markup as text", () => {
    expect(told(event("plan.failed", { name: "<b>", reason: "{plan}" })).textContent).toBe("Plan <b> failed: {plan}");
    expect(filled("a {x} b", {})).toEqual(["a ", "{x}", " b"]);
  });
});

test("details name every field, with money and parts of one in their form", () => {
  const rows = new Map(detailsOf(new I18n("en"), event("plan.improved", { name: "x", cost: 5, gap: 0.5, reason: null, brand_new: [1] })));
  expect([rows.get("Cost a month"), rows.get("Optimality gap"), rows.get("brand new"), rows.has("Reason")]).toEqual(["₩5", "50%", "1", false]);
});

test("how long ago, in words", () => {
  const at = "2026-12-01T00:00:00Z";
  const later = (seconds: number): string => ago(new I18n("en"), at, Date.parse(at) + seconds * 1000);
  expect([later(-5), later(59), later(60), later(7_199), later(90_000)]).toEqual(["just now", "just now", "1 min. ago", "1 hr. ago", "1 day ago"]);
});

test("what runs and is disturbed names rules, workloads, and what is unlawful", () => {
  const detail = { shards: 3, devices: 40, workloads: ["a", "b"], rules: { residency: 1, node_state: 2 }, unlawful: 1 };
  const said = told(event("allocation.disturbed", detail));
  expect(said.textContent).toBe("3 running shards (40 devices) now violate a rule, 1 of them unlawful where they run: Node draining or failed 2, Data residency 1. Workloads: a, b");
  expect([...said.querySelectorAll("a")].map((one) => one.getAttribute("href"))).toEqual(["/?workload=a", "/?workload=b"]);
  expect(told(event("allocation.restored", { shards: 1, devices: 2, workloads: ["a"] })).textContent).toContain("all rules again");
});

describe("steps of a plan", () => {
  let id = 0;
  const at = (second: number): string => new Date(Date.UTC(2026, 11, 1, 3, 0, second)).toISOString();
  /** Events in the order in which they happened, as the list wants them: newest first. */
  const happened = (...all: [EventType, string?][]): ServiceEvent[] =>
    all.map(([type, plan = "p"]) => ((id += 1), event(type, { name: plan, cost: id }, { id, at: at(id % 60), plan }))).reverse();
  const lines = (list: { element: HTMLElement }): string[] =>
    [...list.element.querySelectorAll<HTMLElement>("ol.event-block > li")].map((one) => `${one.dataset["type"]}${one.querySelector(".event-unfold") ? ` + ${one.querySelector(".event-unfold")?.textContent}` : ""}`);
  const make = () => stream({ i18n: new I18n("en"), names, onlyPlan: () => "/" });

  test("that follow one another are one line, which can be opened, and bury nothing", () => {
    const list = make();
    list.reset(happened(["plan.improved"], ["plan.improved"], ["node.failed"], ["plan.improved"], ["plan.improved", "q"], ["plan.improved"], ["plan.improved", "q"], ["plan.improved"]));
    expect(lines(list)).toEqual(["plan.improved + 2 earlier steps", "plan.improved + 1 earlier step", "node.failed", "plan.improved + 1 earlier step"]);
    const button = list.element.querySelector<HTMLElement>(".event-unfold");
    button?.click();
    expect(button?.getAttribute("aria-expanded")).toBe("true");
    expect(list.element.querySelectorAll(".event-folded > li")).toHaveLength(2);
    button?.click();
    expect(list.element.querySelector(".event-folded")).toBeNull();
    list.dispose();
  });

  test("join their line as they come, on top and at the end, and what is open stays open", () => {
    const list = make();
    const oldest = happened(["plan.improved"], ["plan.improved"]);
    list.reset(happened(["plan.improved"]));
    list.append(oldest);
    list.element.querySelector<HTMLElement>(".event-unfold")?.click();
    list.prepend(happened(["plan.improved"]));
    expect(lines(list)).toEqual(["plan.improved + 3 earlier steps"]);
    expect(list.element.querySelectorAll(".event-folded > li")).toHaveLength(3);
    list.prepend(happened(["node.failed"], ["plan.improved"]));
    list.prepend(happened(["plan.improved"]));
    expect(lines(list)).toEqual(["plan.improved + 1 earlier step", "node.failed", "plan.improved + 3 earlier steps"]);
    list.append(happened(["plan.queued"], ["plan.improved"]));
    expect(lines(list).slice(2)).toEqual(["plan.improved + 4 earlier steps", "plan.queued"]);
    list.dispose();
  });
});

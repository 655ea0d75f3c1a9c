import { expect, test } from "vitest";
import { h } from "../src/dom";
import { I18n } from "../src/i18n";
import { statusBadges, warned } from "../src/views/plans/warned";
import type { PlanOut, PlanResult } from "../src/wire";

const result = (...codes: string[]): PlanResult => ({ warnings: codes.map((code) => ({ code, message: code })), cut_off: "It was killed." }) as unknown as PlanResult;

test("a plan that proves nothing says so before its status", () => {
  const plan = (found: PlanResult): PlanOut => ({ status: "finished", result: found, priority: "normal" }) as unknown as PlanOut;
  const badges = (found: PlanResult): string => h("p", {}, statusBadges(new I18n("en"), plan(found))).textContent ?? "";
  expect(badges(result("bound.none"))).toBe("unproven Finished");
  expect(badges(result("cut_off"))).toBe("Finished");
});

test("a priority is said where it is another than the usual one", () => {
  const badges = (priority: string, language: "en" | "ko"): string =>
    h("p", {}, statusBadges(new I18n(language), { status: "queued", result: null, priority } as unknown as PlanOut)).textContent ?? "";
  expect(badges("high", "en")).toMatch(/ high priority$/);
  expect(badges("low", "ko")).toMatch(/ 우선 순위 낮음$/);
  expect(badges("normal", "en")).not.toContain("priority");
});

test("warnings are shown in order, with why a solve was cut off", () => {
  const shown = h("div", {}, warned(new I18n("en"), result("bound.none", "better.lost", "cut_off")));
  expect([...shown.querySelectorAll("p")].map((one) => one.textContent)).toEqual([
    "The plan has no useful lower bound: others may cost far less.",
    "A better plan had been found, but was lost before it was verified.",
    "The solve was cut off; this is the last plan that was verified. It was killed.",
  ]);
});

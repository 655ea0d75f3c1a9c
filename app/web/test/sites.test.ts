import { expect, test } from "vitest";
import { h } from "../src/dom";
import { I18n } from "../src/i18n";
import { shown } from "../src/views/plans/sites";
import type { SiteCosts } from "../src/wire";

const told: SiteCosts = {
  plan: "p", cost: 1_000, placed_month: 600, unplaced_month: 400, common_month: 0,
  items: [{ site: "plant", workloads: 2, placed_shards: 3, unplaced_shards: 1, placed_month: 600, unplaced_month: 400, cost_by_goal: [] }],
};

test.each(["en", "ko"] as const)("the sites of a plan add up to its cost, by name (%s)", (language) => {
  const page = h("div", {}, shown(new I18n(language), told, new Map([["plant", "Plant"]])));
  const row = [...page.querySelectorAll("tr[data-id=plant] td")].map((cell) => cell.textContent);
  expect(row).toEqual(["Plant", "₩600", "₩400", "2", "3", "1", "₩200"]);
  expect([...page.querySelectorAll("[data-line] dd")].map((line) => line.textContent)).toEqual(["₩600", "₩400", "₩0", "₩1,000"]);
});

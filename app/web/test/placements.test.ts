import { expect, test } from "vitest";
import { I18n } from "../src/i18n";
import { placementsTable } from "../src/views/plans/placements";
import type { NetworkMap, PlacementMap } from "../src/wire";

const map = { nodes: { id: ["hub"], name: ["Hub"], name_ko: ["허브"] }, sites: { id: ["plant"], name: ["Plant"], name_ko: [null] } } as unknown as NetworkMap;

function placed(count: number): PlacementMap {
  const each = <T>(value: (row: number) => T): T[] => Array.from({ length: count }, (_, row) => value(row));
  const last = (row: number): boolean => row === count - 1;
  return {
    sites: ["plant"], nodes: ["hub"], models: ["m"], policies: ["p"], profiles: ["m/card"], statuses: ["placed", "unplaced"],
    shards: {
      workload: each((row) => `w${row}`), shard: each(() => 0), site: each(() => 0), node: each((row) => (last(row) ? -1 : 0)), previous_node: each(() => -1),
      model: each(() => 0), policy: each(() => 0), profile: each((row) => (last(row) ? -1 : 0)), status: each((row) => (last(row) ? 1 : 0)),
      devices: each(() => 5), servers: each((row) => (last(row) ? 0 : 2)), margin_us: each((row) => (last(row) ? null : 1_500)), deadline_us: each(() => 9_000),
    },
  } as unknown as PlacementMap;
}

test.each(["en", "ko"] as const)("all placements are listed by name, with links to the map (%s)", (language) => {
  const list = placementsTable(new I18n(language), placed(2), map, "p1");
  const cells = [...list.querySelectorAll("tr[data-id]")].map((row) => [...row.querySelectorAll("td")].map((cell) => cell.textContent));
  const [hub, put, left] = language === "en" ? ["Hub", "Placed", "Unplaced"] : ["허브", "배치됨", "미배치"];
  expect(cells).toEqual([
    ["w0", "1", put, hub, "Plant", "m/card", "2", new I18n(language).micros(1_500)],
    ["w1", "1", left, "–", "Plant", "–", "–", "–"],
  ]);
  const links = [...list.querySelectorAll("tr[data-id='w0 0'] a")].map((link) => link.getAttribute("href"));
  expect(links).toEqual(["/?plan=p1&workload=w0", "/?plan=p1&node=hub", "/?plan=p1&site=plant"]);
});

test("a hundred thousand of them are as few rows in the page as others", () => {
  const list = placementsTable(new I18n("en"), placed(100_000), map, "");
  expect(list.querySelectorAll("tr[data-id]").length).toBeLessThan(100);
  expect(list.querySelector("table")?.getAttribute("aria-rowcount")).toBe("100001");
});

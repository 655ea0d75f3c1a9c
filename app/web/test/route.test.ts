import { describe, expect, test } from "vitest";
import { day, flag, list, readAll, text, whole, word, words, writeAll } from "../src/params";
import { VIEWS, href, routeOf } from "../src/route";

const SCHEMA = {
  status: word(["any", "running", "failed"], "any"),
  tiers: words(["mec", "metro", "core"]),
  plan: text(),
  sites: list(),
  page: whole(1, 1, 9),
  table: flag(),
  asOf: day(),
};

describe("links from one view to another", () => {
  const sources = import.meta.glob<string>("../src/**/*.ts", { query: "?raw", import: "default", eager: true });
  const source = (file: string): string => sources[file] ?? "";
  /** Where each view says which parameters it reads. */
  const read: Record<string, string> = {
    map: source("../src/views/map/params.ts"),
    plans: source("../src/views/plans/params.ts"),
    capacity: source("../src/views/capacity.ts"),
    refusals: source("../src/views/refusals.ts"),
    events: source("../src/views/events.ts"),
  };
  const links = Object.entries(sources).flatMap(([file, text]) =>
    [...text.matchAll(/href\("(\w+)", \{([^}]*)\}\)/g)].map(([, view = "", given = ""]) => ({
      file,
      view,
      names: given.split(",").map((one) => (one.split(":")[0] ?? "").trim()),
    })),
  );

  test("say nothing that the view does not read", () => {
    expect(links.length).toBeGreaterThan(10);
    for (const { file, view, names } of links) {
      for (const name of names) expect(read[view] ?? "", `${file}: ${name}`).toMatch(new RegExp(`\\b${name}: (text|word|words|whole|flag|day|list)\\(`));
    }
  });

  test("to the form for a plan say so, or a list of plans is shown", () => {
    const terms = links.filter(({ view, names }) => view === "plans" && names.includes("horizon"));
    expect(terms.length).toBeGreaterThan(0);
    for (const { names } of terms) expect(names).toContain("new");
  });
});

describe("the URL", () => {
  test("leaves defaults out", () => {
    expect(writeAll(SCHEMA, readAll(SCHEMA, new URLSearchParams()))).toEqual({});
  });

  test("says every value and gives it back", () => {
    const values = {
      status: "failed",
      tiers: ["mec", "core"],
      plan: "a b&c",
      sites: ["x:1", "y"],
      page: 3,
      table: true,
      asOf: "2026-12-01",
    } as const;
    const link = href("plans", writeAll(SCHEMA, values));
    const route = routeOf(new URL(link, "http://localhost").search);
    expect(route.view).toBe("plans");
    expect(readAll(SCHEMA, route.query)).toEqual(values);
  });

  test.each([
    ["status=gone", "status", "any"],
    ["page=0", "page", 1],
    ["page=2.5", "page", 1],
    ["page=", "page", 1],
    ["asOf=2026-13-41", "asOf", ""],
    ["asOf=2026-02-31", "asOf", ""],
    ["asOf=0000-01-01", "asOf", ""],
    ["tiers=core,moon,mec", "tiers", ["mec", "core"]],
    ["table=yes", "table", false],
  ] as const)("takes %s for what it can be", (query, name, value) => {
    expect(readAll(SCHEMA, new URLSearchParams(query))[name]).toEqual(value);
  });

  test("names every view, and the map without a word", () => {
    for (const view of VIEWS) expect(routeOf(new URL(href(view), "http://localhost").search).view).toBe(view);
    expect(href("map")).toBe("/");
    expect(href("map", { node: "n1", off: "" })).toBe("/?node=n1");
    expect(routeOf("?view=nowhere").view).toBe("map");
  });
});

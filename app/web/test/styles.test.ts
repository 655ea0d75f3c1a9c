/** Styles: what one view says of a class is never said of another view's parts. All sheets are loaded at once. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const VIEWS = join(import.meta.dirname, "../src/views");

/** Classes with which a selector of a sheet begins, and which it so claims wherever they stand. */
function claimed(sheet: string): Set<string> {
  const rules = sheet.replace(/\/\*[\s\S]*?\*\//g, "").matchAll(/([^{}]+)\{/g);
  const selectors = [...rules].flatMap(([, before]) => (before ?? "").split(/,(?![^(]*\))/).map((one) => one.trim()));
  return new Set(selectors.flatMap((one) => /^\.([\w-]+)/.exec(one)?.[1] ?? []));
}

describe("styles of the views", () => {
  const sheets = readdirSync(VIEWS).filter((name) => name.endsWith(".css"));

  it("are read", () => {
    expect(sheets.length).toBeGreaterThanOrEqual(5);
    expect(claimed(".a > b, .c:is(.d, .e) {} /* .f {} */ @media (x) { .g { } }")).toEqual(new Set(["a", "c", "g"]));
  });

  it("claim no class that another view claims", () => {
    const owners = new Map<string, string[]>();
    for (const name of sheets) {
      for (const one of claimed(readFileSync(join(VIEWS, name), "utf8"))) owners.set(one, [...(owners.get(one) ?? []), name]);
    }
    expect([...owners].filter(([, names]) => names.length > 1)).toEqual([]);
  });
});

import { describe, expect, test } from "vitest";
import { Refused } from "../src/api";
import { I18n } from "../src/i18n";
import { day, flag, list, readAll, text, unread, whole, word, words } from "../src/params";
import { failure, otherPlans } from "../src/states";

const PARAMS = { plan: text(), ids: list(), by: word(["tier", "province"], "tier"), tables: words(["a", "b"]), nodes: whole(30, 1, 100), alone: flag(), from: day() };

describe("an address", () => {
  test("says by name what of it cannot be read, whatever it is", () => {
    const query = new URLSearchParams("by=moon&tables=a,c&nodes=0&alone=yes&from=2026-02-31&plan=x&ids=a,b&other=1");
    expect(unread(PARAMS, query)).toEqual(["by=moon", "tables=a,c", "nodes=0", "alone=yes", "from=2026-02-31"]);
    expect(readAll(PARAMS, query)).toMatchObject({ by: "tier", nodes: 30, alone: false, from: "", plan: "x" });
  });

  test("is read whole where it says what there is, the defaults included", () => {
    expect(unread(PARAMS, new URLSearchParams("by=tier&tables=b&nodes=30&alone=0&from=2026-02-28&nodes="))).toEqual([]);
  });

  test.each(["en", "ko"] as const)("that names a plan which there is not is led on from (%s)", (language) => {
    const i18n = new I18n(language);
    const problem = { type: "", title: "", detail: "There is no plan 'x'.", instance: "/v1/capacity", errors: [] };
    const links = (status: number, code: string): (string | null)[] => {
      const told = failure(i18n, new Refused({ ...problem, status, code }), () => undefined, otherPlans(i18n, "capacity"));
      return [...told.querySelectorAll("a")].map((link) => link.getAttribute("href"));
    };
    expect(links(404, "not_found")).toEqual(["/?view=capacity", "/?view=capacity&plan=latest"]);
    expect(links(422, "invalid")).toHaveLength(2);
    expect(links(503, "busy")).toEqual([]);
  });
});

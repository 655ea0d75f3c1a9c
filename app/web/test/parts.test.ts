import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Refused, Unreachable } from "../src/api";
import { fill, h } from "../src/dom";
import { I18n } from "../src/i18n";
import { PROVINCES, provinceFeatures } from "../src/outline";
import { region } from "../src/states";
import { table } from "../src/table";

const i18n = new I18n("en");

beforeEach(() => fill(document.body));

describe("elements", () => {
  test("take properties, attributes, listeners and text that is never HTML", () => {
    const pressed = vi.fn();
    const button = h("button", { type: "button", class: "plain", "aria-pressed": false, disabled: undefined, on: { click: pressed } }, "<b>", 7, null, false, ["x"]);
    button.click();
    expect(pressed).toHaveBeenCalledOnce();
    expect(button.textContent).toBe("<b>7x");
    expect(button.getAttribute("aria-pressed")).toBe("false");
    expect(button.className).toBe("plain");
  });
});

describe("tables", () => {
  interface Row {
    id: string;
    size: number | null;
  }
  const make = (rows: Row[], onSort?: (sort: { key: string; descending: boolean }) => void) =>
    table<Row>(
      {
        i18n,
        caption: "Rows",
        columns: [
          { key: "id", label: "Id", value: (row) => row.id },
          { key: "size", label: "Size", align: "end", value: (row) => row.size },
        ],
        id: (row) => row.id,
        href: (row) => `/?row=${row.id}`,
        ...(onSort ? { onSort } : {}),
      },
      rows,
    );
  const ids = (element: HTMLElement): string[] => [...element.querySelectorAll("tr[data-id]")].map((row) => row.getAttribute("data-id") ?? "");

  test("sort by a heading, either way, with what is empty last", () => {
    const sorts: unknown[] = [];
    const { element } = make([{ id: "a", size: 2 }, { id: "b", size: null }, { id: "c", size: 10 }], (sort) => sorts.push(sort));
    document.body.append(element);
    const size = [...element.querySelectorAll("button")].find((one) => one.textContent === "Size");
    expect(ids(element)).toEqual(["a", "b", "c"]);
    size?.click();
    expect(ids(element)).toEqual(["c", "a", "b"]);
    expect(size?.closest("th")?.getAttribute("aria-sort")).toBe("descending");
    size?.click();
    expect(ids(element)).toEqual(["a", "c", "b"]);
    expect(sorts).toEqual([{ key: "size", descending: true }, { key: "size", descending: false }]);
  });

  test("keep only what is in sight of 100,000 rows in the page, and say how many there are", () => {
    const rows = Array.from({ length: 100_000 }, (_, i) => ({ id: `n${i}`, size: i }));
    const { element, select } = make(rows);
    document.body.append(element);
    expect(ids(element).length).toBeLessThan(100);
    expect(element.querySelector("table")?.getAttribute("aria-rowcount")).toBe("100001");
    expect(element.textContent).toContain("100,000 rows");
    select("n70000");
    expect(element.querySelector('tr[aria-selected="true"]')?.getAttribute("data-id")).toBe("n70000");
    expect(element.querySelector('tr[data-id="n70000"]')?.getAttribute("aria-rowindex")).toBe("70002");
  });

  test("move between the rows' links by key", () => {
    const { element } = make(Array.from({ length: 50 }, (_, i) => ({ id: `n${i}`, size: i })));
    document.body.append(element);
    const press = (key: string): string | undefined => {
      document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
      return document.activeElement?.textContent;
    };
    element.querySelector<HTMLElement>('tr[data-id="n0"] a')?.focus();
    expect(press("ArrowDown")).toBe("n1");
    expect(press("End")).toBe("n49");
    expect(press("ArrowDown")).toBe("n49");
    expect(press("Home")).toBe("n0");
  });
});

describe("regions", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("show loading after a moment, then what was found; the same object is not drawn twice", async () => {
    const root = h("div");
    const found = { name: "x" };
    const render = vi.fn((value: { name: string }) => value.name);
    let answer: (value: { name: string }) => void = () => undefined;
    const part = region(root, i18n, (progress) => {
      progress(3, 4);
      return new Promise<{ name: string }>((done) => (answer = done));
    }, render);
    const first = part.load();
    expect(root.textContent).toBe("");
    vi.advanceTimersByTime(200);
    expect(root.textContent).toContain("Loading");
    expect(root.querySelector("progress")?.value).toBe(0.75);
    answer(found);
    await first;
    expect(root.textContent).toBe("x");
    const second = part.load();
    vi.advanceTimersByTime(200);
    expect(root.textContent).toBe("x");
    answer(found);
    await second;
    expect(render).toHaveBeenCalledOnce();
  });

  test("show the service's sentence, and load again when asked to", async () => {
    const root = h("div");
    const problem = { type: "t", title: "Not now", status: 503, code: "busy", detail: "The store is busy.", instance: "/", errors: [] };
    const answers: (() => string)[] = [
      () => { throw new Refused(problem); },
      () => { throw new Unreachable("gone"); },
      () => "good",
    ];
    const part = region(root, i18n, async () => (answers.shift() as () => string)(), (text) => text);
    await part.load();
    expect(root.querySelector('[role="alert"]')?.textContent).toContain("The store is busy.");
    root.querySelector("button")?.click();
    await vi.advanceTimersByTimeAsync(0);
    expect(root.textContent).toContain("The service does not answer.");
    root.querySelector("button")?.click();
    await vi.advanceTimersByTimeAsync(0);
    expect(root.textContent).toBe("good");
  });

  test("show the newest load only", async () => {
    const root = h("div");
    const waiting: ((text: string) => void)[] = [];
    const part = region(root, i18n, () => new Promise<string>((done) => waiting.push(done)), (text) => text);
    const both = [part.load(), part.load()];
    waiting[1]?.("new");
    waiting[0]?.("old");
    await Promise.all(both);
    expect(root.textContent).toBe("new");
  });
});

describe("the outline", () => {
  test("unpacks to closed rings within Korea, a feature a province", () => {
    const { features } = provinceFeatures();
    expect(features.map((one) => one.properties.name)).toEqual(PROVINCES.map((one) => one.code));
    expect(features).toHaveLength(17);
    for (const { geometry } of features) {
      for (const ring of geometry.coordinates.flat()) {
        expect(ring.length).toBeGreaterThan(3);
        expect(ring.at(-1)).toEqual(ring[0]);
        for (const [lon, lat] of ring) {
          expect(lon > 124 && lon < 132 && lat > 33 && lat < 39).toBe(true);
        }
      }
    }
  });
});

/** What tables do beside showing rows: find, save, print, and say what they hide. */
import { beforeEach, describe, expect, test, vi } from "vitest";
import { fill, h } from "../src/dom";
import { I18n } from "../src/i18n";
import { PRINTING } from "../src/printing";
import * as saving from "../src/saving";
import { MOST_PRINTED, gridSaver, gridSearch, table, tableView, type Column, type TableOptions } from "../src/table";

const i18n = new I18n("en");
const saved = vi.spyOn(saving, "saveCsv").mockImplementation(() => undefined);

interface Row {
  id: string;
  size: number | null;
  state?: number;
}
const columns: Column<Row>[] = [
  { key: "id", label: "Id", value: (row) => row.id },
  { key: "size", label: "Size", align: "end", value: (row) => row.size, cell: (row) => (row.size === null ? "–" : `${row.size} kW`) },
  { key: "state", label: "State", value: (row) => row.state ?? 0, cell: (row) => h("b", {}, (row.state ?? 0) > 0 ? "Failed" : "Active"), href: (row) => `/?node=${row.id}` },
];
function make(rows: Row[], more: Partial<TableOptions<Row>> = {}): HTMLElement {
  const { element } = table<Row>({ i18n, caption: "Rows", columns, id: (row) => row.id, ...more }, rows);
  document.body.append(element);
  return element;
}
const numbered = (count: number): Row[] => Array.from({ length: count }, (_, i) => ({ id: `n${i}`, size: i, state: i % 2 }));
const ids = (element: HTMLElement): (string | null)[] => [...element.querySelectorAll("tr[data-id]")].map((row) => row.getAttribute("data-id"));
function find(element: HTMLElement, words: string): void {
  const field = element.querySelector<HTMLInputElement>('input[type="search"]');
  if (!field) throw new Error("no field");
  field.value = words;
  field.dispatchEvent(new Event("input"));
}
async function csvOf(element: HTMLElement): Promise<string[]> {
  saved.mockClear();
  element.querySelector<HTMLElement>(".table-keep button")?.click();
  await vi.waitFor(() => expect(saved).toHaveBeenCalledOnce());
  return (saved.mock.calls[0]?.[1] ?? "").split("\r\n");
}

beforeEach(() => fill(document.body));

describe("finding", () => {
  test("shows the rows that say all words, as they are shown, and counts them, however many there are", async () => {
    const element = make(numbered(5_000));
    const clock = vi.spyOn(performance, "now");
    let passed = 0;
    clock.mockImplementation(() => (passed += 1_000)); // no moment is long enough for all rows
    find(element, "FAILED  77 kw");
    clock.mockRestore();
    expect(element.querySelector('[role="status"]')?.getAttribute("aria-busy")).toBe("true");
    const wanted = numbered(5_000).filter((row) => row.state === 1 && String(row.size).includes("77"));
    const said = `${i18n.number(wanted.length)} of 5,000 rows`;
    await vi.waitFor(() => expect(element.querySelector('[role="status"]')?.textContent).toBe(said), { timeout: 60_000 });
    expect(element.querySelector('[role="status"]')?.hasAttribute("aria-busy")).toBe(false);
    expect(ids(element).slice(0, 3)).toEqual(["n77", "n177", "n277"]);
    find(element, "no such");
    expect(ids(element)).toEqual([]);
    find(element, "");
    expect(element.querySelector("table")?.getAttribute("aria-rowcount")).toBe("5001");
  }, 60_000);

  test("goes on while rows change, and is offered only where there are many", () => {
    const { element, update } = table<Row>({ i18n, caption: "Rows", columns, id: (row) => row.id }, numbered(30));
    const search = element.querySelector<HTMLElement>(".table-search");
    expect(search?.hidden).toBe(false);
    find(element, "n7");
    update([{ id: "n7", size: 1 }, { id: "x", size: 2 }]);
    expect(ids(element)).toEqual(["n7"]);
    expect(search?.hidden).toBe(false);
    find(element, "");
    expect(ids(element)).toEqual(["n7", "x"]);
    expect(search?.hidden).toBe(true);
  });
});

describe("saving", () => {
  test("gives all rows, not only those in sight, numbers as numbers and what is shown in their place", async () => {
    const lines = await csvOf(make(numbered(1_000)));
    expect(lines.slice(0, 3)).toEqual(["Id,Size,Size (number),State", "n0,0 kW,0,Active", "n1,1 kW,1,Failed"]);
    expect(lines).toHaveLength(1_002);
    expect(saved.mock.calls[0]?.[0]).toBe("Rows");
  });

  test("gives units in headings where they are known, and columns that only files have", async () => {
    const more: Column<Row>[] = [{ ...(columns[1] as Column<Row>), unit: "kW" }, { key: "raw", label: "Raw", fileOnly: true, value: (row) => row.id }];
    const element = make([{ id: "a", size: null }, { id: "b", size: -2 }], { columns: more });
    expect(element.querySelectorAll("th")).toHaveLength(1);
    expect(await csvOf(element)).toEqual(["Size (kW),Raw", ",a", "-2,b", ""]);
  });

  test("gives what was found, sorted as shown; with pages, all of them", async () => {
    const element = make(numbered(40), { all: async () => numbered(41) });
    expect(await csvOf(element)).toHaveLength(43);
    element.querySelectorAll<HTMLElement>("th button")[1]?.click();
    find(element, "n1 failed");
    const lines = await csvOf(element);
    expect(lines[1]).toBe("n19,19 kW,19,Failed");
    expect(lines).toHaveLength(8);
    expect(element.querySelector(".table-keep button")?.textContent).toBe("Save 6 rows as CSV");
  });

  test("takes the sting out of what a spreadsheet would carry out, and quotes the rest", () => {
    const cells = ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "＝1", 'a "b"', "a,b", "a\nb", -5, null, "safe"];
    const safe = ["'=1+1", "'+1", "'-1", "'@x", "'\t=1", "'=1", "'＝1", '"a ""b"""', '"a,b"', '"a\nb"', "-5", "", "safe"];
    expect(saving.csvLines([cells])).toBe(`${safe.join(",")}\r\n`);
  });
});

test("a table that was made by hand is saved as it reads", () => {
  const grid = h("table", {}, h("tr", {}, h("th", {}, "Tier"), h("th", {}, "Cards")), h("tr", {}, h("td", {}, "Core"), h("td", {}, h("b", {}, "33%"), h("i", {}, "1 / 3"))));
  saved.mockClear();
  gridSaver(i18n, () => grid, () => "Use").click();
  expect(saved.mock.calls).toEqual([["Use", "Tier,Cards\r\nCore,33% 1 / 3\r\n"]]);
});

describe("rows", () => {
  test("are sorted by the size of what changes, whichever way", () => {
    const element = make([{ id: "a", size: -9 }, { id: "b", size: 3 }, { id: "c", size: null }], {
      columns: [columns[0] as Column<Row>, { ...(columns[1] as Column<Row>), by: (row) => (row.size === null ? null : Math.abs(row.size)) }],
    });
    element.querySelectorAll<HTMLElement>("th button")[1]?.click();
    expect(ids(element)).toEqual(["a", "b", "c"]);
  });

  test("have links to what they name", () => {
    const element = make([{ id: "a", size: 1 }], { href: () => "/?plan=a" });
    expect([...element.querySelectorAll("td a")].map((one) => one.getAttribute("href"))).toEqual(["/?plan=a", "/?node=a"]);
  });
});

describe("paper", () => {
  const print = (element: HTMLElement, detail: boolean): boolean => element.dispatchEvent(new CustomEvent(PRINTING, { detail }));

  test("has all rows, up to a limit that is told", () => {
    const element = make(numbered(6_000), { columns: columns.slice(0, 1) });
    const told = element.querySelector<HTMLElement>(".table-unprinted");
    expect(ids(element).length).toBeLessThan(100);
    print(element, true);
    expect(ids(element)).toHaveLength(MOST_PRINTED);
    expect(element.querySelectorAll("tr.room")).toHaveLength(0);
    expect(told?.hidden).toBe(false);
    expect(told?.textContent).toBe("The first 5,000 of 6,000 rows are printed; the saved file has all.");
    print(element, false);
    expect(ids(element).length).toBeLessThan(100);
    expect(told?.hidden).toBe(true);
  }, 60_000);
});

describe("what does not fit", () => {
  test("is counted at the edge, for eyes and ears", () => {
    const { element, update } = table<Row>({ i18n, caption: "Rows", columns, id: (row) => row.id }, []);
    document.body.append(element);
    const scroll = element.querySelector<HTMLElement>(".table-scroll");
    const more = element.querySelector<HTMLElement>(".table-more");
    expect(more?.hidden).toBe(true);
    const box = (right: number) => () => ({ right }) as DOMRect;
    if (scroll) scroll.getBoundingClientRect = box(150);
    element.querySelectorAll("th").forEach((one, i) => (one.getBoundingClientRect = box(100 * (i + 1))));
    update([{ id: "a", size: 1 }]);
    expect(more?.hidden).toBe(false);
    expect(more?.textContent).toBe("+2 →2 more columns");
    expect(scroll?.getAttribute("aria-describedby")).toBe(more?.id);
    expect(element.querySelector(".table-view")?.classList.contains("more-after")).toBe(true);
  });
});

describe("tables that were made by hand", () => {
  const name = "by-hand";
  const grid = (count: number): HTMLTableElement =>
    h("table", {}, h("thead", {}, h("tr", {}, h("th", {}, "a"))), h("tbody", {}, Array.from({ length: count }, (_, i) => h("tr", {}, h("td", {}, `Row ${i}`)))));

  test("are searched by what they show where they have many rows", () => {
    const made = grid(30);
    const search = gridSearch(i18n, made, name);
    search.look();
    expect(search.element.hidden).toBe(false);
    const field = search.element.querySelector("input") as HTMLInputElement;
    field.value = "ROW 29";
    field.dispatchEvent(new Event("input"));
    expect([...made.querySelectorAll("tbody tr")].filter((row) => !(row as HTMLElement).hidden).map((row) => row.textContent)).toEqual(["Row 29"]);
    expect(search.element.textContent).toContain("30");
    const few = gridSearch(i18n, grid(3), name);
    few.look();
    expect(few.element.hidden).toBe(true);
  });

  test("count the columns beyond the edge", () => {
    const { view, scroll, edges } = tableView(i18n, grid(1), name);
    const at = (right: number) => () => ({ right }) as DOMRect;
    scroll.getBoundingClientRect = at(100);
    for (const heading of view.querySelectorAll("th")) heading.getBoundingClientRect = at(200);
    edges();
    expect(view.querySelector("button")?.hidden).toBe(false);
    expect(view.querySelector("button")?.textContent).toContain("+1");
  });
});

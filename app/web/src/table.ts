/**
 * Tables: sortable, searchable, keyboard-friendly, and quick with 100,000 rows, since only those in sight are in the page.
 *
 * All rows have one height (`--row`). Up, Down, Page Up, Page Down, Home and End move between the rows' first links. What
 * does not fit beside is counted at the edge, all rows can be saved as a file, and on paper they all stand, up to a limit.
 */
import { attribute, fill, h, newId, spoken, textOf, type Child } from "./dom";
import type { I18n } from "./i18n";
import { PRINTING, type Printing } from "./printing";
import { csvLines, saveCsv, type Cell } from "./saving";
import { sentence } from "./states";

export interface Column<Row> {
  key: string;
  label: string;
  /** What the column sorts by and, without `cell`, shows. */
  value(row: Row): string | number | null | undefined;
  /** What is shown instead; text, a link, a badge. */
  cell?(row: Row): Child;
  /** What it sorts by instead, such as the size of a change whichever way it goes. */
  by?(row: Row): string | number | null | undefined;
  /** Where the page of what the cell names is. */
  href?(row: Row): string | null;
  /** Numbers stand to the right. */
  align?: "end";
  /** Whether a heading cannot be pressed. */
  fixed?: boolean;
  /** Whether it stands in the saved file alone, such as an id whose name is shown. */
  fileOnly?: boolean;
  /** In a saved file: the unit of its numbers. Without one, what is shown in place of a number stands beside it. */
  unit?: string;
}

export interface Sort {
  key: string;
  descending: boolean;
}

export interface TableOptions<Row> {
  i18n: I18n;
  caption: string;
  columns: readonly Column<Row>[];
  /** What a row is; rows of one id are the same row after {@link Table.update}. */
  id(row: Row): string;
  /** Where the first cell of a row leads to. */
  href?(row: Row): string | null;
  /** As the rows come, until a heading is pressed, if it is left out. */
  sort?: Sort | null;
  /** Told when a heading is pressed, to have the URL say it. */
  onSort?(sort: Sort): void;
  /** Shown in place of no rows. */
  empty?: Child;
  /** Whether the caption is for screen readers alone, since a heading beside the table says it already. */
  quietCaption?: boolean;
  /** What else stands in the heading. */
  extra?: HTMLElement;
  /** Read all rows for a file, where those given are the first of more. */
  all?(): Promise<readonly Row[]>;
}

export interface Table<Row> {
  element: HTMLElement;
  /** Show other rows; the place in the list and the focus stay. */
  update(rows: readonly Row[]): void;
  /** Mark a row, and have it in sight. */
  select(id: string | null): void;
}

const ROW_PX = 32;
const SPARE_ROWS = 12;
/** Up to this many rows all are in the page, so that the browser's own search finds them. */
const MOST_WHOLE = 300;
/** Up to this many rows are printed; they make about a hundred pages. */
export const MOST_PRINTED = 5_000;
/** A table with more columns than this is printed on its side. */
const MOST_UPRIGHT = 8;
/** Tables with more rows than this can be searched. */
const FEW = 20;
/** How long rows are read at once for a search, and how many between looks at the clock. */
const READING_MS = 30;
const READ_ROWS = 50;
/** What reaches less than this beyond the edge is not hidden. */
const SLIGHT_PX = 8;

/** Make a table. */
export function table<Row>(options: TableOptions<Row>, rows: readonly Row[] = []): Table<Row> {
  const { i18n } = options;
  const columns = options.columns.filter((column) => !column.fileOnly);
  let sort = options.sort ?? null;
  let given = rows;
  /** Places of the rows in their order, and of those among them that are shown. */
  let order: readonly number[] = [];
  let shown: readonly number[] = [];
  /** What each row says, for the search; made piece by piece once somebody searches. */
  let texts: string[] = [];
  let reading = 0;
  let words: readonly string[] = [];
  let selected: string | null = null;
  let printing = false;
  let from = -1;
  let to = -1;

  const name = newId("caption");
  const headings = columns.map((column) => heading(column));
  const body = h("tbody");
  const head = h(
    "div",
    { class: options.quietCaption ? "spoken" : "card-head" },
    options.quietCaption ? h("span", { id: name }, options.caption) : h("h2", { id: name }, options.caption),
    options.extra,
  );
  const grid = h(
    "table",
    { class: "table", "aria-labelledby": name },
    h("thead", {}, h("tr", { "aria-rowindex": 1 }, headings)),
    body,
  );
  const { view, scroll, edges } = tableView(i18n, grid, name);
  const field = h("input", { type: "search", "aria-label": i18n.t("table.find"), "aria-describedby": name, placeholder: i18n.t("table.find"), on: { input: () => find() } });
  const hits = h("span", { class: "quiet small number", role: "status" });
  const search = h("div", { class: "bar table-search", hidden: true }, field, hits);
  const foot = h("div", { class: "table-foot" });
  const unprinted = h("span", { class: "small table-unprinted", hidden: true });
  const keep = h("button", { type: "button", class: "plain", on: { click: () => void saveAll() } });
  const kept = h("span", { class: "small quiet", role: "status" });
  const element = h("div", { class: `table-part${columns.length > MOST_UPRIGHT ? " many" : ""}` }, head, search, view, h("div", { class: "bar table-end" }, foot, unprinted, h("span", { class: "end table-keep" }, kept, keep)));
  scroll.addEventListener("scroll", () => draw(), { passive: true });
  scroll.addEventListener("keydown", (event) => move(event));
  element.addEventListener(PRINTING, (event) => print((event as Printing).detail));
  const sizes = new ResizeObserver(() => draw());
  sizes.observe(scroll);
  sizes.observe(grid);

  function heading(column: Column<Row>): HTMLTableCellElement {
    const inside = column.fixed
      ? h("span", {}, column.label)
      : h("button", { type: "button", on: { click: () => press(column) } }, column.label);
    return h("th", { scope: "col", class: column.align }, inside);
  }

  function press(column: Column<Row>): void {
    const numeric = column.align === "end";
    sort = { key: column.key, descending: sort?.key === column.key ? !sort.descending : numeric };
    arrange();
    scroll.scrollTop = 0;
    draw(true);
    options.onSort?.(sort);
  }

  function rowOf(place: number): Row {
    return given[place] as Row;
  }

  /** Put the rows in order; empty values always come last. */
  function arrange(): void {
    columns.forEach((column, i) => {
      const said = sort?.key === column.key ? (sort.descending ? "descending" : "ascending") : null;
      if (said) headings[i]?.setAttribute("aria-sort", said);
      else headings[i]?.removeAttribute("aria-sort");
    });
    const column = columns.find((one) => one.key === sort?.key);
    if (!column || !sort) {
      order = given.map((_, i) => i);
    } else {
      const way = sort.descending ? -1 : 1;
      const keys = given.map((row) => (column.by ? column.by(row) : column.value(row)) ?? null);
      order = keys.map((_, i) => i).sort((i, j) => {
        const [a = null, b = null] = [keys[i], keys[j]];
        if (a === b) return i - j;
        if (a === null || b === null) return a === null ? 1 : -1;
        return (a < b ? -1 : 1) * way;
      });
    }
    narrow();
  }

  /** Show the rows that say all words that are looked for. */
  function narrow(): void {
    shown = words.length === 0 ? order : order.filter((place) => words.every((word) => texts[place]?.includes(word)));
    grid.setAttribute("aria-rowcount", String(shown.length + 1));
    const [count, all] = [i18n.number(shown.length), i18n.number(given.length)];
    hits.textContent = words.length === 0 ? "" : i18n.t("table.hits", { count, all });
    keep.textContent = words.length === 0 ? i18n.t("table.save") : i18n.t("table.saveHits", { count });
    search.hidden = given.length <= FEW && words.length === 0;
    keep.hidden = shown.length === 0;
    fill(foot, given.length === 0 ? (options.empty ?? i18n.t("table.none")) : i18n.t("table.rows", { count: all }));
  }

  function find(): void {
    words = wordsOf(field.value);
    scroll.scrollTop = 0;
    read();
  }

  /** Learn what the rows say, as far as a moment allows, and go on in the next one: typing is never held up. */
  function read(): void {
    window.clearTimeout(reading);
    const until = performance.now() + READING_MS;
    while (words.length > 0 && texts.length < given.length && performance.now() < until) {
      for (const row of given.slice(texts.length, texts.length + READ_ROWS)) texts.push(plain(columns.map((column) => said(column, row)).join("\n")));
    }
    const goesOn = words.length > 0 && texts.length < given.length;
    if (goesOn) reading = window.setTimeout(read);
    attribute(hits, "aria-busy", goesOn ? true : null); // only the last count is read out
    narrow();
    draw(true);
  }

  /** Have the rows in sight, and some beside them, in the page; all of them on paper. */
  function draw(anew = false): void {
    const most = printing ? MOST_PRINTED : MOST_WHOLE;
    const whole = printing || shown.length <= most;
    const first = Math.floor(scroll.scrollTop / ROW_PX);
    const seen = Math.ceil((scroll.clientHeight || 600) / ROW_PX);
    const start = whole ? 0 : Math.max(0, Math.min(first, shown.length - seen) - SPARE_ROWS);
    const end = whole ? Math.min(shown.length, most) : Math.min(shown.length, start + seen + 2 * SPARE_ROWS);
    if (!anew && start === from && end === to) return;
    const focused = anew || (from <= start && start < to) || (from < end && end <= to) ? focusedRow() : null;
    [from, to] = [start, end];
    const lines = shown.slice(start, end).map((place, i) => line(rowOf(place), start + i));
    fill(body, start > 0 && room(start), lines, end < shown.length && !printing && room(shown.length - end));
    if (focused !== null) linkOf(focused)?.focus({ preventScroll: true });
  }

  function print(now: boolean): void {
    printing = now;
    unprinted.hidden = !now || shown.length <= MOST_PRINTED;
    unprinted.textContent = i18n.t("table.unprinted", { count: i18n.number(MOST_PRINTED), all: i18n.number(shown.length) });
    draw(true);
  }

  function room(count: number): HTMLElement {
    const cell = h("td", { colSpan: columns.length, style: { height: `${count * ROW_PX}px` } });
    return h("tr", { class: "room", "aria-hidden": true }, cell);
  }

  function line(row: Row, index: number): HTMLElement {
    const id = options.id(row);
    return h(
      "tr",
      { "data-id": id, "aria-rowindex": index + 2, "aria-selected": id === selected ? true : null },
      columns.map((column, i) => {
        const value = column.value(row);
        const inside = column.cell ? column.cell(row) : shownAs(value);
        const link = column.href?.(row) ?? (i === 0 ? options.href?.(row) : null);
        return h("td", { class: column.align, title: typeof value === "string" ? value : "" }, link ? h("a", { href: link }, inside) : inside);
      }),
    );
  }

  function shownAs(value: string | number | null | undefined): string {
    return typeof value === "number" ? i18n.number(value, 2) : (value ?? i18n.t("common.none"));
  }

  /** What a cell says. */
  function said(column: Column<Row>, row: Row): string {
    return column.cell ? textOf(column.cell(row)) : shownAs(column.value(row));
  }

  /** Have the browser keep all rows that are shown, not only those in sight, as they are sorted. */
  async function saveAll(): Promise<void> {
    keep.disabled = true;
    fill(kept);
    try {
      const rows = words.length === 0 && options.all ? await options.all() : shown.map(rowOf);
      saveCsv(grid.ownerDocument.getElementById(name)?.textContent ?? options.caption, csv(rows));
    } catch (error) {
      fill(kept, sentence(i18n, error));
    } finally {
      keep.disabled = false;
    }
  }

  /** Numbers are numbers in a file; what is shown in their place stands beside them, unless their unit is known. */
  function csv(rows: readonly Row[]): string {
    const fields = options.columns.flatMap((column): { label: string; of(row: Row): Cell }[] => {
      const label = column.unit === undefined ? column.label : `${column.label} (${column.unit})`;
      const field = { label, of: (row: Row): Cell => column.value(row) ?? null };
      const numeric = rows.some((row) => typeof column.value(row) === "number");
      if (!column.cell || !numeric || column.unit !== undefined) return [field];
      const spelled = { label, of: (row: Row): Cell => ((column.value(row) ?? null) === null ? null : said(column, row)) };
      return column.align === "end" ? [spelled, { label: i18n.t("table.asNumber", { label }), of: field.of }] : [spelled];
    });
    return csvLines([fields.map((field) => field.label), ...rows.map((row) => fields.map((field) => field.of(row)))]);
  }

  function rowAt(index: number): HTMLElement | null {
    return body.querySelector(`tr[aria-rowindex="${index + 2}"]`);
  }

  function focusedRow(): string | null {
    const row = document.activeElement?.closest("tr");
    return row && body.contains(row) ? (row.dataset["id"] ?? null) : null;
  }

  function linkOf(id: string): HTMLElement | null {
    return body.querySelector(`tr[data-id="${CSS.escape(id)}"] a, tr[data-id="${CSS.escape(id)}"] button`);
  }

  function placeOf(id: string): number {
    return shown.findIndex((place) => options.id(rowOf(place)) === id);
  }

  function move(event: KeyboardEvent): void {
    const page = Math.max(1, Math.floor(scroll.clientHeight / ROW_PX) - 2);
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    const step = steps[event.key];
    if (step === undefined || shown.length === 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    const id = focusedRow();
    if (id === null) return; // the browser scrolls
    event.preventDefault();
    reveal(Math.max(0, Math.min(shown.length - 1, placeOf(id) + step)))?.querySelector<HTMLElement>("a, button")?.focus({ preventScroll: true });
  }

  /** Have a row in sight, below the headings. */
  function reveal(index: number): HTMLElement | null {
    const top = index * ROW_PX;
    const room = scroll.clientHeight - 3 * ROW_PX;
    if (top < scroll.scrollTop) scroll.scrollTop = top;
    else if (top > scroll.scrollTop + room) scroll.scrollTop = top - room;
    draw();
    return rowAt(index);
  }

  function update(next: readonly Row[]): void {
    given = next;
    texts = [];
    arrange();
    if (words.length > 0) read();
    else draw(true);
    edges();
  }

  function select(id: string | null): void {
    selected = id;
    for (const row of body.querySelectorAll("tr[aria-selected]")) row.removeAttribute("aria-selected");
    if (id === null) return;
    const index = placeOf(id);
    if (index >= 0) reveal(index)?.setAttribute("aria-selected", "true");
  }

  update(rows);
  return { element, update, select };
}

/** A text as it is looked for: the same letters in the same form, large or small. */
function plain(text: string): string {
  return text.normalize("NFC").toLowerCase();
}

/** What a table scrolls in: at its edge the columns beyond it are counted, and one press goes on to them. */
export function tableView(i18n: I18n, grid: HTMLTableElement, name: string): { view: HTMLElement; scroll: HTMLElement; edges(): void } {
  const hidden = h("button", { type: "button", class: "table-more", hidden: true, id: newId("more"), on: { click: () => beside() } });
  const scroll = h("div", { class: "table-scroll", tabIndex: 0, role: "region", "aria-labelledby": name }, grid);
  const view = h("div", { class: "table-view" }, scroll, hidden);

  /** Count the columns beyond the edge, and say on which side there is more. */
  function edges(): void {
    const box = scroll.getBoundingClientRect();
    const beyond = [...grid.querySelectorAll("thead th")].filter((one) => one.getBoundingClientRect().right > box.right + SLIGHT_PX).length;
    view.classList.toggle("more-before", scroll.scrollLeft > SLIGHT_PX);
    view.classList.toggle("more-after", beyond > 0);
    hidden.hidden = beyond === 0;
    if (beyond === 0) scroll.removeAttribute("aria-describedby");
    else scroll.setAttribute("aria-describedby", hidden.id);
    fill(hidden, h("span", { "aria-hidden": true }, `+${i18n.number(beyond)} →`), spoken(i18n.t(beyond === 1 ? "table.beyond.one" : "table.beyond.many", { count: i18n.number(beyond) })));
  }

  /** Go on to the columns beyond the edge. */
  function beside(): void {
    scroll.scrollLeft += Math.max(ROW_PX, scroll.clientWidth - 4 * ROW_PX);
    scroll.focus({ preventScroll: true });
  }

  scroll.addEventListener("scroll", edges, { passive: true });
  const sizes = new ResizeObserver(edges);
  sizes.observe(scroll);
  sizes.observe(grid);
  return { view, scroll, edges };
}

/** A search in a table which was made by hand: rows that do not say all words are out of sight. Few rows need none. */
export function gridSearch(i18n: I18n, grid: HTMLTableElement, name: string): { element: HTMLElement; look(): void } {
  const field = h("input", { type: "search", "aria-label": i18n.t("table.find"), "aria-describedby": name, placeholder: i18n.t("table.find"), on: { input: () => look() } });
  const hits = h("span", { class: "quiet small number", role: "status" });
  const element = h("div", { class: "bar table-search", hidden: true }, field, hits);

  function look(): void {
    const rows = [...grid.querySelectorAll<HTMLTableRowElement>("tbody > tr")];
    const words = wordsOf(field.value);
    for (const row of rows) row.hidden = !words.every((word) => plain(row.textContent ?? "").includes(word));
    const count = rows.filter((row) => !row.hidden).length;
    hits.textContent = words.length === 0 ? "" : i18n.t("table.hits", { count: i18n.number(count), all: i18n.number(rows.length) });
    element.hidden = rows.length <= FEW && words.length === 0;
  }
  return { element, look };
}

/** The words that are looked for. */
function wordsOf(said: string): string[] {
  return plain(said).split(/\s+/).filter((word) => word !== "");
}

/** A button that saves a table which was made by hand, as it stands in the page. */
export function gridSaver(i18n: I18n, grid: () => HTMLTableElement | null, title: () => string): HTMLButtonElement {
  const press = (): void => {
    const lines = [...(grid()?.rows ?? [])].map((row) => [...row.cells].map((cell) => spokenText(cell)));
    saveCsv(title(), csvLines(lines));
  };
  return h("button", { type: "button", class: "plain", on: { click: press } }, i18n.t("table.save"));
}

/** The texts of a cell, parted by spaces as its parts are by room. */
function spokenText(cell: HTMLElement): string {
  const texts: string[] = [];
  const walk = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) texts.push((walk.currentNode.textContent ?? "").trim());
  return texts.filter((text) => text !== "").join(" ");
}

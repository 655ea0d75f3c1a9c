/**
 * Tables: sortable, keyboard-friendly, and quick with 100,000 rows, since only those in sight are in the page.
 *
 * All rows have one height (`--row`). Up, Down, Page Up, Page Down, Home and End move between the rows' first links.
 */
import { fill, h, newId, type Child } from "./dom";
import type { I18n } from "./i18n";

export interface Column<Row> {
  key: string;
  label: string;
  /** What the column sorts by and, without `cell`, shows. */
  value(row: Row): string | number | null | undefined;
  /** What is shown instead; text, a link, a badge. */
  cell?(row: Row): Child;
  /** Numbers stand to the right. */
  align?: "end";
  /** Whether a heading cannot be pressed. */
  fixed?: boolean;
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

/** Make a table. */
export function table<Row>(options: TableOptions<Row>, rows: readonly Row[] = []): Table<Row> {
  const { i18n, columns } = options;
  let sort = options.sort ?? null;
  let given = rows;
  let shown: readonly Row[] = rows;
  let selected: string | null = null;
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
  const scroll = h("div", { class: "table-scroll", tabIndex: 0, role: "region", "aria-labelledby": name }, grid);
  const foot = h("div", { class: "table-foot" });
  const element = h("div", { class: "table-part" }, head, scroll, foot);
  scroll.addEventListener("scroll", () => draw(), { passive: true });
  scroll.addEventListener("keydown", (event) => move(event));
  new ResizeObserver(() => draw()).observe(scroll);

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

  /** Put the rows in order; empty values always come last. */
  function arrange(): void {
    columns.forEach((column, i) => {
      const said = sort?.key === column.key ? (sort.descending ? "descending" : "ascending") : null;
      if (said) headings[i]?.setAttribute("aria-sort", said);
      else headings[i]?.removeAttribute("aria-sort");
    });
    const column = columns.find((one) => one.key === sort?.key);
    if (!column || !sort) {
      shown = given;
      return;
    }
    const way = sort.descending ? -1 : 1;
    const keyed = given.map((row, i) => ({ row, i, key: column.value(row) ?? null }));
    keyed.sort((a, b) => {
      if (a.key === b.key) return a.i - b.i;
      if (a.key === null || b.key === null) return a.key === null ? 1 : -1;
      return (a.key < b.key ? -1 : 1) * way;
    });
    shown = keyed.map((one) => one.row);
  }

  /** Have the rows in sight, and some beside them, in the page. */
  function draw(anew = false): void {
    const whole = shown.length <= MOST_WHOLE;
    const first = Math.floor(scroll.scrollTop / ROW_PX);
    const seen = Math.ceil((scroll.clientHeight || 600) / ROW_PX);
    const start = whole ? 0 : Math.max(0, Math.min(first, shown.length - seen) - SPARE_ROWS);
    const end = whole ? shown.length : Math.min(shown.length, start + seen + 2 * SPARE_ROWS);
    if (!anew && start === from && end === to) return;
    const focused = anew || (from <= start && start < to) || (from < end && end <= to) ? focusedRow() : null;
    [from, to] = [start, end];
    const lines = shown.slice(start, end).map((row, i) => line(row, start + i));
    fill(body, start > 0 && room(start), lines, end < shown.length && room(shown.length - end));
    if (focused !== null) linkOf(focused)?.focus({ preventScroll: true });
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
        const link = i === 0 ? options.href?.(row) : null;
        return h("td", { class: column.align, title: typeof value === "string" ? value : "" }, link ? h("a", { href: link }, inside) : inside);
      }),
    );
  }

  function shownAs(value: string | number | null | undefined): string {
    return typeof value === "number" ? i18n.number(value, 2) : (value ?? i18n.t("common.none"));
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

  function move(event: KeyboardEvent): void {
    const page = Math.max(1, Math.floor(scroll.clientHeight / ROW_PX) - 2);
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    const step = steps[event.key];
    if (step === undefined || shown.length === 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    const id = focusedRow();
    if (id === null) return; // the browser scrolls
    event.preventDefault();
    const now = shown.findIndex((row) => options.id(row) === id);
    reveal(Math.max(0, Math.min(shown.length - 1, now + step)))?.querySelector<HTMLElement>("a, button")?.focus({ preventScroll: true });
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
    arrange();
    grid.setAttribute("aria-rowcount", String(shown.length + 1));
    fill(foot, shown.length === 0 ? (options.empty ?? i18n.t("table.none")) : i18n.t("table.rows", { count: i18n.number(shown.length) }));
    draw(true);
  }

  function select(id: string | null): void {
    selected = id;
    for (const row of body.querySelectorAll("tr[aria-selected]")) row.removeAttribute("aria-selected");
    if (id === null) return;
    const index = shown.findIndex((row) => options.id(row) === id);
    if (index >= 0) reveal(index)?.setAttribute("aria-selected", "true");
  }

  update(rows);
  return { element, update, select };
}

/** The table in place of the map: which rows it has, in which order, and which of them is picked. */
import { fill, h } from "../../../dom";
import type { I18n } from "../../../i18n";
import type { Table } from "../../../table";
import type { Atlas } from "../atlas";
import type { Picked } from "../model";
import { ROWS, allocationsTable, nodesTable, troubledFirst, type Rows, type TableOf } from "./tables";

export interface Tabled {
  /** Whether a table is shown. */
  readonly shown: boolean;
  /** A table made anew, with the choice of its rows above. */
  make(): HTMLElement;
  /** Have other rows in it, so that the place in it stays. */
  fill(): void;
  /** The URL says other rows, or another order; `other` where it is the rows. */
  sort(other: boolean): void;
  /** Mark what is picked. */
  mark(): void;
  /** It is no longer shown. */
  forget(): void;
}

interface Order {
  rows: Rows;
  sort: string;
  down: boolean;
}

export interface TabledOf {
  i18n: I18n;
  values(): Order;
  go(change: Partial<Order>, replace?: boolean): void;
}

/** What is in it. */
export interface Tabulated {
  atlas(): Atlas;
  province(code: string): string;
  link(picked: Picked): string;
  picked(): Picked | null;
}

export function tabled({ i18n, values, go }: TabledOf, { atlas, province, link, picked }: Tabulated): Tabled {
  const rowsChoice = h(
    "div",
    { class: "segments", role: "group", "aria-label": i18n.t("map.rows") },
    ROWS.map((rows) => h("button", { type: "button", "data-rows": rows, on: { click: () => go({ rows, sort: "", down: false }, true) } }, i18n.t(`map.rows.${rows}`))),
  );
  const tableHolder = h("div");
  const { net, placed, broken } = atlas();
  const given: TableOf = {
    i18n,
    net,
    placed,
    province,
    broken,
    link,
    sort: null,
    onSort: (sort) => {
      given.sort = sort;
      go({ sort: sort.key, down: sort.descending }, true);
    },
  };
  let shownTable: { rows: Rows; table: Table<number> } | null = null;

  function fillTable(): void {
    const now = values();
    const { net, placed, broken, shown } = atlas();
    given.net = net;
    given.placed = placed;
    given.broken = broken;
    given.sort = now.sort === "" ? null : { key: now.sort, descending: now.down };
    for (const button of rowsChoice.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button.dataset["rows"] === now.rows));
    if (shownTable?.rows === now.rows) shownTable.table.update(now.rows === "nodes" ? shown.scene.nodes : troubledFirst(given, shown.scene.shards));
    else {
      shownTable = { rows: now.rows, table: now.rows === "nodes" ? nodesTable(given, shown.scene) : allocationsTable(given, shown.scene) };
      fill(tableHolder, shownTable.table.element);
    }
    mark();
  }

  function mark(): void {
    if (!shownTable) return;
    const one = picked();
    const { placed } = atlas();
    if (shownTable.rows === "nodes") shownTable.table.select(one?.kind === "node" ? one.id : null);
    else shownTable.table.select(one?.kind === "workload" && placed ? `${one.id}/${placed.map.shards.shard[placed.of(one.id)[0] ?? -1] ?? 0}` : null);
  }

  function forget(): void {
    shownTable = null;
  }

  return {
    get shown() {
      return shownTable !== null;
    },
    make() {
      forget();
      fillTable();
      return h("div", {}, rowsChoice, tableHolder);
    },
    fill: fillTable,
    sort(other) {
      const now = values();
      const same = (given.sort?.key ?? "") === now.sort && (given.sort?.descending ?? false) === now.down;
      if (!other && same) return;
      forget();
      fillTable();
    },
    mark,
    forget,
  };
}

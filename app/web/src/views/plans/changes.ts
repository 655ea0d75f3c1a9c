/** What would change between two plans: how many shards of each kind, and which, page after page. */
import { isAbort } from "../../api";
import { fill, h, type Child } from "../../dom";
import type { I18n } from "../../i18n";
import { href } from "../../route";
import { sentence } from "../../states";
import { table, type Column } from "../../table";
import type { Comparison, NetworkMap, ShardChange } from "../../wire";

export const ACTIONS = ["moved", "resized", "ended", "placed", "unplaced"] as const;

/** In the order in which somebody wants to read of them. */
const READ = ["ended", "moved", "resized", "unplaced", "placed"] as const satisfies readonly (typeof ACTIONS)[number][];

/** What is in force, in the place of a plan to compare with. */
export const ALLOCATION = "allocation";

/** How many changes a page has. */
export const PAGE = 1_000;

/** Ids of nodes and how people call them. */
export function nodeNames(i18n: I18n, map: NetworkMap): Map<string, string> {
  const { id, name, name_ko } = map.nodes;
  return new Map(id.map((one, i) => [one, i18n.name({ id: one, name: name[i] ?? null, name_ko: name_ko[i] ?? null })]));
}

/** How many shards of each kind, in a row; what ends is not to be overlooked. */
export function tally(i18n: I18n, found: Comparison): HTMLElement {
  return h(
    "dl",
    { class: "figures plans-tally" },
    ([...ACTIONS, "kept"] as const).map((action) =>
      h("div", { class: action === "ended" && found.ended > 0 ? "bad" : "", "data-action": action }, h("dt", {}, action === "kept" ? i18n.t("plans.kept") : i18n.word("action", action)), h("dd", {}, i18n.number(found[action]))),
    ),
  );
}

/** How many shards change. */
export function changed(found: Comparison): number {
  return ACTIONS.reduce((sum, action) => sum + found[action], 0);
}

/** The columns of a list of changes. */
export function columnsOf(i18n: I18n, names: ReadonlyMap<string, string>): Column<ShardChange>[] {
  const node = (id: string | null) => (id === null ? null : (names.get(id) ?? id));
  const servers = (row: ShardChange) =>
    row.from_servers === row.to_servers || row.from_servers === null || row.to_servers === null
      ? (row.to_servers ?? row.from_servers)
      : `${i18n.number(row.from_servers)} → ${i18n.number(row.to_servers)}`;
  const profile = (row: ShardChange) =>
    row.from_profile === row.to_profile || row.from_profile === null || row.to_profile === null
      ? (row.to_profile ?? row.from_profile)
      : `${row.from_profile} → ${row.to_profile}`;
  const nodeLink = (id: string | null) => (id === null ? null : href("map", { node: id }));
  return [
    { key: "workload", label: i18n.t("plans.workload"), value: (row) => row.workload, href: (row) => href("map", { workload: row.workload }) },
    { key: "shard", label: i18n.t("plans.shard"), align: "end", value: (row) => row.shard + 1 },
    { key: "action", label: i18n.t("plans.change"), value: (row) => i18n.word("action", row.action) },
    { key: "from", label: i18n.t("plans.from"), value: (row) => node(row.from_node), href: (row) => nodeLink(row.from_node) },
    { key: "to", label: i18n.t("plans.to"), value: (row) => node(row.to_node), href: (row) => nodeLink(row.to_node) },
    { key: "profile", label: i18n.t("plans.profile"), value: profile },
    { key: "servers", label: i18n.t("plans.servers"), align: "end", value: servers, by: (row) => Math.abs((row.to_servers ?? 0) - (row.from_servers ?? 0)) },
    { key: "from_node", label: "from_node", fileOnly: true, value: (row) => row.from_node },
    { key: "to_node", label: "to_node", fileOnly: true, value: (row) => row.to_node },
  ];
}

/** Whether a shard neither runs nor would run. */
const waits = (row: ShardChange): boolean => row.from_node === null && row.to_node === null;

/** What ends before what moves, and so on, and last what runs nowhere anyway; otherwise as they come. */
export function inReadingOrder(rows: readonly ShardChange[]): ShardChange[] {
  const rank = (row: ShardChange): number => (waits(row) ? READ.length : READ.indexOf(row.action as (typeof READ)[number]));
  return rows.toSorted((a, b) => rank(a) - rank(b));
}

/** Changes that are read out before the rest is folded. */
const FIRST = 8;

/** What changes, in sentences: what ends before what moves, the first in sight and all in a table to be opened. */
export function changesRead(i18n: I18n, found: Comparison, names: ReadonlyMap<string, string>): HTMLElement | null {
  if (found.items.length === 0) return null;
  const first = inReadingOrder(found.items).slice(0, FIRST);
  const node = (id: string | null, word: string): Child =>
    h("span", {}, h("span", { class: "quiet" }, word, " "), id === null ? i18n.t("plans.nowhere") : h("b", {}, names.get(id) ?? id));
  const lines = first.map((row) =>
    h(
      "li",
      {},
      h("span", { class: "plans-read-what" }, row.workload, h("span", { class: "quiet" }, `\u00a0·\u00a0${row.shard + 1}`)),
      h("span", { class: `badge${row.action === "ended" ? " bad" : ""}` }, i18n.word("action", row.action)),
      !waits(row) && [node(row.from_node, i18n.t("plans.from")), h("span", { "aria-hidden": true }, "→"), node(row.to_node, i18n.t("plans.to"))],
    ),
  );
  const all = table(
    { i18n, caption: i18n.t("plans.changesCaption"), quietCaption: true, columns: columnsOf(i18n, names), id: (row) => `${row.workload} ${row.shard}` },
    found.items,
  );
  const count = changed(found);
  return h(
    "div",
    { class: "plans-read" },
    h("ul", {}, lines),
    h(
      "details",
      {},
      h("summary", {}, i18n.t("plans.allChanges", { count: i18n.number(count) })),
      all.element,
      found.next && h("p", { class: "small quiet" }, i18n.t("plans.shownOf", { shown: i18n.number(found.items.length), count: i18n.number(count) })),
    ),
  );
}

/** The list of changes; further pages are read when they are asked for, and `seen` hears all that were read. */
export function changesTable(
  i18n: I18n,
  found: Comparison,
  names: ReadonlyMap<string, string>,
  more: (cursor: string) => Promise<Comparison>,
  seen: (rows: readonly ShardChange[]) => void = () => undefined,
): HTMLElement {
  let rows: readonly ShardChange[] = found.items;
  let next = found.next ?? null;
  const list = table<ShardChange>(
    {
      i18n,
      caption: i18n.t("plans.changesCaption"),
      quietCaption: true,
      columns: columnsOf(i18n, names),
      id: (row) => `${row.workload} ${row.shard}`,
      empty: i18n.t("plans.noChange"),
      all: readAll,
    },
    rows,
  );
  const count = h("span", { class: "quiet small number", role: "status" });
  const button = h("button", { type: "button", on: { click: () => void read() } }, i18n.t("plans.more"));
  const foot = h("div", { class: "bar plans-more" }, button, count);

  function say(): void {
    foot.hidden = next === null;
    count.textContent = i18n.t("plans.shownOf", { shown: i18n.number(rows.length), count: i18n.number(changed(found)) });
  }
  async function readAll(): Promise<readonly ShardChange[]> {
    const all = [...rows];
    for (let cursor = next; cursor !== null; ) {
      const page = await more(cursor);
      all.push(...page.items);
      cursor = page.next ?? null;
    }
    return all;
  }
  async function read(): Promise<void> {
    if (next === null) return;
    button.disabled = true;
    try {
      const page = await more(next);
      rows = [...rows, ...page.items];
      next = page.next ?? null;
      list.update(rows);
      say();
      seen(rows);
    } catch (error) {
      if (isAbort(error)) return;
      fill(count, sentence(i18n, error));
    } finally {
      button.disabled = false;
    }
  }
  say();
  return h("div", {}, list.element, foot);
}

/** Find a node, a site or a workload by its id or name: a combobox whose list follows what is typed. */
import { fill, h, newId } from "../../../dom";
import type { I18n } from "../../../i18n";
import type { Net, Picked, Placed } from "../model";

const MOST = 12;
/** Of each kind at most so many, so that none crowds out the others. */
const MOST_OF_A_KIND = 5;

export interface Hit {
  picked: Picked;
  label: string;
}

/** What matches: those that begin with the words first, nodes before sites before workloads. */
export function find(i18n: I18n, net: Net, placed: Placed | null, typed: string): Hit[] {
  const wanted = typed.trim().toLowerCase();
  if (wanted === "") return [];
  const hits: (Hit & { rank: number })[] = [];
  const look = (kind: Picked["kind"], ids: readonly string[], names: readonly (readonly (string | null)[])[], label: (id: string) => string): void => {
    let found: (Hit & { rank: number })[] = [];
    let begun = 0;
    for (let i = 0; i < ids.length && begun < MOST_OF_A_KIND; i += 1) {
      const id = ids[i] ?? "";
      let rank = rankOf(id, wanted);
      for (const column of names) rank = Math.min(rank, rankOf(column[i] ?? "", wanted));
      if (rank === 3) continue;
      if (rank < 2) begun += 1;
      if (rank < 2 || found.length < 4 * MOST_OF_A_KIND) found.push({ picked: { kind, id }, label: label(id), rank });
    }
    found = found.toSorted((a, b) => a.rank - b.rank);
    hits.push(...found.slice(0, MOST_OF_A_KIND));
  };
  const { nodes, sites } = net.map;
  look("node", nodes.id, [nodes.name, nodes.name_ko], (id) => net.nodeName(i18n, id));
  look("site", sites.id, [sites.name, sites.name_ko], (id) => net.siteName(i18n, id));
  if (placed) look("workload", placed.workloads, [], (id) => id);
  return hits.toSorted((a, b) => a.rank - b.rank).slice(0, MOST);
}

/** 0: the same, 1: begins so, 2: has it, 3: not at all. */
function rankOf(text: string, wanted: string): number {
  const at = text.toLowerCase().indexOf(wanted);
  return at < 0 ? 3 : at > 0 ? 2 : text.length === wanted.length ? 0 : 1;
}

export interface Search {
  element: HTMLElement;
  input: HTMLInputElement;
}

export function search(i18n: I18n, hits: (typed: string) => Hit[], pick: (picked: Picked) => void): Search {
  const listId = newId("found");
  let shown: Hit[] = [];
  let active = -1;
  const list = h("ul", { id: listId, class: "found", role: "listbox", "aria-label": i18n.t("map.search"), hidden: true });
  const input = h("input", {
    type: "search",
    role: "combobox",
    autocomplete: "off",
    placeholder: i18n.t("map.searchFor"),
    "aria-label": i18n.t("map.search"),
    "aria-controls": listId,
    "aria-expanded": false,
    "aria-autocomplete": "list",
    on: {
      input: () => look(),
      focus: () => look(),
      blur: () => show([]),
      keydown: (event) => press(event),
    },
  });
  const none = h("p", { class: "spoken", role: "status" });

  function look(): void {
    show(hits(input.value));
    none.textContent = input.value.trim() !== "" && shown.length === 0 ? i18n.t("map.notFound") : "";
  }

  function show(next: Hit[]): void {
    shown = next;
    active = -1;
    list.hidden = next.length === 0;
    input.setAttribute("aria-expanded", String(next.length > 0));
    fill(
      list,
      next.map((hit, i) =>
        h(
          "li",
          { id: `${listId}-${i}`, role: "option", "aria-selected": false, on: { mousedown: (event) => (event.preventDefault(), take(hit)) } },
          h("span", { class: "badge" }, i18n.t(`map.${hit.picked.kind}`)),
          h("span", { class: "found-name" }, hit.label),
          hit.label !== hit.picked.id && h("span", { class: "small quiet" }, hit.picked.id),
        ),
      ),
    );
    input.removeAttribute("aria-activedescendant");
  }

  function mark(next: number): void {
    active = next;
    [...list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === next)));
    list.children[next]?.scrollIntoView({ block: "nearest" });
    if (next >= 0) input.setAttribute("aria-activedescendant", `${listId}-${next}`);
  }

  function press(event: KeyboardEvent): void {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (shown.length === 0) return;
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      mark(active < 0 && step < 0 ? shown.length - 1 : (active + step + shown.length) % shown.length);
    } else if (event.key === "Enter") {
      const hit = shown[active < 0 ? 0 : active];
      if (!hit) return;
      event.preventDefault();
      take(hit);
    } else if (event.key === "Escape" && shown.length > 0) {
      event.preventDefault();
      show([]);
    }
  }

  function take(hit: Hit): void {
    input.value = "";
    show([]);
    pick(hit.picked);
  }

  return { element: h("div", { class: "search" }, input, list, none), input };
}

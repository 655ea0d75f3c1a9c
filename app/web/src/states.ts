/** What a part of a page shows when it has nothing to show: still loading, empty, failed, or far too much. */
import { Refused, Unreachable, isAbort } from "./api";
import { fill, h, type Child } from "./dom";
import type { I18n } from "./i18n";
import { href } from "./route";
import { detailSaid, faultSaid, originalOf, titleSaid } from "./sentences";

/** Nothing there; `hint` says how something would come to be. */
export function empty(title: string, hint: Child = null): HTMLElement {
  return h("div", { class: "state" }, h("p", { class: "state-title" }, title), h("div", { class: "state-hint" }, hint));
}

/** More than is shown: says so, and how to narrow it down. */
export function tooMuch(i18n: I18n, shown: number, hint: Child = null): HTMLElement {
  return h("p", { class: "notice", role: "note" }, i18n.t("states.tooMuch", { shown: i18n.number(shown) }), " ", hint);
}

/** Something went wrong: what the service says of it, the fields at fault, and a way to try again, or another one. */
export function failure(i18n: I18n, error: unknown, retry: () => void, ways: readonly Way[] = []): HTMLElement {
  const elsewhere = error instanceof Refused && ASTRAY.includes(error.status) ? ways : [];
  const faults = error instanceof Refused ? (error.problem.errors ?? []) : [];
  return h(
    "div",
    { class: "state state-failed", role: "alert" },
    h("p", { class: "state-title" }, error instanceof Refused ? titleSaid(i18n, error) : i18n.t("states.failed")),
    h("p", { class: "state-hint" }, sentence(i18n, error)),
    error instanceof Refused && faults.length > 0 && h("ul", {}, faults.map((fault) => h("li", {}, h("code", {}, fault.field), " – ", faultSaid(i18n, fault, error.code), i18n.language !== "en" && fault.value != null && [": ", h("code", {}, fault.value)]))),
    original(i18n, error),
    h("p", { class: "bar state-ways" }, elsewhere.map(([label, to]) => h("a", { href: to }, label)), h("button", { type: "button", on: { click: retry } }, i18n.t("states.retry"))),
  );
}

/** Where else to go, in words and as a link. */
export type Way = readonly [label: string, to: string];

/** What an address gets that names what there is not, or not any more, or what has nothing to show. */
const ASTRAY: readonly number[] = [404, 409, 422];

/** From the page of a plan that there is not: to all plans, and to the newest one. */
export function allPlans(i18n: I18n): Way[] {
  return [
    [i18n.t("states.plans"), href("plans")],
    [i18n.t("states.newest"), href("plans", { plan: "latest" })],
  ];
}

/** From a view of a plan that there is not: to what is in force, and to the newest plan. */
export function otherPlans(i18n: I18n, view: "map" | "capacity" | "refusals"): Way[] {
  return [
    [i18n.t("states.inForce"), href(view)],
    [i18n.t("states.newest"), href(view, { plan: "latest" })],
  ];
}

/** The service's own sentences, folded, where the page says them in another language. */
export function original(i18n: I18n, error: unknown): HTMLElement | null {
  const lines = error instanceof Refused ? originalOf(i18n, error) : [];
  if (lines.length === 0) return null;
  return h("details", { class: "small quiet" }, h("summary", {}, i18n.t("says.original")), lines.map((line) => h("p", { lang: "en" }, line)));
}

/** What an error says, for people. */
export function sentence(i18n: I18n, error: unknown): string {
  if (error instanceof Refused) return detailSaid(i18n, error);
  if (error instanceof Unreachable) return i18n.t("states.unreachable");
  return error instanceof Error ? error.message : String(error);
}

/** Tells how far a load has come; `total` where it is known. */
export type Progress = (done: number, total?: number) => void;

/** Loading, with a bar; the returned function moves it. */
export function loading(i18n: I18n): [HTMLElement, Progress] {
  const bar = h("progress", { max: 1, "aria-label": i18n.t("states.loading") });
  const count = h("span", { class: "state-count" });
  const element = h("div", { class: "state state-loading" }, h("p", { class: "state-title" }, i18n.t("states.loading")), bar, count);
  return [
    element,
    (done, total) => {
      count.textContent = total === undefined ? i18n.number(done) : `${i18n.number(done)} / ${i18n.number(total)}`;
      if (total !== undefined && total > 0) bar.value = done / total;
    },
  ];
}

/** Loads what a region shows. */
export interface Region {
  /** Load anew. What is shown stays until the new is there, if there is something. */
  load(): Promise<void>;
}

/** After this time a load that has nothing to show yet says so. */
const SHOW_LOADING_MS = 120;

/**
 * Keep a region filled with what `fetch` finds: loading after a moment, the error with a retry, or what `render` makes.
 * Only the newest load is shown; one that was aborted shows nothing. `render` is not called again for the same object.
 * `ways` lead on where the address names what there is not.
 */
export function region<T>(
  root: HTMLElement,
  i18n: I18n,
  fetch: (progress: Progress) => Promise<T>,
  render: (found: T) => Child,
  ways: readonly Way[] = [],
): Region {
  let turn = 0;
  let shown: { value: T } | null = null;
  const load = async (): Promise<void> => {
    turn += 1;
    const mine = turn;
    const [element, progress] = loading(i18n);
    const timer = window.setTimeout(() => mine === turn && shown === null && fill(root, element), SHOW_LOADING_MS);
    root.setAttribute("aria-busy", "true");
    try {
      const value = await fetch(progress);
      if (mine !== turn || (shown !== null && shown.value === value)) return;
      fill(root, render(value));
      shown = { value };
    } catch (error) {
      if (mine !== turn || isAbort(error)) return;
      shown = null;
      fill(root, failure(i18n, error, () => void load(), ways));
      if (!(error instanceof Refused || error instanceof Unreachable)) throw error;
    } finally {
      window.clearTimeout(timer);
      if (mine === turn) root.removeAttribute("aria-busy");
    }
  };
  return { load };
}

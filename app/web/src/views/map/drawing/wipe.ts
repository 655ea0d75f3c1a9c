/**
 * Before and after as a wipe: what is in force left of a handle, the plan that is shown right of it.
 *
 * What is in force is a map of its own that lies above, is cut off at the handle, and goes wherever the map below is moved.
 */
import { init, type ECharts, type EChartsCoreOption } from "echarts/core";
import { h } from "../../../dom";
import type { I18n } from "../../../i18n";
import { tokens, type Tokens } from "../../../theme";

export interface Wipe {
  element: HTMLElement;
  /** What names both sides. */
  names: readonly HTMLElement[];
  /** Where the handle is, in pixels from the left; -1 while it is not shown. */
  readonly edge: number;
  /** Show it above this map, or take it away with null. */
  show(below: ECharts | null, names?: { before: string; after: string }): void;
  /** Draw anew what lies above. */
  draw(): void;
  dispose(): void;
}

/** By how many hundredths the keys move the handle. */
const STEP = 2;
const LEAP = 10;

export function wipe(i18n: I18n, option: (tokens: Tokens) => EChartsCoreOption, joined: (above: ECharts) => void, moved: () => void): Wipe {
  let below: ECharts | null = null;
  let above: ECharts | null = null;
  let share = 50;
  const canvas = h("div", { class: "wipe-before", "aria-hidden": true });
  // Each name stands on its own side, and is cut off where that is too narrow for it.
  const [left, right] = [h("span", { class: "wipe-name" }), h("span", { class: "wipe-name" })];
  const [leftSide, rightSide] = [h("div", { class: "wipe-side wipe-left", "aria-hidden": true }, left), h("div", { class: "wipe-side wipe-right", "aria-hidden": true }, right)];
  const handle = h("div", {
    class: "wipe-handle",
    role: "slider",
    tabIndex: 0,
    "aria-orientation": "horizontal",
    "aria-valuemin": 0,
    "aria-valuemax": 100,
  });
  const element = h("div", { class: "wipe", hidden: true }, canvas, leftSide, rightSide, handle);

  function place(next: number): void {
    share = Math.max(0, Math.min(100, next));
    handle.setAttribute("aria-valuenow", String(Math.round(share)));
    handle.setAttribute("aria-valuetext", i18n.t("map.wipeAt", { share: i18n.percent(share / 100) }));
    handle.style.setProperty("left", `${share}%`);
    leftSide.style.setProperty("width", `${share}%`);
    rightSide.style.setProperty("width", `${100 - share}%`);
    canvas.style.setProperty("clip-path", `inset(0 ${100 - share}% 0 0)`);
  }
  function put(next: number): void {
    place(next);
    moved();
  }
  handle.addEventListener("keydown", (event) => {
    const steps: Record<string, number> = { ArrowLeft: share - STEP, ArrowDown: share - STEP, ArrowRight: share + STEP, ArrowUp: share + STEP, PageDown: share - LEAP, PageUp: share + LEAP, Home: 0, End: 100 };
    const next = steps[event.key];
    if (next === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    put(next);
  });
  handle.addEventListener("pointerdown", (event) => {
    handle.setPointerCapture(event.pointerId);
    handle.focus();
    event.preventDefault();
  });
  handle.addEventListener("pointermove", (event) => {
    if (!handle.hasPointerCapture(event.pointerId)) return;
    const box = element.getBoundingClientRect();
    put((100 * (event.clientX - box.left)) / Math.max(1, box.width));
  });

  function fit(): void {
    if (!below) return;
    element.style.setProperty("--wipe-height", `${below.getHeight()}px`);
    above?.resize({ width: below.getWidth(), height: below.getHeight() });
  }
  /** The map below was moved by hand. */
  function follow(event: unknown): void {
    const { dx, dy, zoom, originX, originY } = event as Record<string, number | undefined>;
    above?.dispatchAction({ type: "geoRoam", componentType: "geo", geoIndex: 0, dx, dy, zoom, originX, originY });
    moved();
  }

  function away(): void {
    if (below && !below.isDisposed()) below.off("georoam", follow);
    above?.dispose();
    [below, above] = [null, null];
  }

  place(share);
  return {
    element,
    names: [leftSide, rightSide],
    get edge() {
      return below ? (share / 100) * below.getWidth() : -1;
    },
    show(next, names) {
      if (names) {
        [left.textContent, right.textContent] = [names.before, names.after];
        handle.setAttribute("aria-label", i18n.t("map.wipeHandle", names));
      }
      if (next === below) return;
      away();
      element.hidden = next === null;
      if (!next) return;
      below = next;
      below.on("georoam", follow);
      fit();
      above = init(canvas, null, { renderer: "canvas", width: next.getWidth(), height: next.getHeight() });
      joined(above);
      this.draw();
    },
    draw() {
      if (!above) return;
      fit();
      above.setOption({ ...option(tokens()), backgroundColor: tokens().surface }, { notMerge: true });
      moved();
    },
    dispose: away,
  };
}

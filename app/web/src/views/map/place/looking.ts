/** The camera: it follows what is moved by hand, has all drawn anew as one comes nearer, and the URL say where it rests. */
import type { ECharts } from "echarts/core";
import type { Chart } from "../../../chart";
import { h } from "../../../dom";
import type { I18n } from "../../../i18n";
import type { Atlas } from "../atlas";
import { nearness, type Camera } from "../drawing/drawing";
import type { Picture, View } from "../picture";
import { frameOf, framing, readCamera, writeCamera } from "./camera";
import { KOREA, scaleOf } from "./home";
import type { Box, Lens } from "./lens";
import type { Place } from "./spread";

export interface Looking {
  readonly camera: Camera | null;
  /** From how near all is looked at. */
  readonly view: View;
  /** The buttons that zoom, and lead back to the whole. */
  buttons: HTMLElement;
  /** The lens over a picture; null where it has none. */
  lens(picture: Picture): Lens | null;
  /** Parts of the canvas that something floats above. */
  readonly taken: readonly Box[];
  /** These float above the canvas while they are shown: the lens and names keep clear of them. */
  clear(floating: readonly HTMLElement[]): void;
  /** Drawing is about to begin: put twins side by side, at the scale that it has. */
  spread(): void;
  /** All is drawn anew: what is moved from then on is measured from there. */
  renew(): void;
  /** Follow an engine. */
  join(engine: ECharts): void;
  /** Have a place in sight. */
  reveal(where: Place | null): void;
  /** Come as near as all of these can be seen from. */
  frame(places: readonly Place[]): void;
  /** The URL says another place: whether that is news, so that all is to be drawn anew. */
  turn(at: string): boolean;
  /** Show what the buttons can do. */
  update(): void;
  dispose(): void;
}

export interface LookingOf {
  i18n: I18n;
  values(): { at: string };
  go(change: { at: string }, replace?: boolean): void;
}

/** What follows the camera. */
export interface Followers {
  /** It has moved. */
  moved(): void;
  /** The canvas has another size. */
  resized(): void;
  /** One has come so near, or gone so far, that all is drawn otherwise. */
  redraw(): void;
}

/** How long the camera rests before the URL says where it is. */
export const REST_MS = 350;
/** By how much the scale may change, as a logarithm, before twins are spread anew. */
const SPREAD_ANEW = 0.15;

/** A zoom in steps of the root of two: flows are bundled anew from one to the next. */
const levelOf = (zoom: number): number => Math.round(2 * Math.log2(zoom));

export function looking({ i18n, values, go }: LookingOf, atlas: () => Atlas, chart: Chart, canvas: HTMLElement | null, followers: Followers): Looking {
  let camera: Camera | null = readCamera(values().at);
  let told = "";
  let base = 0;
  let size = "";
  let seen = "";
  let resting = 0;
  let near = nearness(camera?.zoom ?? 1);
  let level = levelOf(camera?.zoom ?? 1);
  /** Pixels in a degree for which twins were spread, and where that was last found to be out of date. */
  let spreadFor = 1;
  let respread = "";
  /** Where the lens is drawn; empty where it is not. */
  let magnified = "";
  let floating: readonly HTMLElement[] = [];
  let taken: readonly Box[] = [];
  const sizes = new ResizeObserver(() => {
    const before = JSON.stringify(taken);
    taken = takenNow();
    if (JSON.stringify(taken) === before || chart.engine === null) return;
    if (lensPlace() !== magnified) followers.redraw();
    else followers.moved();
  });

  const whole = h("button", { type: "button", title: i18n.t("map.whole"), "aria-label": i18n.t("map.whole"), on: { click: () => go({ at: "" }, true) } }, "⌂");
  const buttons = h(
    "div",
    { class: "zooms", role: "group", "aria-label": i18n.t("map.zoom") },
    h("button", { type: "button", title: i18n.t("map.nearer"), "aria-label": i18n.t("map.nearer"), on: { click: () => zoom(1.6) } }, "+"),
    h("button", { type: "button", title: i18n.t("map.farther"), "aria-label": i18n.t("map.farther"), on: { click: () => zoom(1 / 1.6) } }, "−"),
    whole,
  );

  /** The camera may have moved: follow with what is picked, and have the URL say it when it rests. */
  function looked(engine: ECharts): void {
    const frame = frameOf(engine);
    if (!frame) return;
    const now = `${engine.getWidth()}x${engine.getHeight()}`;
    const place = `${now} ${frame.lon.toFixed(5)} ${frame.lat.toFixed(5)} ${frame.scale.toFixed(4)}`;
    if (place === seen) return;
    const moved = base > 0 && size === now;
    seen = place;
    if (!moved) {
      base = frame.scale / (camera?.zoom ?? 1);
      if (size !== now) followers.resized();
      size = now;
    } else camera = { lon: frame.lon, lat: frame.lat, zoom: frame.scale / base };
    followers.moved();
    const { shown } = atlas();
    const apart = shown.twins.any && Math.abs(Math.log(frame.scaleLat / spreadFor)) > SPREAD_ANEW && respread !== place;
    const fits = lensPlace() !== magnified && respread !== place;
    if (!moved && !apart && !fits) return;
    window.clearTimeout(resting);
    resting = window.setTimeout(() => {
      if (moved) told = camera ? writeCamera(camera) : "";
      if (moved && told !== values().at) go({ at: told }, true);
      if (apart || fits) respread = place;
      if (apart || fits || nearness(camera?.zoom ?? 1) !== near || levelOf(camera?.zoom ?? 1) !== level) followers.redraw();
    }, REST_MS);
  }

  function lens(picture: Picture): Lens | null {
    const { home } = atlas();
    return home && picture.lens({ home, width: canvas?.clientWidth ?? 0, height: canvas?.clientHeight ?? 0, taken }, near);
  }

  function lensPlace(): string {
    const its = lens(atlas().shown);
    return its ? `${its.left},${its.top},${its.width}` : "";
  }

  /** What floats above the canvas now; what stands fixed in the window moves over it as one scrolls, and does not count. */
  function takenNow(): Box[] {
    const below = canvas?.getBoundingClientRect();
    if (!below) return [];
    return floating
      .filter((one) => getComputedStyle(one).position !== "fixed")
      .map((one) => one.getBoundingClientRect())
      .filter((one) => one.width > 0 && one.bottom > below.top && one.top < below.bottom)
      .map(({ left, top, width, height }) => ({ left: left - below.left, top: top - below.top, width, height }));
  }

  function zoom(factor: number): void {
    const engine = chart.engine;
    if (!engine) return;
    engine.dispatchAction({ type: "geoRoam", componentType: "geo", geoIndex: 0, zoom: factor, originX: engine.getWidth() / 2, originY: engine.getHeight() / 2 });
  }

  return {
    get camera() {
      return camera;
    },
    get view() {
      return { near, scale: scaleOf(atlas().home ?? KOREA, canvas?.clientWidth ?? 0, canvas?.clientHeight ?? 0, 2 ** (level / 2)) };
    },
    buttons,
    lens,
    get taken() {
      return taken;
    },
    clear(those) {
      floating = those;
      for (const one of those) sizes.observe(one);
    },
    spread() {
      const { home, shown, beside } = atlas();
      const scale = scaleOf(home ?? KOREA, canvas?.clientWidth ?? 0, canvas?.clientHeight ?? 0, camera?.zoom ?? 1);
      spreadFor = scale.lat;
      for (const picture of [shown, beside]) picture?.spread(scale, camera?.zoom ?? 1);
      taken = takenNow();
      magnified = lensPlace();
    },
    renew() {
      seen = "";
      base = 0;
      near = nearness(camera?.zoom ?? 1);
      level = levelOf(camera?.zoom ?? 1);
    },
    join(engine) {
      base = 0;
      engine.on("rendered", () => looked(engine));
    },
    reveal(where) {
      const engine = chart.engine;
      const frame = engine ? frameOf(engine) : null;
      if (!engine || !frame || !where) return;
      const [x, y] = [frame.x(where[0]), frame.y(where[1])];
      if (x > 0 && y > 0 && x < engine.getWidth() && y < engine.getHeight()) return;
      engine.dispatchAction({ type: "geoRoam", componentType: "geo", geoIndex: 0, dx: engine.getWidth() / 2 - x, dy: engine.getHeight() / 2 - y });
    },
    frame(places) {
      const near = framing(places, atlas().home ?? KOREA, canvas?.clientWidth ?? 0, canvas?.clientHeight ?? 0);
      go({ at: near ? writeCamera(near) : "" }, true);
    },
    turn(at) {
      if (at === told) return false;
      camera = readCamera(at);
      told = at;
      return true;
    },
    update() {
      whole.disabled = values().at === "";
      whole.title = i18n.t(atlas().home === KOREA ? "map.whole" : "map.everything");
      whole.setAttribute("aria-label", whole.title);
    },
    dispose() {
      sizes.disconnect();
      window.clearTimeout(resting);
    },
  };
}

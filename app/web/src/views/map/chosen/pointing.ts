/** What the pointer is over, and what a press picks: a node or site, or else a flow, bundle or link. */
import type { ECharts } from "echarts/core";
import type { I18n } from "../../../i18n";
import type { Atlas } from "../atlas";
import type { Bundle } from "../drawing/bundles";
import { CURVENESS, curveAt, endsOf } from "../drawing/curves";
import { linkEnds, linkSaid, linksOf } from "../drawing/links";
import type { PickedNow, Tip } from "../drawing/picked";
import type { Picked } from "../model";
import type { Picture } from "../picture";
import { frameOf, type Frame } from "../place/camera";
import { inLens, lensFrame } from "../place/lens";
import type { Looking } from "../place/looking";
import type { Flow } from "../scene";
import { bundleSaid, flowSaid, hitSaid } from "../told/said";
import { hitAt } from "./hit";

export interface Pointing {
  /** The node or site that is pointed at. */
  readonly hovered: Picked | null;
  /** The flow, bundle or link that is, and what is said of either. */
  readonly curve: PickedNow["curve"];
  readonly tip: Tip | null;
  /** Listen to an engine. */
  join(engine: ECharts): void;
  /** What was pointed at is no longer drawn. */
  forget(): void;
}

export interface PointingOf {
  i18n: I18n;
  /** Which curves are drawn. */
  values(): { links: boolean; bare: boolean };
}

export interface Pointable {
  atlas(): Atlas;
  /** What is drawn at a place of the canvas. */
  pictureAt(x: number): Picture;
  province(code: string): string;
  /** What is pointed at has changed. */
  changed(): void;
  /** A press on this, or on nothing. */
  press(hit: Picked | null): void;
}

export function pointing({ i18n, values }: PointingOf, look: Pick<Looking, "lens" | "view">, { atlas, pictureAt, province, changed, press }: Pointable): Pointing {
  let hovered: Picked | null = null;
  let pointed: { thing: Flow | Bundle | number | null; curve: PickedNow["curve"]; tip: Tip } | null = null;

  /** What the pointer is over: a node or site, or else a flow. */
  function point(engine: ECharts, x: number, y: number): void {
    const frame = engine.isDisposed() ? null : frameOf(engine);
    if (!frame) return;
    const { net } = atlas();
    const picture = pictureAt(x);
    const { scene, places, placed } = picture;
    const { links } = values();
    const bare = values().bare || inLens(look.lens(picture), x, y);
    const hit = thingAt(frame, x, y);
    if (hit) {
      hover(hit, { thing: null, curve: null, tip: { x, y, words: hitSaid({ i18n, net, placed }, hit) } });
      engine.getZr().setCursorStyle("pointer");
      return;
    }
    const bundles = picture.bundles(look.view);
    const bundle = bare || !bundles ? null : curveAt(frame, bundles, (one) => [one.from, one.to], x, y);
    const flow = bare || bundles ? null : curveAt(frame, scene.flows, (one) => endsOf(places, one), x, y);
    const link = bundle || flow || !links || inLens(look.lens(picture), x, y) ? null : curveAt(frame, linksOf(net, scene), (one) => linkEnds(net, places, one), x, y, 0);
    const thing = bundle ?? flow ?? link;
    const ends = bundle ? ([bundle.from, bundle.to] as const) : flow ? endsOf(places, flow) : link === null ? null : linkEnds(net, places, link);
    if (thing === null || !ends) return hover(null, null);
    const words = bundle ? bundleSaid({ i18n, net, province }, bundle) : flow ? flowSaid({ i18n, net }, flow) : linkSaid(i18n, net, placed, link ?? -1);
    hover(null, { thing, curve: { ends, bend: link === null ? CURVENESS : 0 }, tip: { x, y, words } });
  }

  /** The node or site at a place of the canvas, in the lens or below it. */
  function thingAt(frame: Frame, x: number, y: number): Picked | null {
    const { net } = atlas();
    const picture = pictureAt(x);
    const lens = look.lens(picture);
    return inLens(lens, x, y) ? hitAt(lensFrame(lens), x, y, { net, ...lens }) : hitAt(frame, x, y, { net, ...picture });
  }

  function hover(hit: Picked | null, next: typeof pointed): void {
    if (hit?.kind === hovered?.kind && hit?.id === hovered?.id && next?.thing === pointed?.thing && (next === null) === (pointed === null)) return;
    [hovered, pointed] = [hit, next];
    changed();
  }

  return {
    get hovered() {
      return hovered;
    },
    get curve() {
      return pointed?.curve ?? null;
    },
    get tip() {
      return pointed?.tip ?? null;
    },
    join(engine) {
      const canvasEvents = engine.getZr();
      canvasEvents.on("click", (event) => {
        const frame = frameOf(engine);
        press(frame && thingAt(frame, event.offsetX, event.offsetY));
      });
      let asked = 0;
      canvasEvents.on("mousemove", (event) => {
        window.cancelAnimationFrame(asked);
        asked = window.requestAnimationFrame(() => point(engine, event.offsetX, event.offsetY));
      });
      canvasEvents.on("globalout", () => {
        window.cancelAnimationFrame(asked);
        hover(null, null);
      });
    },
    forget() {
      [hovered, pointed] = [null, null];
    },
  };
}

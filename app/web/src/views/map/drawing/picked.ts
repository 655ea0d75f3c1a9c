/**
 * What is picked or pointed at, drawn above everything but what is in trouble: a ring, the flows that meet there, the routes
 * of a workload. The rest is dimmed by a veil.
 *
 * It is drawn on a layer of its own and by hand, so that picking does not have 100,000 flows computed anew.
 */
import { graphic } from "echarts/core";
import type { Tokens } from "../../../theme";
import type { Net, Picked, Placed } from "../model";
import type { Frame } from "../place/camera";
import { lensFrame, type Lens } from "../place/lens";
import type { Place, Places } from "../place/spread";
import type { Route } from "../told/story";
import { curveOf } from "./curves";
import { LABELS, LENS, LENS_VEIL, PICKED } from "./drawing";
import { add, layer, type Layer } from "./layer";

/** The ring around what is picked, larger than any mark. */
const RING_PX = 13;
/** More flows than this at one place are not all drawn; the largest are. */
const MOST = 400;
/** How much of what is below the veil it takes away, while something is pointed at and while it is picked. */
const VEIL = { hover: 0.45, picked: 0.6 } as const;
/** How far words are from the pointer, in pixels. */
const AWAY = 12;

export interface Tip {
  x: number;
  y: number;
  words: string;
}

export interface PickedNow {
  net: Net;
  placed: Placed | null;
  places: Places;
  picked: Picked | null;
  /** What is pointed at: it is shown in place of what is picked. */
  hovered: Picked | null;
  /** The ends of a flow, bundle or link that is pointed at, and how far it bends. */
  curve: { ends: readonly [Place, Place]; bend: number } | null;
  /** What is said of what is pointed at, and where the pointer is. */
  tip: Tip | null;
  /** The colour of a node. */
  colour(node: number): string;
  routes: readonly Route[];
  lens: Lens | null;
  tokens: Tokens;
}

/** Draws what is picked or pointed at; nothing where there is nothing to draw it in. */
export function pickedLayer(now: () => PickedNow | null): Layer {
  return layer((group, frame, size) => {
    const given = now();
    if (!given) return;
    const { net, placed, places, tokens } = given;
    const shown = given.hovered ?? given.picked;
    if (shown) {
      const opacity = given.hovered && !same(given.hovered, given.picked) ? VEIL.hover : VEIL.picked;
      veil(group, { x: 0, y: 0, ...size }, tokens, opacity, { zlevel: PICKED });
      if (given.lens) veil(group, boxOf(given.lens), tokens, opacity, { zlevel: LENS, z: LENS_VEIL });
      if (shown.kind === "workload") drawWorkload(group, frame, given, placed?.of(shown.id) ?? []);
      else {
        const at = (shown.kind === "node" ? net.nodeAt : net.siteAt).get(shown.id) ?? -1;
        const shards = (shown.kind === "node" ? placed?.byNode : placed?.bySite)?.get(at) ?? [];
        meet(group, frame, given, shards);
        const place = shown.kind === "node" ? places.node(at) : places.site(at);
        if (shown.kind === "node") dot(group, frame, place, given.colour(at), tokens);
        ring(group, frame, place, tokens, RING_PX);
        if (given.lens) ringInLens(group, given.lens, shown.kind, at, tokens);
      }
    }
    if (given.curve) stronger(group, frame, given.curve, tokens);
    if (given.tip) told(group, size, given.tip, tokens);
  });
}

/** The flows of these shards, straight, with a dot at the other end. */
function meet(group: graphic.Group, frame: Frame, { placed, places, colour, tokens }: PickedNow, shards: readonly number[]): void {
  const devices = new Map<string, number>();
  for (const shard of shards) {
    const key = `${placed?.site[shard] ?? -1}/${placed?.node[shard] ?? -1}`;
    devices.set(key, (devices.get(key) ?? 0) + (placed?.devices(shard) ?? 0));
  }
  const largest = [...devices].toSorted((a, b) => b[1] - a[1]).slice(0, MOST);
  const most = largest[0]?.[1] ?? 1;
  for (const [key, count] of largest) {
    const [site, node] = key.split("/").map(Number) as [number, number];
    const [a, b] = [places.site(site), places.node(node)];
    if (!a || !b) continue;
    path(group, frame, [a, b], tokens.accent, 1 + 2 * Math.sqrt(count / most), false);
    dot(group, frame, b, colour(node), tokens);
  }
}

function drawWorkload(group: graphic.Group, frame: Frame, given: PickedNow, shards: readonly number[]): void {
  const { placed, places, routes, lens, tokens } = given;
  for (const { site, through } of routes) {
    const steps = through.map((at) => places.node(at)).filter((where) => where !== null);
    const from = places.site(site);
    if (from && steps[0]) path(group, frame, [from, steps[0]], tokens.accent, 2.5, true);
    if (steps.length > 1) path(group, frame, steps, tokens.accent, 3, false);
    for (const step of steps.slice(0, -1)) dot(group, frame, step, tokens.surface, tokens);
  }
  if (routes.length === 0) meet(group, frame, given, shards);
  for (const shard of shards) {
    ring(group, frame, places.node(placed?.node[shard] ?? -1), tokens, 10);
    ring(group, frame, places.site(placed?.site[shard] ?? -1), tokens, 8);
    if (lens) {
      ringInLens(group, lens, "node", placed?.node[shard] ?? -1, tokens);
      ringInLens(group, lens, "site", placed?.site[shard] ?? -1, tokens);
    }
  }
}

function path(group: graphic.Group, frame: Frame, places: readonly [number, number][], colour: string, width: number, dashed: boolean): void {
  const points = places.map(([lon, lat]) => [frame.x(lon), frame.y(lat)]);
  const style = { stroke: colour, lineWidth: width, opacity: 0.9, fill: "none", ...(dashed ? { lineDash: [5, 4] } : {}) };
  add(group, new graphic.Polyline({ shape: { points }, style, zlevel: PICKED, silent: true }));
}

/** The ring once more, where the lens shows the same. */
function ringInLens(group: graphic.Group, lens: Lens, kind: "node" | "site", at: number, tokens: Tokens): void {
  const there = kind === "node" ? lens.scene.nodes : lens.scene.sites;
  if (there.includes(at)) ring(group, lensFrame(lens), lens.places[kind](at), tokens, RING_PX, LENS);
}

function ring(group: graphic.Group, frame: Pick<Frame, "x" | "y">, where: [number, number] | null, tokens: Tokens, r: number, zlevel = PICKED): void {
  if (!where) return;
  const shape = { cx: frame.x(where[0]), cy: frame.y(where[1]), r };
  add(group, new graphic.Circle({ shape, style: { fill: "transparent", stroke: tokens.surface, lineWidth: 5 }, zlevel, z: 40, silent: true }));
  add(group, new graphic.Circle({ shape, style: { fill: "transparent", stroke: tokens.accent, lineWidth: 2.5 }, zlevel, z: 40, silent: true }));
}

function dot(group: graphic.Group, frame: Frame, where: [number, number] | null, fill: string, tokens: Tokens): void {
  if (!where) return;
  const shape = { cx: frame.x(where[0]), cy: frame.y(where[1]), r: 4 };
  add(group, new graphic.Circle({ shape, style: { fill, stroke: tokens.accent, lineWidth: 2 }, zlevel: PICKED, silent: true }));
}

/** Dim all that lies below, in a part of the canvas. */
function veil(group: graphic.Group, shape: { x: number; y: number; width: number; height: number }, tokens: Tokens, opacity: number, layer: { zlevel: number; z?: number }): void {
  add(group, new graphic.Rect({ shape, style: { fill: tokens.surface, opacity }, ...layer, silent: true }));
}

const boxOf = ({ left, top, width, height }: Lens): { x: number; y: number; width: number; height: number } => ({ x: left, y: top, width, height });

/** A flow, bundle or link that is pointed at. */
function stronger(group: graphic.Group, frame: Frame, { ends, bend }: NonNullable<PickedNow["curve"]>, tokens: Tokens): void {
  const curve = curveOf(frame, ends, bend);
  const [[x1, y1], [x2, y2], [cpx1, cpy1]] = [curve.from, curve.to, curve.over];
  add(group, new graphic.BezierCurve({ shape: { x1, y1, x2, y2, cpx1, cpy1 }, style: { stroke: tokens.accent, lineWidth: 3, fill: "none" }, zlevel: PICKED, silent: true }));
}

/** Words beside the pointer, on the side where they fit. */
function told(group: graphic.Group, size: { width: number; height: number }, given: Tip, tokens: Tokens): void {
  const style = {
    text: given.words,
    x: given.x + AWAY,
    y: given.y + AWAY,
    fill: tokens.text,
    font: `12px ${tokens.font}`,
    lineHeight: 17,
    padding: [6, 9],
    backgroundColor: tokens.surface,
    borderColor: tokens.line,
    borderWidth: 1,
    borderRadius: 4,
  };
  const words = new graphic.Text({ style, zlevel: LABELS, z: 2, silent: true });
  const box = words.getBoundingRect();
  const left = box.x + box.width > size.width ? given.x - AWAY - box.width : style.x;
  const top = box.y + box.height > size.height ? given.y - AWAY - box.height : style.y;
  words.attr("style", { ...style, x: Math.max(0, left), y: Math.max(0, top) });
  add(group, words);
}

const same = (a: Picked, b: Picked | null): boolean => b !== null && a.kind === b.kind && a.id === b.id;

/** Names of nodes on the map: few while all is looked at, more as one comes nearer, and none over another. */
import { graphic } from "echarts/core";
import type { Tokens } from "../../../theme";
import type { Net } from "../model";
import type { Frame } from "../place/camera";
import type { Inset } from "../place/insets";
import { TITLE_PX, lensBox, type Box as Part, type Lens } from "../place/lens";
import type { Places } from "../place/spread";
import type { Scene } from "../scene";
import { TROUBLES, type Trouble } from "../trouble";
import { LABELS, LENS, TROUBLE_PX, nearness } from "./drawing";
import { add, layer, type Layer } from "./layer";

/** How many names are shown at most, by how near one has come; what is in trouble is named before all else. */
const MOST = [8, 30, 90] as const;
/** More nodes than this are not tried, so that moving about stays quick. */
const TRIES = 1_500;
const HEIGHT = 14;
const FONT_PX = 11;
/** Between a node and its name. */
const GAP = 9;

export interface Label {
  at: number;
  text: string;
  /** Where it is written, and which end of it stands there. */
  x: number;
  y: number;
  align: "left" | "right" | "center";
}

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Nodes in the order in which they are named: by trouble, then the largest tiers. */
export function named(net: Net, scene: Scene, trouble: Trouble, faint: ReadonlyMap<number, unknown>): number[] {
  const first = [...trouble.failed, ...trouble.draining, ...trouble.disturbed];
  const known = new Set(first);
  const tier = (at: number): number => net.map.nodes.tier[at] ?? -1;
  const others = scene.nodes.filter((at) => !known.has(at) && !faint.has(at));
  return [...first, ...others.toSorted((a, b) => tier(b) - tier(a) || a - b)];
}

/** How wide a name is, near enough: a letter of Korean is as wide as it is high. */
export function widthOf(text: string): number {
  let width = 0;
  for (const letter of text) width += letter > "\u1100" ? FONT_PX : FONT_PX * 0.62;
  return width;
}

/** The part of a canvas that names are written in. */
export interface Room {
  width: number;
  height: number;
  /** Where it begins, in pixels from the left of the canvas; there without. */
  left?: number;
  /** Parts of it that are taken. */
  taken?: readonly Part[];
}

/** Names that fit into the room there is, beside their nodes, or else above or below; none over another or over a mark of trouble. */
export function placed(
  frame: Pick<Frame, "x" | "y">,
  room: Room,
  order: readonly number[],
  places: Places,
  trouble: Trouble,
  name: (at: number) => string,
  most: number,
): Label[] {
  const found: Label[] = [];
  const [west, east] = [room.left ?? 0, (room.left ?? 0) + room.width];
  const taken: Box[] = [];
  for (const { left, top, width, height } of room.taken ?? []) taken.push({ left, top, right: left + width, bottom: top + height });
  const marked = new Set([...trouble.failed, ...trouble.draining]);
  for (const kind of TROUBLES) {
    for (const at of trouble[kind].slice(0, TRIES)) {
      const place = kind === "refused" ? places.site(at) : places.node(at);
      if (!place) continue;
      const [x, y, r] = [frame.x(place[0]), frame.y(place[1]), TROUBLE_PX[kind] / 2];
      taken.push({ left: x - r, top: y - r, right: x + r, bottom: y + r });
    }
  }
  for (const at of order.slice(0, TRIES)) {
    if (found.length >= most) break;
    const place = places.node(at);
    if (!place) continue;
    const [x, y] = [frame.x(place[0]), frame.y(place[1])];
    if (x < west || y < 0 || x > east || y > room.height) continue;
    const text = name(at);
    const width = widthOf(text);
    const gap = marked.has(at) ? GAP + 5 : GAP;
    const beside = (left: number, middle: number): Box => ({ left, top: middle - HEIGHT / 2, right: left + width, bottom: middle + HEIGHT / 2 });
    const [over, under] = [y - gap - HEIGHT / 2, y + gap + HEIGHT / 2];
    const tries: readonly [Box, Label["align"], number][] = [
      [beside(x + gap, y), "left", x + gap],
      [beside(x - gap - width, y), "right", x - gap],
      [beside(x - width / 2, over), "center", x],
      [beside(x - width / 2, under), "center", x],
    ];
    for (const [box, align, anchor] of tries) {
      const inside = box.left > west + 2 && box.top > 2 && box.right < east - 2 && box.bottom < room.height - 2;
      if (!inside || taken.some((one) => overlaps(one, box))) continue;
      taken.push(box);
      found.push({ at, text, x: anchor, y: (box.top + box.bottom) / 2, align });
      break;
    }
  }
  return found;
}

const overlaps = (a: Box, b: Box): boolean => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

export interface LabelledNow {
  order: readonly number[];
  places: Places;
  trouble: Trouble;
  zoom: number;
  tokens: Tokens;
  name(at: number): string;
  insets: readonly Inset[];
  lens: Lens | null;
  /** What floats above the canvas. */
  taken: readonly Part[];
  /** What the lens is called. */
  lensName: string;
  /** From where to where names are written, in pixels, on a canvas so wide. */
  within(width: number): [from: number, to: number];
  /** What an inset is called. */
  insetName(inset: Inset): string;
}

/** What the lens lies on, its frame, and its title above: nothing shows through either. */
function lensPlate(group: graphic.Group, lens: Lens, name: string, tokens: Tokens): void {
  const title = { x: lens.left, y: lens.top - TITLE_PX, width: lens.width, height: TITLE_PX };
  const whole = { ...title, height: TITLE_PX + lens.height };
  add(group, new graphic.Rect({ shape: whole, style: { fill: tokens.surface }, zlevel: LENS, z: 0, silent: true }));
  add(group, new graphic.Rect({ shape: title, style: { fill: tokens.raised, stroke: tokens.quiet, lineWidth: 1 }, zlevel: LENS, z: 30, silent: true }));
  add(group, new graphic.Rect({ shape: whole, style: { fill: "transparent", stroke: tokens.quiet, lineWidth: 1 }, zlevel: LENS, z: 31, silent: true }));
  const style = { text: name, x: lens.left + 6, y: lens.top - TITLE_PX / 2, verticalAlign: "middle" as const, fill: tokens.text, font: `600 ${FONT_PX}px ${tokens.font}` };
  group.add(new graphic.Text({ style, zlevel: LENS, z: 31, silent: true }));
}

/** Draws the names, on a layer of its own; nothing where there is nothing to name. */
export function labelLayer(now: () => LabelledNow | null): Layer {
  return layer((group, frame, { width, height }) => {
    const given = now();
    if (!given) return;
    const { order, places, trouble, zoom, tokens, name, insets, insetName, within, lens, lensName, taken } = given;
    for (const inset of insets) {
      const style = { text: insetName(inset), x: frame.x(inset.west) + 1, y: frame.y(inset.north) - 3, verticalAlign: "bottom" as const, fill: tokens.quiet, font: `600 ${FONT_PX}px ${tokens.font}` };
      group.add(new graphic.Text({ style, zlevel: LABELS, silent: true }));
    }
    const [west, east] = within(width);
    const room = { left: west, width: east - west, height, taken: lens ? [...taken, lensBox(lens)] : taken };
    if (lens) lensPlate(group, lens, lensName, tokens);
    for (const { text, x, y, align } of placed(frame, room, order, places, trouble, name, MOST[nearness(zoom)] ?? 0)) {
      const style = { text, x, y, align, verticalAlign: "middle" as const, fill: tokens.text, stroke: tokens.surface, lineWidth: 3, font: `${FONT_PX}px ${tokens.font}` };
      group.add(new graphic.Text({ style, zlevel: LABELS, silent: true }));
    }
  });
}

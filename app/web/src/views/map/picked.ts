/**
 * What is picked, drawn above everything else: a ring, the flows that meet there, the routes of a workload.
 *
 * It is drawn on a layer of its own and by hand, so that picking does not have 100,000 flows computed anew.
 */
import { graphic, type ECharts } from "echarts/core";
import type { Tokens } from "../../theme";
import { frameOf, type Frame } from "./camera";
import { PICKED } from "./drawing";
import type { Net, Picked, Placed } from "./model";
import type { Places } from "./spread";
import type { Route } from "./story";

/** More flows than this at one place are not all drawn; the largest are. */
const MOST = 400;

export interface PickedLayer {
  /** Draw anew, for what is picked now. */
  draw(): void;
  /** Take part in a new engine. */
  join(engine: ECharts): void;
}

export interface PickedNow {
  net: Net;
  placed: Placed | null;
  places: Places;
  picked: Picked | null;
  routes: readonly Route[];
  tokens: Tokens;
}

export function pickedLayer(now: () => PickedNow | null): PickedLayer {
  let engine: ECharts | null = null;
  let group: graphic.Group | null = null;

  function draw(): void {
    group?.removeAll();
    const given = now();
    const frame = engine && !engine.isDisposed() ? frameOf(engine) : null;
    if (!group || !given || !given.picked || !frame) return;
    const { picked, net, placed, places } = given;
    if (picked.kind === "workload") drawWorkload(group, frame, given, placed?.of(picked.id) ?? []);
    else {
      const at = (picked.kind === "node" ? net.nodeAt : net.siteAt).get(picked.id) ?? -1;
      const shards = (picked.kind === "node" ? placed?.byNode : placed?.bySite)?.get(at) ?? [];
      meet(group, frame, given, shards);
      ring(group, frame, picked.kind === "node" ? places.node(at) : places.site(at), given.tokens, 10);
    }
  }

  return {
    draw,
    join(next) {
      engine = next;
      group = new graphic.Group({ silent: true });
      next.getZr().add(group);
    },
  };
}

/** The flows of these shards, straight, with a dot at the other end. */
function meet(group: graphic.Group, frame: Frame, { placed, places, tokens }: PickedNow, shards: readonly number[]): void {
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
    if (a && b) path(group, frame, [a, b], tokens.accent, 1 + 2 * Math.sqrt(count / most), false);
  }
}

function drawWorkload(group: graphic.Group, frame: Frame, given: PickedNow, shards: readonly number[]): void {
  const { placed, places, routes, tokens } = given;
  for (const { site, through } of routes) {
    const steps = through.map((at) => places.node(at)).filter((where) => where !== null);
    const from = places.site(site);
    if (from && steps[0]) path(group, frame, [from, steps[0]], tokens.accent, 2.5, true);
    if (steps.length > 1) path(group, frame, steps, tokens.accent, 3, false);
    for (const step of steps.slice(0, -1)) dot(group, frame, step, tokens);
  }
  if (routes.length === 0) meet(group, frame, given, shards);
  for (const shard of shards) {
    ring(group, frame, places.node(placed?.node[shard] ?? -1), tokens, 10);
    ring(group, frame, places.site(placed?.site[shard] ?? -1), tokens, 8);
  }
}

function path(group: graphic.Group, frame: Frame, places: readonly [number, number][], colour: string, width: number, dashed: boolean): void {
  const points = places.map(([lon, lat]) => [frame.x(lon), frame.y(lat)]);
  const style = { stroke: colour, lineWidth: width, opacity: 0.9, fill: "none", ...(dashed ? { lineDash: [5, 4] } : {}) };
  add(group, new graphic.Polyline({ shape: { points }, style, zlevel: PICKED, silent: true }));
}

function ring(group: graphic.Group, frame: Frame, where: [number, number] | null, tokens: Tokens, r: number): void {
  if (!where) return;
  const shape = { cx: frame.x(where[0]), cy: frame.y(where[1]), r };
  add(group, new graphic.Circle({ shape, style: { fill: "transparent", stroke: tokens.surface, lineWidth: 5 }, zlevel: PICKED, silent: true }));
  add(group, new graphic.Circle({ shape, style: { fill: "transparent", stroke: tokens.accent, lineWidth: 2.5 }, zlevel: PICKED, silent: true }));
}

function dot(group: graphic.Group, frame: Frame, where: [number, number], tokens: Tokens): void {
  const shape = { cx: frame.x(where[0]), cy: frame.y(where[1]), r: 4 };
  add(group, new graphic.Circle({ shape, style: { fill: tokens.surface, stroke: tokens.accent, lineWidth: 2 }, zlevel: PICKED, silent: true }));
}

/** ECharts' own types do not agree with each other on properties that may be undefined. */
function add(group: graphic.Group, element: unknown): void {
  group.add(element as Parameters<graphic.Group["add"]>[0]);
}

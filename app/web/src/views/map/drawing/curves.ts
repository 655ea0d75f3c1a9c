/** Flows as they are drawn: bent to one side, so that one there and one back do not cover each other. */
import type { Frame } from "../place/camera";
import type { Place, Places } from "../place/spread";
import type { Flow } from "../scene";

/** How far flows bend, in parts of their length. */
export const CURVENESS = 0.16;
/** How near to a flow the pointer must be, in pixels. */
const REACH_PX = 4;
/** The points at which the distance to a flow is taken. */
const STEPS = 24;

export interface Curve {
  from: [x: number, y: number];
  to: [x: number, y: number];
  /** The control point of the quadratic curve, as ECharts has it. */
  over: [x: number, y: number];
}

/** The curve from one place to another; with a `bend` of 0 a line. */
export function curveOf(frame: Pick<Frame, "x" | "y">, [a, b]: readonly [Place, Place], bend = CURVENESS): Curve {
  const [x1, y1, x2, y2] = [frame.x(a[0]), frame.y(a[1]), frame.x(b[0]), frame.y(b[1])];
  return { from: [x1, y1], to: [x2, y2], over: [(x1 + x2) / 2 - (y1 - y2) * bend, (y1 + y2) / 2 - (x2 - x1) * bend] };
}

/** Where a flow begins and ends; null where that is not known. */
export function endsOf(places: Places, { site, node }: Pick<Flow, "site" | "node">): [Place, Place] | null {
  const [a, b] = [places.site(site), places.node(node)];
  return a && b ? [a, b] : null;
}

/** What goes through a point of the canvas: the nearest within reach, null where there is none. */
export function curveAt<T>(frame: Pick<Frame, "x" | "y">, all: readonly T[], ends: (one: T) => readonly [Place, Place] | null, x: number, y: number, bend = CURVENESS): T | null {
  let best: T | null = null;
  let least = REACH_PX * REACH_PX;
  for (const one of all) {
    const its = ends(one);
    if (!its) continue;
    const curve = curveOf(frame, its, bend);
    if (!near(curve, x, y)) continue;
    const far = distance(curve, x, y);
    if (far < least) [least, best] = [far, one];
  }
  return best;
}

/** Whether a point lies in the box around a curve: most flows are dismissed by it. */
function near({ from, to, over }: Curve, x: number, y: number): boolean {
  const outside = (at: number, a: number, b: number, c: number): boolean => at < Math.min(a, b, c) - REACH_PX || at > Math.max(a, b, c) + REACH_PX;
  return !outside(x, from[0], to[0], over[0]) && !outside(y, from[1], to[1], over[1]);
}

/** The square of the distance to the curve, taken as a line through some of its points. */
function distance({ from, to, over }: Curve, x: number, y: number): number {
  let least = Infinity;
  let [px, py] = from;
  for (let i = 1; i <= STEPS; i += 1) {
    const t = i / STEPS;
    const [a, b, c] = [(1 - t) ** 2, 2 * t * (1 - t), t ** 2];
    const [qx, qy] = [a * from[0] + b * over[0] + c * to[0], a * from[1] + b * over[1] + c * to[1]];
    const length = (qx - px) ** 2 + (qy - py) ** 2;
    const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - px) * (qx - px) + (y - py) * (qy - py)) / length));
    least = Math.min(least, (x - px - along * (qx - px)) ** 2 + (y - py - along * (qy - py)) ** 2);
    [px, py] = [qx, qy];
  }
  return least;
}

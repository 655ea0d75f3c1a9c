/** The network as of a day: what operates then, what is no more than a claim, and the days on which that changes. */
import { dayNumber } from "../../capacity/facts";
import type { Net, Placed } from "../model";

/** As of which day, and how firm a node must be to count: a place on the ladder of commitments, 0 operates. */
export interface AsOf {
  day: string;
  step: number;
}

/** Whether a node operates on a day, as in the service's `commitment` rule: it is firm enough, and there by then. */
export function operates(net: Net, at: number, { day, step }: AsOf): boolean {
  const from = net.map.nodes.available_from[at] ?? null;
  const its = net.map.nodes.commitment[at] ?? 0;
  return its <= step && (from === null ? its === 0 : from <= day);
}

/** The days after `today` on which one of these nodes begins to operate, in order, and which do. */
export function comings(net: Net, nodes: readonly number[], step: number, today: string): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const at of nodes) {
    const from = net.map.nodes.available_from[at] ?? null;
    if (from === null || from <= today || (net.map.nodes.commitment[at] ?? 0) > step) continue;
    const known = found.get(from);
    if (known) known.push(at);
    else found.set(from, [at]);
  }
  return new Map([...found].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Nodes that are claimed: what carries something of what is drawn first, then the soonest; those without a day last. */
export function claims(net: Net, placed: Placed | null, nodes: readonly number[]): number[] {
  const { commitment, available_from } = net.map.nodes;
  const key = (at: number): string => `${placed?.byNode.has(at) ? 0 : 1}${available_from[at] ?? "9999"}`;
  return nodes.filter((at) => (commitment[at] ?? 0) > 0).toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : a - b));
}

/** The stop that a day belongs to: the last that is not after it. */
export function stopOf(stops: readonly string[], day: string): number {
  return Math.max(0, stops.findLastIndex((one) => one <= day));
}

/** The stop nearest to a number of days. */
export function nearestStop(stops: readonly string[], number: number): number {
  let best = 0;
  stops.forEach((stop, i) => {
    if (Math.abs(dayNumber(stop) - number) < Math.abs(dayNumber(stops[best] ?? stop) - number)) best = i;
  });
  return best;
}

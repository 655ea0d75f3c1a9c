/** What is in trouble, and what is not there yet: how the marks on the map are chosen. */
import { said, type Net, type Placed } from "./model";
import type { Scene } from "./scene";

/** The marks of trouble, the gravest last: so they are drawn, and the other way round they are hit. */
export const TROUBLES = ["refused", "disturbed", "draining", "failed"] as const;
export type TroubleKind = (typeof TROUBLES)[number];

/** Places of sites that were refused something, and of nodes in each state of trouble; each node stands in one of them. */
export type Trouble = Record<TroubleKind, number[]>;

export function troubleOf(net: Net, placed: Placed | null, scene: Scene): Trouble {
  const found: Trouble = { refused: [...scene.short].toSorted((a, b) => a - b), disturbed: [], draining: [], failed: [] };
  const disturbed = new Set<number>();
  if (placed && placed.disturbed > 0) {
    for (const shard of scene.shards) if (placed.status(shard) === "disturbed") disturbed.add(placed.node[shard] ?? -1);
  }
  for (const at of scene.nodes) {
    const state = said(net.map.states, net.map.nodes.state[at]);
    if (state === "failed" || state === "draining") found[state].push(at);
    else if (disturbed.has(at)) found.disturbed.push(at);
  }
  return found;
}

/** Whether a node is not there yet on a day: a memorandum, under construction, or opened later. */
export function unbuilt(net: Net, at: number, day: string): boolean {
  const { commitment, available_from } = net.map.nodes;
  return said(net.map.commitments, commitment[at]) !== "operational" || (available_from[at] ?? "") > day;
}

/** Whether a node is drawn small and hollow: it is not there yet on that day, or nothing runs there. */
export function hollow(net: Net, placed: Placed | null, at: number, day: string): boolean {
  return unbuilt(net, at, day) || (placed !== null && !placed.byNode.has(at));
}

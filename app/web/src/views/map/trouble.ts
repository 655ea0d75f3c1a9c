/** What is in trouble, and what is not there yet: how the marks on the map are chosen. */
import { said, type Net, type Placed } from "./model";
import type { Scene } from "./scene";
import { operates, type AsOf } from "./time/asof";

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

/** How a node is drawn whose place is held for it, or that is not used: small and hollow. */
export type Faint = "ghost" | "unused";

/** Nodes that are drawn small and hollow: ghosts do not operate as of a day, the others do and nothing runs on them. */
export function faintOf(net: Net, placed: Placed | null, nodes: readonly number[], asOf: AsOf): Map<number, Faint> {
  const found = new Map<number, Faint>();
  for (const at of nodes) {
    if (!operates(net, at, asOf)) found.set(at, "ghost");
    else if (placed !== null && !placed.byNode.has(at)) found.set(at, "unused");
  }
  return found;
}

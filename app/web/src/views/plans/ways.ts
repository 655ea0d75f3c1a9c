/** Moves between nodes, those of one way added up. */
import type { ShardChange } from "../../wire";

export interface Way {
  from: string;
  to: string;
  shards: number;
}

/** The ways that shards go from node to node, the busiest first. */
export function ways(rows: readonly ShardChange[]): Way[] {
  const found = new Map<string, Way>();
  for (const { from_node: from, to_node: to } of rows) {
    if (from === null || to === null || from === to) continue;
    const way = found.get(`${from} ${to}`) ?? { from, to, shards: 0 };
    way.shards += 1;
    found.set(`${from} ${to}`, way);
  }
  return [...found.values()].sort((a, b) => b.shards - a.shards || (a.from < b.from ? -1 : 1));
}

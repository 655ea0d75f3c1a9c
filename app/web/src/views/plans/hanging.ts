/** What of a plan hangs on nodes that do not operate yet: those that are only promised, or open later. */
import type { NetworkMap, PlacementMap } from "../../wire";

/** A node that does not operate today, and what a plan puts there. */
export interface Hanging {
  node: string;
  /** How firm it is, as one of the commitments of the map. */
  commitment: string;
  /** The day from which it can be used; null where nobody has said one. */
  from: string | null;
  workloads: number;
  shards: number;
}

/** The nodes of a plan that rest on a promise, the least firm first, and of those that are alike the ones with most shards. */
export function hanging(map: NetworkMap, placed: PlacementMap, today: string): Hanging[] {
  const { id, commitment, available_from: from } = map.nodes;
  const place = new Map(id.map((one, i) => [one, i]));
  const on = new Map<string, string[]>();
  placed.shards.node.forEach((at, row) => {
    const node = placed.nodes[at];
    const workloads = on.get(node ?? "") ?? [];
    workloads.push(placed.shards.workload[row] ?? "");
    if (node !== undefined) on.set(node, workloads);
  });
  const step = (node: string): number => commitment[place.get(node) ?? -1] ?? 0;
  return [...on]
    .map(([node, workloads]) => ({
      node,
      commitment: map.commitments[step(node)] ?? "",
      from: from[place.get(node) ?? -1] ?? null,
      workloads: new Set(workloads).size,
      shards: workloads.length,
    }))
    .filter((one) => step(one.node) > 0 || (one.from !== null && one.from > today))
    .sort((a, b) => step(b.node) - step(a.node) || b.shards - a.shards || (a.node < b.node ? -1 : 1));
}

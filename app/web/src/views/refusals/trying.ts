/** From a repair to the request that would carry it out: the form for a new plan, filled in. */
import { href } from "../../route";
import type { Repair } from "../../wire";

const SCOPES: readonly string[] = ["repair", "keep", "move", "preempt"];

/**
 * The link to the form that asks for the workload as a repair says; null where a request cannot: what is stored, such as a
 * node or a policy, would have to be changed first.
 */
export function tryLink(workload: string, repair: Repair): string | null {
  const asked: Record<string, string> = { new: "1", ids: workload };
  const ends = new Set<string>();
  for (const { kind, id, field, value } of repair.change) {
    if (kind === "scope" && field === "may_end") ends.add(id);
    else if (kind === "scope" && field === "running" && typeof value === "string") asked["running"] = value;
    else if (kind === "terms" && field === "horizon" && typeof value === "string") asked["horizon"] = value;
    else if (kind === "terms" && field === "lowest_commitment" && typeof value === "string") asked["commitment"] = value;
    else if (kind !== "scope") return null;
  }
  if (repair.scope === "" && repair.change.length === 0) return null;
  // Whoever is named may be moved as well; a scope would let others be moved or ended, too.
  if (ends.size > 0) {
    delete asked["running"];
    asked["ends"] = [...ends].join(",");
  } else if (SCOPES.includes(repair.scope)) asked["running"] = repair.scope;
  return href("plans", asked);
}

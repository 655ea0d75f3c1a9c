/** What the URL says of the map, and what of it is picked. */
import { day, flag, list, text, word, words, type Params, type Values } from "../../params";
import { WAYS } from "./drawing/colours";
import type { Picked } from "./model";
import { STATUSES } from "./scene";
import { ROWS } from "./told/tables";

export const params = {
  /** The plan that is drawn; what is in force without. */
  plan: text(),
  by: word(WAYS, "utilisation"),
  model: list(),
  policy: list(),
  province: list(),
  tier: words(["onsite", "mec", "metro", "regional", "core"]),
  state: words(["active", "draining", "failed"]),
  kind: list(),
  status: words(STATUSES),
  /** As of which day, and which least firm nodes count; today, and as the terms of what is drawn have it, without. */
  day: day(),
  commitment: text(),
  /** Whether what is in force stands beside the plan that is drawn. */
  wipe: flag(),
  links: flag(),
  /** Whether flows are left out. */
  bare: flag(),
  /** What is picked: at most one of these. */
  node: text(),
  site: text(),
  workload: text(),
  /** What is looked at. */
  at: text(),
  table: flag(),
  rows: word(ROWS, "nodes"),
  sort: text(),
  down: flag(),
} satisfies Params;

export type MapValues = Values<typeof params>;

export function pickedOf({ node, site, workload }: MapValues): Picked | null {
  if (workload !== "") return { kind: "workload", id: workload };
  if (node !== "") return { kind: "node", id: node };
  return site === "" ? null : { kind: "site", id: site };
}

export function pickValues(picked: Picked | null): Pick<MapValues, "node" | "site" | "workload"> {
  return { node: "", site: "", workload: "", ...(picked ? { [picked.kind]: picked.id } : {}) };
}

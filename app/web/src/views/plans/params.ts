/** What the URL says of the plans, and what their pages are handed. */
import { day, flag, text, whole, word, words, type Values } from "../../params";
import type { Context } from "../../view";
import type { PlanStatus } from "../../wire";
import { COMMITMENTS } from "./terms";

export const SORTS = ["submitted", "name", "status", "workloads", "cost", "gap", "unplaced", "seconds"] as const;
export const STATUSES = ["queued", "running", "finished", "cancelled", "failed"] as const satisfies readonly PlanStatus[];

export const PARAMS = {
  sort: word(SORTS, "submitted"),
  descending: whole(1, 0, 1),
  status: words(STATUSES),
  whatif: word(["all", "without", "only"], "all"),
  /** The plan that is shown, and the one that it is compared with. */
  plan: text(),
  with: text(),
  /** Whether it is shown as a report. */
  report: flag(),
  /** Whether a new one is being asked for. */
  new: flag(),
  /** What the form for a new one begins with: the day and the least firm commitment that somebody came with. */
  horizon: day(),
  commitment: word(["", ...COMMITMENTS], ""),
  /** The same for a repair that somebody wants to try: workloads, how far the plan may go, and whom it may end. */
  ids: text(),
  running: word(["", "repair", "keep", "move", "preempt"], ""),
  ends: text(),
  scale: word(["linear", "log"], "linear"),
  /** Whether the list of all placements is open. */
  placements: flag(),
  /** Charts that are shown as tables. */
  tables: words(["progress", "goals", "moves"]),
};

export type PlansValues = Values<typeof PARAMS>;
export type PlansContext = Context<typeof PARAMS>;

/** One of the pages that the plans are made of. */
export interface Page {
  update(now: PlansValues): void;
  dispose(): void;
}

/** The colour of a status. */
export const TONE: Record<PlanStatus, string> = { queued: "", running: "accent", finished: "good", cancelled: "warn", failed: "bad" };

/** The values of a chart's table switch after it was pressed. */
export function toggled<T extends string>(tables: readonly T[], name: T, asTable: boolean): readonly T[] {
  const others = tables.filter((one) => one !== name);
  return asTable ? [...others, name] : others;
}

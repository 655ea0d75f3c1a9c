/** Refused shards, by workload and by rule. */
import type { AllocationOut, Refusal, Unplaced } from "../../wire";

/** The refused shards of one workload: they are all alike. */
export interface Refused {
  workload: string;
  site: string;
  policy: string;
  model: string;
  shards: number;
  devices: number;
  deadline_us: number | null;
  /** The plan that refused it. */
  plan: string;
  refusal: Refusal | null;
}

/** What one rule has to do with refusals. */
export interface RuleCount {
  rule: string;
  /** Shards to which it closes at least one node, and shards to which it alone closes at least one. */
  shards: number;
  alone: number;
  /** Nodes that it closes, added up over the shards. */
  nodes: number;
}

/** One for each workload, of what a plan or the allocation leaves unplaced. */
export function byWorkload(rows: readonly (Unplaced | AllocationOut)[], plan: string): Refused[] {
  const found = new Map<string, Refused>();
  for (const row of rows) {
    const known = found.get(row.workload);
    if (known) {
      known.shards += 1;
      known.devices += row.devices;
      known.refusal ??= row.refusal;
      continue;
    }
    found.set(row.workload, {
      workload: row.workload,
      site: row.site,
      policy: row.policy,
      model: row.model,
      shards: 1,
      devices: row.devices,
      deadline_us: "deadline_us" in row ? row.deadline_us : null,
      plan: "plan" in row ? row.plan : plan,
      refusal: row.refusal,
    });
  }
  return [...found.values()];
}

/** The rules that refuse, those that refuse most shards first. */
export function byRule(refused: readonly Refused[]): RuleCount[] {
  const found = new Map<string, RuleCount>();
  const of = (rule: string): RuleCount => {
    const count = found.get(rule) ?? { rule, shards: 0, alone: 0, nodes: 0 };
    found.set(rule, count);
    return count;
  };
  for (const { refusal, shards } of refused) {
    for (const { rule, nodes } of refusal?.reasons ?? []) {
      of(rule).shards += shards;
      of(rule).nodes += nodes * shards;
    }
    for (const { rule } of refusal?.repairs ?? []) of(rule).alone += shards;
  }
  return [...found.values()].sort((a, b) => b.shards - a.shards || b.alone - a.alone || (a.rule < b.rule ? -1 : 1));
}

/** What the refusals are narrowed down to; what is empty is not asked. */
export interface Filter {
  rule: string;
  alone: boolean;
  site: string;
  policy: string;
  model: string;
}

/** Those that a filter lets through. */
export function filtered(refused: readonly Refused[], asked: Filter): Refused[] {
  const rules = (one: Refused) => (asked.alone ? one.refusal?.repairs : one.refusal?.reasons) ?? [];
  return refused.filter(
    (one) =>
      (asked.site === "" || one.site === asked.site) &&
      (asked.policy === "" || one.policy === asked.policy) &&
      (asked.model === "" || one.model === asked.model) &&
      (asked.rule === "" ? !asked.alone || rules(one).length > 0 : rules(one).some((reason) => reason.rule === asked.rule)),
  );
}

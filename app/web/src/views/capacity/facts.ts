/**
 * What the capacity view knows: the nodes of the network, and how much of each a plan uses; and what follows from both
 * for a day and a firmness. A node counts as in the service's `commitment` rule: it is firm enough, and there by then.
 */
import { amountOf as amount } from "../../amounts";
import type { I18n } from "../../i18n";
import type { Capacity, NetworkMap } from "../../wire";

export interface NodeFact {
  id: string;
  name: string;
  tier: string;
  province: string;
  state: string;
  owner: string;
  /** Place on the ladder of commitments; 0 operates. */
  step: number;
  /** The first day on which it is there; null if none is named. */
  from: string | null;
  /** Accelerators and how many of each. */
  cards: readonly (readonly [accelerator: string, count: number])[];
  watts: number;
}

/** How much of one resource of a node is used; of accelerators, for each kind. */
export interface Account {
  node: NodeFact;
  resource: string;
  accelerator: string;
  used: number;
  capacity: number;
}

export interface Facts {
  nodes: readonly NodeFact[];
  commitments: readonly string[];
  tiers: readonly string[];
  accelerators: readonly string[];
  accounts: readonly Account[];
  /** The unit of each resource. */
  units: ReadonlyMap<string, string>;
  /** How many nodes the plan has that the network has no more. */
  gone: number;
}

/** As of which day, with which least firm step of the ladder. */
export interface AsOf {
  day: string;
  step: number;
}

export interface Use {
  group: string;
  resource: string;
  unit: string;
  nodes: number;
  used: number;
  capacity: number;
  /** Used of capacity; null where there is none. */
  share: number | null;
}

export type By = "tier" | "province" | "accelerator";

/** The steps that are no more than a memorandum or a wish. */
export const UNFIRM = ["mou", "aspiration"];

/** Join the network with what a plan uses. */
export function factsOf(i18n: I18n, map: NetworkMap, capacity: Capacity): Facts {
  const { nodes } = map;
  const word = (words: readonly string[], place: number | undefined): string => words[place ?? -1] ?? "";
  const made = nodes.id.map((id, i): NodeFact => ({
    id,
    name: i18n.name({ id, name: nodes.name[i] ?? null, name_ko: nodes.name_ko[i] ?? null }),
    tier: word(map.tiers, nodes.tier[i]),
    province: word(map.provinces, nodes.province[i]),
    state: word(map.states, nodes.state[i]),
    owner: word(map.owners, nodes.owner[i]),
    step: nodes.commitment[i] ?? 0,
    from: nodes.available_from[i] ?? null,
    cards: (nodes.cards[i] ?? []).map(([kind, count]) => [word(map.accelerators, kind), count] as const),
    watts: nodes.power_w[i] ?? 0,
  }));
  const at = new Map(made.map((node) => [node.id, node]));
  const { accounts } = capacity;
  const found = accounts.nodes.map((id) => at.get(id));
  const kept: Account[] = [];
  accounts.node.forEach((place, i) => {
    const node = found[place];
    if (node === undefined) return;
    kept.push({
      node,
      resource: word(accounts.resources, accounts.resource[i]),
      accelerator: word(accounts.accelerators, accounts.accelerator[i]),
      used: accounts.used[i] ?? 0,
      capacity: accounts.capacity[i] ?? 0,
    });
  });
  return {
    nodes: made,
    commitments: map.commitments,
    tiers: map.tiers,
    accelerators: map.accelerators,
    accounts: kept,
    units: new Map(accounts.resources.map((resource, i) => [resource, accounts.units[i] ?? ""])),
    gone: found.filter((node) => node === undefined).length,
  };
}

/** Whether a node is there on a day, and firm enough. */
export function counts(node: NodeFact, asOf: AsOf): boolean {
  if (node.step > asOf.step) return false;
  return node.from === null ? node.step === 0 : node.from <= asOf.day;
}

/** Used and capacity, added up by the words that `key` gives; accounts to which it gives none are left out. */
export function usesBy(facts: Facts, accounts: readonly Account[], key: (account: Account) => string): Use[] {
  const sums = new Map<string, Use & { seen: Set<string> }>();
  for (const account of accounts) {
    const group = key(account);
    if (group === "") continue;
    const name = `${group} ${account.resource}`;
    let sum = sums.get(name);
    if (!sum) {
      const unit = facts.units.get(account.resource) ?? "";
      sum = { group, resource: account.resource, unit, nodes: 0, used: 0, capacity: 0, share: null, seen: new Set() };
      sums.set(name, sum);
    }
    sum.used += account.used;
    sum.capacity += account.capacity;
    sum.seen.add(account.node.id);
  }
  return [...sums.values()].map(({ seen, ...use }) => ({ ...use, nodes: seen.size, share: shareOf(use.used, use.capacity) }));
}

/** What accounts are grouped by. */
export function groupOf(by: By): (account: Account) => string {
  if (by === "tier") return (account) => account.node.tier;
  if (by === "province") return (account) => account.node.province;
  return (account) => account.accelerator;
}

/** Used of capacity; null of nothing. */
export function shareOf(used: number, capacity: number): number | null {
  if (capacity > 0) return used / capacity;
  return used > 0 ? 1 : null;
}

/** How many nodes are how full: none of it used, then by tenths, and full. */
export interface Bins {
  idle: number;
  /** Up to but not including 10 %, 20 % ... 100 %. */
  tenths: number[];
  full: number;
}

export function binsOf(uses: readonly Use[]): Bins {
  const bins: Bins = { idle: 0, tenths: Array.from({ length: 10 }, () => 0), full: 0 };
  for (const { used, share } of uses) {
    if (share === null) continue;
    if (used === 0) bins.idle += 1;
    else if (share >= 1) bins.full += 1;
    else bins.tenths[Math.floor(share * 10)] = (bins.tenths[Math.floor(share * 10)] ?? 0) + 1;
  }
  return bins;
}

/** The step of the palette for a share: 1 to 7, and 0 for none. */
export function amountOf(share: number | null): number {
  return amount(share === null ? null : share * 1000);
}

/** How much of what the timeline draws a node brings. */
export type Measure = (node: NodeFact) => number;

/** What stands on each step of the ladder. */
export interface Rung {
  step: number;
  /** There by the day that is asked about. */
  now: { nodes: number; amount: number };
  /** Later, on a day that is named. */
  later: { nodes: number; amount: number };
  /** No day is named. */
  dateless: { nodes: number; amount: number };
}

export function rungsOf(nodes: readonly NodeFact[], steps: number, day: string, measure: Measure): Rung[] {
  const rungs = Array.from({ length: steps }, (_, step): Rung => {
    const none = () => ({ nodes: 0, amount: 0 });
    return { step, now: none(), later: none(), dateless: none() };
  });
  for (const node of nodes) {
    const rung = rungs[node.step];
    if (!rung) continue;
    const place = counts(node, { day, step: steps }) ? rung.now : node.from === null ? rung.dateless : rung.later;
    place.nodes += 1;
    place.amount += measure(node);
  }
  return rungs;
}

/** The days on which a dated node is first there, in order. */
export function changeDays(nodes: readonly NodeFact[]): string[] {
  return [...new Set(nodes.flatMap((node) => node.from ?? []))].sort();
}

/** What is there by each of `days` (in order), for each step of the ladder. */
export function stepLines(nodes: readonly NodeFact[], steps: number, days: readonly string[], measure: Measure): number[][] {
  const lines = Array.from({ length: steps }, () => days.map(() => 0));
  for (const node of nodes) {
    const line = lines[node.step];
    const from = node.from;
    if (!line || (from === null && node.step > 0)) continue;
    const first = from === null ? 0 : days.findIndex((day) => day >= from);
    if (first < 0) continue;
    const amount = measure(node);
    for (let i = first; i < line.length; i += 1) line[i] = (line[i] ?? 0) + amount;
  }
  return lines;
}

const DAY_MS = 86_400_000;

/** A day as a number of days, and back. */
export const dayNumber = (day: string): number => Math.round(Date.parse(`${day}T00:00:00Z`) / DAY_MS);
export const dayOf = (number: number): string => new Date(number * DAY_MS).toISOString().slice(0, 10);

/** The same day so many months later, or the last of that month. */
export function monthsLater(day: string, months: number): string {
  const [year = 1970, month = 1, date = 1] = day.split("-").map(Number);
  const last = new Date(Date.UTC(year, month + months, 0)).getUTCDate();
  return new Date(Date.UTC(year, month - 1 + months, Math.min(date, last))).toISOString().slice(0, 10);
}

/** From when to when the timeline goes: the year before `today` up to the year after the last change. */
export function spanOf(nodes: readonly NodeFact[], today: string): [first: string, last: string] {
  const year = Number(today.slice(0, 4));
  const last = changeDays(nodes).at(-1) ?? today;
  return [`${year - 1}-01-01`, `${Math.max(year + 1, Number(last.slice(0, 4)) + 1)}-01-01`];
}

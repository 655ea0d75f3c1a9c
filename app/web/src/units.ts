/**
 * Units of the wire by their codes: how amounts in them are written, and in which larger unit one thinks of them. What they
 * are called in each language stands in `i18n/words.ts`.
 */

/** What is counted by the piece, in words of its own. */
export type Counted = "card" | "vcpu" | "cell" | "shard" | "device";

/** What a unit is: of what it counts pieces, how many of it are one, and of how many one thinks by which name. */
interface Unit {
  counted?: Counted;
  scale: number;
  thought?: string;
}

export const UNITS: Readonly<Record<string, Unit>> = {
  card_milli: { counted: "card", scale: 1_000 },
  vcpu_milli: { counted: "vcpu", scale: 1_000 },
  cell_milli: { counted: "cell", scale: 1_000 },
  shards: { counted: "shard", scale: 1 },
  devices: { counted: "device", scale: 1 },
  cards: { counted: "card", scale: 1 },
  mib: { scale: 1_024, thought: "GiB" },
  w: { scale: 1_000, thought: "kW" },
  kbps: { scale: 1_000_000, thought: "Gbit/s" },
};

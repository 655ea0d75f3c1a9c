/** What colours say: by each way to colour, the classes of nodes and flows, in the order of the legend. */
import { AMOUNTS, step } from "../../../amounts";
import type { I18n } from "../../../i18n";
import type { Tokens } from "../../../theme";
import { said, type Net, type Placed } from "../model";
import type { Flow, Scene } from "../scene";
import type { Faint } from "../trouble";

export const WAYS = ["utilisation", "margin", "sovereignty", "commitment", "tier"] as const;
export type Way = (typeof WAYS)[number];

/** The class of what is not used. */
export const UNUSED = "unused";

/** One colour of the legend. */
export interface Class {
  key: string;
  label: string;
  colour(tokens: Tokens): string;
}

/** Upper ends of the classes of what is left of a deadline, in thousandths; the last class has none. */
const MARGINS = [20, 50, 100, 200, 400, 600] as const;

/** Places in the categorical palette. */
const TIERS: Record<string, number> = { onsite: 1, mec: 4, metro: 2, regional: 0, core: 6 };
const SOVEREIGNTIES: Record<string, number> = { domestic: 2, foreign_owned: 1, foreign_operated: 4, foreign_controlled: 3, unknown: 7 };
const COMMITMENTS: Record<string, number> = { operational: 2, under_construction: 5, contracted: 0, announced: 4, mou: 1, aspiration: 7 };
const OTHER = 7;

const kind = (place: number | undefined) => (tokens: Tokens): string => tokens.kinds[place ?? OTHER] ?? tokens.quiet;
const amount = (place: number) => (tokens: Tokens): string => tokens.amounts[place] ?? tokens.quiet;

/** The classes of a way, and the class of each node and flow as a place among them. */
export interface Colouring {
  classes: Class[];
  node(at: number): number;
  flow(flow: Flow): number;
}

export function colouring(way: Way, net: Net, placed: Placed | null, i18n: I18n): Colouring {
  const { nodes } = net.map;
  const unused: Class = { key: UNUSED, label: i18n.t("map.unused"), colour: (tokens) => tokens.coast };
  if (way === "utilisation") {
    // Cards are what a node is there for and what money buys; some other pool is almost full almost everywhere.
    // What needs no cards runs on a node as well.
    const node = (at: number): number => {
      const used = Math.max(0, placed?.cards[at] ?? 0);
      return used > 0 || placed?.byNode.has(at) ? 1 + step(AMOUNTS, used) : 0;
    };
    const classes = ranges(i18n, AMOUNTS).map((label, i): Class => ({ key: `load-${i}`, label, colour: amount(i) }));
    return { classes: [unused, ...classes], node, flow: (flow) => node(flow.node) };
  }
  if (way === "margin") {
    // The tightest is the strongest colour, and comes first.
    const classes = ranges(i18n, MARGINS).map((label, i): Class => ({ key: `margin-${i}`, label, colour: amount(MARGINS.length - i) }));
    const of = (share: number): number => (share < 0 ? classes.length : step(MARGINS, share));
    return { classes: [...classes, unused], node: (at) => of(placed?.margin[at] ?? -1), flow: (flow) => of(flow.margin) };
  }
  const [words, column, palette] = {
    sovereignty: [net.map.sovereignties, nodes.sovereignty, SOVEREIGNTIES],
    commitment: [net.map.commitments, nodes.commitment, COMMITMENTS],
    tier: [net.map.tiers, nodes.tier, TIERS],
  }[way] as [readonly string[], number[], Record<string, number>];
  const classes = words.map((word): Class => ({ key: word, label: i18n.word(way, word), colour: kind(palette[word]) }));
  return { classes, node: (at) => column[at] ?? 0, flow: (flow) => column[flow.node] ?? 0 };
}

/** How many of the nodes drawn are in each class. Where colours say how much is used, ghosts are in none: they cannot be used yet. */
export function counts(colours: Colouring, scene: Scene, faint: ReadonlyMap<number, Faint>): number[] {
  const found = new Array<number>(colours.classes.length).fill(0);
  const ofUse = colours.classes.some((one) => one.key === UNUSED);
  for (const at of scene.nodes) {
    if (ofUse && faint.get(at) === "ghost") continue;
    const place = colours.node(at);
    found[place] = (found[place] ?? 0) + 1;
  }
  return found;
}

/** The sovereignty of a node, as a word. */
export const sovereigntyOf = (net: Net, at: number): string => said(net.map.sovereignties, net.map.nodes.sovereignty[at]);

/** The steps of a scale in words. */
export function ranges(i18n: I18n, ends: readonly number[]): string[] {
  const first = ends[0] ?? 0;
  const last = ends[ends.length - 1] ?? 0;
  return [
    i18n.t("map.below", { end: i18n.permille(first) }),
    ...ends.slice(1).map((end, i) => i18n.t("map.between", { from: i18n.number((ends[i] ?? 0) / 10), to: i18n.permille(end) })),
    i18n.t("map.atLeast", { from: i18n.permille(last) }),
  ];
}

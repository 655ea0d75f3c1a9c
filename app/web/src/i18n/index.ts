/**
 * English and Korean: sentences by key, and numbers, days, money and times as each language writes them.
 *
 * A part of the dashboard has its own dictionary beside this file, with the same keys in both languages (the type system
 * sees to it). `{name}` in a sentence is a value that must be given; `{name:one|many}` are words for a value of 1 and for others.
 */
import type { Money } from "../wire";
import * as capacity from "./capacity";
import * as events from "./events";
import * as frame from "./frame";
import * as map from "./map";
import * as plans from "./plans";
import * as refusals from "./refusals";
import * as says from "./says";
import * as words from "./words";
import { UNITS } from "../units";

const en = { ...frame.en, ...words.en, ...map.en, ...plans.en, ...capacity.en, ...refusals.en, ...says.en, ...events.en } as const;
const ko: { readonly [K in Key]: string } = {
  ...frame.ko,
  ...words.ko,
  ...map.ko,
  ...plans.ko,
  ...capacity.ko,
  ...refusals.ko,
  ...says.ko,
  ...events.ko,
};

/** Every dictionary, for tests. */
export const DICTIONARIES = { en, ko } as const;

export const LANGUAGES = ["en", "ko"] as const;
export type Language = (typeof LANGUAGES)[number];
export type Key = keyof typeof en;

/** Gaps below this would be rounded to nothing. */
const LEAST_GAP = 1e-4;

type Holes<S extends string> = S extends `${string}{${infer Hole}}${infer Rest}` ? NameIn<Hole> | Holes<Rest> : never;
type NameIn<Hole extends string> = Hole extends `${infer Name}:${string}` ? Name : Hole;
type HolesOf<K extends Key> = Holes<(typeof en)[K]>;
type Given<K extends Key> = [HolesOf<K>] extends [never] ? [] : [values: Record<HolesOf<K>, string>];

/** Families of words that the service uses on the wire. */
export type Family =
  | "tier"
  | "state"
  | "commitment"
  | "sovereignty"
  | "kind"
  | "status"
  | "plan"
  | "phase"
  | "action"
  | "goal"
  | "resource"
  | "unit"
  | "one"
  | "domain"
  | "party"
  | "rule"
  | "event";

const STORED = "edgeplan.language";

/** What networks count money in that do not say otherwise. */
const WON: Money = { currency: "KRW", per_unit: 1 };

/** The language that was chosen, or else the browser's. */
export function preferredLanguage(): Language {
  const stored = localStorage.getItem(STORED);
  return LANGUAGES.find((one) => one === stored) ?? (navigator.language.startsWith("ko") ? "ko" : "en");
}

/** Remember a choice. */
export function storeLanguage(language: Language): void {
  localStorage.setItem(STORED, language);
}

export class I18n {
  readonly #tag: string;
  readonly #numbers = new Map<string, Intl.NumberFormat>();
  readonly #times: Intl.DateTimeFormat;
  readonly #days: Intl.DateTimeFormat;
  readonly #countries: Intl.DisplayNames;

  /** `unit` is what the network counts money in. */
  constructor(
    readonly language: Language,
    readonly unit: Money = WON,
  ) {
    this.#tag = language === "ko" ? "ko-KR" : "en-GB";
    this.#times = new Intl.DateTimeFormat(this.#tag, { dateStyle: "medium", timeStyle: "medium" });
    this.#days = new Intl.DateTimeFormat(this.#tag, { dateStyle: "medium", timeZone: "UTC" });
    this.#countries = new Intl.DisplayNames([this.#tag], { type: "region", fallback: "code" });
  }

  /** A sentence. */
  t<K extends Key>(key: K, ...given: Given<K>): string {
    const values = (given[0] ?? {}) as Record<string, string>;
    return DICTIONARIES[this.language][key].replace(/\{(\w+)(?::([^|}]*)\|([^}]*))?\}/g, (hole, name: string, one?: string, many?: string) => {
      if (one === undefined) return values[name] ?? hole;
      return (values[name] === "1" ? one : many) ?? hole;
    });
  }

  /** One of the service's own words; one that is not known is shown as it is. */
  word(family: Family, word: string): string {
    const known: Record<string, string> = DICTIONARIES[this.language];
    return known[`${family}.${word}`] ?? word.replaceAll("_", " ");
  }

  /** A country by its two letters; anything else is shown as it is. */
  country(code: string): string {
    return /^[A-Z]{2}$/.test(code) ? (this.#countries.of(code) ?? code) : code;
  }

  /** The name of something that may have two. */
  name(thing: { id: string; name?: string | null; name_ko?: string | null }): string {
    return (this.language === "ko" ? (thing.name_ko ?? thing.name) : thing.name) ?? thing.id;
  }

  number(value: number, digits = 0): string {
    return this.#format({ minimumFractionDigits: 0, maximumFractionDigits: digits }).format(value);
  }

  /** A part of one, as per cent. */
  percent(part: number, digits = 1): string {
    return this.#format({ style: "percent", maximumFractionDigits: digits }).format(part);
  }

  /** How far a plan is from the proven bound, as per cent: a little is not nothing. */
  gap(part: number): string {
    if (part > 0 && part < LEAST_GAP) return this.#format({ style: "percent", maximumSignificantDigits: 1 }).format(part);
    return this.percent(part, 2);
  }

  /** Thousandths, as per cent. */
  permille(thousandths: number): string {
    return this.percent(thousandths / 1000);
  }

  /** An amount of money, in full. */
  money(amount: number): string {
    const { currency, per_unit: parts } = this.unit;
    const digits = Math.ceil(Math.log10(parts));
    const format = { style: "currency", currency, minimumFractionDigits: digits, maximumFractionDigits: digits } as const;
    return this.#format(format).format(amount / parts);
  }

  /** The same to three figures: ₩2.18bn, ₩21.8억. */
  shortMoney(amount: number): string {
    const { currency, per_unit: parts } = this.unit;
    return this.#format({ style: "currency", currency, notation: "compact", maximumSignificantDigits: 3 }).format(amount / parts);
  }

  /** Microseconds, in the unit in which they read best. */
  micros(micros: number): string {
    const size = Math.abs(micros);
    if (size < 1_000) return this.#unit(micros, "microsecond", 0);
    if (size < 1_000_000) return this.#unit(micros / 1_000, "millisecond", size < 100_000 ? 1 : 0);
    return this.#unit(micros / 1_000_000, "second", 2);
  }

  seconds(seconds: number): string {
    return this.#unit(seconds, "second", 1);
  }

  /** Bytes, in powers of 1,024. */
  bytes(bytes: number): string {
    const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;
    const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1);
    return `${this.number(bytes / 1024 ** power, power === 0 ? 0 : 1)} ${units[power] ?? ""}`;
  }

  /** An amount in a unit of the wire. */
  amount(value: number, unit: string): string {
    if (unit === "us") return this.micros(value);
    if (unit === "mib") return this.bytes(value * 2 ** 20);
    if (unit === "w") return value >= 10_000 ? `${this.number(value / 1_000)} kW` : `${this.number(value)} W`;
    if (unit === "kbps") return value >= 1_000_000 ? `${this.number(value / 1e6, 1)} Gbit/s` : `${this.number(value / 1_000, 1)} Mbit/s`;
    const { counted, scale } = UNITS[unit] ?? { scale: 1 };
    return counted === undefined ? this.number(value) : this.number(value / scale, scale === 1 ? 0 : 3);
  }

  /** An amount in a unit of the wire, with the unit: cards, vCPUs and cells are counted whole, not by the thousandth. */
  measure(value: number, unit: string): string {
    const amount = this.amount(value, unit);
    const { counted } = UNITS[unit] ?? {};
    if (counted !== undefined) return this.t(`unit.${counted}.${amount === "1" ? "one" : "many"}`, { count: amount });
    return amount === this.number(value) && unit !== "" ? `${amount} ${this.word("unit", unit)}` : amount;
  }

  /** A moment, in the time of the person who looks. */
  time(moment: string): string {
    return this.#times.format(new Date(moment));
  }

  /** A day such as `2026-12-01`. */
  day(day: string): string {
    return this.#days.format(new Date(`${day}T00:00:00Z`));
  }

  #unit(value: number, unit: string, digits: number): string {
    return this.#format({ style: "unit", unit, unitDisplay: unit === "second" ? "narrow" : "short", maximumFractionDigits: digits }).format(value);
  }

  #format(options: Intl.NumberFormatOptions): Intl.NumberFormat {
    const key = JSON.stringify(options);
    const known = this.#numbers.get(key) ?? new Intl.NumberFormat(this.#tag, options);
    this.#numbers.set(key, known);
    return known;
  }
}

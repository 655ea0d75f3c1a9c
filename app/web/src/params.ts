/**
 * Parameters of a view: how each is read from the URL and written to it.
 *
 * A value that cannot be read is the default; a default is left out of the URL.
 */
export interface Param<T> {
  /** The value in the words of the URL; null when it is not there. */
  read(raw: string | null): T;
  /** The words of a value; null for the default. */
  write(value: T): string | null;
  /** Whether words can be read, where not all can. */
  reads?(raw: string): boolean;
}

// eslint-free `any`: a schema holds parameters of all types
export type Params = Record<string, Param<any>>;

/** The values of a schema of parameters. */
export type Values<P extends Params> = { [K in keyof P]: P[K] extends Param<infer T> ? T : never };

/** Any text; empty by default. */
export const text = (fallback = ""): Param<string> => ({
  read: (raw) => raw ?? fallback,
  write: (value) => (value === fallback ? null : value),
});

/** One of some words. */
export const word = <const W extends string>(words: readonly W[], fallback: NoInfer<W>): Param<W> => ({
  read: (raw) => words.find((one) => one === raw) ?? fallback,
  write: (value) => (value === fallback ? null : value),
  reads: (raw) => words.some((one) => one === raw),
});

/** Some of some words, in their order, parted by commas; none by default. */
export const words = <const W extends string>(known: readonly W[]): Param<readonly W[]> => ({
  read: (raw) => (raw === null ? [] : known.filter((one) => raw.split(",").includes(one))),
  write: (value) => (value.length === 0 ? null : known.filter((one) => value.includes(one)).join(",")),
  reads: (raw) => raw.split(",").every((said) => known.some((one) => one === said)),
});

/** Any words, such as ids, parted by commas; none by default. */
export const list = (): Param<readonly string[]> => ({
  read: (raw) => (raw === null || raw === "" ? [] : raw.split(",")),
  write: (value) => (value.length === 0 ? null : value.join(",")),
});

/** A whole number within limits. */
export const whole = (fallback: number, least = 0, most = Number.MAX_SAFE_INTEGER): Param<number> => {
  const fits = (raw: string): boolean => raw !== "" && Number.isSafeInteger(Number(raw)) && Number(raw) >= least && Number(raw) <= most;
  return {
    read: (raw) => (raw !== null && fits(raw) ? Number(raw) : fallback),
    write: (value) => (value === fallback ? null : String(value)),
    reads: fits,
  };
};

/** Yes or no; no by default. */
export const flag = (): Param<boolean> => ({
  read: (raw) => raw === "1",
  write: (value) => (value ? "1" : null),
  reads: (raw) => raw === "0" || raw === "1",
});

/** A day as `2026-12-01`, one that the calendar has; empty by default. */
export const day = (): Param<string> => ({
  read: (raw) => (raw !== null && isDay(raw) ? raw : ""),
  write: (value) => (value === "" ? null : value),
  reads: isDay,
});

/** Whether the calendar has a day; browsers take 31 February for 3 March, and the service begins with the year 1. */
function isDay(raw: string): boolean {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(raw) ? Date.parse(raw) : Number.NaN;
  return !Number.isNaN(at) && raw >= "0001" && new Date(at).toISOString().startsWith(raw);
}

/** The values that a query says. */
export function readAll<P extends Params>(schema: P, query: URLSearchParams): Values<P> {
  const values = Object.entries(schema).map(([name, param]) => [name, param.read(query.get(name))]);
  return Object.fromEntries(values) as Values<P>;
}

/** What a query says that cannot be read, in its own words: `day=2026-02-31`. */
export function unread(schema: Params, query: URLSearchParams): string[] {
  return Object.entries(schema).flatMap(([name, param]) => {
    const raw = query.get(name);
    return raw === null || raw === "" || (param.reads?.(raw) ?? true) ? [] : [`${name}=${raw}`];
  });
}

/** The query that says these values, without the defaults. */
export function writeAll<P extends Params>(schema: P, values: Values<P>): Record<string, string> {
  const said: Record<string, string> = {};
  for (const [name, param] of Object.entries(schema)) {
    const raw = param.write(values[name]);
    if (raw !== null) said[name] = raw;
  }
  return said;
}

/** Files with requests: what they say, and what stands at a place in them. */

/** What can be told of a request without judging it; null where it does not say. */
export interface Description {
  name: string | null;
  workloads: number | null;
  horizon: string | null;
  seconds: number | null;
}

type Loose = Record<string, unknown>;

/** Tell of a request. */
export function describeRequest(body: unknown): Description {
  const request = record(body);
  const named = [request["workloads"], request["workload_ids"]].filter((one) => Array.isArray(one));
  const { horizon } = record(request["terms"]);
  const { seconds } = record(request["limits"]);
  return {
    name: typeof request["name"] === "string" ? request["name"] : null,
    workloads: named.length > 0 ? named.reduce((sum, one) => sum + one.length, 0) : null,
    horizon: typeof horizon === "string" ? horizon : null,
    seconds: typeof seconds === "number" ? seconds : null,
  };
}

/** The request without the list of sources that reference files carry, and whether there was one. */
export function withoutProvenance(body: unknown): [body: unknown, dropped: boolean] {
  if (!("provenance" in record(body))) return [body, false];
  const { provenance: _, ...rest } = record(body);
  return [rest, true];
}

/** What whole documents hold, besides workloads, which a request has too. */
const DOCUMENTS = {
  network: ["nodes", "links", "sites", "accesses"],
  catalogue: ["accelerators", "profiles"],
  policies: ["policies"],
} as const;

/** Which whole document a file is, where a request was wanted; null where it is none. */
export function documentIn(body: unknown): keyof typeof DOCUMENTS | null {
  const found = record(body);
  if ("terms" in found) return null;
  const names = Object.keys(DOCUMENTS) as (keyof typeof DOCUMENTS)[];
  return names.find((name) => DOCUMENTS[name].some((kind) => Array.isArray(found[kind]))) ?? null;
}

/** How much of a value is shown. */
const MOST_CHARACTERS = 120;

/** What stands at a place such as `workloads[3].devices`; undefined if there is no such place. */
export function valueAt(body: unknown, field: string): string | undefined {
  let found = body;
  for (const [, name, index] of field.matchAll(/([^.[\]]+)|\[(\d+)\]/g)) {
    if (typeof found !== "object" || found === null) return undefined;
    found = (found as Loose)[name ?? index ?? ""];
  }
  if (found === undefined || found === body) return undefined;
  const said = JSON.stringify(found);
  return said.length > MOST_CHARACTERS ? `${said.slice(0, MOST_CHARACTERS)}…` : said;
}

function record(value: unknown): Loose {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Loose) : {};
}

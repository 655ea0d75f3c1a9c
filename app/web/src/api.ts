/**
 * The service's REST interface, typed by its own document: `await api.get("/v1/plans/{id}", { path: { id } })`.
 *
 * What was read before is asked for with `If-None-Match`; on 304 the very same object is returned, so that
 * `before === after` means that nothing changed. Refusals are thrown as {@link Refused} with the service's own sentence.
 */
import type { Answer, BodyOf, ItemOf, PathOf, Paths, Problem, QueryOf, With } from "./wire";

/** The service said no: a problem document. */
export class Refused extends Error {
  override name = "Refused";
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
  get code(): string {
    return this.problem.code;
  }
  get status(): number {
    return this.problem.status;
  }
}

/** The service could not be reached, or what answered is not the service. */
export class Unreachable extends Error {
  override name = "Unreachable";
}

/** Whether an error only says that nobody waits for the answer any more. */
export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

type Maybe<Name extends string, T> = [T] extends [never]
  ? { [K in Name]?: undefined }
  : Record<string, never> extends T
    ? { [K in Name]?: T }
    : { [K in Name]: T };

/** What a request is given: `path` and `query` as the path has them, and when to stop. */
export type Asked<P extends keyof Paths, M extends "get" | "post" | "delete"> = Maybe<"path", PathOf<P, M>> & {
  query?: QueryOf<P, M>;
  signal?: AbortSignal;
};

interface Loose {
  path?: Record<string, unknown> | undefined;
  query?: Record<string, unknown> | undefined;
  signal?: AbortSignal;
}

interface Kept {
  tag: string;
  value: unknown;
}

/** How many answers are kept to be asked for again. */
const MOST_KEPT = 64;

export class Api {
  readonly #kept: Map<string, Kept>;
  readonly #signal: AbortSignal | undefined;

  /** `signal` ends every request; answers are kept together with those of `kin`. */
  constructor(signal?: AbortSignal, kin?: Api) {
    this.#signal = signal;
    this.#kept = kin ? kin.#kept : new Map<string, Kept>();
  }

  /** The same, for as long as a view is shown. */
  until(signal: AbortSignal): Api {
    return new Api(signal, this);
  }

  async get<P extends With<"get">>(path: P, asked?: Asked<P, "get">): Promise<Answer<P, "get">> {
    const given = (asked ?? {}) as Loose;
    const url = address(path, given);
    const before = this.#kept.get(url);
    const response = await this.#send(url, given, "GET", before ? { "If-None-Match": before.tag } : {});
    if (response.status === 304 && before) {
      this.#keep(url, before);
      return before.value as Answer<P, "get">;
    }
    const value: unknown = await read(response);
    const tag = response.headers.get("ETag");
    if (tag !== null) this.#keep(url, { tag, value });
    return value as Answer<P, "get">;
  }

  async post<P extends With<"post">>(
    path: P,
    asked: Asked<P, "post"> & { body?: BodyOf<P, "post">; prefer?: string },
  ): Promise<Answer<P, "post">> {
    const given = asked as Loose & { body?: unknown; prefer?: string };
    const headers: Record<string, string> = given.prefer ? { Prefer: given.prefer } : {};
    const response = await this.#send(address(path, given), given, "POST", headers, given.body);
    return (await read(response)) as Answer<P, "post">;
  }

  async delete<P extends With<"delete">>(path: P, asked: Asked<P, "delete">): Promise<void> {
    await this.#send(address(path, asked as Loose), asked as Loose, "DELETE", {});
  }

  /** The pages of a list, one after the other, each asked for when the one before has been used. */
  async *pages<P extends With<"get">>(path: P, asked?: Asked<P, "get">): AsyncGenerator<ItemOf<P>[], void, undefined> {
    const given = (asked ?? {}) as Loose;
    let cursor: string | null | undefined;
    do {
      const query = cursor ? { ...given.query, cursor } : given.query;
      const found = await this.get(path, { ...given, query } as unknown as Asked<P, "get">);
      const page = found as { items: ItemOf<P>[]; next?: string | null };
      yield page.items;
      cursor = page.next;
    } while (cursor);
  }

  /** All items of a list, up to `most`; `told` hears how many there are so far. */
  async all<P extends With<"get">>(
    path: P,
    asked?: Asked<P, "get">,
    most = Number.POSITIVE_INFINITY,
    told: (count: number) => void = () => undefined,
  ): Promise<ItemOf<P>[]> {
    const found: ItemOf<P>[] = [];
    for await (const items of this.pages(path, asked)) {
      found.push(...items);
      told(found.length);
      if (found.length >= most) break;
    }
    return found.slice(0, most);
  }

  async #send(url: string, given: Loose, method: string, headers: Record<string, string>, body?: unknown): Promise<Response> {
    const signals = [given.signal, this.#signal].filter((one) => one !== undefined);
    const request: RequestInit = { method, headers: { Accept: "application/json", ...headers }, cache: "no-store" };
    if (signals.length > 0) request.signal = AbortSignal.any(signals);
    if (body !== undefined) {
      request.headers = { ...request.headers, "Content-Type": "application/json" };
      request.body = JSON.stringify(body);
    }
    let response: Response;
    try {
      response = await fetch(url, request);
    } catch (error) {
      if (isAbort(error)) throw error;
      throw new Unreachable("unreachable", { cause: error });
    }
    if (response.ok || response.status === 304) return response;
    throw await refusal(response);
  }

  #keep(url: string, kept: Kept): void {
    this.#kept.delete(url);
    this.#kept.set(url, kept);
    const oldest = this.#kept.keys().next();
    if (this.#kept.size > MOST_KEPT && !oldest.done) this.#kept.delete(oldest.value);
  }
}

/** A path with its parameters filled in. */
export function address(path: string, given: { path?: object | undefined; query?: object | undefined }): string {
  const parts = new Map(Object.entries(given.path ?? {}));
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value: unknown = parts.get(name);
    if (value === undefined) throw new TypeError(`${path} needs ${name}`);
    return encodeURIComponent(String(value));
  });
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(given.query ?? {})) {
    if (value !== undefined && value !== null && value !== "") query.set(name, String(value));
  }
  return query.size > 0 ? `${filled}?${query}` : filled;
}

async function read(response: Response): Promise<unknown> {
  if (response.status === 204) return undefined;
  try {
    return await response.json();
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new Unreachable("unreadable", { cause: error });
  }
}

async function refusal(response: Response): Promise<Error> {
  if (!(response.headers.get("Content-Type") ?? "").startsWith("application/problem+json")) {
    return new Unreachable(`${response.status} ${response.statusText}`.trim());
  }
  try {
    return new Refused((await response.json()) as Problem);
  } catch (error) {
    return isAbort(error) ? (error as Error) : new Unreachable("unreadable", { cause: error });
  }
}

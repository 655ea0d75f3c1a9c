import { afterEach, describe, expect, test, vi } from "vitest";
import { Api, Refused, Unreachable, address } from "../src/api";

interface Asked {
  url: string;
  headers: Headers;
  signal: AbortSignal | null | undefined;
}

/** Answer requests in turn, and keep what was asked. */
function answering(...answers: (Response | Error)[]): Asked[] {
  const asked: Asked[] = [];
  vi.stubGlobal("fetch", (url: string, request: RequestInit) => {
    asked.push({ url, headers: new Headers(request.headers), signal: request.signal });
    const next = answers.shift();
    if (!next) throw new Error(`nothing to answer ${url} with`);
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
  });
  return asked;
}

const json = (body: unknown, headers: Record<string, string> = {}, status = 200): Response =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json", ...headers } });

afterEach(() => vi.unstubAllGlobals());

describe("addresses", () => {
  test("are filled, escaped, and leave out what is not said", () => {
    const given = { path: { id: "a/b" }, query: { limit: 5, cursor: undefined, policy: "", site: "x y" } };
    expect(address("/v1/plans/{id}/unplaced", given)).toBe("/v1/plans/a%2Fb/unplaced?limit=5&site=x+y");
    expect(() => address("/v1/plans/{id}", {})).toThrow("needs id");
  });
});

describe("reading", () => {
  test("asks again with the tag, and a 304 gives the very same object", async () => {
    const asked = answering(json({ items: [] }, { ETag: '"4"' }), new Response(null, { status: 304 }), json({ items: [1] }, { ETag: '"5"' }));
    const api = new Api();
    const first = await api.get("/v1/plans");
    expect(asked[0]?.headers.get("If-None-Match")).toBeNull();
    expect(await api.until(new AbortController().signal).get("/v1/plans")).toBe(first);
    expect(asked[1]?.headers.get("If-None-Match")).toBe('"4"');
    expect(await api.get("/v1/plans")).not.toBe(first);
  });

  test("goes from page to page, and stops at the most that was asked for", async () => {
    const pages = () => [json({ items: [1, 2], next: "c1" }), json({ items: [3, 4], next: "c2" }), json({ items: [5], next: null })];
    let asked = answering(...pages());
    const told: number[] = [];
    expect(await new Api().all("/v1/plans", { query: { limit: 2 } }, 99, (n) => told.push(n))).toEqual([1, 2, 3, 4, 5]);
    expect(asked.map((one) => one.url)).toEqual(["/v1/plans?limit=2", "/v1/plans?limit=2&cursor=c1", "/v1/plans?limit=2&cursor=c2"]);
    expect(told).toEqual([2, 4, 5]);
    asked = answering(...pages());
    expect(await new Api().all("/v1/plans", {}, 3)).toEqual([1, 2, 3]);
    expect(asked).toHaveLength(2);
  });

  test("a problem document is thrown with its sentence", async () => {
    const problem = { type: "t", title: "There is no such thing", status: 404, code: "not_found", detail: "No plan p.", instance: "/", errors: [] };
    answering(json(problem, { "Content-Type": "application/problem+json" }, 404));
    const error = await new Api().get("/v1/plans/{id}", { path: { id: "p" } }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Refused);
    expect(error).toMatchObject({ message: "No plan p.", code: "not_found", status: 404 });
  });

  test("what is not the service's answer is unreachable; an abort stays an abort", async () => {
    answering(new TypeError("failed to fetch"), new Response("<html>", { status: 502 }), new Response("{", { status: 200 }), new DOMException("", "AbortError"));
    const api = new Api();
    for (let i = 0; i < 3; i += 1) await expect(api.get("/v1/plans")).rejects.toBeInstanceOf(Unreachable);
    await expect(api.get("/v1/plans")).rejects.toMatchObject({ name: "AbortError" });
  });

  test("ends with the view", async () => {
    const end = new AbortController();
    const asked = answering(json({ items: [] }));
    await new Api().until(end.signal).get("/v1/plans");
    expect(asked[0]?.signal?.aborted).toBe(false);
    end.abort();
    expect(asked[0]?.signal?.aborted).toBe(true);
  });
});

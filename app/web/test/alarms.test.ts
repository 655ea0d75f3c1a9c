import { describe, expect, test, vi } from "vitest";
import { AlarmStrip, KINDS, raised, total, type Alarms } from "../src/alarms";
import type { Api } from "../src/api";
import { I18n } from "../src/i18n";

const QUIET: Alarms = { generation: 1, day: "2026-12-01", failed_nodes: 0, draining_nodes: 0, disturbed_shards: 0, unlawful_shards: 0, refused_shards: 0, stale: null };
const LOUD: Alarms = {
  ...QUIET,
  failed_nodes: 1,
  draining_nodes: 2,
  disturbed_shards: 5,
  unlawful_shards: 3,
  refused_shards: 4,
  stale: { plan: "p", generation: 7, changed: ["network", "policies"], newest: 9 },
};

/** A strip on a service that answers what it is told to, in a world without time. */
function strip(language: "en" | "ko" = "en") {
  const get = vi.fn(async (): Promise<Alarms> => QUIET);
  const timers: (() => void)[] = [];
  const titles: number[] = [];
  const i18n = new I18n(language);
  const made = new AlarmStrip({ get } as unknown as Api, () => i18n, { later: (work) => timers.push(work), title: (count) => titles.push(count) });
  return { get, timers, titles, made, said: () => [...made.element.querySelectorAll("a")].map((one) => one.textContent) };
}

describe("alarms", () => {
  test("are none where nothing is wrong", async () => {
    const { made, titles } = strip();
    await made.look();
    expect(raised(QUIET)).toEqual([]);
    expect(made.element.hidden).toBe(true);
    expect(titles).toEqual([0]);
  });

  test("lead to what they count, the gravest first", () => {
    expect(raised(LOUD).map(({ kind, count, href }) => [kind, count, href])).toEqual([
      ["failed", 1, "/?state=failed&table=1"],
      ["unlawful", 3, "/?status=unlawful&table=1&rows=allocations"],
      ["disturbed", 5, "/?status=disturbed&table=1&rows=allocations"],
      ["draining", 2, "/?state=draining&table=1"],
      ["refused", 4, "/?view=refusals"],
      ["stale", 1, "/?view=plans&plan=p"],
    ]);
    expect(raised(LOUD).map((one) => one.kind)).toEqual([...KINDS]);
  });

  test("count what is unlawful once, since it is disturbed", () => {
    expect(total(raised(LOUD))).toBe(1 + 5 + 2 + 4 + 1);
  });

  test("say themselves in both languages, and why a plan is stale", async () => {
    const { made, get, titles, said } = strip();
    get.mockResolvedValue(LOUD);
    await made.look();
    expect(said()).toEqual(["1 node has failed", "3 shards are unlawful", "5 shards are disturbed", "2 nodes drain", "4 shards are refused", "The plan is stale"]);
    expect(made.element.querySelector<HTMLElement>('[data-alarm="stale"]')?.title).toBe(
      "The plan applied last was made from generation 7. Changed since, up to generation 9: network, policies.",
    );
    expect(titles).toEqual([13]);
    const korean = strip("ko");
    korean.get.mockResolvedValue(LOUD);
    await korean.made.look();
    expect(korean.said()[0]).toBe("장애 노드 1개");
  });

  test("are asked for once more after many events, not once for each", async () => {
    const { made, get, timers } = strip();
    await Promise.all([made.look(), made.look(), made.look(), made.look()]);
    expect(get).toHaveBeenCalledTimes(1);
    timers.shift()?.();
    await Promise.resolve();
    expect(get).toHaveBeenCalledTimes(2);
    timers.shift()?.();
    expect(get).toHaveBeenCalledTimes(2);
  });

  test("stay as they were while the service is away", async () => {
    const { made, get, timers, said } = strip();
    get.mockResolvedValue(LOUD);
    await made.look();
    timers.shift()?.();
    get.mockRejectedValue(new Error("away"));
    await made.look();
    expect(said()).toHaveLength(6);
  });
});

import { beforeEach, describe, expect, test } from "vitest";
import { Unreachable, type Api } from "../src/api";
import { Live, TRIES, type LiveState, type Outside, type Source } from "../src/live";
import type { EventPage, ServiceEvent } from "../src/wire";

class FakeSource implements Source {
  closed = false;
  readonly #listeners = new Map<string, (event: MessageEvent<string>) => void>();
  constructor(readonly url: string) {}
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void {
    this.#listeners.set(type, listener);
  }
  close(): void {
    this.closed = true;
  }
  say(type: string, event?: unknown): void {
    this.#listeners.get(type)?.({ data: JSON.stringify(event) } as MessageEvent<string>);
  }
}

const event = (id: number, type = "plan.queued"): ServiceEvent =>
  ({ id, at: "2026-12-01T00:00:00Z", type, generation: null, plan: "p", node: null, detail: { name: null } }) as ServiceEvent;

/** A world in which time passes when it is told to, and the log answers what it is given. */
class World implements Outside {
  sources: FakeSource[] = [];
  timers = new Map<number, { work: () => void; wait: number }>();
  log: (after: number | undefined) => EventPage = () => ({ items: [], next: null, last: 7 });
  states: LiveState[] = [];
  heard: number[] = [];
  resets = 0;
  live: Live;
  #timer = 0;

  constructor() {
    const get = async (_: string, asked: { query: { after?: number } }): Promise<EventPage> => this.log(asked.query.after);
    this.live = new Live({ get } as unknown as Api, this);
    this.live.onState((state) => this.states.push(state));
    this.live.onAny((one) => this.heard.push(one.id));
    this.live.onReset(() => (this.resets += 1));
  }
  open(url: string): Source {
    const source = new FakeSource(url);
    this.sources.push(source);
    return source;
  }
  later(work: () => void, wait: number): number {
    this.#timer += 1;
    this.timers.set(this.#timer, { work, wait });
    return this.#timer;
  }
  forget(timer: number): void {
    this.timers.delete(timer);
  }
  get source(): FakeSource {
    return this.sources.at(-1) as FakeSource;
  }
  get waits(): number[] {
    return [...this.timers.values()].map((one) => one.wait).sort((a, b) => a - b);
  }
  /** Let the timer with this wait run out, and what follows from it. */
  async pass(wait: number): Promise<void> {
    const found = [...this.timers].find(([, one]) => one.wait === wait);
    if (!found) throw new Error(`no timer waits ${wait} ms, but ${this.waits.join()}`);
    this.timers.delete(found[0]);
    found[1].work();
    await settled();
  }
}

const settled = async (): Promise<void> => {
  for (let i = 0; i < 10; i += 1) await Promise.resolve();
};

let world: World;
beforeEach(async () => {
  world = new World();
  world.live.start();
  await settled();
});

describe("live", () => {
  test("begins where the log ends, and passes events on by topic", () => {
    expect(world.source.url).toBe("/v1/events?since=7");
    const plans: string[] = [];
    const stop = world.live.on("plan", (one) => plans.push(one.type));
    const applied: number[] = [];
    world.live.on("plan.applied", (one) => applied.push(one.id));
    world.source.say("open");
    world.source.say("plan.queued", event(8));
    world.source.say("node.failed", event(9, "node.failed"));
    world.source.say("plan.applied", event(10, "plan.applied"));
    stop();
    world.source.say("plan.queued", event(11));
    world.source.say("plan.queued", event(11));
    expect(world.states).toEqual(["reconnecting", "live"]);
    expect(world.heard).toEqual([8, 9, 10, 11]);
    expect(plans).toEqual(["plan.queued", "plan.applied"]);
    expect(applied).toEqual([10]);
  });

  test("goes on after the last event, waiting longer each time", async () => {
    world.source.say("open");
    world.source.say("plan.queued", event(8));
    const broken = world.source;
    broken.say("error");
    expect(broken.closed).toBe(true);
    expect(world.live.state).toBe("reconnecting");
    expect(world.waits).toEqual([1000]);
    await world.pass(1000);
    expect(world.source.url).toBe("/v1/events?since=8");
    world.source.say("error");
    expect(world.waits).toEqual([2000]);
    await world.pass(2000);
    world.source.say("open");
    expect(world.live.state).toBe("live");
    expect(world.waits).toEqual([]);
    broken.say("plan.queued", event(9));
    expect(world.heard).toEqual([8]);
    world.source.say("error");
    expect(world.waits).toEqual([1000]);
  });

  test("polls when a stream cannot be held, hears each event once, and returns to the stream", async () => {
    world.source.say("error");
    for (let i = 1; i < TRIES; i += 1) {
      await world.pass(1000 * 2 ** (i - 1));
      world.source.say("error");
    }
    const asked: (number | undefined)[] = [];
    world.log = (after) => {
      asked.push(after);
      return { items: [event(8), event(9)].filter((one) => one.id > (after ?? 0)), next: null, last: 9 };
    };
    await world.pass(0);
    expect(world.live.state).toBe("polling");
    await world.pass(3000);
    expect(asked).toEqual([7, 9]);
    expect(world.heard).toEqual([8, 9]);
    await world.pass(4000);
    expect(world.source.url).toBe("/v1/events?since=9");
    expect(world.live.state).toBe("polling");
    world.source.say("open");
    expect(world.live.state).toBe("live");
    expect(world.waits).toEqual([]);
  });

  test("stays with the stream that opens while the log is being read", async () => {
    world.source.say("error");
    for (let i = 1; i < TRIES; i += 1) {
      await world.pass(1000 * 2 ** (i - 1));
      world.source.say("error");
    }
    await world.pass(4000);
    const reading = world.pass(0);
    world.source.say("open");
    await reading;
    expect(world.live.state).toBe("live");
    expect(world.waits).toEqual([]);
  });

  test("says that nothing can be reached, and recovers from that too", async () => {
    world.log = () => {
      throw new Unreachable("gone");
    };
    world.source.say("error");
    for (let i = 1; i < TRIES; i += 1) {
      await world.pass(1000 * 2 ** (i - 1));
      world.source.say("error");
    }
    await world.pass(0);
    expect(world.live.state).toBe("reconnecting");
    world.log = () => ({ items: [], next: null, last: 7 });
    await world.pass(3000);
    expect(world.live.state).toBe("polling");
  });

  test("never waits longer than half a minute", async () => {
    for (let i = 0; i < 8; i += 1) {
      world.source.say("error");
      await world.pass(Math.min(1000 * 2 ** i, 30_000));
    }
    world.source.say("error");
    expect(Math.max(...world.waits)).toBe(30_000);
  });

  test("tells that all must be loaded anew, and goes on from there", () => {
    world.source.say("open");
    world.source.say("stream.reset", event(50, "stream.reset"));
    world.source.say("plan.queued", event(51));
    expect(world.resets).toBe(1);
    expect(world.heard).toEqual([51]);
  });

  test("lets go of everything when it stops, and takes it up again", async () => {
    world.source.say("open");
    world.source.say("plan.queued", event(8));
    world.live.stop();
    expect(world.source.closed).toBe(true);
    expect(world.timers.size).toBe(0);
    world.live.start();
    await settled();
    expect(world.source.url).toBe("/v1/events?since=8");
  });
});

/**
 * What happens, as it happens: the service's event stream, and conditional polling where a stream cannot be held.
 *
 * `live` while the stream is open. When it breaks: `reconnecting`, tried again after 1, 2, 4 ... 30 seconds; after
 * {@link TRIES} failures `polling` the log beside the tries. Every event reaches each subscriber once and in order,
 * whichever way it came: both ways go on after the last id that was seen.
 */
import { Refused, type Api } from "./api";
import { EVENT_TYPES, type EventType, type ServiceEvent } from "./wire/coming";

export type LiveState = "live" | "reconnecting" | "polling";

/** A full type, or its first word for all that begin with it. */
export type Topic = EventType | "generation" | "plan" | "node" | "allocation";

/** The events of a topic. */
export type EventOf<T extends Topic> = {
  [E in EventType]: E extends T | `${T}.${string}` ? ServiceEvent<E> : never;
}[EventType];

/** As much of `EventSource` as is needed. */
export interface Source {
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void;
  close(): void;
}

/** What the outside world does for {@link Live}; tests do it by hand. */
export interface Outside {
  open(url: string): Source;
  later(work: () => void, milliseconds: number): number;
  forget(timer: number): void;
}

/** Failed tries after which the log is polled. */
export const TRIES = 3;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;
const POLL_MS = 3_000;
const LOG_LIMIT = 500;

const BROWSER: Outside = {
  open: (url) => new EventSource(url),
  later: (work, milliseconds) => window.setTimeout(work, milliseconds),
  forget: (timer) => window.clearTimeout(timer),
};

type Listener = (event: ServiceEvent) => void;

export class Live {
  state: LiveState = "reconnecting";
  /** Id of the newest event that was seen; null before the service has said where it stands. */
  last: number | null = null;
  readonly #api: Api;
  readonly #outside: Outside;
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #stateListeners = new Set<(state: LiveState) => void>();
  readonly #resetListeners = new Set<() => void>();
  #source: Source | null = null;
  #failures = 0;
  #retry: number | null = null;
  #poll: number | null = null;
  #running = false;

  constructor(api: Api, outside: Outside = BROWSER) {
    this.#api = api;
    this.#outside = outside;
  }

  /** Hear the events of a topic until the returned function is called. */
  on<T extends Topic>(topic: T, listener: (event: EventOf<T>) => void): () => void {
    return added(this.#listenersOf(topic), listener as unknown as Listener);
  }

  /** Hear every event. */
  onAny(listener: Listener): () => void {
    return added(this.#listenersOf("*"), listener);
  }

  /** Hear how the connection stands, now and whenever that changes. */
  onState(listener: (state: LiveState) => void): () => void {
    listener(this.state);
    return added(this.#stateListeners, listener);
  }

  /** Hear that events were missed: whatever is shown must be loaded anew. */
  onReset(listener: () => void): () => void {
    return added(this.#resetListeners, listener);
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    void this.#connect();
  }

  /** Let the connection go, as a page does that nobody sees; `start` goes on where this stopped. */
  stop(): void {
    this.#running = false;
    this.#close();
    for (const timer of [this.#retry, this.#poll]) if (timer !== null) this.#outside.forget(timer);
    this.#retry = this.#poll = null;
    this.#failures = 0;
  }

  async #connect(): Promise<void> {
    this.#retry = null;
    if (!this.#running) return;
    if (this.last === null && !(await this.#locate())) return;
    if (!this.#running || this.#source) return;
    const source = this.#outside.open(`/v1/events?since=${this.last ?? 0}`);
    this.#source = source;
    source.addEventListener("open", () => this.#opened(source));
    source.addEventListener("error", () => this.#broke(source));
    for (const type of EVENT_TYPES) {
      source.addEventListener(type, (event) => {
        if (source === this.#source) this.#take(JSON.parse(event.data) as ServiceEvent);
      });
    }
  }

  /** Learn where the stream stands, so that nothing is missed between the first page and the first event. */
  async #locate(): Promise<boolean> {
    try {
      const page = await this.#api.get("/v1/events/log", { query: { limit: 1 } });
      this.last ??= page.last;
      return true;
    } catch {
      this.#failed(); // said by the state, and tried again
      return false;
    }
  }

  #opened(source: Source): void {
    if (source !== this.#source) return;
    this.#failures = 0;
    if (this.#poll !== null) this.#outside.forget(this.#poll);
    this.#poll = null;
    this.#become("live");
  }

  #broke(source: Source): void {
    if (source !== this.#source) return;
    this.#close();
    this.#failed();
  }

  #failed(): void {
    if (!this.#running || this.#retry !== null) return;
    this.#failures += 1;
    if (this.state !== "polling") this.#become("reconnecting");
    const wait = Math.min(FIRST_RETRY_MS * 2 ** (this.#failures - 1), LONGEST_RETRY_MS);
    this.#retry = this.#outside.later(() => void this.#connect(), wait);
    if (this.#failures >= TRIES && this.#poll === null) this.#pollAfter(0);
  }

  #pollAfter(milliseconds: number): void {
    this.#poll = this.#outside.later(() => void this.#look(), milliseconds);
  }

  /** Look once at what has happened since. */
  async #look(): Promise<void> {
    let more = false;
    try {
      const after = this.last;
      const query = { limit: LOG_LIMIT, ...(after === null ? {} : { after }) };
      const page = await this.#api.get("/v1/events/log", { query });
      if (this.#poll === null) return; // the stream has opened meanwhile
      if (after === null) this.last = page.last;
      else for (const event of page.items) this.#take(event);
      more = after !== null && page.next !== null && page.items.length > 0;
      this.#become("polling");
    } catch (error) {
      if (this.#poll === null) return;
      if (error instanceof Refused && error.status < 500) this.last = null; // the log was begun anew
      this.#become("reconnecting");
    }
    this.#pollAfter(more ? 0 : POLL_MS);
  }

  #take(event: ServiceEvent): void {
    if (event.type === "stream.reset") {
      this.last = event.id;
      for (const listener of [...this.#resetListeners]) listener();
      return;
    }
    if (this.last !== null && event.id <= this.last) return;
    this.last = event.id;
    const word = event.type.slice(0, event.type.indexOf("."));
    for (const topic of ["*", word, event.type]) {
      for (const listener of [...(this.#listeners.get(topic) ?? [])]) listener(event);
    }
  }

  #become(state: LiveState): void {
    if (state === this.state) return;
    this.state = state;
    for (const listener of [...this.#stateListeners]) listener(state);
  }

  #close(): void {
    this.#source?.close();
    this.#source = null;
  }

  #listenersOf(topic: string): Set<Listener> {
    const found = this.#listeners.get(topic) ?? new Set<Listener>();
    this.#listeners.set(topic, found);
    return found;
  }
}

function added<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

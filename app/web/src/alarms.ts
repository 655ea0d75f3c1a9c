/**
 * The strip that says on every page what needs somebody's eye, each with a link to the list of exactly that, and the
 * count of it in the document's title. There is no strip where nothing does.
 *
 * It is asked for once and then after events that may have changed it, never by the clock; many events at once, such as
 * those of an import, make one request.
 */
import type { Api } from "./api";
import { fill, h } from "./dom";
import type { I18n } from "./i18n";
import type { Live } from "./live";
import { href } from "./route";
import type { Schema } from "./wire";

export type Alarms = Schema<"Alarms">;

export const KINDS = ["failed", "unlawful", "disturbed", "draining", "refused", "stale"] as const;
export type Kind = (typeof KINDS)[number];

export interface Alarm {
  kind: Kind;
  count: number;
  /** The view that lists what is counted. */
  href: string;
}

/** Between two requests at least. */
export const REST_MS = 500;

/** What is raised, the gravest first. */
export function raised(now: Alarms): Alarm[] {
  const shards = (status: string): string => href("map", { status, table: "1", rows: "allocations" });
  const nodes = (state: string): string => href("map", { state, table: "1" });
  const all: Record<Kind, Alarm> = {
    failed: { kind: "failed", count: now.failed_nodes, href: nodes("failed") },
    unlawful: { kind: "unlawful", count: now.unlawful_shards, href: shards("unlawful") },
    disturbed: { kind: "disturbed", count: now.disturbed_shards, href: shards("disturbed") },
    draining: { kind: "draining", count: now.draining_nodes, href: nodes("draining") },
    refused: { kind: "refused", count: now.refused_shards, href: href("refusals") },
    stale: { kind: "stale", count: now.stale ? 1 : 0, href: href("plans", { plan: now.stale?.plan }) },
  };
  return KINDS.map((kind) => all[kind]).filter((one) => one.count > 0);
}

/** How many things that is; what is unlawful is disturbed, and counts once. */
export const total = (alarms: readonly Alarm[]): number => alarms.reduce((sum, one) => sum + (one.kind === "unlawful" ? 0 : one.count), 0);

/** Timers and the title, which tests have by hand. */
export interface Outside {
  later(work: () => void, milliseconds: number): unknown;
  title(count: number): void;
}

export class AlarmStrip {
  readonly element = h("section", { class: "alarms", hidden: true });
  readonly #api: Api;
  readonly #i18n: () => I18n;
  readonly #outside: Outside;
  #now: Alarms | null = null;
  #asking = false;
  #again = false;

  constructor(api: Api, i18n: () => I18n, outside: Outside) {
    this.#api = api;
    this.#i18n = i18n;
    this.#outside = outside;
  }

  /** Ask now, and whenever something has changed; every change of the world makes a generation. */
  follow(live: Pick<Live, "on" | "onReset" | "onState">): void {
    live.on("generation", () => void this.look());
    live.onReset(() => void this.look());
    live.onState((state) => state !== "reconnecting" && void this.look());
  }

  /** Ask the service. While it is asked, or has just been, one more question waits for all that come. */
  async look(): Promise<void> {
    if (this.#asking) {
      this.#again = true;
      return;
    }
    this.#asking = true;
    try {
      const now = await this.#api.get("/v1/alarms");
      if (now !== this.#now) {
        this.#now = now;
        this.say();
      }
    } catch {
      // What was known stays; that the service is away is said by the banner, and the next event asks again.
    }
    this.#outside.later(() => {
      this.#asking = false;
      if (!this.#again) return;
      this.#again = false;
      void this.look();
    }, REST_MS);
  }

  /** Say it, in the language that is spoken now. */
  say(): void {
    const i18n = this.#i18n();
    const now = this.#now;
    const alarms = now ? raised(now) : [];
    this.element.hidden = alarms.length === 0;
    this.element.setAttribute("aria-label", i18n.t("alarms.label"));
    const focused = this.element.contains(document.activeElement) ? document.activeElement?.getAttribute("data-alarm") : null;
    fill(
      this.element,
      h(
        "ul",
        {},
        alarms.map(({ kind, count, href: to }) =>
          h("li", {}, h("a", { href: to, class: `alarm alarm-${kind}`, "data-alarm": kind, title: now ? meaning(i18n, kind, now) : "" }, words(i18n, kind, count))),
        ),
      ),
    );
    if (focused) (this.element.querySelector<HTMLElement>(`[data-alarm="${focused}"]`) ?? this.element.querySelector("a"))?.focus();
    this.#outside.title(total(alarms));
  }
}

function words(i18n: I18n, kind: Kind, count: number): string {
  if (kind === "stale") return i18n.t("alarms.stale");
  return i18n.t(`alarms.${kind}.${count === 1 ? "one" : "many"}`, { count: i18n.number(count) });
}

/** What an alarm means; of a plan, why it is stale. */
function meaning(i18n: I18n, kind: Kind, { stale }: Alarms): string {
  if (kind !== "stale") return i18n.t(`alarms.${kind}.meaning`);
  return i18n.t("alarms.stale.meaning", {
    generation: String(stale?.generation ?? ""),
    newest: String(stale?.newest ?? ""),
    changed: (stale?.changed ?? []).map((part) => i18n.t(`alarms.part.${part}`)).join(", "),
  });
}

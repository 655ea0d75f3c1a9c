/** The banner that says that the service is away, since when, and that what is shown may be old. */
import { fill, h } from "./dom";
import type { I18n } from "./i18n";
import type { LiveState } from "./live";

/** A connection that is lost for less than this is not worth a word. */
export const PATIENCE_MS = 5_000;

export class Outage {
  readonly element = h("div", { class: "outage", role: "status" });
  readonly #i18n: () => I18n;
  readonly #back: () => void;
  #since: Date | null = null;
  #timer = 0;
  #shown = false;

  /** `back` is called when the service answers again after it was said to be away. */
  constructor(i18n: () => I18n, back: () => void) {
    this.#i18n = i18n;
    this.#back = back;
  }

  /** How the connection stands now. */
  heard(state: LiveState): void {
    if (state === "reconnecting") {
      if (this.#since !== null) return;
      this.#since = new Date();
      this.#timer = window.setTimeout(() => {
        this.#shown = true;
        this.say();
      }, PATIENCE_MS);
      return;
    }
    window.clearTimeout(this.#timer);
    const told = this.#shown;
    this.#since = null;
    this.#shown = false;
    this.say();
    if (told) this.#back();
  }

  /** Say it, in the language that is spoken now. */
  say(): void {
    if (!this.#shown || this.#since === null) {
      fill(this.element);
      return;
    }
    const i18n = this.#i18n();
    fill(
      this.element,
      h("strong", {}, i18n.t("outage.away", { since: i18n.time(this.#since.toISOString()) })),
      " ",
      i18n.t("outage.stale"),
    );
  }
}
